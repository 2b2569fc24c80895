/* The role `sieve`: 4190. */
#include "base/mem.h"
#include "daemon/roles.h"
#include "managesieve/server.h"

int role_sieve_start(struct host *h, struct err *err)
{
	struct managesieve_context *c = mem_zalloc(sizeof(*c));

	h->state[ROLE_SIEVE] = c;
	*c = (struct managesieve_context){
		.config = h->cfg,
		.store = h->store,
		.directory = h->directory,
		.gate = h->gate,
		.spools = h->spools,
		.starttls = true,
	};
	return host_listen(h, PORT_SIEVE, &managesieve_service, c, err);
}

void role_sieve_stop(struct host *h)
{
	mem_free(h->state[ROLE_SIEVE]);
	h->state[ROLE_SIEVE] = NULL;
}
