/*
 * ctl/resolver.h - a resolver of a command's own, whether the host runs or
 * not: with the servers and the trust anchor of the configuration.
 */
#ifndef CTL_RESOLVER_H
#define CTL_RESOLVER_H

#include "dns/client.h"

struct config;
struct dns_server;

struct ctl_resolver {
	int door[2]; /* private, as all but the client */
	struct dns_server *server;
	struct dns_client *client;
};

int ctl_resolver_start(struct ctl_resolver *r, const struct config *cfg,
                       struct err *err) ATTR_MUST_USE;
void ctl_resolver_stop(struct ctl_resolver *r);

#endif
