#include "wire/spf/record.h"

#include <string.h>

#include "base/ip.h"
#include "wire/spf/macro.h"

static const struct {
	struct str name;
	enum spf_mechanism mechanism;
} mechanisms[] = {
	{ STR_INIT("all"), SPF_ALL }, { STR_INIT("include"), SPF_INCLUDE },
	{ STR_INIT("a"), SPF_A },     { STR_INIT("mx"), SPF_MX },
	{ STR_INIT("ptr"), SPF_PTR }, { STR_INIT("ip4"), SPF_IP4 },
	{ STR_INIT("ip6"), SPF_IP6 }, { STR_INIT("exists"), SPF_EXISTS },
};

bool spf_record_is(struct str text)
{
	return str_starts_case(text, STR("v=spf1")) &&
	       (text.n == 6 || text.p[6] == ' ');
}

/* name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." ) */
static size_t name_length(struct str s)
{
	size_t n = 0;

	if (s.n == 0 || !ascii_is_alpha(s.p[0]))
		return 0;
	while (n < s.n && (ascii_is_alpha(s.p[n]) || ascii_is_digit(s.p[n]) ||
	                   s.p[n] == '-' || s.p[n] == '_' || s.p[n] == '.'))
		n++;
	return n;
}

/* "/" and a number without leading zeros, at most `max`. */
static int parse_bits(struct str s, uint8_t max, uint8_t *out, struct err *err)
{
	uint64_t v;

	if (s.n == 0 || (s.n > 1 && s.p[0] == '0') || !str_to_u64(s, max, &v))
		return err_set(err, ERR_INVALID, "bad prefix length /%.*s",
		               STR_ARG(s));
	*out = (uint8_t)v;
	return 0;
}

/* Cut "[/n][//m]" off the end of a domain-spec.  A macro may hold a "/" as
 * its delimiter, so look only behind the last "}" (RFC 7208, 7.1). */
static int cut_dual_cidr(struct str *spec, struct spf_term *t, struct err *err)
{
	size_t brace = str_rchr(*spec, '}');
	size_t from = brace == STR_NPOS ? 0 : brace + 1;
	size_t slash = str_chr(str_from(*spec, from), '/');
	struct str cidr, six;
	size_t two;

	if (slash == STR_NPOS)
		return 0;
	cidr = str_from(*spec, from + slash);
	*spec = str_to(*spec, from + slash);
	two = str_find(cidr, STR("//"));
	if (two != STR_NPOS) {
		six = str_from(cidr, two + 2);
		cidr = str_to(cidr, two);
		if (parse_bits(six, 128, &t->bits6, err) < 0)
			return -1;
	}
	if (cidr.n == 0)
		return 0;
	return parse_bits(str_from(cidr, 1), 32, &t->bits4, err);
}

static int parse_ip(struct str value, struct spf_term *t, struct err *err)
{
	size_t slash = str_chr(value, '/');
	struct str addr = slash == STR_NPOS ? value : str_to(value, slash);
	bool four = t->mechanism == SPF_IP4;

	if (four ? !ip4_parse(addr, t->ip) : !ip6_parse(addr, t->ip))
		return err_set(err, ERR_INVALID, "bad address %.*s",
		               STR_ARG(addr));
	if (slash == STR_NPOS)
		return 0;
	return parse_bits(str_from(value, slash + 1), four ? 32 : 128,
	                  four ? &t->bits4 : &t->bits6, err);
}

