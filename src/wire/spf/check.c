#include "wire/spf/check.h"

#include <string.h>

#include "base/ip.h"
#include "wire/spf/macro.h"
#include "wire/spf/record.h"

/* Includes and redirects that follow one another each cost a look-up, so ten
 * bound the depth too. */
struct check {
	const struct spf_query *q;
	const struct spf_dns *dns;
	struct arena *a;
	struct str sender;
	unsigned lookups, voids;
	struct str reason, mechanism;
};

/* What a term says: it matched, it did not, or the whole check ends. */
enum match { MATCH_NO, MATCH_YES, MATCH_TEMPERROR, MATCH_PERMERROR };

static enum spf_result check_domain(struct check *c, struct str domain,
                                    bool outermost);

const char *spf_result_name(enum spf_result r)
{
	static const char *const names[] = {
		[SPF_NONE] = "none",           [SPF_NEUTRAL] = "neutral",
		[SPF_PASS] = "pass",           [SPF_FAIL] = "fail",
		[SPF_SOFTFAIL] = "softfail",   [SPF_TEMPERROR] = "temperror",
		[SPF_PERMERROR] = "permerror",
	};

	return names[r];
}

static enum spf_dns_status ask(struct check *c, struct str name,
                               enum spf_type type, struct spf_answer *out)
{
	*out = (struct spf_answer){ 0 };
	return c->dns->query(c->dns->ctx, name, type, c->a, out);
}

static enum match too_many(struct check *c, const char *what)
{
	c->reason = arena_fmt(c->a, "too many %s", what);
	return MATCH_PERMERROR;
}

/* Counts an answer without records (RFC 7208, 4.6.4); true: over the limit. */
static bool is_void_limit(struct check *c, enum spf_dns_status st,
                          const struct spf_answer *ans)
{
	if (st == SPF_DNS_FAIL || (st == SPF_DNS_OK && ans->n > 0))
		return false;
	return ++c->voids > SPF_VOID_LOOKUPS_MAX;
}

static enum match temporary(struct check *c, struct str name)
{
	c->reason = arena_fmt(c->a, "DNS look-up of %.*s did not succeed",
	                      STR_ARG(name));
	return MATCH_TEMPERROR;
}

static struct spf_macro_facts facts(struct check *c, struct str domain)
{
	struct spf_macro_facts f = {
		.sender = c->sender,
		.domain = domain,
		.helo = c->q->helo,
		.ipv6 = c->q->ipv6,
		.validated = STR("unknown"),
		.receiver = c->q->receiver,
		.now_s = c->q->now_s,
	};

	memcpy(f.ip, c->q->ip, sizeof(f.ip));
	return f;
}

static bool name_has_client(struct check *c, struct str name)
{
	struct spf_answer ans;
	size_t size = c->q->ipv6 ? 16 : 4;

	if (ask(c, name, c->q->ipv6 ? SPF_TYPE_AAAA : SPF_TYPE_A, &ans) !=
	    SPF_DNS_OK)
		return false;
	for (size_t i = 0; i < ans.n; i++)
		if (ans.rr[i].n == size &&
		    memcmp(ans.rr[i].p, c->q->ip, size) == 0)
			return true;
	return false;
}

static struct str reverse_name(struct check *c)
{
	struct str s = STR("%{ir}.%{v}.arpa");
	struct spf_macro_facts f = facts(c, STR(""));
	struct buf b;
	struct str name;

	buf_init(&b, 256);
	if (!spf_macro_expand(s, &f, false, &b))
		buf_reset(&b);
	name = arena_dup(c->a, buf_str(&b));
	buf_deinit(&b);
	return name;
}

/* The validated names of the client (RFC 7208, 5.5): the domain itself, else
 * one under it, else (any) any.  Empty without. */
static struct str validated_name(struct check *c, struct str domain, bool any)
{
	struct str under = { NULL, 0 }, other = { NULL, 0 };
	struct spf_answer ans;

