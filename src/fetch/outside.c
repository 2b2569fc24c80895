#include "fetch/outside.h"

#include <string.h>

#include "net/sockaddr.h"

bool fetch_outside_allows(const struct fetch_outside *o,
                          const struct net_addr *a)
{
	if (!net_addr_is_private(a))
		return true;
	for (size_t i = 0; i < o->networks_n; i++) {
		struct net_prefix p;
		struct err err = ERR_INIT;

		if (net_prefix_parse(o->networks[i], &p, &err) == 0 &&
		    net_prefix_has(&p, a))
			return true;
	}
	return false;
}

bool fetch_outside_port(const struct http_url *u)
{
	return u->port >= 1024 || u->port == 80 || u->port == 443;
}

bool fetch_outside_connect(void *o, const struct sockaddr_storage *to)
{
	struct net_addr a;

	net_sockaddr_read(to, &a);
	return fetch_outside_allows(o, &a);
}

static void keep_address(const struct fetch_outside *o, enum net_family family,
                         struct str raw, struct arena *arena,
                         struct fetch_found *out)
{
	char text[NET_ADDR_TEXT_MAX];
	struct net_addr a = { .family = family };

	if (raw.n != (family == NET_IPV4 ? 4 : 16) ||
	    out->n == FETCH_ADDRESSES_MAX)
		return;
	memcpy(a.ip, raw.p, raw.n);
	if (fetch_outside_allows(o, &a))
		out->v[out->n++] =
			arena_dup(arena, str_z(net_addr_text(&a, text)));
}

static enum fetch_outside_answer check_number(const struct fetch_outside *o,
                                              const struct http_url *u)
{
	struct net_addr a;
	struct err err = ERR_INIT;

	if (net_addr_parse(u->host, &a, &err) < 0)
		return FETCH_OUTSIDE_BAD;
	return fetch_outside_allows(o, &a) ? FETCH_OUTSIDE_OK
	                                   : FETCH_OUTSIDE_DENIED;
}

enum fetch_outside_answer fetch_outside_find(const struct fetch_outside *o,
                                             struct dns_budget *budget,
                                             const struct http_url *u,
                                             struct arena *a,
                                             struct fetch_found *out)
{
	static const struct {
		enum dns_type type;
		enum net_family family;
	} kinds[] = { { DNS_A, NET_IPV4 }, { DNS_AAAA, NET_IPV6 } };
	struct dns_answer ans;
	size_t found = 0;

	out->n = 0;
	if (u->is_ip4 || u->is_ip6)
		return check_number(o, u);
	for (int i = 0; i < 2; i++) {
		dns_lookup_within(o->dns, budget, u->host, kinds[i].type, a,
		                  &ans);
		for (size_t k = 0; ans.status == DNS_OK && k < ans.n; k++)
			keep_address(o, kinds[i].family, ans.rdata[k], a, out);
		found += ans.status == DNS_OK ? ans.n : 0;
	}
	if (out->n)
		return FETCH_OUTSIDE_OK;
	return found ? FETCH_OUTSIDE_DENIED : FETCH_OUTSIDE_UNKNOWN;
}
