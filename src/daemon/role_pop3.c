/* The role `pop3`: 110 and 995. */
#include "base/mem.h"
#include "daemon/roles.h"
#include "pop3/server.h"

int role_pop3_start(struct host *h, struct err *err)
{
	struct pop3_context *c = mem_zalloc(sizeof(*c));

	h->state[ROLE_POP3] = c;
	*c = (struct pop3_context){
		.config = h->cfg,
		.store = h->store,
		.directory = h->directory,
		.gate = h->gate,
		.stls = true,
	};
	if (host_listen(h, PORT_POP3, &pop3_service, c, err) < 0)
		return -1;
	return host_listen(h, PORT_POP3S, &pop3_service, c, err);
}

void role_pop3_stop(struct host *h)
{
	mem_free(h->state[ROLE_POP3]);
	h->state[ROLE_POP3] = NULL;
}