	if (ask(c, reverse_name(c), SPF_TYPE_PTR, &ans) != SPF_DNS_OK)
		return under;
	for (size_t i = 0; i < ans.n && i < SPF_NAMES_MAX; i++) {
		bool fits = str_is_under(ans.rr[i], domain);

		if ((!fits && !any) || !name_has_client(c, ans.rr[i]))
			continue;
		if (str_eq_case(ans.rr[i], domain))
			return ans.rr[i];
		if (fits)
			under = ans.rr[i];
		else
			other = ans.rr[i];
	}
	return under.n ? under : other;
}

static bool uses_p(struct str spec)
{
	return str_find_case(spec, STR("%{p")) != STR_NPOS;
}

/* The target of a term; false when it cannot be expanded. */
static bool target(struct check *c, struct str spec, struct str domain,
                   bool in_exp, struct str *out)
{
	struct spf_macro_facts f = facts(c, domain);
	struct buf b;
	bool ok;

	if (uses_p(spec)) {
		struct str p = validated_name(c, domain, true);

		if (p.n)
			f.validated = p;
	}
	buf_init(&b, 4096);
	ok = spf_macro_expand(spec, &f, in_exp, &b);
	*out = arena_dup(c->a, buf_str(&b));
	buf_deinit(&b);
	if (!in_exp)
		*out = spf_domain_cut(*out);
	return ok;
}

static enum match match_ip(struct check *c, const struct spf_term *t)
{
	bool six = t->mechanism == SPF_IP6;

	if (six != c->q->ipv6)
		return MATCH_NO;
	return ip_prefix_eq(t->ip, c->q->ip, six ? t->bits6 : t->bits4)
	               ? MATCH_YES
	               : MATCH_NO;
}

/* Do the addresses of `name` hold the client?  *void_out counts it. */
static enum match match_addresses(struct check *c, struct str name,
                                  const struct spf_term *t, bool count_void)
{
	struct spf_answer ans;
	size_t size = c->q->ipv6 ? 16 : 4;
	enum spf_dns_status st =
		ask(c, name, c->q->ipv6 ? SPF_TYPE_AAAA : SPF_TYPE_A, &ans);

	if (st == SPF_DNS_FAIL)
		return temporary(c, name);
	if (count_void && is_void_limit(c, st, &ans))
		return too_many(c, "void look-ups");
	for (size_t i = 0; i < ans.n; i++)
		if (ans.rr[i].n == size &&
		    ip_prefix_eq((const uint8_t *)ans.rr[i].p, c->q->ip,
		                 c->q->ipv6 ? t->bits6 : t->bits4))
			return MATCH_YES;
	return MATCH_NO;
}

static enum match match_mx(struct check *c, struct str name,
                           const struct spf_term *t)
{
	struct spf_answer ans;
	enum spf_dns_status st = ask(c, name, SPF_TYPE_MX, &ans);

	if (st == SPF_DNS_FAIL)
		return temporary(c, name);
	if (is_void_limit(c, st, &ans))
		return too_many(c, "void look-ups");
	if (ans.n > SPF_NAMES_MAX)
		return too_many(c, "MX names");
	for (size_t i = 0; i < ans.n; i++) {
		enum match m = match_addresses(c, ans.rr[i], t, false);

		if (m != MATCH_NO)
			return m;
	}
	return MATCH_NO;
}

static enum match match_ptr(struct check *c, struct str name)
{
	/* Only the validation counts: a look-up that goes wrong is no match
	 * (RFC 7208, 5.5). */
	return validated_name(c, name, false).n ? MATCH_YES : MATCH_NO;
}

static enum match match_exists(struct check *c, struct str name)
{
	struct spf_answer ans;
	enum spf_dns_status st = ask(c, name, SPF_TYPE_A, &ans);

	if (st == SPF_DNS_FAIL)
		return temporary(c, name);
	if (is_void_limit(c, st, &ans))
		return too_many(c, "void look-ups");
	return ans.n > 0 ? MATCH_YES : MATCH_NO;
}

