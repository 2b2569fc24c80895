#include "wire/html/walk.h"

#include "base/test.h"

/* "<a[href=x]>text</a>", raw content in {}. */
static void write_all(struct buf *out, struct str html)
{
	struct html_walk w = html_walk(html);
	struct html_token t;
	unsigned n = 0;

	while (html_next(&w, &t)) {
		assert_true(++n <= html.n + 8);
		switch (t.kind) {
		case HTML_TEXT: buf_add(out, t.text); break;
		case HTML_RAW: buf_fmt(out, "{%.*s}", STR_ARG(t.text)); break;
		case HTML_CLOSE:
			buf_fmt(out, "</%.*s>", STR_ARG(t.name));
			break;
		case HTML_OPEN:
			buf_fmt(out, "<%.*s%s>", STR_ARG(t.name),
			        t.empty ? "/" : "");
			break;
		}
	}
}

static void walks(void **state)
{
	static const struct {
		const char *html, *want;
	} rows[] = {
		{ "", "" },
		{ "a", "a" },
		{ "<p>a<br/>b</p>", "<p>a<br/>b</p>" },
		{ "<A HREF='>'>x</A>", "<A>x</A>" },
		{ "a<!-- <b> -->c", "ac" },
		{ "<!doctype html><p>", "<p>" },
		{ "a <!-- never ends <b>", "a " },
		{ "1 < 2 <3", "1 < 2 <3" },
		{ "<style>p > a {}</style>x", "<style>{p > a {}}</style>x" },
		{ "<script>never", "<script>{never}" },
		{ "<a title=\"open>x", "<a>x" },
		{ "<a title=don't>x</a>", "<a>x</a>" },
		{ "<", "<" },
		{ "</", "</" },
		{ "<b", "<b>" },
		{ "<?xml version='1'?>t", "t" },
	};
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&b);
		write_all(&b, str_z(rows[i].html));
		assert_str(buf_str(&b), rows[i].want);
	}
	buf_deinit(&b);
}

static void finds_attributes(void **state)
{
	static const struct {
		const char *attrs, *name, *want; /* NULL: none */
	} rows[] = {
		{ " href=\"http://x.example/\" id=1", "href",
		  "http://x.example/" },
		{ " href=\"http://x.example/\" id=1", "ID", "1" },
		{ " href = ' a b ' x", "href", "a b" },
		{ " hidden", "hidden", "" },
		{ " hidden/", "hidden", "" },
		{ " a=1 a=2", "a", "1" },
		{ " style=\"never ends", "style", "never ends" },
		{ " data-href=x", "href", NULL },
		{ " ===", "href", NULL },
		{ "", "href", NULL },
	};
	struct str got;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool has = html_attr(str_z(rows[i].attrs), str_z(rows[i].name),
		                     &got);

		assert_int_equal(has, rows[i].want != NULL);
		if (has)
			assert_str(got, rows[i].want);
	}
}

static void decodes_entities(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	html_unescape(&b, STR("a&amp;b &#65;&#x42; &nothing; & &lt"));
	assert_str(buf_str(&b), "a&b AB &nothing; & &lt");
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walks),
		cmocka_unit_test(finds_attributes),
		cmocka_unit_test(decodes_entities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
