#include "sieve/match.h"

#include <string.h>

#include "base/test.h"

static void globs(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool fold, want;
		const char *one, *two;
	} rows[] = {
		{ "", "", false, true, NULL, NULL },
		{ "", "x", false, false, NULL, NULL },
		{ "abc", "abc", false, true, NULL, NULL },
		{ "ABC", "abc", false, false, NULL, NULL },
		{ "ABC", "abc", true, true, NULL, NULL },
		{ "*", "", false, true, "", NULL },
		{ "a*c", "abbc", false, true, "bb", NULL },
		{ "a*c", "abb", false, false, NULL, NULL },
		{ "a?c", "abc", false, true, "b", NULL },
		{ "*x*", "axbxc", false, true, "a", "bxc" },
		{ "**", "ab", false, true, "", "ab" },
		{ "\\*", "*", false, true, NULL, NULL },
		{ "\\*", "x", false, false, NULL, NULL },
		{ "a\\", "a\\", false, true, NULL, NULL },
		{ "?*?", "ab", false, true, "a", "" },
		{ "?*?", "a", false, false, NULL, NULL },
		{ "*ab", "aab", false, true, "a", NULL },
		/* RFC 5229, 3.2 */
		{ "[acme-users] [fwd] *",
		  "[acme-users] [fwd] version 1.0 is "
		  "out",
		  true, true, "version 1.0 is out", NULL },
		{ "[*] *", "[acme-users] [fwd] x", true, true, "acme-users",
		  "[fwd] x" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct sieve_captures c = { .n = 0 };

		if (sieve_glob(str_z(rows[i].pattern), str_z(rows[i].text),
		               rows[i].fold, &c) != rows[i].want)
			fail_msg("%s ~ %s", rows[i].pattern, rows[i].text);
		if (rows[i].one) {
			assert_true(c.n >= 2);
			assert_str(c.v[1], rows[i].one);
		}
		if (rows[i].two)
			assert_str(c.v[2], rows[i].two);
	}
}

/* Many stars against a long text must not take for ever. */
static void globs_are_bounded(void **state)
{
	static char text[20000], pattern[4001];

	(void)state;
	memset(text, 'a', sizeof(text));
	for (size_t i = 0; i < 4000; i += 2)
		memcpy(pattern + i, "*a", 2);
	pattern[4000] = 'b';
	assert_false(sieve_glob((struct str){ pattern, sizeof(pattern) },
	                        (struct str){ text, sizeof(text) }, false,
	                        NULL));
}

static void numbers(void **state)
{
	(void)state;
	assert_int_equal(sieve_numeric_cmp(STR("10"), STR("9")), 1);
	assert_int_equal(sieve_numeric_cmp(STR("007"), STR("7")), 0);
	assert_int_equal(sieve_numeric_cmp(STR("7x"), STR("7")), 0);
	assert_int_equal(sieve_numeric_cmp(STR("x"), STR("7")), 1);
	assert_int_equal(sieve_numeric_cmp(STR("x"), STR("y")), 0);
	assert_true(sieve_numeric_cmp(STR("99999999999999999999998"),
	                              STR("99999999999999999999999")) < 0);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(globs),
		cmocka_unit_test(globs_are_bounded),
		cmocka_unit_test(numbers),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
