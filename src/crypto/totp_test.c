#include "crypto/totp.h"

#include "base/test.h"

static const uint8_t secret[TOTP_SECRET_SIZE] = "12345678901234567890";

/* RFC 6238, appendix B, the last six digits. */
static void gives_the_codes_of_the_standard(void **state)
{
	static const struct {
		int64_t at_s;
		const char *want;
	} rows[] = {
		{ 59, "287082" },         { 1111111109, "081804" },
		{ 1111111111, "050471" }, { 1234567890, "005924" },
		{ 2000000000, "279037" }, { INT64_C(20000000000), "353130" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char got[TOTP_DIGITS + 1];

		totp_code(secret, rows[i].at_s / 30, got);
		assert_string_equal(got, rows[i].want);
	}
}

static void takes_a_step_either_way_once(void **state)
{
	const int64_t now = INT64_C(1111111109) * 1000000;
	const int64_t step = now / TOTP_STEP_US;
	char code[TOTP_DIGITS + 1];

	(void)state;
	for (int64_t d = -3; d <= 3; d++) {
		bool near = d >= -1 && d <= 1;

		totp_code(secret, step + d, code);
		assert_int_equal(totp_check(secret, str_z(code), now, 0),
		                 near ? step + d : 0);
		assert_int_equal(totp_check(secret, str_z(code), now, step + d),
		                 0);
		assert_int_equal(totp_check(secret, str_z(code), now,
		                            step + d - 1),
		                 near ? step + d : 0);
	}
	assert_int_equal(totp_check(secret, STR(""), now, 0), 0);
	assert_int_equal(totp_check(secret, STR("08180"), now, 0), 0);
	assert_int_equal(totp_check(secret, STR("0818040"), now, 0), 0);
	assert_int_equal(totp_check(secret, STR("081805"), now, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_the_codes_of_the_standard),
		cmocka_unit_test(takes_a_step_either_way_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
