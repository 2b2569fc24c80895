/*
 * relay/hosts.h - which hosts take mail for a destination.
 *
 * The MX records in order of preference, equals in random order (RFC 5321,
 * 5.1); without any the domain itself (implicit MX); a null MX says that
 * nobody does (RFC 7505).  When one of the names is ours, it and all that are
 * no better are left out: mail never comes back to where it was.
 *
 *	relay_hosts_find(&out, &asker, STR("there.example"), &arena, &why)
 */
#ifndef RELAY_HOSTS_H
#define RELAY_HOSTS_H

#include "base/arena.h"
#include "net/addr.h"
#include "relay/outcome.h"

struct dns_client;
struct dns_budget;

/* More than these are left out, the worst first. */
#define RELAY_HOSTS_MAX     16
#define RELAY_ADDRESSES_MAX 8 /* of one host */

struct relay_host {
	struct str name; /* lower case, no dot at the end; "" for a literal */
	uint16_t preference;
	bool implicit; /* no MX: the domain itself */
	struct net_addr literal;
};

struct relay_hosts {
	struct relay_host v[RELAY_HOSTS_MAX];
	size_t n;
	bool secure; /* the MX records, or that there are none (RFC 7672) */
};

struct relay_asker {
	struct dns_client *dns;
	struct dns_budget *budget;
	const struct str *own; /* names of this host */
	size_t own_n;
	bool ipv4, ipv6; /* which of them may be used */
};

/* Put `h` in order; `pick` gives numbers at random.  Cuts off at the first
 * preference at which one of `own` stands; the number that is left. */
size_t relay_hosts_order(struct relay_host *h, size_t n, const struct str *own,
                         size_t own_n, uint64_t (*pick)(void));

/* False: none, *why says so; TEMP when the DNS has no answer now. */
bool relay_hosts_find(struct relay_hosts *out, const struct relay_asker *ask,
                      struct str destination, struct arena *a,
                      struct relay_outcome *why);

struct relay_addresses {
	struct net_addr v[RELAY_ADDRESSES_MAX]; /* port 0 */
	size_t n;
	bool secure;     /* validated by DNSSEC */
	struct str name; /* behind all CNAMEs */
};

/* Addresses of a host, IPv6 and IPv4 by turns.  False: none; *why is TEMP
 * when the DNS has no answer now. */
bool relay_host_addresses(struct relay_addresses *out,
                          const struct relay_asker *ask,
                          const struct relay_host *h, struct arena *a,
                          struct relay_outcome *why);

#endif
