#include "wire/html/html.h"

#include <string.h>

#include "base/test.h"

static const struct {
	const char *label, *in, *want;
} rows[] = {
	{ "nothing", "", "" },
	{ "text", "a  b\n c", "a b c" },
	{ "blocks", "<p>a</p><p>b<br>c</p><div>d</div>", "a\nb\nc\nd" },
	{ "cells", "<table><tr><td>a</td><td>b</td></tr><tr><td>c", "a b\nc" },
	{ "inline", "a<b>b</b>c <i> d </i>e", "abc d e" },
	{ "entities", "a&amp;b &lt;c&gt; &eacute;&#233;&#xE9; &euro;",
	  "a&b <c> \xc3\xa9\xc3\xa9\xc3\xa9 \xe2\x82\xac" },
	{ "no semicolon", "a&ampb &copy 2 &#65 &euro x",
	  "a&ampb \xc2\xa9 2 A "
	  "&euro x" },
	{ "unknown entity", "AT&T &foo; & &;", "AT&T &foo; & &;" },
	{ "nbsp", "a&nbsp;&nbsp;b&#160;c", "a b c" },
	{ "windows-1252 numbers", "&#150;&#x80;", "\xe2\x80\x93\xe2\x82\xac" },
	{ "impossible numbers", "&#0;&#xD800;&#99999999999;",
	  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	{ "style and script",
	  "a<style>p{x:\"</p>\"}</style>b<script>if(a<b)</script >c", "abc" },
	{ "script with false ends", "<script>\"</scrip>\" </scriptx></SCRIPT>a",
	  "a" },
	{ "title", "<head><title>T &amp; U</title></head>a", "a" },
	{ "comments", "a<!-- x > y -->b<!---->c<!-->d<!--e--!>f", "abcdf" },
	{ "conditional",
	  "<!--[if mso]><p>x</p><![endif]-->a<![if !mso]>b"
	  "<![endif]>c",
	  "abc" },
	{ "doctype", "<!DOCTYPE html><?xml x?>a", "a" },
	{ "quoted attributes", "<a href=\"x>y\" title='<z>'>a</a>", "a" },
	{ "quote without equals", "<a b\"c>d", "d" },
	{ "blank behind equals", "<a b = \">\">c", "c" },
	{ "not a tag", "a < b <3 c<", "a < b <3 c<" },
	{ "never closed", "a<b", "a" },
	{ "never closed script", "a<script>b", "a" },
	{ "self closing", "a<br/>b<hr />c", "a\nb\nc" },
	{ "closing script first", "</script>a", "a" },
	{ "upper case", "<P>a<BR>b", "a\nb" },
	{ "controls",
	  "a\x01"
	  "b\x7f",
	  "ab\x7f" },
	{ "UTF-8", "r\xc3\xb8<b>d</b>",
	  "r\xc3\xb8"
	  "d" },
	{ "hidden is found too", "<p style=\"display:none\">a</p>", "a" },
};

static void reads_at_all_split_points(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str in = str_z(rows[i].in);

		for (size_t c = 0; c <= in.n; c++) {
			struct html_text h;

			buf_reset(&out);
			html_text_init(&h, &out);
			html_text_add(&h, str_to(in, c));
			html_text_add(&h, str_from(in, c));
			html_text_end(&h);
			if (!str_eq(buf_str(&out), str_z(rows[i].want)))
				print_error("row \"%s\" cut at %zu\n",
				            rows[i].label, c);
			assert_str(buf_str(&out), rows[i].want);
		}
	}
	buf_deinit(&out);
}

static void floods(void **state)
{
	static const char *const units[] = {
		"<", "&", "<a ", "<!--", "</", "<script>", "&#", "<a b='"
	};
	size_t n = 4 * 1024 * 1024;
	char *in = test_malloc(n);
	struct buf out;

	(void)state;
	buf_init(&out, 2 * n);
	for (size_t u = 0; u < sizeof(units) / sizeof(units[0]); u++) {
		size_t len = strlen(units[u]);

		for (size_t i = 0; i < n; i++)
			in[i] = units[u][i % len];
		buf_reset(&out);
		html_to_text(&out, (struct str){ in, n });
		assert_false(buf_overflow(&out));
		assert_true(out.n <= n);
	}
	buf_deinit(&out);
	test_free(in);
}

static void knows_html(void **state)
{
	(void)state;
	assert_true(html_is_likely(STR(" \r\n<!DOCTYPE HTML>")));
	assert_true(html_is_likely(STR("\xef\xbb\xbf<html>")));
	assert_false(html_is_likely(STR("Hello <html>")));
	assert_false(html_is_likely(STR("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_at_all_split_points),
		cmocka_unit_test(floods),
		cmocka_unit_test(knows_html),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
