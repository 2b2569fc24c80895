#include "wire/spf/check.h"

#include <string.h>

#include "base/ip.h"
#include "base/test.h"
#include "wire/spf/macro.h"

/* A zone file of our own: name, type, data; "!" as data is a failure. */
struct row {
	const char *name;
	enum spf_type type;
	const char *data;
};

struct zone {
	const struct row *rows;
	unsigned asked;
};

static struct str rdata(struct arena *a, const struct row *row)
{
	uint8_t ip[16];

	if (row->type == SPF_TYPE_A && ip4_parse(str_z(row->data), ip))
		return arena_dup(a, (struct str){ (char *)ip, 4 });
	if (row->type == SPF_TYPE_AAAA && ip6_parse(str_z(row->data), ip))
		return arena_dup(a, (struct str){ (char *)ip, 16 });
	return str_z(row->data);
}

static enum spf_dns_status look_up(void *ctx, struct str name,
                                   enum spf_type type, struct arena *a,
                                   struct spf_answer *out)
{
	struct zone *z = ctx;
	bool exists = false;

	z->asked++;
	out->n = 0;
	out->rr = arena_array(a, 64, sizeof(*out->rr));
	for (const struct row *r = z->rows; r->name; r++) {
		if (!str_eq_case(str_z(r->name), name))
			continue;
		exists = true;
		if (strcmp(r->data, "!") == 0)
			return SPF_DNS_FAIL;
		if (r->type == type)
			out->rr[out->n++] = rdata(a, r);
	}
	return exists ? SPF_DNS_OK : SPF_DNS_NONE;
}

static unsigned asked; /* by the last run */

static enum spf_result run_as(const struct row *rows, const char *local,
                              const char *domain, const char *ip,
                              struct spf_outcome *o, struct arena *a)
{
	struct zone z = { .rows = rows };
	struct spf_dns dns = { look_up, &z };
	struct spf_query q = { .helo = STR("mail.example.net"),
		               .local = str_z(local),
		               .domain = str_z(domain),
		               .receiver = STR("mx.example.net") };

	q.ipv6 = strchr(ip, ':') != NULL;
	if (q.ipv6)
		assert_true(ip6_parse(str_z(ip), q.ip));
	else
		assert_true(ip4_parse(str_z(ip), q.ip));
	spf_check(&q, &dns, a, o);
	asked = z.asked;
	return o->result;
}

static enum spf_result run(const struct row *rows, const char *domain,
                           const char *ip, struct spf_outcome *o,
                           struct arena *a)
{
	return run_as(rows, "strong-bad", domain, ip, o, a);
}

/* RFC 7208, Appendix A: the zone, and each record in the place of "record". */
#define ZONE_A                                                              \
	{ "example.com", SPF_TYPE_MX, "mail-a.example.com" },               \
		{ "example.com", SPF_TYPE_MX, "mail-b.example.com" },       \
		{ "example.com", SPF_TYPE_A, "192.0.2.10" },                \
		{ "example.com", SPF_TYPE_A, "192.0.2.11" },                \
		{ "amy.example.com", SPF_TYPE_A, "192.0.2.65" },            \
		{ "bob.example.com", SPF_TYPE_A, "192.0.2.66" },            \
		{ "mail-a.example.com", SPF_TYPE_A, "192.0.2.129" },        \
		{ "mail-b.example.com", SPF_TYPE_A, "192.0.2.130" },        \
		{ "example.org", SPF_TYPE_MX, "mail-c.example.org" },       \
		{ "mail-c.example.org", SPF_TYPE_A, "192.0.2.140" },        \
		{ "10.2.0.192.in-addr.arpa", SPF_TYPE_PTR, "example.com" }, \
		{ "65.2.0.192.in-addr.arpa", SPF_TYPE_PTR,                  \
		  "amy.example.com" },                                      \
		{ "140.2.0.192.in-addr.arpa", SPF_TYPE_PTR,                 \
		  "mail-c.example.org" },                                   \
	{                                                                   \
		"4.0.0.10.in-addr.arpa", SPF_TYPE_PTR, "bob.example.com"    \
	}

