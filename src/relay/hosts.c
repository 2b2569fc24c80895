#include "relay/hosts.h"

#include <string.h>

#include "dns/client.h"
#include "os/random.h"
#include "wire/dns/rdata.h"

/* Records beyond this are not looked at. */
#define RECORDS_MAX 64

/* ---- the order ---- */

static bool is_own(struct str name, const struct str *own, size_t own_n)
{
	size_t i;

	for (i = 0; i < own_n; i++)
		if (own[i].n && str_eq_case(name, own[i]))
			return true;
	return false;
}

size_t relay_hosts_order(struct relay_host *h, size_t n, const struct str *own,
                         size_t own_n, uint64_t (*pick)(void))
{
	size_t i, j;

	/* Shuffled, then sorted by an order that keeps equals. */
	for (i = n; i > 1; i--) {
		struct relay_host t = h[i - 1];

		j = pick() % i;
		h[i - 1] = h[j];
		h[j] = t;
	}
	for (i = 1; i < n; i++) {
		struct relay_host t = h[i];

		for (j = i; j > 0 && h[j - 1].preference > t.preference; j--)
			h[j] = h[j - 1];
		h[j] = t;
	}
	for (i = 0; i < n; i++)
		if (is_own(h[i].name, own, own_n))
			break;
	if (i == n)
		return n;
	/* RFC 5321, 5.1: ourselves, and all that are no better. */
	for (j = 0; j < n && h[j].preference < h[i].preference; j++)
		;
	return j;
}

/* ---- the records ---- */

static void dns_trouble(struct relay_outcome *why, struct str name,
                        const struct dns_answer *ans)
{
	relay_outcome_set(why, RELAY_TEMP, "4.4.3",
	                  "The DNS has no answer for %.*s now: %s",
	                  STR_ARG(name), ans->why);
}

static bool read_records(struct relay_hosts *out, const struct relay_asker *ask,
                         struct str domain, const struct dns_answer *ans,
                         struct arena *a, struct relay_outcome *why)
{
	struct relay_host *all = arena_array(a, RECORDS_MAX, sizeof(*all));
	size_t i, n = 0, left;

	for (i = 0; i < ans->n && n < RECORDS_MAX; i++) {
		struct dns_mx mx;

		if (!dns_mx_read(ans->rdata[i], a, &mx))
			continue;
		if (mx.name.n == 0 && ans->n == 1) { /* RFC 7505, 3 */
			relay_outcome_set(why, RELAY_PERM, "5.1.10",
			                  "%.*s takes no mail (null MX)",
			                  STR_ARG(domain));
			return false;
		}
		if (mx.name.n == 0)
			continue;
		all[n++] = (struct relay_host){ .name = mx.name,
			                        .preference = mx.preference };
	}
	left = relay_hosts_order(all, n, ask->own, ask->own_n, random_u64);
	if (left == 0 && n > 0) {
		relay_outcome_set(why, RELAY_PERM, "5.4.6",
		                  "The mail exchanger of %.*s is this host, "
		                  "which does not know the domain",
		                  STR_ARG(domain));
		return false;
	}
	if (left == 0) {
		relay_outcome_set(why, RELAY_PERM, "5.4.4",
		                  "%.*s has no usable mail exchanger",
		                  STR_ARG(domain));
		return false;
	}
	out->n = left < RELAY_HOSTS_MAX ? left : RELAY_HOSTS_MAX;
	memcpy(out->v, all, out->n * sizeof(*all));
	return true;
}

static bool take_literal(struct relay_hosts *out, struct str literal,
                         struct relay_outcome *why)
{
	struct str ip = str_from(literal, 1);
	struct err err;

	if (ip.n && ip.p[ip.n - 1] == ']')
		ip.n--;
	if (str_starts_case(ip, STR("ipv6:")))
		ip = str_from(ip, 5);
	out->n = 1;
	if (net_addr_parse(ip, &out->v[0].literal, &err) == 0)
		return true;
	relay_outcome_set(why, RELAY_PERM, "5.1.2", "%.*s is no address",
	                  STR_ARG(literal));
	return false;
}

