#include "verify/helo.h"

#include "verify/testing.h"

static const struct zone_row zone[] = {
	{ "mail.partner.example", DNS_A, "192.0.2.1" },
	{ "six.partner.example", DNS_AAAA, "2001:db8::1" },
	{ "partner.example", DNS_MX, "10 mail.partner.example" },
	{ "under_score.partner.example", DNS_A, "192.0.2.1" },
	{ "text.partner.example", DNS_TXT, "only text" },
	{ "slow.partner.example", DNS_A, "!" },
	{ "mx.provider.example", DNS_A, "192.0.2.9" },
	{ NULL, DNS_A, NULL },
};

static void names(void **state)
{
	static const struct {
		const char *helo;
		enum verify_helo_result want;
	} rows[] = {
		{ "mail.partner.example", VERIFY_HELO_OK },
		{ "MAIL.partner.EXAMPLE", VERIFY_HELO_OK },
		{ "six.partner.example", VERIFY_HELO_OK },
		{ "partner.example", VERIFY_HELO_OK },
		{ "under_score.partner.example", VERIFY_HELO_OK },
		{ "text.partner.example", VERIFY_HELO_UNKNOWN },
		{ "none.partner.example", VERIFY_HELO_UNKNOWN },
		{ "slow.partner.example", VERIFY_HELO_TEMP },
		{ "mx.provider.example", VERIFY_HELO_OURS },
		{ "MX.Provider.example", VERIFY_HELO_OURS },
		{ "localhost", VERIFY_HELO_SYNTAX },
		{ "partner.example.", VERIFY_HELO_SYNTAX },
		{ "a..example", VERIFY_HELO_SYNTAX },
		{ "-a.example", VERIFY_HELO_SYNTAX },
		{ "a-.example", VERIFY_HELO_SYNTAX },
		{ "a b.example", VERIFY_HELO_SYNTAX },
		{ "192.0.2.1", VERIFY_HELO_SYNTAX },
		{ "b\xc3\xbc"
		  "cher.example",
		  VERIFY_HELO_SYNTAX },
		{ "[192.0.2.1]", VERIFY_HELO_OK },
		{ "[192.0.2.2]", VERIFY_HELO_LITERAL },
		{ "[IPv6:2001:db8::1]", VERIFY_HELO_LITERAL },
		{ "[]", VERIFY_HELO_SYNTAX },
		{ "[x", VERIFY_HELO_SYNTAX },
	};
	struct resolver z;

	(void)state;
	resolver_start(&z, zone);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct verify_client c = client_at("192.0.2.1");
		struct verify_budget b;
		enum verify_helo_result got;

		verify_budget_init(&b);
		c.helo = str_z(rows[i].helo);
		got = verify_helo(z.verify, &c, &b, &z.a);
		if (got != rows[i].want)
			fail_msg("%s: %s", rows[i].helo,
			         verify_helo_words(got));
	}
	resolver_stop(&z);
}

static void literal_of_ipv6(void **state)
{
	struct verify_client c = client_at("2001:db8::1");
	struct verify_budget b;
	struct resolver z;

	(void)state;
	resolver_start(&z, zone);
	verify_budget_init(&b);
	c.helo = STR("[ipv6:2001:DB8:0::1]");
	assert_int_equal(verify_helo(z.verify, &c, &b, &z.a), VERIFY_HELO_OK);
	c.helo = STR("[192.0.2.1]");
	assert_int_equal(verify_helo(z.verify, &c, &b, &z.a),
	                 VERIFY_HELO_LITERAL);
	assert_int_equal(z.asked, 0);
	resolver_stop(&z);
}

static void without_budget_is_temporary(void **state)
{
	struct verify_client c = client_at("192.0.2.1");
	struct verify_budget b = { { 0, INT64_MAX } };
	struct resolver z;

	(void)state;
	resolver_start(&z, zone);
	c.helo = STR("mail.partner.example");
	assert_int_equal(verify_helo(z.verify, &c, &b, &z.a), VERIFY_HELO_TEMP);
	assert_int_equal(z.asked, 0);
	resolver_stop(&z);
}

static void has_a_name(void **state)
{
	static const struct zone_row names[] = {
		{ "1.2.0.192.in-addr.arpa", DNS_PTR, "mail.a.example" },
		{ "3.2.0.192.in-addr.arpa", DNS_PTR, "!" },
		{ "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1."
		  "0.0.2.ip6.arpa",
		  DNS_PTR, "six.a.example" },
		{ NULL, DNS_A, NULL },
	};

	static const struct {
		const char *ip;
		enum verify_ptr_result want;
	} rows[] = {
		{ "192.0.2.1", VERIFY_PTR_OK },
		{ "192.0.2.2", VERIFY_PTR_NONE },
		{ "192.0.2.3", VERIFY_PTR_TEMP },
		{ "2001:db8::1", VERIFY_PTR_OK },
		{ "2001:db8::2", VERIFY_PTR_NONE },
	};
	struct resolver z;

	(void)state;
	resolver_start(&z, names);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct verify_client c = { .ipv6 = strchr(rows[i].ip, ':') !=
			                           NULL };
		struct verify_budget b;

		assert_true(c.ipv6 ? ip6_parse(str_z(rows[i].ip), c.ip)
		                   : ip4_parse(str_z(rows[i].ip), c.ip));
		verify_budget_init(&b);
		assert_int_equal(verify_ptr(z.verify, &c, &b, &z.a),
		                 rows[i].want);
	}
	resolver_stop(&z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(literal_of_ipv6),
		cmocka_unit_test(without_budget_is_temporary),
		cmocka_unit_test(has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
