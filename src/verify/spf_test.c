#include "verify/spf.h"

#include <stdlib.h>

#include "base/mem.h"
#include "verify/testing.h"

static const struct zone_row zone[] = {
	{ "good.example", DNS_TXT, "v=spf1 ip4:192.0.2.0/24 -all" },
	{ "mx.example", DNS_TXT, "v=spf1 mx -all" },
	{ "mx.example", DNS_MX, "20 b.mx.example" },
	{ "mx.example", DNS_MX, "10 a.mx.example" },
	{ "a.mx.example", DNS_A, "192.0.2.1" },
	{ "b.mx.example", DNS_A, "192.0.2.2" },
	{ "why.example", DNS_TXT, "v=spf1 -all exp=exp.why.example" },
	{ "exp.why.example", DNS_TXT, "%{l} may not, ask %{d}" },
	{ "same.example", DNS_TXT, "v=spf1 exists:%{l}.same.example -all" },
	{ "anna.same.example", DNS_A, "127.0.0.2" },
	{ "slow.example", DNS_TXT, "!" },
	{ "soft.example", DNS_TXT, "v=spf1 ~all" },
	{ "two.example", DNS_TXT, "v=spf1 -all" },
	{ "two.example", DNS_TXT, "v=spf1 +all" },
	{ "loop.example", DNS_TXT, "v=spf1 include:loop.example -all" },
	{ "void.example", DNS_TXT,
	  "v=spf1 a:x1.void.example a:x2.void.example a:x3.void.example ?all" },
	{ "ptr.example", DNS_TXT, "v=spf1 ptr -all" },
	{ "1.2.0.192.in-addr.arpa", DNS_PTR, "mail.ptr.example" },
	{ "mail.ptr.example", DNS_A, "192.0.2.1" },
	{ "helo.example", DNS_TXT, "v=spf1 a -all" },
	{ "helo.example", DNS_A, "192.0.2.1" },
	{ "xn--bcher-kva.example", DNS_TXT, "v=spf1 ip4:192.0.2.1 -all" },
	{ NULL, DNS_A, NULL },
};

static enum spf_result check(struct resolver *z, const char *local,
                             const char *domain, const char *ip,
                             struct verify_spf_result *out)
{
	struct verify_client c = client_at(ip);
	struct verify_budget b;

	c.helo = STR("helo.example");
	c.local = str_z(local);
	c.domain = str_z(domain);
	verify_budget_init(&b);
	verify_spf(z->verify, &c, &b, &z->a, out);
	return out->result;
}

static void results(void **state)
{
	static const struct {
		const char *domain, *ip;
		enum spf_result want;
	} rows[] = {
		{ "good.example", "192.0.2.77", SPF_PASS },
		{ "GOOD.example", "203.0.113.1", SPF_FAIL },
		{ "mx.example", "192.0.2.2", SPF_PASS },
		{ "mx.example", "192.0.2.3", SPF_FAIL },
		{ "slow.example", "192.0.2.1", SPF_TEMPERROR },
		{ "soft.example", "192.0.2.1", SPF_SOFTFAIL },
		{ "two.example", "192.0.2.1", SPF_PERMERROR },
		{ "loop.example", "192.0.2.1", SPF_PERMERROR },
		{ "void.example", "192.0.2.1", SPF_PERMERROR },
		{ "ptr.example", "192.0.2.1", SPF_PASS },
		{ "ptr.example", "192.0.2.4", SPF_FAIL },
		{ "none.example", "192.0.2.1", SPF_NONE },
		{ "[192.0.2.1]", "192.0.2.1", SPF_NONE },
		{ "b\xc3\xbc"
		  "cher.example",
		  "192.0.2.1", SPF_PASS },
	};
	struct verify_spf_result r;
	struct resolver z;

	(void)state;
	resolver_start(&z, zone);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (check(&z, "anna", rows[i].domain, rows[i].ip, &r) !=
		    rows[i].want)
			fail_msg("%s: %s", rows[i].domain,
			         spf_result_name(r.result));
	resolver_stop(&z);
}

/* RFC 7208, 2.4: the null sender is judged by the HELO name. */
static void null_sender(void **state)
{
	struct verify_spf_result r;
	struct resolver z;

	(void)state;
	resolver_start(&z, zone);
	assert_int_equal(check(&z, "", "", "192.0.2.1", &r), SPF_PASS);
	assert_true(r.helo);
	assert_str(r.domain, "helo.example");
	assert_int_equal(check(&z, "", "", "192.0.2.2", &r), SPF_FAIL);
	resolver_stop(&z);
}