/* RFC 7208, 5.2, the table of what an included result means. */
static enum match match_include(struct check *c, struct str name)
{
	switch (check_domain(c, name, false)) {
	case SPF_PASS: return MATCH_YES;
	case SPF_FAIL:
	case SPF_SOFTFAIL:
	case SPF_NEUTRAL: return MATCH_NO;
	case SPF_TEMPERROR: return MATCH_TEMPERROR;
	case SPF_NONE:
		c->reason = arena_fmt(c->a, "included %.*s has no SPF record",
		                      STR_ARG(name));
		return MATCH_PERMERROR;
	case SPF_PERMERROR: return MATCH_PERMERROR;
	}
	return MATCH_PERMERROR;
}

static enum match match_term(struct check *c, const struct spf_term *t,
                             struct str domain)
{
	struct str name = domain;

	if (t->mechanism == SPF_ALL)
		return MATCH_YES;
	if (t->mechanism == SPF_IP4 || t->mechanism == SPF_IP6)
		return match_ip(c, t);
	if (++c->lookups > SPF_LOOKUPS_MAX)
		return too_many(c, "DNS look-ups");
	if (t->domain.n && !target(c, t->domain, domain, false, &name)) {
		c->reason = STR("a macro cannot be expanded");
		return MATCH_PERMERROR;
	}
	switch (t->mechanism) {
	case SPF_INCLUDE: return match_include(c, name);
	case SPF_A: return match_addresses(c, name, t, true);
	case SPF_MX: return match_mx(c, name, t);
	case SPF_PTR: return match_ptr(c, name);
	case SPF_EXISTS: return match_exists(c, name);
	case SPF_ALL:
	case SPF_IP4:
	case SPF_IP6: break;
	}
	return MATCH_NO;
}

/* The one SPF record among the TXT records (RFC 7208, 4.5). */
static enum spf_result fetch_record(struct check *c, struct str domain,
                                    struct str *text)
{
	enum spf_dns_status st;
	struct spf_answer ans;
	size_t found = 0;

	st = ask(c, domain, SPF_TYPE_TXT, &ans);
	if (st == SPF_DNS_FAIL) {
		(void)temporary(c, domain);
		return SPF_TEMPERROR;
	}
	for (size_t i = 0; i < ans.n; i++) {
		if (!spf_record_is(ans.rr[i]))
			continue;
		*text = ans.rr[i];
		found++;
	}
	if (found > 1) {
		c->reason = arena_fmt(c->a, "%.*s has more than one SPF record",
		                      STR_ARG(domain));
		return SPF_PERMERROR;
	}
	return found ? SPF_PASS : SPF_NONE;
}

/* A name that can be asked for: two labels or more, each 1 to 63 bytes
 * (RFC 7208, 4.3). */
static bool is_domain(struct str d)
{
	struct str label;
	size_t labels = 0;

	if (d.n > 0 && d.p[d.n - 1] == '.')
		d.n--;
	if (d.n == 0 || d.n > 253 || d.p[d.n - 1] == '.')
		return false;
	while (str_cut(&d, '.', &label)) {
		if (label.n == 0 || label.n > 63)
			return false;
		labels++;
	}
	return labels >= 2;
}

/* exp= of the domain that failed; anything wrong with it leaves the default
 * (RFC 7208, 6.2). */
static void explain(struct check *c, struct str spec, struct str domain)
{
	struct spf_answer ans;
	struct str name, text;

	if (!target(c, spec, domain, false, &name) || !is_domain(name) ||
	    ask(c, name, SPF_TYPE_TXT, &ans) != SPF_DNS_OK || ans.n != 1)
		return;
	if (!target(c, ans.rr[0], domain, true, &text))
		return;
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < 0x20 || text.p[i] > 0x7e)
			return;
	c->reason = text;
}