/* What a mechanism has behind its name: nothing, ":" spec, "/" cidr. */
static int parse_argument(struct str rest, struct spf_term *t, struct err *err)
{
	bool colon = rest.n > 0 && rest.p[0] == ':';
	struct str spec = colon ? str_from(rest, 1) : rest;

	switch (t->mechanism) {
	case SPF_ALL:
		if (rest.n)
			return err_set(err, ERR_INVALID, "all has no argument");
		return 0;
	case SPF_IP4:
	case SPF_IP6:
		if (!colon)
			return err_set(err, ERR_INVALID, "ip without address");
		return parse_ip(spec, t, err);
	case SPF_A:
	case SPF_MX:
		if (cut_dual_cidr(&spec, t, err) < 0)
			return -1;
		break;
	case SPF_INCLUDE:
	case SPF_EXISTS:
		if (!colon)
			return err_set(err, ERR_INVALID,
			               "include or exists without a domain");
		break;
	case SPF_PTR: break;
	}
	if (!colon && spec.n)
		return err_set(err, ERR_INVALID, "unexpected \"%.*s\"",
		               STR_ARG(spec));
	if (colon && !spf_domain_spec_valid(spec))
		return err_set(err, ERR_INVALID, "bad domain \"%.*s\"",
		               STR_ARG(spec));
	t->domain = spec;
	return 0;
}

static int add_mechanism(struct str term, size_t name_n,
                         enum spf_qualifier qualifier, struct spf_record *r,
                         struct err *err)
{
	struct str name = str_to(term, name_n);
	struct spf_term *t = &r->terms[r->n_terms];

	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(*mechanisms); i++) {
		if (!str_eq_case(name, mechanisms[i].name))
			continue;
		if (r->n_terms == SPF_TERMS_MAX)
			return err_set(err, ERR_INVALID, "too many terms");
		*t = (struct spf_term){ .mechanism = mechanisms[i].mechanism,
			                .qualifier = qualifier,
			                .bits4 = 32,
			                .bits6 = 128 };
		r->n_terms++;
		return parse_argument(str_from(term, name_n), t, err);
	}
	return err_set(err, ERR_INVALID, "unknown mechanism \"%.*s\"",
	               STR_ARG(name));
}

/* redirect and exp at most once; unknown modifiers are passed over, but must
 * be well formed (RFC 7208, 6). */
static int add_modifier(struct str name, struct str value, struct spf_record *r,
                        struct err *err)
{
	struct str *slot = NULL;

	if (str_eq_case(name, STR("redirect")))
		slot = &r->redirect;
	else if (str_eq_case(name, STR("exp")))
		slot = &r->exp;
	if (!slot) {
		if (!spf_macro_string_valid(value))
			return err_set(err, ERR_INVALID, "bad modifier %.*s",
			               STR_ARG(name));
		return 0;
	}
	if (slot->p)
		return err_set(err, ERR_INVALID, "%.*s stands twice",
		               STR_ARG(name));
	if (!spf_domain_spec_valid(value))
		return err_set(err, ERR_INVALID, "bad domain in %.*s",
		               STR_ARG(name));
	*slot = value;
	return 0;
}

static int parse_term(struct str term, struct spf_record *r, struct err *err)
{
	enum spf_qualifier q = SPF_QUAL_PASS;
	size_t n = name_length(term);

	if (n > 0 && n < term.n && term.p[n] == '=')
		return add_modifier(str_to(term, n), str_from(term, n + 1), r,
		                    err);
	if (term.n && memchr("+-~?", term.p[0], 4)) {
		q = (enum spf_qualifier)term.p[0];
		term = str_from(term, 1);
		n = name_length(term);
	}
	if (n == 0)
		return err_set(err, ERR_INVALID, "bad term \"%.*s\"",
		               STR_ARG(term));
	return add_mechanism(term, n, q, r, err);
}

int spf_record_parse(struct str text, struct spf_record *out, struct err *err)
{
	struct str rest, term;

	out->n_terms = 0;
	out->redirect = out->exp = (struct str){ NULL, 0 };
	if (!spf_record_is(text))
		return err_set(err, ERR_INVALID, "not an SPF record");
	rest = str_from(text, 6);
	while (str_cut(&rest, ' ', &term)) {
		if (term.n == 0)
			continue;
		if (parse_term(term, out, err) < 0)
			return -1;
	}
	return 0;
}
