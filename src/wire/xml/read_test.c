#include "wire/xml/read.h"

#include <stdio.h>
#include <string.h>

#include "base/test.h"

struct found {
	struct buf out;
	size_t stop_at, n;
};

static bool leaf(void *arg, struct str name, struct str text)
{
	struct found *f = arg;

	buf_fmt(&f->out, "%.*s=%.*s;", STR_ARG(name), STR_ARG(text));
	return ++f->n != f->stop_at;
}

static enum err_kind read_it(struct str xml, size_t stop_at, char *out,
                             size_t n)
{
	struct found f = { .stop_at = stop_at };
	struct err err = ERR_INIT;
	int rc;

	buf_init(&f.out, 10000);
	rc = xml_each_leaf(xml, leaf, &f, &err);
	(void)snprintf(out, n, "%.*s", STR_ARG(buf_str(&f.out)));
	buf_deinit(&f.out);
	return rc < 0 ? err.kind : ERR_NONE;
}

static void reads(void **state)
{
	static const struct {
		const char *in, *want;
		enum err_kind kind;
	} rows[] = {
		{ "<a><b> one </b><c>two</c></a>", "b=one;c=two;", ERR_NONE },
		{ "<x:a xmlns:x='u'><x:b>1</x:b></x:a>", "b=1;", ERR_NONE },
		{ "<a:><:b>1</:b></a:>", "b=1;", ERR_NONE },
		{ "<a:>1</a:>", "a:=1;", ERR_NONE },
		/* a prefix nobody declared: real programs have it */
		{ "<x:a><x:b>1</x:b></x:a>", "b=1;", ERR_NONE },
		{ "\xef\xbb\xbf<a>&amp;&#65;</a>", "a=&A;", ERR_NONE },
		{ "<a/>", "a=;", ERR_NONE },
		{ "<a><![CDATA[<b>]]></a>", "a=<b>;", ERR_NONE },
		{ "", "", ERR_INVALID },
		{ "<a>", "", ERR_INVALID },
		{ "<a></b>", "", ERR_INVALID },
		{ "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
		  "<a>&x;</a>",
		  "", ERR_INVALID },
		{ "<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]>"
		  "<l>&b;</l>",
		  "", ERR_INVALID },
		{ "<a>&x;</a>", "", ERR_INVALID },
	};

	char out[500];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum err_kind kind =
			read_it(str_z(rows[i].in), 0, out, sizeof(out));

		if (kind != rows[i].kind || strcmp(out, rows[i].want) != 0)
			fail_msg("%s: kind %d, %s", rows[i].in, (int)kind, out);
	}
}

static void reads_utf16(void **state)
{
	static const char xml[] = "\xff\xfe<\0a\0>\0\xe5\0<\0/\0a\0>\0";
	char out[100];

	(void)state;
	assert_int_equal(read_it((struct str){ xml, sizeof(xml) - 1 }, 0, out,
	                         sizeof(out)),
	                 ERR_NONE);
	assert_string_equal(out, "a=\xc3\xa5;");
}

static void stops_when_told(void **state)
{
	char out[100];

	(void)state;
	assert_int_equal(read_it(STR("<a><b>1</b><c>2</c><"), 1, out,
	                         sizeof(out)),
	                 ERR_NONE);
	assert_string_equal(out, "b=1;");
}

static void has_limits(void **state)
{
	static char big[XML_BYTES_MAX + 10];
	char out[200];
	struct buf b;

	(void)state;
	memset(big, 'x', sizeof(big));
	assert_int_equal(read_it((struct str){ big, sizeof(big) }, 0, out,
	                         sizeof(out)),
	                 ERR_TOO_BIG);
	buf_init(&b, 10000);
	for (int i = 0; i <= XML_DEPTH_MAX; i++)
		buf_add_z(&b, "<a>");
	assert_int_equal(read_it(buf_str(&b), 0, out, sizeof(out)),
	                 ERR_TOO_BIG);
	buf_reset(&b);
	/* A text over the limit is passed by, the rest is read. */
	buf_add_z(&b, "<a><b>");
	for (size_t i = 0; i <= XML_TEXT_MAX; i++)
		buf_add_c(&b, 'x');
	buf_add_z(&b, "</b><c>1</c></a>");
	assert_int_equal(read_it(buf_str(&b), 0, out, sizeof(out)), ERR_NONE);
	assert_string_equal(out, "c=1;");
	buf_deinit(&b);
}

static void escapes(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	xml_add(&b, STR("a&b <c> \"d\" 'e'\x01\x1b\n"));
	assert_true(str_eq(buf_str(&b), STR("a&amp;b &lt;c&gt; &quot;d&quot; "
	                                    "&#39;e&#39;\n")));
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(reads_utf16),
		cmocka_unit_test(stops_when_told),
		cmocka_unit_test(has_limits),
		cmocka_unit_test(escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
