#include "wire/mime/part.h"

#include <string.h>

#include "base/buf.h"
#include "base/test.h"

/* "type/subtype[body]" for a leaf, "type/subtype(children)" else. */
static void show(struct buf *b, const struct mime_part *p, struct str message)
{
	buf_fmt(b, "%.*s/%.*s", STR_ARG(p->type), STR_ARG(p->subtype));
	if (p->kind == MIME_SINGLE) {
		buf_fmt(b, "[%.*s]", STR_ARG(mime_part_body(p, message)));
		return;
	}
	buf_add_c(b, '(');
	for (const struct mime_part *c = p->child; c; c = c->next) {
		show(b, c, message);
		if (c->next)
			buf_add_c(b, ' ');
	}
	buf_add_c(b, ')');
}

static uint64_t line_ends(struct str s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '\n';
	return n;
}

/* What must hold for any input. */
static void check_tree(const struct mime_part *root, struct str message)
{
	for (const struct mime_part *p = root; p; p = mime_part_next(p)) {
		const struct mime_part *up = p->parent;
		uint32_t children = 0;

		assert_true(p->header_at <= p->body_at);
		assert_true(p->body_at <= p->end);
		assert_true(p->end <= message.n);
		assert_true(!up ||
		            (p->header_at >= up->body_at && p->end <= up->end));
		assert_true(!p->next || p->next->header_at >= p->end);
		for (const struct mime_part *c = p->child; c; c = c->next)
			children++;
		assert_int_equal(children, p->children);
		assert_true((p->kind == MIME_SINGLE) == (children == 0));
		assert_true(p->header_lines ==
		            line_ends(mime_part_header(p, message)));
		assert_true(p->body_lines ==
		            line_ends(mime_part_body(p, message)));
	}
	assert_true(root->header_at == 0 && root->end == message.n);
}

struct row {
	const char *label, *in, *want;
};

