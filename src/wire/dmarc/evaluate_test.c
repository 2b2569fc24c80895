#include "wire/dmarc/evaluate.h"

#include "base/buf.h"
#include "base/test.h"

struct row {
	const char *domain, *txt; /* at _dmarc.domain; "!" fails */
};

struct zone {
	const struct row *rows;
	const char *missing; /* a name that does not exist */
	unsigned asked;
	struct buf names; /* of the questions, if it has a maximum */
};

static enum dmarc_dns_status txt(void *ctx, struct str name, struct arena *a,
                                 struct str **out, size_t *n_out)
{
	struct zone *z = ctx;

	z->asked++;
	*n_out = 0;
	*out = arena_array(a, 8, sizeof(**out));
	assert_true(str_starts(name, STR("_dmarc.")));
	name = str_from(name, 7);
	buf_add(&z->names, name);
	buf_add_c(&z->names, ' ');
	for (const struct row *r = z->rows; r->domain; r++) {
		if (!str_eq_case(name, str_z(r->domain)))
			continue;
		if (r->txt[0] == '!')
			return DMARC_DNS_FAIL;
		(*out)[(*n_out)++] = str_z(r->txt);
	}
	return *n_out ? DMARC_DNS_OK : DMARC_DNS_NONE;
}

static enum dmarc_dns_status exists(void *ctx, struct str name)
{
	struct zone *z = ctx;

	return z->missing && str_eq_case(name, str_z(z->missing))
	               ? DMARC_DNS_NONE
	               : DMARC_DNS_OK;
}

static const struct row rows[] = {
	{ "example.com", "v=DMARC1; p=reject; sp=quarantine; np=reject" },
	{ "own.example.com", "v=DMARC1; p=none" },
	{ "strict.example", "v=DMARC1; p=reject; adkim=s; aspf=s" },
	{ "test.example", "v=DMARC1; p=reject; t=y" },
	{ "two.example", "v=DMARC1; p=reject" },
	{ "two.example", "v=DMARC1; p=none" },
	{ "suffix.test", "v=DMARC1; p=reject; psd=y" },
	{ "closed.big.example", "v=DMARC1; p=quarantine; psd=n" },
	{ "big.example", "v=DMARC1; p=none" },
	{ "dead.example", "!" },
	{ "g.h.i.j.k.l.m", "v=DMARC1; p=reject" },
	{ NULL, NULL },
};

