#include "net/addr.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static size_t ip_size(const struct net_addr *a)
{
	return a->family == NET_IPV4 ? 4 : 16;
}

const char *net_addr_text(const struct net_addr *a, char out[NET_ADDR_TEXT_MAX])
{
	switch (a->family) {
	case NET_IPV4:
		(void)inet_ntop(AF_INET, a->ip, out, NET_ADDR_TEXT_MAX);
		return out;
	case NET_IPV6:
		(void)inet_ntop(AF_INET6, a->ip, out, NET_ADDR_TEXT_MAX);
		return out;
	case NET_UNIX: return memcpy(out, "local", sizeof("local"));
	case NET_NONE: break;
	}
	return memcpy(out, "none", sizeof("none"));
}

const char *net_addr_port_text(const struct net_addr *a,
                               char out[NET_ADDR_TEXT_MAX])
{
	char ip[NET_ADDR_TEXT_MAX];

	(void)net_addr_text(a, ip);
	switch (a->family) {
	case NET_IPV4:
		(void)snprintf(out, NET_ADDR_TEXT_MAX, "%.*s:%u", 40, ip,
		               a->port);
		return out;
	case NET_IPV6:
		(void)snprintf(out, NET_ADDR_TEXT_MAX, "[%.*s]:%u", 46, ip,
		               a->port);
		return out;
	case NET_UNIX:
	case NET_NONE: break;
	}
	return net_addr_text(a, out);
}

/* IPv4 in IPv6's clothes becomes IPv4, so that limits and rules see one
 * client under one name. */
static void unmap(struct net_addr *a)
{
	uint8_t v4[4];

	if (a->family != NET_IPV6 || memcmp(a->ip, mapped, sizeof(mapped)) != 0)
		return;
	memcpy(v4, a->ip + 12, 4);
	memset(a->ip, 0, sizeof(a->ip));
	memcpy(a->ip, v4, 4);
	a->family = NET_IPV4;
}

int net_addr_parse(struct str s, struct net_addr *out, struct err *err)
{
	struct net_addr a = { .family = NET_NONE };
	char z[INET6_ADDRSTRLEN];

	if (s.n == 0 || s.n >= sizeof(z) || memchr(s.p, '\0', s.n))
		return err_set(err, ERR_INVALID, "not an IP address");
	memcpy(z, s.p, s.n);
	z[s.n] = '\0';
	if (inet_pton(AF_INET, z, a.ip) == 1)
		a.family = NET_IPV4;
	else if (inet_pton(AF_INET6, z, a.ip) == 1)
		a.family = NET_IPV6;
	else
		return err_set(err, ERR_INVALID, "not an IP address: %s", z);
	unmap(&a);
	*out = a;
	return 0;
}

static int parse_port(struct str s, uint16_t *out, struct err *err)
{
	uint64_t v;

	if (s.n > 5 || !str_to_u64(s, UINT16_MAX, &v))
		return err_set(err, ERR_INVALID, "not a port: %.*s",
		               STR_ARG(s));
	*out = (uint16_t)v;
	return 0;
}

/* Cut "host:port" in two; an IPv6 address with a port is in brackets. */
static int split(struct str s, struct str *host, struct str *port, bool *has,
                 struct err *err)
{
	size_t at;

	*has = false;
	*host = s;
	if (s.n > 0 && s.p[0] == '[') {
		at = str_chr(s, ']');
		if (at == STR_NPOS)
			return err_set(err, ERR_INVALID, "no ']' in %.*s",
			               STR_ARG(s));
		*host = (struct str){ s.p + 1, at - 1 };
		s = str_from(s, at + 1);
		if (s.n == 0)
			return 0;
		at = 0;
	} else {
		at = str_rchr(s, ':');
		if (at == STR_NPOS || at != str_chr(s, ':'))
			return 0; /* no port, or a bare IPv6 address */
		*host = str_to(s, at);
	}
	if (s.p[at] != ':')
		return err_set(err, ERR_INVALID, "no ':' before the port");
	*port = str_from(s, at + 1);
	*has = true;
	return 0;
}

int net_addr_parse_port(struct str s, uint16_t default_port,
                        struct net_addr *out, struct err *err)
{
	struct str host, port;
	struct net_addr a;
	uint16_t n = default_port;
	bool has;

	if (split(s, &host, &port, &has, err) < 0)
		return -1;
	if (has && parse_port(port, &n, err) < 0)
		return -1;
	if (!has && default_port == 0)
		return err_set(err, ERR_INVALID, "a port is needed: %.*s",
		               STR_ARG(s));
	if (net_addr_parse(host, &a, err) < 0)
		return -1;
	a.port = n;
	*out = a;
	return 0;
}

/* Zero all but the first `bits`. */
static void mask(struct net_addr *a, unsigned int bits)
{
	for (unsigned int i = 0; i < sizeof(a->ip); i++) {
		unsigned int keep = bits > 8 * i ? bits - 8 * i : 0;

		if (keep < 8)
			a->ip[i] &= (uint8_t)(0xff00u >> keep);
	}
	a->port = 0;
}

