#include "base/str.h"

#include "base/test.h"

static void finds(void **state)
{
	(void)state;
	assert_int_equal(str_find(STR("abcabc"), STR("ca")), 2);
	assert_true(str_find(STR("abc"), STR("abcd")) == STR_NPOS);
	assert_int_equal(str_find_case(STR("Subject"), STR("JECT")), 3);
	assert_true(str_find_case(STR("abc"), STR("abd")) == STR_NPOS);
	assert_int_equal(str_find_case(STR("abc"), STR("")), 0);
	assert_int_equal(str_rchr(STR("a.b.c"), '.'), 3);
	assert_true(str_chr((struct str){ NULL, 0 }, 'a') == STR_NPOS);
}

static void cuts_at_each_separator(void **state)
{
	struct str s = STR("a,,b"), head;

	(void)state;
	assert_true(str_cut(&s, ',', &head));
	assert_str(head, "a");
	assert_true(str_cut(&s, ',', &head));
	assert_str(head, "");
	assert_true(str_cut(&s, ',', &head));
	assert_str(head, "b");
	assert_false(str_cut(&s, ',', &head));
}

static void reads_numbers(void **state)
{
	static const struct {
		const char *in;
		bool ok;
		uint64_t want;
	} rows[] = {
		{ "0", true, 0 },
		{ "18446744073709551615", true, UINT64_MAX },
		{ "18446744073709551616", false, 0 },
		{ "99999999999999999999", false, 0 },
		{ "", false, 0 },
		{ "-1", false, 0 },
		{ "1 ", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t v = 77;

		assert_int_equal(str_to_u64(str_z(rows[i].in), UINT64_MAX, &v),
		                 rows[i].ok);
		assert_true(v == (rows[i].ok ? rows[i].want : 77));
	}
}

static void compares(void **state)
{
	(void)state;
	assert_true(str_eq_case(STR("InBox"), STR("INBOX")));
	assert_true(str_cmp(STR("a"), STR("ab")) < 0);
	assert_true(str_cmp(STR("\xff"), STR("a")) > 0);
	assert_true(str_cmp_case(STR("B"), STR("a")) > 0);
	assert_true(str_ends_case(STR("x.EML"), STR(".eml")));
	assert_true(str_is_under(STR("a.EXAMPLE.com"), STR("example.com")));
	assert_true(str_is_under(STR("example.com"), STR("example.com")));
	assert_false(str_is_under(STR("mycustomer.example"),
	                          STR("customer.example")));
	assert_false(str_is_under(STR("com"), STR("example.com")));
	assert_str(str_trim(STR(" \t a b\r\n")), "a b");
}

/* strchr() would find the set's end. */
static void one_of_a_set(void **state)
{
	(void)state;
	assert_true(ascii_is_one_of('b', "abc"));
	assert_false(ascii_is_one_of('d', "abc"));
	assert_false(ascii_is_one_of('\0', "abc"));
	assert_false(ascii_is_one_of('\0', ""));
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(finds),
		cmocka_unit_test(cuts_at_each_separator),
		cmocka_unit_test(reads_numbers),
		cmocka_unit_test(compares),
		cmocka_unit_test(one_of_a_set),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