static struct str term_text(struct check *c, const struct spf_term *t)
{
	static const char *const names[] = {
		[SPF_ALL] = "all", [SPF_INCLUDE] = "include", [SPF_A] = "a",
		[SPF_MX] = "mx",   [SPF_PTR] = "ptr",         [SPF_IP4] = "ip4",
		[SPF_IP6] = "ip6", [SPF_EXISTS] = "exists",
	};

	return arena_fmt(c->a, "%c%s%s%.*s", t->qualifier, names[t->mechanism],
	                 t->domain.n ? ":" : "", STR_ARG(t->domain));
}

static enum spf_result of_qualifier(enum spf_qualifier q)
{
	switch (q) {
	case SPF_QUAL_PASS: return SPF_PASS;
	case SPF_QUAL_FAIL: return SPF_FAIL;
	case SPF_QUAL_SOFTFAIL: return SPF_SOFTFAIL;
	case SPF_QUAL_NEUTRAL: return SPF_NEUTRAL;
	}
	return SPF_NEUTRAL;
}

static enum spf_result decided(struct check *c, const struct spf_record *r,
                               const struct spf_term *t, struct str domain,
                               bool outermost)
{
	enum spf_result result = of_qualifier(t->qualifier);

	if (!outermost)
		return result;
	c->mechanism = term_text(c, t);
	c->reason = (struct str){ NULL, 0 };
	if (result == SPF_FAIL && r->exp.p)
		explain(c, r->exp, domain);
	return result;
}

static enum spf_result redirected(struct check *c, const struct spf_record *r,
                                  struct str domain, bool outermost)
{
	enum spf_result result;
	struct str name;

	if (++c->lookups > SPF_LOOKUPS_MAX) {
		(void)too_many(c, "DNS look-ups");
		return SPF_PERMERROR;
	}
	if (!target(c, r->redirect, domain, false, &name)) {
		c->reason = STR("a macro cannot be expanded");
		return SPF_PERMERROR;
	}
	result = check_domain(c, name, outermost);
	if (result != SPF_NONE)
		return result;
	c->reason = arena_fmt(c->a, "redirect to %.*s, without SPF record",
	                      STR_ARG(name));
	return SPF_PERMERROR;
}

static enum spf_result check_domain(struct check *c, struct str domain,
                                    bool outermost)
{
	struct spf_record *r;
	enum spf_result found;
	struct str text;
	struct err err = ERR_INIT;

	if (!is_domain(domain))
		return SPF_NONE;
	found = fetch_record(c, domain, &text);
	if (found != SPF_PASS)
		return found;
	r = arena_alloc(c->a, sizeof(*r));
	if (spf_record_parse(text, r, &err) < 0) {
		c->reason = arena_fmt(c->a, "record of %.*s: %s",
		                      STR_ARG(domain), err.text);
		return SPF_PERMERROR;
	}
	for (size_t i = 0; i < r->n_terms; i++) {
		switch (match_term(c, &r->terms[i], domain)) {
		case MATCH_NO: break;
		case MATCH_YES:
			return decided(c, r, &r->terms[i], domain, outermost);
		case MATCH_TEMPERROR: return SPF_TEMPERROR;
		case MATCH_PERMERROR: return SPF_PERMERROR;
		}
	}
	return r->redirect.p ? redirected(c, r, domain, outermost)
	                     : SPF_NEUTRAL;
}

void spf_check(const struct spf_query *q, const struct spf_dns *dns,
               struct arena *a, struct spf_outcome *out)
{
	struct check c = { .q = q, .dns = dns, .a = a };

	c.sender = arena_fmt(a, "%.*s@%.*s",
	                     STR_ARG(q->local.n ? q->local : STR("postmaster")),
	                     STR_ARG(q->domain));
	*out = (struct spf_outcome){
		.result = check_domain(&c, q->domain, true),
	};
	if (!c.reason.p && out->result == SPF_FAIL)
		c.reason = arena_fmt(a, "%.*s does not allow this client",
		                     STR_ARG(q->domain));
	out->reason = c.reason;
	out->mechanism = c.mechanism;
	out->lookups = c.lookups;
	out->void_lookups = c.voids;
}
