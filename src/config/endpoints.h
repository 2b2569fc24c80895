/*
 * config/endpoints.h - which services this host offers to programs, and
 * under which names: one table, for every document that tells them.
 *
 *	for (size_t i = 0; i < ENDPOINTS; i++) {
 *		struct endpoint e;
 *
 *		if (endpoint_get(cfg, i, &arena, &e))
 *			... e.host, e.port
 *	}
 *
 * The names stand before the provider's domain (provider.domain).  A service
 * whose port is 0 is not offered.
 */
#ifndef CONFIG_ENDPOINTS_H
#define CONFIG_ENDPOINTS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

struct config;

enum endpoint_service {
	ENDPOINT_IMAP,
	ENDPOINT_POP3,
	ENDPOINT_SUBMISSION,
	ENDPOINT_JMAP,
	ENDPOINT_SIEVE,
};

struct endpoint {
	enum endpoint_service service;
	struct str host; /* "imap.provider.example" */
	uint16_t port;
	bool tls;         /* from the first byte; else STARTTLS */
	bool recommended; /* of its service */
	/* The service's name and priority in DNS (RFC 6186, RFC 8314,
	 * RFC 8620, RFC 5804), without the underscore; lower is preferred. */
	const char *srv;
	unsigned srv_priority;
};

#define ENDPOINTS 8

/* The i-th, best first; false when it is not offered. */
bool endpoint_get(const struct config *cfg, size_t i, struct arena *a,
                  struct endpoint *out);

/* The recommended one of a service; false when it is not offered. */
bool endpoint_best(const struct config *cfg, enum endpoint_service service,
                   struct arena *a, struct endpoint *out);

/* What stands before the provider's domain in all names of this host
 * (R8-R14). */
#define ENDPOINT_PREFIXES 9
extern const char *const endpoint_prefixes[ENDPOINT_PREFIXES];

/* "https://mail.provider.example", with a port where it is not 443. */
struct str endpoint_site(const struct config *cfg, const char *label,
                         struct arena *a);

/* The MTA-STS policy of every domain (RFC 8461, 3.2): mail comes to the
 * provider's MX over TLS, in the mode of provider.mta_sts. */
void endpoint_mta_sts(const struct config *cfg, struct buf *out);

#endif