static void appendix_a(void **state)
{
	static const struct {
		const char *record, *ip;
		enum spf_result want;
	} rows[] = {
		{ "v=spf1 +all", "203.0.113.9", SPF_PASS },
		{ "v=spf1 a -all", "192.0.2.10", SPF_PASS },
		{ "v=spf1 a -all", "192.0.2.11", SPF_PASS },
		{ "v=spf1 a -all", "192.0.2.12", SPF_FAIL },
		{ "v=spf1 a:example.org -all", "192.0.2.140", SPF_FAIL },
		{ "v=spf1 mx -all", "192.0.2.129", SPF_PASS },
		{ "v=spf1 mx -all", "192.0.2.130", SPF_PASS },
		{ "v=spf1 mx:example.org -all", "192.0.2.140", SPF_PASS },
		{ "v=spf1 mx mx:example.org -all", "192.0.2.140", SPF_PASS },
		{ "v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.131",
		  SPF_PASS },
		{ "v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.143",
		  SPF_PASS },
		{ "v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.144",
		  SPF_FAIL },
		{ "v=spf1 ptr -all", "192.0.2.10", SPF_PASS },
		{ "v=spf1 ptr -all", "192.0.2.65", SPF_PASS },
		{ "v=spf1 ptr -all", "192.0.2.140", SPF_FAIL },
		{ "v=spf1 ptr -all", "10.0.0.4", SPF_FAIL },
		{ "v=spf1 ip4:192.0.2.128/28 -all", "192.0.2.65", SPF_FAIL },
		{ "v=spf1 ip4:192.0.2.128/28 -all", "192.0.2.129", SPF_PASS },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row zone[] = { ZONE_A,
			                    { "example.com", SPF_TYPE_TXT,
			                      rows[i].record },
			                    { NULL, SPF_TYPE_A, NULL } };
		struct spf_outcome o;
		struct arena a;

		arena_init(&a);
		if (run(zone, "example.com", rows[i].ip, &o, &a) !=
		    rows[i].want)
			fail_msg("%s from %s: %s", rows[i].record, rows[i].ip,
			         spf_result_name(o.result));
		arena_deinit(&a);
	}
}

/* RFC 7208, A.2 to A.4: several domains, lists in DNS, and conditions that all
 * must hold. */
