#include "verify/helo.h"

#include <string.h>

#include "base/buf.h"
#include "base/ip.h"
#include "verify/private.h"
#include "wire/dns/rdata.h"

const char *verify_helo_words(enum verify_helo_result r)
{
	switch (r) {
	case VERIFY_HELO_OK: return "valid";
	case VERIFY_HELO_SYNTAX: return "no host name";
	case VERIFY_HELO_LITERAL: return "not the client's address";
	case VERIFY_HELO_OURS: return "the name of this host";
	case VERIFY_HELO_UNKNOWN: return "not in DNS";
	case VERIFY_HELO_TEMP: return "DNS gave no answer";
	}
	return "";
}

static bool is_label(struct str l, bool *digits)
{
	*digits = true;
	if (l.n == 0 || l.n > 63 || l.p[0] == '-' || l.p[l.n - 1] == '-')
		return false;
	for (size_t i = 0; i < l.n; i++) {
		char c = l.p[i];

		if (ascii_is_digit(c))
			continue;
		*digits = false;
		if (!ascii_is_alpha(c) && c != '-' && c != '_')
			return false;
	}
	return true;
}

bool verify_helo_is_name(struct str s)
{
	struct str label;
	size_t labels = 0;
	bool digits = true;

	if (s.n == 0 || s.n > DNS_NAME_MAX || s.p[s.n - 1] == '.')
		return false;
	while (str_cut(&s, '.', &label)) {
		if (!is_label(label, &digits))
			return false;
		labels++;
	}
	return labels >= 2 && !digits;
}

/* "[192.0.2.1]" or "[IPv6:2001:db8::1]" of the client (RFC 5321, 4.1.3). */
static bool is_client(struct str literal, const struct verify_client *c)
{
	struct str s = { literal.p + 1, literal.n - 2 };
	uint8_t ip[16];

	if (!str_starts_case(s, STR("IPv6:")))
		return !c->ipv6 && ip4_parse(s, ip) &&
		       memcmp(ip, c->ip, 4) == 0;
	return c->ipv6 && ip6_parse(str_from(s, 5), ip) &&
	       memcmp(ip, c->ip, 16) == 0;
}

static enum verify_helo_result look_up(struct verify *v, struct str name,
                                       struct verify_budget *b, struct arena *a)
{
	static const enum dns_type types[] = { DNS_A, DNS_AAAA, DNS_MX };
	struct asking q;

	verify_asking_init(&q, v, b);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct dns_answer ans;

		verify_ask(&q, name, types[i], a, &ans);
		if (ans.status == DNS_OK)
			return VERIFY_HELO_OK;
		if (ans.status == DNS_NXDOMAIN)
			return VERIFY_HELO_UNKNOWN;
	}
	return q.failed ? VERIFY_HELO_TEMP : VERIFY_HELO_UNKNOWN;
}

enum verify_helo_result verify_helo(struct verify *v,
                                    const struct verify_client *c,
                                    struct verify_budget *b, struct arena *a)
{
	struct str h = c->helo;

	if (h.n > 2 && h.p[0] == '[' && h.p[h.n - 1] == ']')
		return is_client(h, c) ? VERIFY_HELO_OK : VERIFY_HELO_LITERAL;
	if (!verify_helo_is_name(h))
		return VERIFY_HELO_SYNTAX;
	if (str_eq_case(h, str_z(v->hostname)))
		return VERIFY_HELO_OURS;
	return look_up(v, h, b, a);
}

/* RFC 1035, 3.5; RFC 3596, 2.5. */
static struct str reverse_name(const struct verify_client *c, struct arena *a)
{
	struct str out;
	struct buf b;

	if (!c->ipv6)
		return arena_fmt(a, "%u.%u.%u.%u.in-addr.arpa", c->ip[3],
		                 c->ip[2], c->ip[1], c->ip[0]);
	buf_init(&b, DNS_NAME_MAX);
	for (size_t i = 16; i-- > 0;)
		buf_fmt(&b, "%x.%x.", c->ip[i] & 15u, c->ip[i] >> 4);
	buf_add(&b, STR("ip6.arpa"));
	out = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return out;
}

enum verify_ptr_result verify_ptr(struct verify *v,
                                  const struct verify_client *c,
                                  struct verify_budget *b, struct arena *a)
{
	struct dns_answer ans;
	struct asking q;

	verify_asking_init(&q, v, b);
	verify_ask(&q, reverse_name(c, a), DNS_PTR, a, &ans);
	switch (ans.status) {
	case DNS_OK: return VERIFY_PTR_OK;
	case DNS_NODATA:
	case DNS_NXDOMAIN: return VERIFY_PTR_NONE;
	case DNS_FAIL: break;
	}
	return VERIFY_PTR_TEMP;
}