bool relay_hosts_find(struct relay_hosts *out, const struct relay_asker *ask,
                      struct str destination, struct arena *a,
                      struct relay_outcome *why)
{
	struct dns_answer ans;

	memset(out, 0, sizeof(*out));
	if (destination.n && destination.p[0] == '[')
		return take_literal(out, destination, why);
	if (!dns_name_valid(destination) || str_chr(destination, '?') == 0) {
		relay_outcome_set(why, RELAY_PERM, "5.1.2", "%.*s is no domain",
		                  STR_ARG(destination));
		return false;
	}
	dns_lookup_within(ask->dns, ask->budget, destination, DNS_MX, a, &ans);
	out->secure = ans.secure;
	switch (ans.status) {
	case DNS_OK: return read_records(out, ask, destination, &ans, a, why);
	case DNS_NXDOMAIN:
		relay_outcome_set(why, RELAY_PERM, "5.1.2",
		                  "There is no domain %.*s",
		                  STR_ARG(destination));
		return false;
	case DNS_FAIL: dns_trouble(why, destination, &ans); return false;
	case DNS_NODATA: break;
	}
	out->n = 1;
	out->v[0] =
		(struct relay_host){ .name = destination, .implicit = true };
	return true;
}

/* ---- addresses ---- */

static void take_address(struct net_addr *out, enum net_family family,
                         struct str rdata)
{
	*out = (struct net_addr){ .family = family };
	memcpy(out->ip, rdata.p, rdata.n);
}

/* IPv6 first, then by turns (RFC 8305, 4): a broken family costs one wait,
 * not one for each of its addresses. */
static void mix(struct relay_addresses *out, const struct dns_answer *a4,
                const struct dns_answer *a6)
{
	size_t i = 0, j = 0, n4 = a4->status == DNS_OK ? a4->n : 0,
	       n6 = a6->status == DNS_OK ? a6->n : 0;

	out->n = 0;
	while (out->n < RELAY_ADDRESSES_MAX && (i < n4 || j < n6)) {
		if (j < n6 && (j <= i || i >= n4)) {
			if (a6->rdata[j].n == 16)
				take_address(&out->v[out->n++], NET_IPV6,
				             a6->rdata[j]);
			j++;
			continue;
		}
		if (a4->rdata[i].n == 4)
			take_address(&out->v[out->n++], NET_IPV4, a4->rdata[i]);
		i++;
	}
}

bool relay_host_addresses(struct relay_addresses *out,
                          const struct relay_asker *ask,
                          const struct relay_host *h, struct arena *a,
                          struct relay_outcome *why)
{
	struct dns_answer a4 = { .status = DNS_NODATA }, a6 = a4;
	const struct dns_answer *one;

	memset(out, 0, sizeof(*out));
	if (h->literal.family != NET_NONE) {
		out->v[0] = h->literal;
		out->n = 1;
		return true;
	}
	if (ask->ipv6)
		dns_lookup_within(ask->dns, ask->budget, h->name, DNS_AAAA, a,
		                  &a6);
	if (ask->ipv4)
		dns_lookup_within(ask->dns, ask->budget, h->name, DNS_A, a,
		                  &a4);
	mix(out, &a4, &a6);
	one = a4.status == DNS_OK || !ask->ipv6 ? &a4 : &a6;
	/* Each answer that came is validated. */
	out->secure = (a4.status != DNS_FAIL || a6.status != DNS_FAIL) &&
	              (!ask->ipv4 || a4.status == DNS_FAIL || a4.secure) &&
	              (!ask->ipv6 || a6.status == DNS_FAIL || a6.secure);
	out->name = one->name.n ? one->name : h->name;
	if (out->n)
		return true;
	if (a4.status == DNS_FAIL || a6.status == DNS_FAIL)
		dns_trouble(why, h->name, a4.status == DNS_FAIL ? &a4 : &a6);
	else if (h->implicit)
		relay_outcome_set(why, RELAY_PERM, "5.4.4",
		                  "%.*s has neither a mail exchanger nor an "
		                  "address",
		                  STR_ARG(h->name));
	else
		relay_outcome_set(why, RELAY_PERM, "5.4.4",
		                  "The mail exchanger %.*s has no address",
		                  STR_ARG(h->name));
	return false;
}