static const struct row rows[] = {
	{ "nothing", "", "text/plain[]" },
	{ "no header", "\r\nhello\r\n", "text/plain[hello\r\n]" },
	{ "no body", "Subject: x\r\n", "text/plain[]" },
	{ "plain", "Subject: x\r\n\r\nhello\r\n", "text/plain[hello\r\n]" },
	{ "RFC 2046, 5.1.1",
	  "MIME-Version: 1.0\r\n"
	  "Content-type: multipart/mixed; boundary=\"simple boundary\"\r\n"
	  "\r\n"
	  "This is the preamble.\r\n"
	  "\r\n"
	  "--simple boundary\r\n"
	  "\r\n"
	  "no line end\r\n"
	  "--simple boundary\r\n"
	  "Content-type: text/plain; charset=us-ascii\r\n"
	  "\r\n"
	  "a line end\r\n"
	  "\r\n"
	  "--simple boundary--\r\n"
	  "\r\n"
	  "This is the epilogue.\r\n",
	  "multipart/mixed(text/plain[no line end] "
	  "text/plain[a line end\r\n])" },
	{ "nested",
	  "Content-Type: multipart/mixed; boundary=a\r\n\r\n"
	  "--a\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
	  "--b\r\n\r\n1\r\n--b\r\nContent-Type: text/html\r\n\r\n2\r\n--b--"
	  "\r\n"
	  "--a\r\n\r\n3\r\n--a--\r\n",
	  "multipart/mixed(multipart/alternative(text/plain[1] "
	  "text/html[2]) text/plain[3])" },
	{ "a boundary that begins another",
	  "Content-Type: multipart/mixed; boundary=a\r\n\r\n"
	  "--a\r\nContent-Type: multipart/mixed; boundary=ab\r\n\r\n"
	  "--ab\r\n\r\n1\r\n--ab--\r\n--a\r\n\r\n2\r\n--a--\r\n",
	  "multipart/mixed(multipart/mixed(text/plain[1]) text/plain[2])" },
	{ "message",
	  "Content-Type: multipart/mixed; boundary=a\r\n\r\n"
	  "--a\r\nContent-Type: message/rfc822\r\n\r\n"
	  "Subject: x\r\nContent-Type: text/html\r\n\r\nhi\r\n--a--\r\n",
	  "multipart/mixed(message/rfc822(text/html[hi]))" },
	{ "message with a multipart in it",
	  "Content-Type: message/rfc822\r\n\r\n"
	  "Content-Type: multipart/mixed; boundary=a\r\n\r\n"
	  "--a\r\n\r\n1\r\n--a\r\n\r\n2\r\n--a--\r\n",
	  "message/rfc822(multipart/mixed(text/plain[1] text/plain[2]))" },
	{ "digest",
	  "Content-Type: multipart/digest; boundary=a\r\n\r\n"
	  "--a\r\n\r\nSubject: 1\r\n\r\nx\r\n"
	  "--a\r\nContent-Type: text/plain\r\n\r\ny\r\n--a--\r\n",
	  "multipart/digest(message/rfc822(text/plain[x]) text/plain[y])" },
	{ "bare LF",
	  "Content-Type: multipart/mixed; boundary=a\n\n--a\n\n1\n--a\n\n2\n"
	  "--a--\n",
	  "multipart/mixed(text/plain[1] text/plain[2])" },
	{ "never closed",
	  "Content-Type: multipart/mixed; boundary=a\r\n\r\n"
	  "--a\r\n\r\n1\r\n--a\r\n\r\n2\r\n",
	  "multipart/mixed(text/plain[1] text/plain[2\r\n])" },
	{ "inner never closed",
	  "Content-Type: multipart/mixed; boundary=a\r\n\r\n"
	  "--a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
	  "--b\r\n\r\n1\r\n--a\r\n\r\n2\r\n--a--\r\n",
	  "multipart/mixed(multipart/mixed(text/plain[1]) text/plain[2])" },
	{ "boundary never found",
	  "Content-Type: multipart/mixed; boundary=a\r\n\r\nhello\r\n",
	  "multipart/mixed(text/plain[hello\r\n])" },
	{ "boundary parameter lost",
	  "Content-Type: multipart/mixed\r\n\r\n"
	  "--xyz\r\nContent-Type: text/html\r\n\r\n1\r\n--xyz--\r\n",
	  "multipart/mixed(text/html[1])" },
	{ "boundary lost for good",
	  "Content-Type: multipart/mixed\r\n\r\nhello\r\n-- \r\nme\r\n",
	  "multipart/mixed(text/plain[hello\r\n-- \r\nme\r\n])" },
	{ "blanks behind boundaries",
	  "Content-Type: multipart/mixed; boundary=\"a \"\r\n\r\n"
	  "--a \t\r\n\r\n1\r\n--a--  \r\n",
	  "multipart/mixed(text/plain[1])" },
	{ "boundary in a header",
	  "Content-Type: multipart/mixed; boundary=a\r\n\r\n"
	  "--a\r\nContent-Type: text/html\r\n--a\r\n\r\n2\r\n--a--\r\n",
	  "multipart/mixed(text/html[] text/plain[2])" },
	{ "empty parts",
	  "Content-Type: multipart/mixed; boundary=a\r\n\r\n"
	  "--a\r\n--a\r\n\r\n--a\r\n\r\n\r\n--a--\r\n",
	  "multipart/mixed(text/plain[] text/plain[] text/plain[])" },
	{ "boundary in the epilogue",
	  "Content-Type: multipart/mixed; boundary=a\r\n\r\n"
	  "--a\r\n\r\n1\r\n--a--\r\n--a\r\n\r\n2\r\n",
	  "multipart/mixed(text/plain[1])" },
	{ "the same boundary within",
	  "Content-Type: multipart/mixed; boundary=a\r\n\r\n"
	  "--a\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n"
	  "--a\r\n\r\n1\r\n--a--\r\n--a\r\n\r\n2\r\n--a--\r\n",
	  "multipart/mixed(multipart/mixed(text/plain[1]) text/plain[2])" },
	{ "boundary with hyphens at its end",
	  "Content-Type: multipart/mixed; boundary=\"a--\"\r\n\r\n"
	  "--a--\r\n\r\n1\r\n--a----\r\n",
	  "multipart/mixed(text/plain[1])" },
	{ "encoded message",
	  "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: "
	  "base64\r\n\r\nAAAA\r\n",
	  "message/rfc822[AAAA\r\n]" },
	{ "bad types", "Content-Type: text\r\n\r\n1", "text/plain[1]" },
	{ "unreadable type", "Content-Type: a/b/c; x=y\r\n\r\n1",
	  "text/plain[1]" },
	{ "one word", "Content-Type: pdf\r\n\r\n1",
	  "application/octet-stream[1]" },
	{ "twice", "Content-Type: text/html\r\nContent-Type: a/b\r\n\r\n1",
	  "text/html[1]" },
};

static void reads_trees(void **state)
{
	struct arena a;
	struct buf b;

	(void)state;
	arena_init(&a);
	buf_init(&b, 4000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str in = str_z(rows[i].in);
		struct mime_part *root = mime_parse(&a, in, NULL);

		buf_reset(&b);
		show(&b, root, in);
		if (!str_eq(buf_str(&b), str_z(rows[i].want)))
			print_error("row \"%s\"\n", rows[i].label);
		assert_str(buf_str(&b), rows[i].want);
	}
	buf_deinit(&b);
	arena_deinit(&a);
}

/* A message may end anywhere. */
static void holds_at_every_cut(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str in = str_z(rows[i].in);

		for (size_t n = 0; n <= in.n; n++)
			check_tree(mime_parse(&a, str_to(in, n), NULL),
			           str_to(in, n));
		arena_reset(&a);
	}
	arena_deinit(&a);
}

