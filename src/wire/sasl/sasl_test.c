#include "wire/sasl/sasl.h"

#include "base/test.h"

static struct str bytes(const char *p, size_t n)
{
	return (struct str){ p, n };
}

static void names(void **state)
{
	enum sasl_mech m;

	(void)state;
	for (unsigned i = 0; i < SASL_MECH_COUNT; i++) {
		assert_true(
			sasl_mech_find(str_z(sasl_mech_name((enum sasl_mech)i)),
		                       &m));
		assert_int_equal(m, i);
	}
	assert_true(sasl_mech_find(STR("plain"), &m));
	assert_int_equal(m, SASL_PLAIN);
	assert_false(sasl_mech_find(STR("NTLM"), &m));
	assert_false(sasl_mech_find(STR("PLAI"), &m));
	assert_false(sasl_mech_find(STR(""), &m));
}

static void plain(void **state)
{
	static const struct {
		const char *label;
		struct str in;
		enum sasl_result want;
		const char *user, *secret;
	} rows[] = {
		{ "RFC 4616, 4 (1)", STR_INIT("\0tim\0tanstaaftanstaaf"),
		  SASL_PASSWORD, "tim", "tanstaaftanstaaf" },
		{ "authzid the same", STR_INIT("tim\0tim\0x"), SASL_PASSWORD,
		  "tim", "x" },
		{ "RFC 4616, 4 (2): for another",
		  STR_INIT("Ursel\0Kurt\0xipj3plmq"), SASL_BAD, NULL, NULL },
		{ "empty password is the gate's affair", STR_INIT("\0tim\0"),
		  SASL_PASSWORD, "tim", "" },
		{ "password with spaces", STR_INIT("\0tim\0a b=c "),
		  SASL_PASSWORD, "tim", "a b=c " },
		{ "empty", STR_INIT(""), SASL_BAD, NULL, NULL },
		{ "one NUL", STR_INIT("\0tim"), SASL_BAD, NULL, NULL },
		{ "no NUL", STR_INIT("tim"), SASL_BAD, NULL, NULL },
		{ "three NULs", STR_INIT("\0tim\0a\0"), SASL_BAD, NULL, NULL },
		{ "no user", STR_INIT("\0\0secret"), SASL_BAD, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sasl_options o = { 0 };
		struct sasl *s = sasl_new(SASL_PLAIN, &o);

		if (sasl_step(s, rows[i].in) != rows[i].want)
			fail_msg("%s", rows[i].label);
		if (rows[i].user) {
			assert_str(sasl_user(s), rows[i].user);
			assert_str(sasl_secret(s), rows[i].secret);
		}
		assert_int_equal(sasl_step(s, rows[i].in), SASL_BAD);
		sasl_free(&s);
		assert_null(s);
	}
}

static void too_long(void **state)
{
	static char big[SASL_MESSAGE_MAX + 1];
	struct sasl_options o = { 0 };
	struct sasl *s;

	(void)state;
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = 'a';
	big[0] = '\0';
	big[SASL_USER_MAX + 2] = '\0'; /* a name one too long */
	s = sasl_new(SASL_PLAIN, &o);
	assert_int_equal(sasl_step(s, bytes(big, SASL_USER_MAX + 10)),
	                 SASL_BAD);
	sasl_free(&s);
	s = sasl_new(SASL_PLAIN, &o);
	big[SASL_USER_MAX + 2] = 'a';
	big[SASL_USER_MAX + 1] = '\0'; /* the longest */
	assert_int_equal(sasl_step(s, bytes(big, SASL_USER_MAX + 10)),
	                 SASL_PASSWORD);
	assert_int_equal(sasl_user(s).n, SASL_USER_MAX);
	sasl_free(&s);
	s = sasl_new(SASL_LOGIN, &o);
	assert_int_equal(sasl_step(s, bytes(big + 1, sizeof(big))), SASL_BAD);
	sasl_free(&s);
}

static void login(void **state)
{
	struct sasl_options o = { 0 };
	struct sasl *s = sasl_new(SASL_LOGIN, &o);

	(void)state;
	assert_int_equal(sasl_begin(s), SASL_CHALLENGE);
	assert_str(sasl_out(s), "Username:");
	assert_int_equal(sasl_step(s, STR("anna@example.com")), SASL_CHALLENGE);
	assert_str(sasl_out(s), "Password:");
	assert_int_equal(sasl_step(s, STR("pw")), SASL_PASSWORD);
	assert_str(sasl_user(s), "anna@example.com");
	assert_str(sasl_secret(s), "pw");
	sasl_free(&s);
	s = sasl_new(SASL_LOGIN, &o);
	assert_int_equal(sasl_step(s, STR("a\0b")), SASL_BAD);
	sasl_free(&s);
	s = sasl_new(SASL_LOGIN, &o); /* no name at all */
	assert_int_equal(sasl_step(s, STR("")), SASL_CHALLENGE);
	assert_int_equal(sasl_step(s, STR("pw")), SASL_BAD);
	sasl_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(plain),
		cmocka_unit_test(too_long),
		cmocka_unit_test(login),

	};

	return cmocka_run_group_tests_name("wire-sasl", tests, NULL, NULL);
}
