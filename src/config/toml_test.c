#include "config/toml.h"

#include <string.h>

#include "base/buf.h"
#include "base/test.h"

/* One line a step: "[section]", "key=type:value", "!line:column+width". */
static void describe(struct buf *out, const char *text)
{
	struct toml_reader r = toml_reader(str_z(text));
	struct toml_item it;
	enum toml_result res;
	struct arena a;

	arena_init(&a);
	while ((res = toml_next(&r, &a, &it)) != TOML_END) {
		const struct toml_value *v = &it.value;

		if (res == TOML_BAD) {
			buf_fmt(out, "!%u:%u+%u %s", it.mark.line,
			        it.mark.column, it.mark.width, it.error);
		} else if (res == TOML_SECTION) {
			buf_fmt(out, "[%.*s]", STR_ARG(it.key));
		} else {
			buf_fmt(out, "%.*s=", STR_ARG(it.key));
			if (v->type == TOML_STRING)
				buf_fmt(out, "s:%.*s", STR_ARG(v->text));
			else if (v->type == TOML_INTEGER)
				buf_fmt(out, "i:%s%llu", v->negative ? "-" : "",
				        (unsigned long long)v->number);
			else if (v->type == TOML_BOOLEAN)
				buf_fmt(out, "b:%d", v->truth);
			for (size_t i = 0; i < v->items_n; i++)
				buf_fmt(out, "<%.*s>", STR_ARG(v->items[i]));
		}
		buf_add_c(out, '\n');
	}
	arena_deinit(&a);
}

static void reads(void **state)
{
	static const struct {
		const char *label, *in, *want;
	} rows[] = {
		{ "empty", "", "" },
		{ "blank lines and comments", "\n  # x\r\n\t\n#", "" },
		{ "mark of UTF-8 at the start",
		  "\xef\xbb\xbf"
		  "a=1",
		  "a=i:1\n" },
		{ "integer", "a = 12", "a=i:12\n" },
		{ "underscores", "a = 73_400_320", "a=i:73400320\n" },
		{ "signs", "a=+5\nb=-7\nc=-0", "a=i:5\nb=i:-7\nc=i:0\n" },
		{ "largest", "a=18446744073709551609",
		  "a=i:18446744073709551609\n" },
		{ "too large", "a=99999999999999999999\nb=1",
		  "!1:3+20 the number is too large\nb=i:1\n" },
		{ "booleans", "a=true\nb=false # c", "a=b:1\nb=b:0\n" },
		{ "string", "a = \"x y\"  # c", "a=s:x y\n" },
		{ "hash in a string", "a=\"x#y\"", "a=s:x#y\n" },
		{ "escapes", "a=\"\\t\\\"\\\\\\u00e6\\U0001F600\"",
		  "a=s:\t\"\\\xc3\xa6\xf0\x9f\x98\x80\n" },
		{ "literal", "a='C:\\x \"q\"'", "a=s:C:\\x \"q\"\n" },
		{ "section", "[limits]\n a = 1", "[limits]\na=i:1\n" },
		{ "section with dots", "[ a . b ]", "[a.b]\n" },
		{ "dotted key", "a . b.c = 1", "a.b.c=i:1\n" },
		{ "list", "a=[\"x\", 'y',]", "a=<x><y>\n" },
		{ "list in lines", "a=[ # one\n\"x\", # two\n\n'y'\n]\nb=1",
		  "a=<x><y>\nb=i:1\n" },
		{ "empty list", "a=[]", "a=\n" },
		{ "CRLF", "a=1\r\nb=2\r\n", "a=i:1\nb=i:2\n" },

		{ "bare word", "a = seventy", "!1:5+7 this is no value\n" },
		{ "size without quotes", "a = 70M\nb=1",
		  "!1:5+3 this is no value\nb=i:1\n" },
		{ "fraction", "a = 1.5", "!1:5+3 this is no value\n" },
		{ "wrong underscore", "a = 1__0", "!1:5+4 this is no value\n" },
		{ "no value", "a =\nb=1",
		  "!1:4+1 the value is missing\nb=i:1\n" },
		{ "no equals", "alpha beta", "!1:7+1 = is expected here\n" },
		{ "no key", "= 1", "!1:1+1 a key is expected here\n" },
		{ "key ends with a dot", "a. = 1",
		  "!1:4+1 a key is expected here\n" },
		{ "open string", "a = \"x\nb=1",
		  "!1:5+2 the string does not end in its line\nb=i:1\n" },
		{ "bad escape", "a = \"x\\q\"",
		  "!1:7+1 no such escape in a string\n" },
		{ "surrogate", "a = \"\\ud800\"",
		  "!1:6+2 no such escape in a string\n" },
		{ "control character", "a = \"x\x01y\"",
		  "!1:7+1 a control character in a string\n" },
		{ "not UTF-8", "a = \"x\xff\"",
		  "!1:5+4 the string is not UTF-8\n" },
		{ "columns count characters", "a = \"\xc3\xa6\" x",
		  "!1:9+1 the line should end here\n" },
		{ "two settings in a line", "a = 1 b = 2\nc=3",
		  "!1:7+5 the line should end here\nc=i:3\n" },
		{ "section not closed", "[a\nb=1",
		  "!1:1+2 the section's name is not closed\nb=i:1\n" },
		{ "table in a list", "[[a]]",
		  "!1:1+2 tables in a list are not used here\n" },
		{ "list of numbers", "a=[1, 2]\nb=1",
		  "!1:4+1 a list holds strings in quotes\nb=i:1\n" },
		{ "list without commas, one mistake only",
		  "a=[\n\"x\"\n\"y\",\n\"z\"\n]\nb=1",
		  "!3:1+1 a comma or ] is expected here\nb=i:1\n" },
		{ "list not closed", "a=[\"x\",",
		  "!1:8+1 the list is not closed\n" },
	};
	struct buf out;

	(void)state;
	buf_init(&out, 10000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&out);
		describe(&out, rows[i].in);
		if (strcmp(buf_z(&out), rows[i].want) != 0)
			print_error("row: %s\n", rows[i].label);
		assert_string_equal(buf_z(&out), rows[i].want);
	}
	buf_deinit(&out);
}