static void appendix_a_more(void **state)
{
	static const struct row zone[] = {
		ZONE_A,
		{ "example.com", SPF_TYPE_TXT, "v=spf1 mx -all" },
		{ "example.net", SPF_TYPE_TXT, "v=spf1 ip4:203.0.113.7 -all" },
		/* A.2 */
		{ "example.org", SPF_TYPE_TXT,
		  "v=spf1 include:example.com include:example.net -all" },
		{ "la.example.org", SPF_TYPE_TXT,
		  "v=spf1 redirect=example.org" },
		/* A.3 */
		{ "list.example.com", SPF_TYPE_TXT,
		  "v=spf1 include:mobile-users._spf.%{d} "
		  "include:remote-users._spf.%{d} -all" },
		{ "mobile-users._spf.list.example.com", SPF_TYPE_TXT,
		  "v=spf1 exists:%{l1r+}.%{d}" },
		{ "mary.mobile-users._spf.list.example.com", SPF_TYPE_A,
		  "127.0.0.2" },
		{ "remote-users._spf.list.example.com", SPF_TYPE_TXT,
		  "v=spf1 exists:%{ir}.%{l1r+}.%{d}" },
		{ "15.15.168.192.joel.remote-users._spf.list.example.com",
		  SPF_TYPE_A, "127.0.0.2" },
		/* A.4 */
		{ "both.example.com", SPF_TYPE_TXT,
		  "v=spf1 -include:ip4._spf.%{d} -include:ptr._spf.%{d} "
		  "+all" },
		{ "ip4._spf.both.example.com", SPF_TYPE_TXT,
		  "v=spf1 -ip4:192.0.2.0/24 +all" },
		{ "ptr._spf.both.example.com", SPF_TYPE_TXT,
		  "v=spf1 -ptr:example.com +all" },
		{ NULL, SPF_TYPE_A, NULL },
	};

	static const struct {
		const char *local, *domain, *ip;
		enum spf_result want;
	} rows[] = {
		{ "bob", "example.org", "192.0.2.129", SPF_PASS },
		{ "bob", "example.org", "203.0.113.7", SPF_PASS },
		{ "bob", "example.org", "203.0.113.8", SPF_FAIL },
		{ "bob", "la.example.org", "192.0.2.130", SPF_PASS },
		{ "bob", "la.example.org", "192.0.2.131", SPF_FAIL },
		{ "mary", "list.example.com", "198.51.100.1", SPF_PASS },
		{ "mary+x", "list.example.com", "198.51.100.1", SPF_PASS },
		{ "joel", "list.example.com", "192.168.15.15", SPF_PASS },
		{ "joel", "list.example.com", "192.168.15.16", SPF_FAIL },
		{ "eve", "list.example.com", "192.168.15.15", SPF_FAIL },
		{ "bob", "both.example.com", "192.0.2.65", SPF_PASS },
		{ "bob", "both.example.com", "192.0.2.140", SPF_FAIL },
		{ "bob", "both.example.com", "10.0.0.4", SPF_FAIL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct spf_outcome o;
		struct arena a;

		arena_init(&a);
		if (run_as(zone, rows[i].local, rows[i].domain, rows[i].ip, &o,
		           &a) != rows[i].want)
			fail_msg("%s@%s from %s: %s (%.*s)", rows[i].local,
			         rows[i].domain, rows[i].ip,
			         spf_result_name(o.result), STR_ARG(o.reason));
		arena_deinit(&a);
	}
}

#define MX_ROW(n)                                                   \
	{                                                           \
		"mx.example.com", SPF_TYPE_MX, "m" n ".example.com" \
	}
#define MX_A(n)                                               \
	{                                                     \
		"m" n ".example.com", SPF_TYPE_A, "192.0.2.1" \
	}
#define PTR_ROW(n)                                                           \
	{                                                                    \
		"1.2.0.192.in-addr.arpa", SPF_TYPE_PTR, "p" n ".example.com" \
	}
#define PTR_A(n)                                              \
	{                                                     \
		"p" n ".example.com", SPF_TYPE_A, "192.0.2.1" \
	}

/* RFC 7208, 4.6.4: which terms ask, and how many names one may lead to. */
static void more_limits(void **state)
{
	static const struct row zone[] = {
		/* Eleven exchangers are too many, wherever the client is. */
		MX_ROW("1"),
		MX_ROW("2"),
		MX_ROW("3"),
		MX_ROW("4"),
		MX_ROW("5"),
		MX_ROW("6"),
		MX_ROW("7"),
		MX_ROW("8"),
		MX_ROW("9"),
		MX_ROW("10"),
		MX_ROW("11"),
		MX_A("1"),
		{ "mx.example.com", SPF_TYPE_TXT, "v=spf1 mx -all" },
		/* Of eleven names of an address ten are looked at. */
		PTR_ROW("1"),
		PTR_ROW("2"),
		PTR_ROW("3"),
		PTR_ROW("4"),
		PTR_ROW("5"),
		PTR_ROW("6"),
		PTR_ROW("7"),
		PTR_ROW("8"),
		PTR_ROW("9"),
		PTR_ROW("10"),
		PTR_ROW("11"),
		PTR_A("11"),
		{ "ptr.example.com", SPF_TYPE_TXT,
		  "v=spf1 ptr:p11.example.com -all" },
		/* ip4, ip6, all and exp= ask nothing that counts. */
		{ "free.example.com", SPF_TYPE_TXT,
		  "v=spf1 ip4:10.0.0.1 ip4:10.0.0.2 ip4:10.0.0.3 ip4:10.0.0.4 "
		  "ip4:10.0.0.5 ip4:10.0.0.6 ip4:10.0.0.7 ip4:10.0.0.8 "
		  "ip4:10.0.0.9 ip4:10.0.0.10 ip4:10.0.0.11 ip6:2001:db8::1 "
		  "a:x.example.com +all" },
		{ "x.example.com", SPF_TYPE_A, "10.1.1.1" },
		/* Ten terms of all kinds, and one more. */
		{ "ten.example.com", SPF_TYPE_TXT,
		  "v=spf1 a:x.example.com a:x.example.com a:x.example.com "
		  "exists:x.example.com.no.example.com a:x.example.com "
		  "a:x.example.com a:x.example.com a:x.example.com "
		  "a:x.example.com a:x.example.com +all" },
		{ "eleven.example.com", SPF_TYPE_TXT,
		  "v=spf1 a:x.example.com a:x.example.com a:x.example.com "
		  "exists:x.example.com.no.example.com a:x.example.com "
		  "a:x.example.com a:x.example.com a:x.example.com "
		  "a:x.example.com a:x.example.com a:x.example.com +all" },
		/* 1 + 10 + 100 + ... includes end after ten. */
		{ "wide.example.com", SPF_TYPE_TXT,
		  "v=spf1 include:wide.example.com include:wide.example.com "
		  "include:wide.example.com include:wide.example.com -all" },
		{ NULL, SPF_TYPE_A, NULL },
	};

	static const struct {
		const char *domain;
		enum spf_result want;
	} rows[] = {
		{ "mx.example.com", SPF_PERMERROR },
		{ "ptr.example.com", SPF_FAIL },
		{ "free.example.com", SPF_PASS },
		{ "ten.example.com", SPF_PASS },
		{ "eleven.example.com", SPF_PERMERROR },
		{ "wide.example.com", SPF_PERMERROR },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct spf_outcome o;
		struct arena a;

		arena_init(&a);
		if (run(zone, rows[i].domain, "192.0.2.1", &o, &a) !=
		    rows[i].want)
			fail_msg("%s: %s (%.*s)", rows[i].domain,
			         spf_result_name(o.result), STR_ARG(o.reason));
		/* The record, ten terms, ten names of one. */
		if (asked > 22)
			fail_msg("%s: %u questions", rows[i].domain, asked);
		arena_deinit(&a);
	}
}

/* RFC 7208, 7.4. */
static void macros(void **state)
{
	static const struct {
		const char *in, *want;
		bool ipv6;
	} rows[] = {
		{ "%{s}", "strong-bad@email.example.com", false },
		{ "%{o}", "email.example.com", false },
		{ "%{d4}", "email.example.com", false },
		{ "%{d2}", "example.com", false },
		{ "%{d1}", "com", false },
		{ "%{dr}", "com.example.email", false },
		{ "%{d2r}", "example.email", false },
		{ "%{l}", "strong-bad", false },
		{ "%{l-}", "strong.bad", false },
		{ "%{lr}", "strong-bad", false },
		{ "%{lr-}", "bad.strong", false },
		{ "%{l1r-}", "strong", false },
		{ "%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com",
		  false },
		{ "%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com",
		  false },
		{ "%{d2}.trusted-domains.example.net",
		  "example.com.trusted-domains.example.net", false },
		{ "%{ir}.%{v}._spf.%{d2}",
		  "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1."
		  "0.0.2.ip6._spf.example.com",
		  true },
		{ "%{S}", "strong-bad%40email.example.com", false },
		{ "a%%b%_c%-d", "a%b c%20d", false },
	};
	struct spf_macro_facts four = {
		.sender = STR("strong-bad@email.example.com"),
		.domain = STR("email.example.com"),
		.ip = { 192, 0, 2, 3 },
	};
	struct spf_macro_facts six = four;
	struct buf b;

	(void)state;
	six.ipv6 = true;
	assert_true(ip6_parse(STR("2001:db8::cb01"), six.ip));
	buf_init(&b, 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		buf_reset(&b);
		assert_true(spf_macro_string_valid(str_z(rows[i].in)));
		assert_true(spf_macro_expand(str_z(rows[i].in),
		                             rows[i].ipv6 ? &six : &four, false,
		                             &b));
		assert_str(buf_str(&b), rows[i].want);
	}
	assert_false(spf_macro_string_valid(STR("%{x}")));
	assert_false(spf_macro_string_valid(STR("%{d0}")));
	assert_false(spf_macro_string_valid(STR("100%")));
	assert_false(spf_domain_spec_valid(STR("%{t}.example.com")));
	assert_false(spf_domain_spec_valid(STR("example.123")));
	buf_deinit(&b);
}

static void limits(void **state)
{
	/* Each includes the next: the eleventh look-up is one too many. */
	static const struct row chain[] = {
		{ "a0.example.com", SPF_TYPE_TXT,
		  "v=spf1 include:a1.example.com" },
		{ "a1.example.com", SPF_TYPE_TXT,
		  "v=spf1 include:a2.example.com" },
		{ "a2.example.com", SPF_TYPE_TXT,
		  "v=spf1 include:a3.example.com" },
		{ "a3.example.com", SPF_TYPE_TXT,
		  "v=spf1 include:a4.example.com" },
		{ "a4.example.com", SPF_TYPE_TXT,
		  "v=spf1 include:a5.example.com" },
		{ "a5.example.com", SPF_TYPE_TXT,
		  "v=spf1 include:a6.example.com" },
		{ "a6.example.com", SPF_TYPE_TXT,
		  "v=spf1 include:a7.example.com" },
		{ "a7.example.com", SPF_TYPE_TXT,
		  "v=spf1 include:a8.example.com" },
		{ "a8.example.com", SPF_TYPE_TXT,
		  "v=spf1 include:a9.example.com" },
		{ "a9.example.com", SPF_TYPE_TXT,
		  "v=spf1 include:aa.example.com" },
		{ "aa.example.com", SPF_TYPE_TXT,
		  "v=spf1 include:ab.example.com" },
		{ "ab.example.com", SPF_TYPE_TXT, "v=spf1 ip4:192.0.2.1" },
		{ "loop.example.com", SPF_TYPE_TXT,
		  "v=spf1 include:loop.example.com -all" },
		{ "self.example.com", SPF_TYPE_TXT,
		  "v=spf1 redirect=self.example.com" },
		{ "void.example.com", SPF_TYPE_TXT,
		  "v=spf1 a:n1.example.com a:n2.example.com a:n3.example.com "
		  "ip4:192.0.2.1 -all" },
		{ "void2.example.com", SPF_TYPE_TXT,
		  "v=spf1 a:n1.example.com a:n2.example.com ip4:192.0.2.1 "
		  "-all" },
		{ "two.example.com", SPF_TYPE_TXT, "v=spf1 -all" },
		{ "two.example.com", SPF_TYPE_TXT, "v=spf1 +all" },
		{ "none.example.com", SPF_TYPE_TXT, "hello" },
		{ "incnone.example.com", SPF_TYPE_TXT,
		  "v=spf1 include:none.example.com -all" },
		{ "slow.example.com", SPF_TYPE_TXT,
		  "v=spf1 a:dead.example.com -all" },
		{ "dead.example.com", SPF_TYPE_A, "!" },
		{ "bad.example.com", SPF_TYPE_TXT, "v=spf1 ip4:192.0.2.1 -al" },
		{ "redir.example.com", SPF_TYPE_TXT,
		  "v=spf1 redirect=none.example.com" },
		{ "soft.example.com", SPF_TYPE_TXT, "v=spf1 ~all" },
		{ "exp.example.com", SPF_TYPE_TXT,
		  "v=spf1 -all exp=why.example.com" },
		{ "why.example.com", SPF_TYPE_TXT,
		  "%{i} is not one of %{d}'s servers" },
		{ NULL, SPF_TYPE_A, NULL },
	};

	static const struct {
		const char *domain;
		enum spf_result want;
	} rows[] = {
		{ "a1.example.com", SPF_PASS },
		{ "a0.example.com", SPF_PERMERROR },
		{ "loop.example.com", SPF_PERMERROR },
		{ "self.example.com", SPF_PERMERROR },
		{ "void.example.com", SPF_PERMERROR },
		{ "void2.example.com", SPF_PASS },
		{ "two.example.com", SPF_PERMERROR },
		{ "none.example.com", SPF_NONE },
		{ "nowhere.example.com", SPF_NONE },
		{ "localhost", SPF_NONE },
		{ "incnone.example.com", SPF_PERMERROR },
		{ "slow.example.com", SPF_TEMPERROR },
		{ "bad.example.com", SPF_PERMERROR },
		{ "redir.example.com", SPF_PERMERROR },
		{ "soft.example.com", SPF_SOFTFAIL },
		{ "exp.example.com", SPF_FAIL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct spf_outcome o;
		struct arena a;

		arena_init(&a);
		if (run(chain, rows[i].domain, "192.0.2.1", &o, &a) !=
		    rows[i].want)
			fail_msg("%s: %s (%.*s)", rows[i].domain,
			         spf_result_name(o.result), STR_ARG(o.reason));
		if (rows[i].want == SPF_FAIL)
			assert_str(o.reason, "192.0.2.1 is not one of "
			                     "exp.example.com's servers");
		arena_deinit(&a);
	}
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(appendix_a),
		cmocka_unit_test(appendix_a_more),
		cmocka_unit_test(more_limits),
		cmocka_unit_test(macros),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
