#include "sieve/regex.h"

#include <string.h>

#include "base/buf.h"
#include "base/test.h"
#include "os/clock.h"
#include "sieve/testing.h"

/* What it took: "no", a reason, or the captures between angle brackets. */
static struct str try(struct arena *a, const char *pattern, const char *text,
                      bool fold)
{
	struct sieve_captures c = { .n = 0 };
	uint64_t budget = 1000000;
	const struct sieve_regex *re;
	const char *why = NULL;
	struct str out = STR("");
	int rc;

	re = sieve_regex_compile(a, str_z(pattern), fold, &why);
	if (!re)
		return str_z(why);
	rc = sieve_regex_match(re, str_z(text), &budget, &c);
	if (rc < 0)
		return STR("budget");
	if (rc == 0)
		return STR("no");
	for (size_t i = 0; i < c.n; i++)
		out = arena_fmt(a, "%.*s<%.*s>", STR_ARG(out), STR_ARG(c.v[i]));
	return out;
}

static void matches(void **state)
{
	static const struct {
		const char *pattern, *text, *want;
		bool fold;
	} rows[] = {
		{ "b", "abc", "<b>", false },
		{ "B", "abc", "no", false },
		{ "B", "abc", "<b>", true },
		{ "", "abc", "<>", false },
		{ "^$", "", "<>", false },
		{ "^b|c$", "abc", "<c>", false },
		{ "^abc$", "abcd", "no", false },
		{ "a.c",
		  "xa\xc3\xa6"
		  "c",
		  "<a\xc3\xa6"
		  "c>",
		  false },
		{ "^.$", "\xc3\xa6", "<\xc3\xa6>", false },
		{ "^..$", "\xc3\xa6", "no", false },
		{ "a*", "baaa", "<>", false },
		{ "a+", "baaa", "<aaa>", false },
		{ "ab?c", "abc ac", "<abc>", false },
		{ "(a|b)*c", "xababc", "<ababc><b>", false },
		{ "x(a*)(b?)", "xaab", "<xaab><aa><b>", false },
		{ "(a)|(b)", "b", "<b><><b>", false },
		{ "[a-c]{2,3}", "zabcb", "<abc>", false },
		{ "[a-c]{4}", "abcab", "<abca>", false },
		{ "[a-c]{6,}", "abcab", "no", false },
		{ "^(.{0,2})$", "ab", "<ab><ab>", false },
		{ "[^a-z]+", "ab\xc3\xa6-9c", "<\xc3\xa6-9>", false },
		{ "[]a]+", "x]a]", "<]a]>", false },
		{ "[a-]+", "x-a-", "<-a->", false },
		{ "[[:digit:][:space:]]+", "ab1 2c", "<1 2>", false },
		{ "[[:UPPER:]]", "a", "no such class in brackets", false },
		{ "\\.\\*\\$", "a.*$", "<.*$>", false },
		{ "(^|,)b(,|$)", "a,b", "<,b><,><>", false },
		{ "((a)(b))", "ab", "<ab><ab><a><b>", false },
		{ "(a*)*b", "aab", "<aab><aa>", false },
		{ "(a*)+$", "aaX", "<><>", false },
		{ "()", "x", "<><>", false },
		{ "a||b", "b", "<>", false },
		{ "(1)(2)(3)(4)(5)(6)(7)(8)(9)(0)", "1234567890",
		  "<1234567890><1><2><3><4><5><6><7><8><9>", false },
		/* mistakes */
		{ "(a", "", "a \"(\" has no \")\"", false },
		{ "a)", "", "a \")\" has no \"(\"", false },
		{ "[a", "", "a \"[\" has no \"]\"", false },
		{ "[z-a]", "", "a range goes backwards", false },
		{ "[\xc3\xa6]", "", "brackets take ASCII alone", false },
		{ "[[=a=]]", "", "\"[=\" and \"[.\" are not here", false },
		{ "*a", "", "there is nothing to repeat", false },
		{ "a|*", "", "there is nothing to repeat", false },
		{ "a{", "", "a repetition is {number}, at most 255", false },
		{ "a{3,2}", "", "a repetition is {number}, at most 255",
		  false },
		{ "a{256}", "", "a repetition is {number}, at most 255",
		  false },
		{ "(a{255}){255}", "", "it is too long", false },
		{ "a\\", "", "a backslash ends it", false },
		{ "(a)\\1", "", "a backslash makes no letter special", false },
		{ "a****", "", "it is nested too deep", false },
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str got =
			try(&a, rows[i].pattern, rows[i].text, rows[i].fold);

		if (!str_eq(got, str_z(rows[i].want)))
			print_error("%s on %s\n", rows[i].pattern,
			            rows[i].text);
		assert_str(got, rows[i].want);
	}
	arena_deinit(&a);
}

