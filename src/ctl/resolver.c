#include "ctl/resolver.h"

#include <unistd.h>

#include "config/config.h"
#include "dns/server.h"
#include "ipc/ipc.h"

void ctl_resolver_stop(struct ctl_resolver *r)
{
	dns_client_free(&r->client);
	dns_server_stop(&r->server);
	for (int i = 0; i < 2; i++)
		if (r->door[i] >= 0)
			(void)close(r->door[i]);
}

int ctl_resolver_start(struct ctl_resolver *r, const struct config *cfg,
                       struct err *err)
{
	const char *anchor = config_z(cfg, OPT_DNS_TRUST_ANCHOR);
	struct dns_server_options o = { .trust_anchor =
		                                *anchor ? anchor : NULL };

	*r = (struct ctl_resolver){ .door = { -1, -1 } };
	o.n_servers = config_list(cfg, OPT_DNS_SERVERS, &o.servers);
	if (ipc_door(r->door, err) < 0)
		return -1;
	o.door = r->door[0];
	if (dns_server_start(&r->server, &o, err) < 0) {
		ctl_resolver_stop(r);
		return -1;
	}
	r->client = dns_client_new(r->door[1], "ctl");
	return 0;
}