static void reads_fields(void **state)
{
	struct str in = STR(
		"Content-Type: image/PNG; name=\"a b.png\"\r\n"
		"Content-Transfer-Encoding: BASE64 (x)\r\n"
		"Content-ID: <id@x>\r\n"
		"Content-Description: some\r\n picture\r\n"
		"Content-Disposition: inline; filename*=utf-8''%c3%a6.png\r\n"
		"Content-Language: da, en-GB (x)\r\n"
		"Content-Location: http://x.example/\r\n"
		"Content-MD5: Q2hlY2s=\r\n\r\n");
	struct mime_part *p;
	struct arena a;

	(void)state;
	arena_init(&a);
	p = mime_parse(&a, in, NULL);
	assert_true(mime_part_is(p, "image", "png"));
	assert_int_equal(p->encoding, MIME_BASE64);
	assert_str(p->encoding_name, "BASE64");
	assert_str(p->id, "<id@x>");
	assert_str(p->description, "some picture");
	assert_str(p->disposition, "inline");
	assert_str(p->location, "http://x.example/");
	assert_str(p->md5, "Q2hlY2s=");
	assert_int_equal(p->languages_n, 2);
	assert_str(p->languages[1], "en-GB");
	assert_str(mime_part_filename(p)->value, "utf-8''%c3%a6.png");
	assert_true(mime_part_is_attachment(p));
	arena_deinit(&a);
}

/* RFC 9051, 6.4.5.1, the example of part numbers. */
static void finds_by_number(void **state)
{
	struct str in = STR(
		"Content-Type: multipart/mixed; boundary=a\r\n\r\n"
		"--a\r\n\r\n1\r\n"
		"--a\r\nContent-Type: application/x\r\n\r\n2\r\n"
		"--a\r\nContent-Type: message/rfc822\r\n\r\n"
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
		"--b\r\n\r\n3.1\r\n--b\r\n\r\n3.2\r\n--b--\r\n"
		"--a\r\nContent-Type: message/rfc822\r\n\r\nA: b\r\n\r\n4.1\r\n"
		"--a--\r\n");

	static const struct {
		uint32_t path[3];
		size_t n;
		const char *want;
	} cases[] = {
		{ { 1 }, 1, "1" },        { { 2 }, 1, "2" },
		{ { 3, 1 }, 2, "3.1" },   { { 3, 2 }, 2, "3.2" },
		{ { 4, 1 }, 2, "4.1" },   { { 5 }, 1, NULL },
		{ { 0 }, 1, NULL },       { { 1, 1 }, 2, NULL },
		{ { 3, 3 }, 2, NULL },    { { 4, 2 }, 2, NULL },
		{ { 3, 1, 1 }, 3, NULL },
	};
	const struct mime_part *root, *single;
	struct arena a;
	uint32_t one = 1;

	(void)state;
	arena_init(&a);
	root = mime_parse(&a, in, NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct mime_part *p =
			mime_part_find(root, cases[i].path, cases[i].n);

		assert_true((p != NULL) == (cases[i].want != NULL));
		if (p)
			assert_str(mime_part_body(p, in), cases[i].want);
	}
	single = mime_parse(&a, STR("A: b\r\n\r\nx"), NULL);
	assert_ptr_equal(mime_part_find(single, &one, 1), single);
	assert_ptr_equal(mime_part_find(single, NULL, 0), single);
	arena_deinit(&a);
}

static char *repeat(const char *unit, size_t times, size_t *n_out)
{
	size_t len = strlen(unit);
	char *p = test_malloc(len * times + 1);

	for (size_t i = 0; i < times; i++)
		memcpy(p + i * len, unit, len);
	*n_out = len * times;
	return p;
}

/* Bottomless messages, floods of parts, headers without end: bounded, and
 * the tree stays right. */
static void bounded_whatever_comes(void **state)
{
	static const char *const units[] = {
		"Content-Type: message/rfc822\r\n\r\n",
		"Content-Type: multipart/mixed; boundary=a\r\n\r\n--a\r\n",
		"Content-Type: multipart/mixed\r\n\r\n--a\r\n",
		"--a\r\n",
		"--a--\r\n",
		"Content-Type: text/plain; a=b; c*0=d; c*1*=e;\r\n",
		"Content-Language: a, b, c, d\r\n",
		" \r\n",
		"\r\n",
		"-",
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t u = 0; u < sizeof(units) / sizeof(units[0]); u++) {
		size_t n, parts = 0;
		char *p = repeat(units[u], 40000, &n);
		struct str in = { p, n };
		struct mime_part *root;

		if (strncmp(p, "--", 2) == 0)
			memcpy(p,
			       "Content-Type: multipart/mixed; "
			       "boundary=a\r\n\r\n",
			       45);
		root = mime_parse(&a, in, NULL);
		for (struct mime_part *q = root; q; q = mime_part_next(q))
			parts++;
		assert_true(parts <= 10001);
		assert_true(a.total < 16 * 1024 * 1024);
		check_tree(root, in);
		test_free(p);
		arena_reset(&a);
	}
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_trees),
		cmocka_unit_test(holds_at_every_cut),
		cmocka_unit_test(reads_fields),
		cmocka_unit_test(finds_by_number),
		cmocka_unit_test(bounded_whatever_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
