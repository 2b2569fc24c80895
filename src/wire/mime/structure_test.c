#include "wire/mime/structure.h"

#include <string.h>

#include "base/test.h"

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

static void makes_an_envelope(void **state)
{
	struct mime_structure st;
	const struct mime_part *inner;
	struct arena a;

	(void)state;
	arena_init(&a);
	mime_structure_make(&a, str_z(message), NULL, &st);
	assert_str(st.envelope.subject, "=?utf-8?Q?x?= folded");
	assert_str(st.envelope.date, "Tue, 24 Nov 2026 06:12:45 +0100");
	assert_true(st.envelope.has_sent);
	assert_true(st.envelope.sent_us == INT64_C(1795497165000000));
	assert_int_equal(st.envelope.sent_zone, 60);
	assert_int_equal(st.envelope.from.n, 1);
	assert_int_equal(st.envelope.to.n, 4);
	assert_int_equal(st.envelope.cc.n, 0);
	assert_non_null(st.envelope.in_reply_to.p);
	assert_int_equal(st.envelope.in_reply_to.n, 0);
	inner = st.root->child->next;
	assert_int_equal(inner->kind, MIME_MESSAGE);
	assert_str(inner->envelope->subject, "inner");
	assert_null(inner->envelope->message_id.p);
	assert_false(st.cut);
	arena_deinit(&a);
}

/* A subject of megabytes, ten thousand recipients. */
static void cuts_what_is_too_much(void **state)
{
	struct mime_structure st;
	struct buf in, b;
	struct arena a;

	(void)state;
	arena_init(&a);
	buf_init(&in, 8 * 1024 * 1024);
	buf_init(&b, 8 * 1024 * 1024);
	buf_add(&in, STR("Subject: "));
	for (int i = 0; i < 200000; i++)
		buf_add(&in, STR("0123456789"));
	buf_add(&in, STR("\r\nTo: "));
	for (int i = 0; i < 10000; i++)
		buf_fmt(&in, "user%d@some.long.host.name.example,\r\n ", i);
	buf_add(&in, STR("\r\nReferences:"));
	for (int i = 0; i < 5000; i++)
		buf_fmt(&in, " <%d@x>", i);
	buf_add(&in, STR("\r\n\r\nx\r\n"));
	mime_structure_make(&a, buf_str(&in), NULL, &st);
	assert_true(st.cut);
	assert_true(st.envelope.to.cut);
	assert_true(st.envelope.subject.n <= 16 * 1024);
	assert_true(str_starts(st.envelope.references, STR("<0@x> <1@x>")));
	assert_true(str_ends(st.envelope.references, STR("<4999@x>")));
	mime_structure_write(&b, &st);
	assert_true(b.n < 1024 * 1024);
	buf_deinit(&in);
	buf_deinit(&b);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_an_envelope),
		cmocka_unit_test(cuts_what_is_too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
