#include "wire/pop3/command.h"

#include "base/test.h"

static void parses_lines(void **state)
{
	static const struct {
		struct str in;
		bool ok;
		const char *keyword, *args;
	} rows[] = {
		{ STR_INIT("STAT"), true, "STAT", "" },
		{ STR_INIT("retr 1"), true, "retr", "1" },
		{ STR_INIT("PASS a  b "), true, "PASS", "a  b " },
		{ STR_INIT("PASS "), true, "PASS", "" },
		{ STR_INIT("PASS  x"), true, "PASS", " x" },
		{ STR_INIT(""), false, "", "" },
		{ STR_INIT(" STAT"), false, "", "" },
		{ STR_INIT("ST\tAT"), false, "", "" },
		{ STR_INIT("PASS a\0b"), false, "", "" },
		{ STR_INIT("PASS a\rb"), false, "", "" },
		{ STR_INIT("ABCDEFGHIJKLMNOPQRSTUVW"), false, "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pop3_line l;

		assert_int_equal(pop3_line_parse(rows[i].in, &l), rows[i].ok);
		if (!rows[i].ok)
			continue;
		assert_str(l.keyword, rows[i].keyword);
		assert_str(l.args, rows[i].args);
	}
}

static void takes_arguments(void **state)
{
	struct str args = STR(" 12  4294967295 4294967296"), word;
	uint32_t n = 7;

	(void)state;
	assert_true(pop3_number(&args, &n));
	assert_int_equal(n, 12);
	assert_true(pop3_number(&args, &n));
	assert_true(n == UINT32_MAX);
	assert_false(pop3_number(&args, &n));
	assert_str(args, "4294967296");
	assert_true(pop3_word(&args, &word));
	assert_str(word, "4294967296");
	assert_false(pop3_word(&args, &word));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_lines),
		cmocka_unit_test(takes_arguments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
