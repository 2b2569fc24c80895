#include "wire/imap/parse.h"

#include "base/test.h"

typedef bool (*rule)(struct imap_parser *p, struct str *out);

static const struct {
	const char *label;
	rule parse;
	const char *in, *want, *rest; /* want NULL: refused */
} rows[] = {
	{ "tag", imap_parse_tag, "a.1 x", "a.1", " x" },
	{ "tag without plus", imap_parse_tag, "a+1", "a", "+1" },
	{ "no tag", imap_parse_tag, " x", NULL, NULL },
	{ "tag with ]", imap_parse_tag, "a] x", "a]", " x" },
	{ "atom", imap_parse_atom, "$Forwarded)", "$Forwarded", ")" },
	{ "atom ends at ]", imap_parse_atom, "a]", "a", "]" },
	{ "8 bit is no atom", imap_parse_atom, "\xc3\xa6", NULL, NULL },
	{ "astring atom", imap_parse_astring, "a]b c", "a]b", " c" },
	{ "quoted", imap_parse_astring, "\"a b\" c", "a b", " c" },
	{ "empty quoted", imap_parse_astring, "\"\"", "", "" },
	{ "escapes", imap_parse_astring, "\"a\\\"b\\\\c\"", "a\"b\\c", "" },
	{ "bad escape", imap_parse_astring, "\"a\\n\"", NULL, NULL },
	{ "escape at the end", imap_parse_astring, "\"a\\", NULL, NULL },
	{ "escaped quote at the end", imap_parse_astring, "\"a\\\"", NULL,
	  NULL },
	{ "open quote", imap_parse_astring, "\"abc", NULL, NULL },
	{ "bare CR in quotes", imap_parse_astring, "\"a\rb\"", NULL, NULL },
	{ "utf-8 in quotes", imap_parse_astring, "\"\xc3\xa6\"", "\xc3\xa6",
	  "" },
	{ "literal", imap_parse_astring, "{3}\r\nabc d", "abc", " d" },
	{ "literal+", imap_parse_string, "{3+}\r\na\r\n.", "a\r\n", "." },
	{ "literal-", imap_parse_string, "{0-}\r\n", "", "" },
	{ "literal8", imap_parse_string, "~{1}\r\nx", "x", "" },
	{ "short literal", imap_parse_string, "{4}\r\nabc", NULL, NULL },
	{ "huge literal", imap_parse_string, "{18446744073709551615}\r\nabc",
	  NULL, NULL },
	{ "literal without line", imap_parse_string, "{3}abc", NULL, NULL },
	{ "unclosed literal", imap_parse_string, "{3", NULL, NULL },
	{ "empty literal number", imap_parse_string, "{}\r\n", NULL, NULL },
	{ "string is no atom", imap_parse_string, "abc", NULL, NULL },
	{ "pattern", imap_parse_list_mailbox, "a/%/*]", "a/%/*]", "" },
	{ "astring has no wildcards", imap_parse_astring, "a%", "a", "%" },
};

static void reads_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena a;
		struct imap_parser p;
		struct str out = STR("untouched");
		bool ok;

		arena_init(&a);
		p = imap_parser(str_z(rows[i].in), &a);
		ok = rows[i].parse(&p, &out);
		if (ok != (rows[i].want != NULL))
			print_error("row \"%s\"\n", rows[i].label);
		assert_int_equal(ok, rows[i].want != NULL);
		assert_str(out, ok ? rows[i].want : "untouched");
		if (ok)
			assert_str(p.in, rows[i].rest);
		else
			assert_non_null(p.error);
		arena_deinit(&a);
	}
}

static void reads_numbers(void **state)
{
	struct imap_parser p;
	uint32_t n = 9;
	uint64_t m = 9;

	(void)state;
	p = imap_parser(STR("0"), NULL);
	assert_true(imap_parse_number(&p, &n));
	assert_int_equal(n, 0);
	p = imap_parser(STR("0"), NULL);
	assert_false(imap_parse_nz_number(&p, &n));
	p = imap_parser(STR("4294967296"), NULL);
	assert_false(imap_parse_number(&p, &n));
	p = imap_parser(STR("9223372036854775807"), NULL);
	assert_true(imap_parse_number64(&p, &m));
	p = imap_parser(STR("9223372036854775808"), NULL);
	assert_false(imap_parse_number64(&p, &m));
}

static void keeps_the_first_error(void **state)
{
	struct imap_parser p = imap_parser(STR("x"), NULL);
	uint32_t n;

	(void)state;
	assert_false(imap_parse_sp(&p));
	assert_false(imap_parse_number(&p, &n));
	assert_string_equal(p.error, "Space expected");
}

static void words_end_where_atoms_do(void **state)
{
	struct imap_parser p = imap_parser(STR("FLAGS.SILENT (x"), NULL);

	(void)state;
	assert_false(imap_accept_word(&p, STR("FLAGS")));
	assert_true(imap_accept_word(&p, STR("flags.silent")));
	assert_str(p.in, " (x");
}

static void reads_flags(void **state)
{
	struct imap_flags f;
	struct imap_parser p;
	struct arena a;

	(void)state;
	arena_init(&a);
	p = imap_parser(STR("(\\seen \\Recent $X $x Abc)"), &a);
	assert_true(imap_parse_flags(&p, false, &f));
	assert_int_equal(f.system, IMAP_SEEN | IMAP_RECENT);
	assert_int_equal(f.n_keywords, 2);
	assert_str(f.keywords[0], "$X");
	assert_str(f.keywords[1], "Abc");
	p = imap_parser(STR("()"), &a);
	assert_true(imap_parse_flags(&p, false, &f));
	assert_int_equal(f.system, 0);
	p = imap_parser(STR("\\Deleted \\Draft"), &a);
	assert_true(imap_parse_flags(&p, true, &f));
	assert_int_equal(f.system, IMAP_DELETED | IMAP_DRAFT);
	p = imap_parser(STR("(\\*)"), &a);
	assert_false(imap_parse_flags(&p, false, &f));
	p = imap_parser(STR("(\\Nonsense)"), &a);
	assert_false(imap_parse_flags(&p, false, &f));
	p = imap_parser(STR("(a  b)"), &a);
	assert_false(imap_parse_flags(&p, false, &f));
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(reads_words),
		cmocka_unit_test(reads_numbers),
		cmocka_unit_test(keeps_the_first_error),
		cmocka_unit_test(words_end_where_atoms_do),
		cmocka_unit_test(reads_flags),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