struct net_addr net_addr_client(const struct net_addr *a)
{
	struct net_addr c = *a;

	mask(&c, c.family == NET_IPV6 ? 64 : 128);
	return c;
}

struct net_addr net_addr_network(const struct net_addr *a)
{
	struct net_addr c = *a;

	mask(&c, c.family == NET_IPV4 ? 24 : 64);
	return c;
}

bool net_addr_eq(const struct net_addr *a, const struct net_addr *b)
{
	return a->family == b->family && a->port == b->port &&
	       memcmp(a->ip, b->ip, ip_size(a)) == 0;
}

bool net_addr_is_loopback(const struct net_addr *a)
{
	static const uint8_t one[16] = { [15] = 1 };

	switch (a->family) {
	case NET_UNIX: return true;
	case NET_IPV4: return a->ip[0] == 127;
	case NET_IPV6: return memcmp(a->ip, one, 16) == 0;
	case NET_NONE: break;
	}
	return false;
}

/* The special-purpose registries of IPv4 and IPv6 (RFC 6890 and later):
 * whatever is not global unicast, and prefixes that carry IPv4 inside. */
static const struct {
	enum net_family family;
	uint8_t bits;
	uint8_t ip[16];
} special[] = {
	{ NET_IPV4, 8, { 0 } },
	{ NET_IPV4, 8, { 10 } },
	{ NET_IPV4, 10, { 100, 64 } },
	{ NET_IPV4, 8, { 127 } },
	{ NET_IPV4, 16, { 169, 254 } },
	{ NET_IPV4, 12, { 172, 16 } },
	{ NET_IPV4, 24, { 192, 0, 0 } },
	{ NET_IPV4, 24, { 192, 0, 2 } },
	{ NET_IPV4, 24, { 192, 88, 99 } },
	{ NET_IPV4, 16, { 192, 168 } },
	{ NET_IPV4, 15, { 198, 18 } },
	{ NET_IPV4, 24, { 198, 51, 100 } },
	{ NET_IPV4, 24, { 203, 0, 113 } },
	{ NET_IPV4, 3, { 224 } },
	{ NET_IPV6, 32, { 0x20, 0x01, 0, 0 } },       /* Teredo */
	{ NET_IPV6, 28, { 0x20, 0x01, 0, 0x10 } },    /* ORCHID */
	{ NET_IPV6, 28, { 0x20, 0x01, 0, 0x20 } },    /* ORCHIDv2 */
	{ NET_IPV6, 32, { 0x20, 0x01, 0x0d, 0xb8 } }, /* documentation */
	{ NET_IPV6, 16, { 0x20, 0x02 } },             /* 6to4 */
	{ NET_IPV6, 20, { 0x3f, 0xff, 0 } },          /* documentation */
};

static bool has_prefix(const uint8_t *ip, const uint8_t *net, unsigned bits)
{
	unsigned int bytes = bits / 8, rest = bits % 8;

	if (memcmp(ip, net, bytes) != 0)
		return false;
	return rest == 0 || ((ip[bytes] ^ net[bytes]) >> (8 - rest)) == 0;
}

bool net_addr_is_private(const struct net_addr *a)
{
	if (a->family != NET_IPV4 && a->family != NET_IPV6)
		return true;
	/* Global unicast is 2000::/3 alone. */
	if (a->family == NET_IPV6 && (a->ip[0] & 0xe0) != 0x20)
		return true;
	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
		if (special[i].family == a->family &&
		    has_prefix(a->ip, special[i].ip, special[i].bits))
			return true;
	return false;
}

int net_prefix_parse(struct str s, struct net_prefix *out, struct err *err)
{
	struct str ip = s, bits_text = { NULL, 0 };
	struct net_prefix p;
	size_t slash = str_chr(s, '/');
	uint64_t bits, max;
	bool was_mapped;

	if (slash != STR_NPOS) {
		ip = str_to(s, slash);
		bits_text = str_from(s, slash + 1);
	}
	if (net_addr_parse(ip, &p.addr, err) < 0)
		return -1;
	was_mapped = p.addr.family == NET_IPV4 && str_chr(ip, ':') != STR_NPOS;
	max = p.addr.family == NET_IPV4 && !was_mapped ? 32 : 128;
	bits = max;
	if (slash != STR_NPOS &&
	    (bits_text.n > 3 || !str_to_u64(bits_text, max, &bits)))
		return err_set(err, ERR_INVALID, "not a prefix length: %.*s",
		               STR_ARG(s));
	if (was_mapped && bits < 96)
		return err_set(err, ERR_INVALID, "mixes IPv4 and IPv6: %.*s",
		               STR_ARG(s));
	p.bits = (uint8_t)(was_mapped ? bits - 96 : bits);
	p.addr.port = 0;
	mask(&p.addr, p.bits);
	*out = p;
	return 0;
}

bool net_prefix_has(const struct net_prefix *p, const struct net_addr *a)
{
	return p->addr.family == a->family &&
	       (a->family == NET_IPV4 || a->family == NET_IPV6) &&
	       has_prefix(a->ip, p->addr.ip, p->bits);
}
