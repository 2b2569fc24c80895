/* The role `imap`: 143 and 993. */
#include "base/mem.h"
#include "daemon/roles.h"
#include "imap/server.h"

int role_imap_start(struct host *h, struct err *err)
{
	struct imap_context *c = mem_zalloc(sizeof(*c));

	h->state[ROLE_IMAP] = c;
	*c = (struct imap_context){
		.config = h->cfg,
		.store = h->store,
		.directory = h->directory,
		.gate = h->gate,
		.spools = h->spools,
		.engine = h->engine,
		.news = h->news,
		.starttls = true,
	};
	if (host_listen(h, PORT_IMAP, &imap_service, c, err) < 0)
		return -1;
	return host_listen(h, PORT_IMAPS, &imap_service, c, err);
}

void role_imap_stop(struct host *h)
{
	mem_free(h->state[ROLE_IMAP]);
	h->state[ROLE_IMAP] = NULL;
}