static void explains(void **state)
{
	struct verify_spf_result r;
	struct resolver z;

	(void)state;
	resolver_start(&z, zone);
	assert_int_equal(check(&z, "anna", "why.example", "192.0.2.1", &r),
	                 SPF_FAIL);
	assert_str(r.reason, "anna may not, ask why.example");
	/* It names the sender, so the next one gets its own. */
	assert_int_equal(check(&z, "bo", "why.example", "192.0.2.1", &r),
	                 SPF_FAIL);
	assert_str(r.reason, "bo may not, ask why.example");
	resolver_stop(&z);
}

static void is_kept_for_its_ttl(void **state)
{
	struct verify_spf_result r;
	struct resolver z;
	unsigned asked;

	(void)state;
	resolver_start(&z, zone);
	assert_int_equal(check(&z, "anna", "good.example", "192.0.2.1", &r),
	                 SPF_PASS);
	assert_false(r.cached);
	asked = z.asked;
	assert_int_equal(check(&z, "bo", "Good.example", "192.0.2.1", &r),
	                 SPF_PASS);
	assert_true(r.cached);
	assert_str(r.domain, "good.example");
	assert_int_equal(z.asked, asked);
	/* Another client is another question. */
	assert_int_equal(check(&z, "anna", "good.example", "203.0.113.9", &r),
	                 SPF_FAIL);
	assert_false(r.cached);
	/* What depends on the sender is not kept, nor what failed. */
	assert_int_equal(check(&z, "anna", "same.example", "192.0.2.1", &r),
	                 SPF_PASS);
	assert_int_equal(check(&z, "bo", "same.example", "192.0.2.1", &r),
	                 SPF_FAIL);
	asked = z.asked;
	(void)check(&z, "a", "slow.example", "192.0.2.1", &r);
	(void)check(&z, "a", "slow.example", "192.0.2.1", &r);
	assert_int_equal(z.asked, asked + 2);
	/* A TTL of 0 is for this once. */
	z.ttl_s = 0;
	(void)check(&z, "a", "soft.example", "192.0.2.1", &r);
	(void)check(&z, "a", "soft.example", "192.0.2.1", &r);
	assert_false(r.cached);
	resolver_stop(&z);
}

/* One that wants hundreds of look-ups is stopped at ten terms. */
static void monster(void **state)
{
	struct zone_row rows[600] = { { 0 } };
	char names[600][32], data[600][80];
	struct verify_spf_result r;
	struct resolver z;
	size_t n = 0;

	(void)state;
	for (; n < 512; n++) {
		(void)snprintf(names[n], sizeof(names[n]), "m%zu.example", n);
		(void)snprintf(data[n], sizeof(data[n]),
		               "v=spf1 include:m%zu.example "
		               "include:m%zu.example -all",
		               n * 2 + 1, n * 2 + 2);
		rows[n] = (struct zone_row){ names[n], DNS_TXT, data[n] };
	}
	resolver_start(&z, rows);
	assert_int_equal(check(&z, "anna", "m0.example", "192.0.2.1", &r),
	                 SPF_PERMERROR);
	assert_true(z.asked <= 11);
	resolver_stop(&z);
}

/* The longest text an answer can hold, no SPF record in it. */
static void huge_text(void **state)
{
	char *text = mem_alloc(7001);
	struct zone_row rows[] = { { "huge.example", DNS_TXT, text },
		                   { NULL, DNS_A, NULL } };
	struct verify_spf_result r;
	struct resolver z;

	(void)state;
	memset(text, 'x', 7000);
	text[7000] = '\0';
	resolver_start(&z, rows);
	assert_int_equal(check(&z, "a", "huge.example", "192.0.2.1", &r),
	                 SPF_NONE);
	memcpy(text, "v=spf1 ", 7);
	assert_int_equal(check(&z, "a", "huge.example", "192.0.2.2", &r),
	                 SPF_PERMERROR);
	resolver_stop(&z);
	mem_free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results),
		cmocka_unit_test(null_sender),
		cmocka_unit_test(explains),
		cmocka_unit_test(is_kept_for_its_ttl),
		cmocka_unit_test(monster),
		cmocka_unit_test(huge_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