/* What makes others go back and forth for ever is linear here. */
static void takes_no_longer_than_it_says(void **state)
{
	const struct sieve_regex *re;
	uint64_t budget = 20000000;
	const char *why = NULL;
	struct str deep = STR(""), text;
	struct arena a;
	char *p;

	(void)state;
	arena_init(&a);
	re = sieve_regex_compile(&a, STR("^(a|aa|a?a*)*(a+)+(a*a*)*b$"), false,
	                         &why);
	assert_non_null(re);
	p = arena_alloc(&a, 20000);
	memset(p, 'a', 20000);
	text = (struct str){ p, 20000 };
	assert_int_equal(sieve_regex_match(re, text, &budget, NULL), 0);
	assert_true(budget > 15000000);
	budget = 1000;
	assert_int_equal(sieve_regex_match(re, text, &budget, NULL), -1);
	assert_int_equal(budget, 0);
	for (int i = 0; i < 60; i++)
		deep = arena_fmt(&a, "(%.*s", STR_ARG(deep));
	assert_null(sieve_regex_compile(&a, deep, false, &why));
	assert_str(str_z(why), "it is nested too deep");
	arena_deinit(&a);
}

static void in_scripts(void **state)
{
#define RE                                                        \
	"require [\"regex\",\"variables\",\"fileinto\",\"body\"," \
	"\"comparator-i;ascii-numeric\",\"editheader\"];\n"
	static const struct row rows[] = {
		{ RE "if header :regex \"subject\" \"^\\\\[(.*)\\\\] (.*) \" { "
		     "fileinto \"${1}/${2}\"; }",
		  "fileinto list/Quarterly" },
		{ RE "if address :regex :comparator \"i;octet\" \"from\" "
		     "[\"zz\", \"^bo\"] { discard; }",
		  "keep" },
		{ RE "set \"w\" \"Q.art\"; if header :regex \"subject\" "
		     "\"${w}\" { fileinto \"A\"; }",
		  "fileinto A" },
		{ RE "set :quoteregex \"w\" \"[list].\"; fileinto \"${w}\";",
		  "fileinto \\[list]\\." },
		{ RE "if header :regex \"subject\" \"[\" { stop; }",
		  "2:4 \"[\", a \"[\" has no \"]\"" },
		{ RE "set \"w\" \"(\"; if header :regex \"subject\" \"${w}\" { "
		     "stop; }",
		  "line 2: \"(\", a \"(\" has no \")\"" },
		{ RE "if header :regex :comparator \"i;ascii-numeric\" "
		     "\"subject\" \"1\" { stop; }",
		  "2:4 i;ascii-numeric has no parts to look for" },
		{ "if header :regex \"subject\" \"1\" { stop; }",
		  "1:11 \"regex\" is used without its \"require\"" },
	};

	(void)state;
	run_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

static void zero_byte_repeats_nothing(void **state)
{
	struct sieve_captures c = { .n = 0 };
	uint64_t budget = 1000;
	const struct sieve_regex *re;
	const char *why = NULL;
	struct arena a;

	(void)state;
	arena_init(&a);
	re = sieve_regex_compile(&a, STR("^a\0$"), false, &why);
	assert_non_null(re);
	assert_int_equal(sieve_regex_match(re, STR("aaa"), &budget, &c), 0);
	assert_int_equal(sieve_regex_match(re, STR("a\0"), &budget, &c), 1);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(matches),
		cmocka_unit_test(takes_no_longer_than_it_says),
		cmocka_unit_test(in_scripts),
		cmocka_unit_test(zero_byte_repeats_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