static void has_limits(void **state)
{
	struct buf text, out;

	(void)state;
	buf_init(&text, 1000000);
	buf_init(&out, 1000000);
	for (int i = 0; i < 300; i++)
		buf_add_c(&text, 'k');
	buf_add_z(&text, "=1\nlist=[");
	for (int i = 0; i <= TOML_ITEMS_MAX; i++)
		buf_add_z(&text, "\"\",");
	buf_add_z(&text, "]\ns=\"");
	for (int i = 0; i <= TOML_STRING_MAX; i++)
		buf_add_c(&text, 's');
	buf_add_z(&text, "\"\n");
	describe(&out, buf_z(&text));
	assert_string_equal(buf_z(&out), "!1:1+300 the key is too long\n"
	                                 "!2:3007+1 the list is too long\n"
	                                 "!3:3+65539 the string is too long\n");
	buf_deinit(&text);
	buf_deinit(&out);
}

static void writes_what_it_reads(void **state)
{
	static const char *const rows[] = { "", "a b", "\"\\", "\x01\x7f\n\t",
		                            "\xc3\xa6#'" };
	struct arena a;
	struct buf out;

	(void)state;
	arena_init(&a);
	buf_init(&out, 1000);
	for (size_t i = 0; i < 5; i++) {
		struct toml_reader r;
		struct toml_item it;

		buf_reset(&out);
		buf_add_z(&out, "k=");
		toml_write_string(&out, str_z(rows[i]));
		r = toml_reader(buf_str(&out));
		assert_int_equal(toml_next(&r, &a, &it), TOML_PAIR);
		assert_str(it.value.text, rows[i]);
	}
	buf_deinit(&out);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(has_limits),
		cmocka_unit_test(writes_what_it_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
