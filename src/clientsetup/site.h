/*
 * clientsetup/site.h - serve the documents of client set-up, and the MTA-STS
 * policy for other servers.
 *
 * They are asked for without a login, under the names of the provider and of
 * every hosted domain (autoconfig.customer.example), which the Host field
 * tells.  For a domain that is not hosted here there is none.
 *
 *	/profile/ADDRESS.mobileconfig (?type=pop)   for Apple's systems: the
 *	same for an address that is there and one that is not
 *
 *	signed with the certificate of the name it was asked by
 *
 *	struct setup_site site = { .config = cfg, .directory = dir, ... };
 *	struct http_route routes[SETUP_ROUTES_N];
 *
 *	setup_routes(&site, routes);
 */
#ifndef CLIENTSETUP_SITE_H
#define CLIENTSETUP_SITE_H

#include "crypto/tls_server.h"
#include "http/server.h"

struct config;
struct directory;

struct setup_site {
	const struct config *config;
	struct directory *directory;
	const struct tls_signer *signer; /* has the keys of `chain` */
	/* The certificate chain (PEM) of a host name in lower case. */
	int (*chain)(void *arg, struct str name, struct arena *a,
	             struct str *pem_out, struct err *err);
	void *chain_arg;
};

#define SETUP_ROUTES_N 10

/* Rows that answer with `site`, which must outlive them. */
void setup_routes(struct setup_site *site, struct http_route *out);

#endif