static void evaluates(void **state)
{
	static const struct {
		const char *author, *spf, *dkim, *missing;
		enum dmarc_result result;
		enum dmarc_policy policy;
		const char *org;
	} cases[] = {
		{ "example.com", "example.com", NULL, NULL, DMARC_RESULT_PASS,
		  DMARC_REJECT, "example.com" },
		{ "example.com", NULL, "mail.example.com", NULL,
		  DMARC_RESULT_PASS, DMARC_REJECT, "example.com" },
		{ "example.com", "other.example", "other.example", NULL,
		  DMARC_RESULT_FAIL, DMARC_REJECT, "example.com" },
		/* The name ends alike, but not at a dot. */
		{ "test.example", "attest.example", NULL, NULL,
		  DMARC_RESULT_FAIL, DMARC_QUARANTINE, "test.example" },
		{ "a.example.com", "b.example.com", NULL, NULL,
		  DMARC_RESULT_PASS, DMARC_QUARANTINE, "example.com" },
		{ "a.example.com", NULL, NULL, NULL, DMARC_RESULT_FAIL,
		  DMARC_QUARANTINE, "example.com" },
		{ "gone.example.com", NULL, NULL, "gone.example.com",
		  DMARC_RESULT_FAIL, DMARC_REJECT, "example.com" },
		{ "own.example.com", NULL, NULL, NULL, DMARC_RESULT_FAIL,
		  DMARC_NONE, "example.com" },
		{ "strict.example", "a.strict.example", NULL, NULL,
		  DMARC_RESULT_FAIL, DMARC_REJECT, "strict.example" },
		{ "test.example", NULL, NULL, NULL, DMARC_RESULT_FAIL,
		  DMARC_QUARANTINE, "test.example" },
		{ "two.example", NULL, NULL, NULL, DMARC_RESULT_NONE,
		  DMARC_NONE, "two.example" },
		/* psd=y: the organization is one label below it, and the
		 * suffix's policy holds for it. */
		{ "mail.shop.suffix.test", "shop.suffix.test", NULL, NULL,
		  DMARC_RESULT_PASS, DMARC_REJECT, "shop.suffix.test" },
		{ "mail.shop.suffix.test", "other.suffix.test", NULL, NULL,
		  DMARC_RESULT_FAIL, DMARC_REJECT, "shop.suffix.test" },
		{ "suffix.test", "suffix.test", NULL, NULL, DMARC_RESULT_PASS,
		  DMARC_REJECT, "suffix.test" },
		/* psd=n: an organization of its own. */
		{ "x.closed.big.example", "big.example", NULL, NULL,
		  DMARC_RESULT_FAIL, DMARC_QUARANTINE, "closed.big.example" },
		{ "dead.example", "dead.example", NULL, NULL,
		  DMARC_RESULT_TEMPERROR, DMARC_NONE, "" },
		{ "nothing.example", "nothing.example", NULL, NULL,
		  DMARC_RESULT_NONE, DMARC_NONE, "nothing.example" },
		{ "a.b.c.d.e.f.g.h.i.j.k.l.m", NULL, NULL, NULL,
		  DMARC_RESULT_FAIL, DMARC_REJECT, "g.h.i.j.k.l.m" },
		{ "", NULL, NULL, NULL, DMARC_RESULT_PERMERROR, DMARC_NONE,
		  "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct zone z = { .rows = rows, .missing = cases[i].missing };
		struct dmarc_dns dns = { txt, exists, &z };
		struct str dkim = str_z(cases[i].dkim);
		struct dmarc_facts f = { .author = str_z(cases[i].author),
			                 .spf_domain = str_z(cases[i].spf),
			                 .dkim_domains = &dkim,
			                 .n_dkim = cases[i].dkim ? 1 : 0 };
		struct dmarc_outcome o;
		struct arena a;

		arena_init(&a);
		dmarc_evaluate(&f, &dns, &a, &o);
		if (o.result != cases[i].result || o.policy != cases[i].policy)
			fail_msg("case %zu, %s: %s, %s", i, cases[i].author,
			         dmarc_result_name(o.result),
			         dmarc_policy_name(o.policy));
		assert_str(o.org_domain, cases[i].org);
		assert_true(z.asked <= 16);
		arena_deinit(&a);
	}
}

/* RFC 9989, B.1 and B.4. */
static void examples_of_the_standard(void **state)
{
	static const struct row relaxed[] = {
		{ "example.com", "v=DMARC1; p=none" },
		{ "example.net", "v=DMARC1; p=none" },
		{ "signing.example.com", "v=DMARC1; p=none" },
		{ "bank.example", "v=DMARC1; p=reject; psd=y" },
		{ "giant.bank.example", "v=DMARC1; p=quarantine" },
		{ NULL, NULL },
	};
	static const struct row strict[] = {
		{ "example.com", "v=DMARC1; p=none; aspf=s; adkim=s" },
		{ "example.net", "v=DMARC1; p=none; aspf=s; adkim=s" },
		{ NULL, NULL },
	};

	static const struct {
		const struct row *zone;
		const char *author, *spf, *dkim;
		bool aligned_spf, aligned_dkim;
		const char *org, *policy_domain;
	} cases[] = {
		/* B.1.1, examples 1 to 3 */
		{ strict, "example.com", "example.com", NULL, true, false,
		  "example.com", "example.com" },
		{ relaxed, "example.com", "child.example.com", NULL, true,
		  false, "example.com", "example.com" },
		{ strict, "example.com", "child.example.com", NULL, false,
		  false, "example.com", "example.com" },
		{ relaxed, "child.example.com", "example.net", NULL, false,
		  false, "example.com", "example.com" },
		/* B.1.2, examples 1 to 3 */
		{ strict, "example.com", NULL, "example.com", false, true,
		  "example.com", "example.com" },
		{ relaxed, "child.example.com", NULL, "example.com", false,
		  true, "example.com", "example.com" },
		{ strict, "child.example.com", NULL, "example.com", false,
		  false, "example.com", "example.com" },
		{ relaxed, "child.example.com", NULL, "example.net", false,
		  false, "example.com", "example.com" },
		/* B.4.1 */
		{ relaxed, "example.com", "example.com", "signing.example.com",
		  true, true, "example.com", "example.com" },
		/* B.4.2 */
		{ relaxed, "a.b.c.d.e.f.g.h.i.j.k.example.com", "example.com",
		  "signing.example.com", true, true, "example.com",
		  "example.com" },
		/* B.4.3 */
		{ relaxed, "giant.bank.example", "mail.giant.bank.example",
		  "mail.mega.bank.example", true, false, "giant.bank.example",
		  "giant.bank.example" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct zone z = { .rows = cases[i].zone };
		struct dmarc_dns dns = { txt, exists, &z };
		struct str dkim = str_z(cases[i].dkim);
		struct dmarc_facts f = { .author = str_z(cases[i].author),
			                 .spf_domain = str_z(cases[i].spf),
			                 .dkim_domains = &dkim,
			                 .n_dkim = cases[i].dkim ? 1 : 0 };
		struct dmarc_outcome o;
		struct arena a;

		arena_init(&a);
		dmarc_evaluate(&f, &dns, &a, &o);
		if (o.aligned_spf != cases[i].aligned_spf ||
		    o.aligned_dkim != cases[i].aligned_dkim)
			fail_msg("case %zu: spf %d, dkim %d", i, o.aligned_spf,
			         o.aligned_dkim);
		assert_str(o.org_domain, cases[i].org);
		assert_str(o.policy_domain, cases[i].policy_domain);
		arena_deinit(&a);
	}
}

/* RFC 9989, 4.10 and B.4.2: what is asked, and in which order. */
static void walks(void **state)
{
	static const struct row zone[] = {
		{ "bank.example", "v=DMARC1; p=reject; psd=y" },
		{ "example", "v=DMARC1; p=none" },
		{ "no.bank.example", "v=DMARC1; p=none; psd=n" },
		{ NULL, NULL },
	};

	static const struct {
		const char *from, *want;
	} cases[] = {
		{ "a.b.c.d.e.f.g.h.i.j.mail.example.com",
		  "a.b.c.d.e.f.g.h.i.j.mail.example.com "
		  "g.h.i.j.mail.example.com h.i.j.mail.example.com "
		  "i.j.mail.example.com j.mail.example.com mail.example.com "
		  "example.com com " },
		/* Eight labels: as any longer name. */
		{ "b.c.d.e.f.g.h.test",
		  "b.c.d.e.f.g.h.test c.d.e.f.g.h.test d.e.f.g.h.test "
		  "e.f.g.h.test f.g.h.test g.h.test h.test test " },
		{ "mail.giant.bank.example",
		  "mail.giant.bank.example giant.bank.example bank.example " },
		{ "x.no.bank.example", "x.no.bank.example no.bank.example " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct zone z = { .rows = zone };
		struct dmarc_dns dns = { txt, exists, &z };
		struct arena a;
		struct str org;

		arena_init(&a);
		buf_init(&z.names, 10000);
		assert_true(
			dmarc_org_domain(str_z(cases[i].from), &dns, &a, &org));
		assert_str(buf_str(&z.names), cases[i].want);
		buf_deinit(&z.names);
		arena_deinit(&a);
	}
}

/* RFC 9989, 4.7: t=y lowers what is asked for by one step, for names that do
 * not exist too; np= is for these alone. */
static void tags(void **state)
{
	static const struct {
		const char *record, *author, *missing;
		enum dmarc_policy want;
	} cases[] = {
		{ "v=DMARC1; p=quarantine; t=y", "d.example", NULL,
		  DMARC_NONE },
		{ "v=DMARC1; p=none; sp=reject; t=y", "a.d.example", NULL,
		  DMARC_QUARANTINE },
		{ "v=DMARC1; p=none; np=reject; t=y", "a.d.example",
		  "a.d.example", DMARC_QUARANTINE },
		{ "v=DMARC1; p=none; np=reject; t=n", "a.d.example",
		  "a.d.example", DMARC_REJECT },
		{ "v=DMARC1; p=none; np=reject", "a.d.example", NULL,
		  DMARC_NONE },
		{ "v=DMARC1; p=none; np=reject", "d.example", "d.example",
		  DMARC_NONE },
		{ "v=DMARC1; p=reject; sp=none", "a.d.example", "a.d.example",
		  DMARC_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct row zone[] = { { "d.example", cases[i].record },
			                    { NULL, NULL } };
		struct zone z = { .rows = zone, .missing = cases[i].missing };
		struct dmarc_dns dns = { txt, exists, &z };
		struct dmarc_facts f = { .author = str_z(cases[i].author) };
		struct dmarc_outcome o;
		struct arena a;

		arena_init(&a);
		dmarc_evaluate(&f, &dns, &a, &o);
		if (o.policy != cases[i].want)
			fail_msg("case %zu: %s", i,
			         dmarc_policy_name(o.policy));
		arena_deinit(&a);
	}
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(evaluates),
		cmocka_unit_test(examples_of_the_standard),
		cmocka_unit_test(walks),
		cmocka_unit_test(tags),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
