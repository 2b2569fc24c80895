#include "base/mem.h"
#include "base/test.h"
#include "wire/mime/structure.h"

static const char message[] =
	"Date: Tue, 24 Nov 2026 06:12:45 +0100\r\n"
	"From: Anna <anna@x.example>\r\n"
	"To: Us: bo@x.example, \"C\" <c@y.example>;\r\n"
	"Subject: =?utf-8?Q?x?=\r\n folded\r\n"
	"Message-ID: <1@x>\r\n"
	"In-Reply-To:\r\n"
	"References: <0@x>\r\n"
	"Content-Type: multipart/mixed; boundary=a\r\n"
	"\r\n"
	"--a\r\n"
	"Content-Type: multipart/alternative; boundary=b\r\n"
	"\r\n"
	"--b\r\n\r\ntext\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>\r\n"
	"--b--\r\n"
	"--a\r\n"
	"Content-Type: message/rfc822\r\n"
	"Content-Disposition: attachment; filename=m.eml\r\n"
	"Content-Language: da, en\r\n"
	"Content-ID: <i>\r\n"
	"\r\n"
	"Subject: inner\r\nFrom: x@y.example\r\n\r\nhello\r\n"
	"--a--\r\n";

static void check_same(const struct mime_part *p, const struct mime_part *q)
{
	while (p && q) {
		assert_int_equal(p->kind, q->kind);
		assert_int_equal(p->encoding, q->encoding);
		assert_int_equal(p->children, q->children);
		assert_true(p->header_at == q->header_at);
		assert_true(p->body_at == q->body_at);
		assert_true(p->end == q->end);
		assert_true(p->header_lines == q->header_lines);
		assert_true(p->body_lines == q->body_lines);
		assert_true(str_eq(p->type, q->type));
		assert_true(str_eq(p->id, q->id));
		assert_true(str_eq(p->disposition, q->disposition));
		assert_int_equal(p->languages_n, q->languages_n);
		assert_int_equal(p->params.n, q->params.n);
		assert_true(!p->envelope == !q->envelope);
		p = mime_part_next(p);
		q = mime_part_next(q);
	}
	assert_true(!p && !q);
}

/* Read back, and written again to the same bytes. */
static void comes_back(void **state)
{
	struct mime_structure st, again;
	struct mime_envelope e;
	struct buf b, c;
	struct arena a;
	struct err err;

	(void)state;
	arena_init(&a);
	buf_init(&b, 10000);
	buf_init(&c, 10000);
	mime_structure_make(&a, str_z(message), NULL, &st);
	mime_structure_write(&b, &st);
	assert_int_equal(mime_structure_parse(&a, buf_str(&b), &again, &err),
	                 0);
	check_same(st.root, again.root);
	mime_structure_write(&c, &again);
	assert_true(str_eq(buf_str(&b), buf_str(&c)));
	assert_int_equal(mime_structure_parse_envelope(&a, buf_str(&b), &e,
	                                               &err),
	                 0);
	assert_str(e.subject, "=?utf-8?Q?x?= folded");
	assert_true(b.n < sizeof(message) - 1);
	buf_deinit(&b);
	buf_deinit(&c);
	arena_deinit(&a);
}

/* Ranges and nesting of whatever was accepted. */
static void check_sane(const struct mime_structure *st)
{
	for (const struct mime_part *p = st->root; p; p = mime_part_next(p)) {
		assert_true(p->header_at <= p->body_at && p->body_at <= p->end);
		assert_true(p->end <= (p->parent ? p->parent->end : st->size));
		assert_true(p->type.n > 0 && p->subtype.n > 0);
	}
}

/* Cut anywhere it is refused; with any byte changed it is refused or sane. */
static void damage_is_found(void **state)
{
	struct mime_structure st;
	struct buf b;
	struct arena a;
	struct err err;

	(void)state;
	arena_init(&a);
	buf_init(&b, 10000);
	mime_structure_make(&a, str_z(message), NULL, &st);
	mime_structure_write(&b, &st);
	for (size_t n = 0; n < b.n; n++) {
		assert_int_equal(mime_structure_parse(&a,
		                                      str_to(buf_str(&b), n),
		                                      &st, &err),
		                 -1);
		assert_int_equal(err.kind, ERR_CORRUPT);
	}
	for (size_t i = 0; i < b.n; i++)
		for (int v = 0; v < 256; v += 5) {
			char *copy = mem_dup(b.p, b.n);

			copy[i] = (char)v;
			if (mime_structure_parse(&a, (struct str){ copy, b.n },
			                         &st, &err) == 0)
				check_sane(&st);
			mem_free(copy);
			arena_reset(&a);
		}
	buf_deinit(&b);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back),
		cmocka_unit_test(damage_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
