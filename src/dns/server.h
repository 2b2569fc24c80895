/*
 * dns/server.h - the resolver: libunbound behind a door.
 *
 * Questions come by ipc and wait here while libunbound's own thread works on
 * them, many at a time.  Each ends: with libunbound's answer, or after
 * DNS_PATIENCE_US, whatever the name servers do.
 */
#ifndef DNS_SERVER_H
#define DNS_SERVER_H

#include "base/err.h"
#include "base/str.h"

#define DNS_PATIENCE_US (INT64_C(30) * 1000 * 1000)

struct dns_server;

struct dns_server_options {
	int door; /* the server's end, not taken */
	/* "192.0.2.1" or "192.0.2.1:5353" or "[2001:db8::1]:53"; none: the
	 * system's (resolv.conf). */
	const struct str *servers;
	size_t n_servers;
	/* A file with the trust anchor, NULL: the root's own keys. */
	const char *trust_anchor;
	uint32_t cache_kib; /* of each of two caches; 0: 4096 */
};

int dns_server_start(struct dns_server **out,
                     const struct dns_server_options *o, struct err *err)
	ATTR_MUST_USE;
void dns_server_stop(struct dns_server **s);

struct dns_server_figures {
	uint64_t asked, failed, bogus;
	uint32_t waiting;
};

void dns_server_figures(struct dns_server *s, struct dns_server_figures *out);

#endif
