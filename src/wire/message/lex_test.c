#include "wire/message/lex.h"

#include "base/test.h"

static void passes_blanks_and_comments(void **state)
{
	struct lex x = lex_begin(STR(" \r\n\t(a (b) \\) c) (d)x"));

	(void)state;
	assert_true(lex_cfws(&x));
	assert_int_equal(lex_peek(&x), 'x');
	assert_str(x.comment, "d");
	assert_false(lex_cfws(&x));
	assert_false(x.damaged);
}

static void stops_at_an_open_comment(void **state)
{
	struct lex x = lex_begin(STR(" ((a) x"));

	(void)state;
	assert_true(lex_cfws(&x));
	assert_int_equal(lex_peek(&x), '(');
	assert_true(x.damaged);
}

static void reads_quoted_strings(void **state)
{
	struct lex x = lex_begin(STR("\"a\\\"\r\n b\"c\""));
	struct str s;
	char to[20];

	(void)state;
	assert_true(lex_quoted(&x, &s));
	assert_str(((struct str){ to, lex_unquote(to, s) }), "a\" b");
	assert_int_equal(lex_peek(&x), 'c');
	x.p++;
	assert_false(lex_quoted(&x, &s));
	assert_true(lex_at_end(&x));
	assert_true(x.damaged);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(passes_blanks_and_comments),
		cmocka_unit_test(stops_at_an_open_comment),
		cmocka_unit_test(reads_quoted_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
