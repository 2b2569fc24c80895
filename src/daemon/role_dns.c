/* The role `dns`: the resolver, away from all that has data. */
#include "daemon/roles.h"
#include "dns/server.h"

int role_dns_start(struct host *h, struct err *err)
{
	struct dns_server_options o = { .door = h->fds.dns[0] };
	const char *anchor = config_z(h->cfg, OPT_DNS_TRUST_ANCHOR);
	struct dns_server *s;

	o.n_servers = config_list(h->cfg, OPT_DNS_SERVERS, &o.servers);
	o.trust_anchor = *anchor ? anchor : NULL;
	o.cache_kib = 1024;
	if (dns_server_start(&s, &o, err) < 0)
		return -1;
	h->state[ROLE_DNS] = s;
	return 0;
}

void role_dns_stop(struct host *h)
{
	struct dns_server *s = h->state[ROLE_DNS];

	if (s)
		dns_server_stop(&s);
	h->state[ROLE_DNS] = NULL;
}
