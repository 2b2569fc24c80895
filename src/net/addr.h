/*
 * net/addr.h - an address and port of IPv4 or IPv6, or a local socket.
 *
 * Of a local socket `ip` begins with the number of the Unix user who called.
 * IPv4 mapped into IPv6 (::ffff:192.0.2.1) is kept as IPv4.
 */
#ifndef NET_ADDR_H
#define NET_ADDR_H

#include "base/err.h"
#include "base/str.h"

enum net_family { NET_NONE, NET_IPV4, NET_IPV6, NET_UNIX };

struct net_addr {
	enum net_family family;
	uint16_t port;
	uint8_t ip[16]; /* the first 4 for IPv4 */
};

#define NET_ADDR_TEXT_MAX 56

/* "192.0.2.1", "2001:db8::1", "local"; without the port, NUL-ended. */
const char *net_addr_text(const struct net_addr *a,
                          char out[NET_ADDR_TEXT_MAX]);
/* "192.0.2.1:25", "[2001:db8::1]:25". */
const char *net_addr_port_text(const struct net_addr *a,
                               char out[NET_ADDR_TEXT_MAX]);

/* An address without port; with net_addr_parse_port, "addr:port" or
 * "[v6]:port" (or, with default_port not 0, without one). */
int net_addr_parse(struct str s, struct net_addr *out, struct err *err)
	ATTR_MUST_USE;
int net_addr_parse_port(struct str s, uint16_t default_port,
                        struct net_addr *out, struct err *err) ATTR_MUST_USE;

/* What limits count as one client: the IPv4 address, the IPv6 /64; port 0. */
struct net_addr net_addr_client(const struct net_addr *a);
/* The network: IPv4 /24, IPv6 /64; port 0. */
struct net_addr net_addr_network(const struct net_addr *a);
bool net_addr_eq(const struct net_addr *a, const struct net_addr *b);
bool net_addr_is_loopback(const struct net_addr *a);
bool net_addr_is_private(const struct net_addr *a); /* not to be fetched from */

/* A network: "192.0.2.0/24", "2001:db8::/32", or a bare address. */
struct net_prefix {
	struct net_addr addr;
	uint8_t bits;
};

int net_prefix_parse(struct str s, struct net_prefix *out, struct err *err)
	ATTR_MUST_USE;
bool net_prefix_has(const struct net_prefix *p, const struct net_addr *a);

#endif
