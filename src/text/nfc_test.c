#include "text/nfc.h"

#include "base/test.h"

static void composes(void **state)
{
	struct str in = STR("b\xc3\xb8g"), out;
	struct err err = ERR_INIT;
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_int_equal(text_nfc(&a, in, &out, &err), 0);
	assert_ptr_equal(out.p, in.p);
	assert_int_equal(text_nfc(&a, STR("e\xcc\x81"), &out, &err), 0);
	assert_str(out, "\xc3\xa9");
	assert_int_equal(text_nfc(&a, STR("\xe1\x84\x92\xe1\x85\xa1"), &out,
	                          &err),
	                 0);
	assert_str(out, "\xed\x95\x98");
	assert_int_equal(text_nfc(&a, STR("\xff"), &out, &err), -1);
	assert_int_equal(err.kind, ERR_INVALID);
	assert_str(text_utf8_repair(&a, STR("a\xff"
	                                    "b")),
	           "a\xef\xbf\xbd"
	           "b");
	arena_deinit(&a);
}

static void lowers(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_str(text_lower(&a, STR("\xc3\x86"
	                              "BC \xce\xa3")),
	           "\xc3\xa6"
	           "bc \xcf\x83");
	arena_deinit(&a);
}

static void cuts_between_letters(void **state)
{
	static const struct {
		const char *in;
		size_t chars;
		const char *want;
	} rows[] = {
		{ "abc", 2, "ab" },
		{ "abc", 3, "abc" },
		{ "abc", 9, "abc" },
		{ "\xc3\xa6\xc3\xb8\xc3\xa5", 2, "\xc3\xa6\xc3\xb8" },
		{ "ae\xcc\x81z", 2, "a" },
		{ "ae\xcc\x81z", 3, "ae\xcc\x81" },
		{ "", 3, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_str(text_cut(str_z(rows[i].in), rows[i].chars),
		           rows[i].want);
}

static void orders(void **state)
{
	(void)state;
	assert_int_equal(text_casemap_cmp(STR("abc"), STR("ABC")), 0);
	assert_int_equal(text_casemap_cmp(STR("\xc3\xa6"), STR("\xc3\x86")), 0);
	assert_int_equal(text_casemap_cmp(STR("\xc3\xa9"), STR("e\xcc\x81")),
	                 0);
	assert_true(text_casemap_cmp(STR("a"), STR("B")) < 0);
	assert_true(text_casemap_cmp(STR("b"), STR("A")) > 0);
	assert_true(text_casemap_cmp(STR("a"), STR("ab")) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(composes),
		cmocka_unit_test(lowers),
		cmocka_unit_test(cuts_between_letters),
		cmocka_unit_test(orders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
