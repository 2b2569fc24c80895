#include "verify/feedback.h"

#include <string.h>

#include "base/test.h"
#include "wire/mime/decode.h"

#define XML                                                                   \
	"<feedback><report_metadata><org_name>Big</org_name><report_id>1"     \
	"</report_id></report_metadata><policy_published><domain>a.example"   \
	"</domain></policy_published><record><row><source_ip>192.0.2.1"       \
	"</source_ip><count>2</count></row></record><record><row><source_ip>" \
	"192.0.2.2</source_ip><count>3</count></row></record></feedback>"
#define HEAD "From: r@big.example\r\nSubject: Report domain: a.example\r\n"

static struct str in_base64(struct arena *a, const char *head, struct str body)
{
	struct str out;
	struct buf b;

	buf_init(&b, body.n * 2 + 2000);
	buf_add_z(&b, head);
	buf_add_z(&b, "Content-Transfer-Encoding: base64\r\n\r\n");
	mime_base64_write(&b, body);
	out = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return out;
}

static void put_le(struct buf *b, uint32_t v, size_t n)
{
	for (; n-- > 0; v >>= 8)
		buf_add_c(b, (char)v);
}

/* Stored, not deflated. */
static struct str zipped(struct arena *a, struct str content, uint32_t flags,
                         uint32_t method)
{
	struct str out;
	struct buf b;

	buf_init(&b, content.n + 100);
	buf_add(&b, STR("PK\x03\x04"));
	put_le(&b, 20, 2);
	put_le(&b, flags, 2);
	put_le(&b, method, 2);
	put_le(&b, 0, 4);
	put_le(&b, 0, 4);
	put_le(&b, (uint32_t)content.n, 4);
	put_le(&b, (uint32_t)content.n, 4);
	put_le(&b, 5, 2);
	put_le(&b, 0, 2);
	buf_add_z(&b, "a.xml");
	buf_add(&b, content);
	out = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return out;
}

static void reads(struct str message, struct arena *a)
{
	struct err err = ERR_INIT;
	struct feedback f;

	if (feedback_read(message, a, &f, &err) < 0)
		fail_msg("%s", err.text);
	assert_false(f.is_failure);
	assert_str(f.report.domain, "a.example");
	assert_int_equal(f.n, 2);
	assert_str(f.rows[1].source_ip, "192.0.2.2");
	assert_int_equal(f.rows[1].count, 3);
}

static enum err_kind refused(struct str message, struct arena *a)
{
	struct err err = ERR_INIT;
	struct feedback f;

	assert_int_equal(feedback_read(message, a, &f, &err), -1);
	return err.kind;
}

static void forms(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	reads(STR(HEAD "Content-Type: text/xml\r\n\r\n" XML), &a);
	reads(in_base64(&a, HEAD "Content-Type: application/zip\r\n",
	                zipped(&a, STR(XML), 0, 0)),
	      &a);
	/* What it is called says nothing. */
	reads(in_base64(&a, HEAD "Content-Type: application/octet-stream\r\n",
	                zipped(&a, STR(XML), 8, 0)),
	      &a);
	reads(STR(HEAD "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
	               "--b\r\n\r\nwords\r\n--b\r\nContent-Type: application/"
	               "octet-stream\r\n\r\nno report\r\n--b\r\nContent-Type: "
	               "application/xml\r\n\r\n" XML "\r\n--b--\r\n"),
	      &a);
	arena_deinit(&a);
}

static void bad_ones(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_int_equal(refused(STR(HEAD "\r\nwords\r\n"), &a), ERR_INVALID);
	assert_int_equal(refused(in_base64(&a,
	                                   HEAD "Content-Type: "
	                                        "application/zip\r\n",
	                                   zipped(&a, STR(XML), 1, 0)),
	                         &a),
	                 ERR_CORRUPT);
	assert_int_equal(refused(in_base64(&a,
	                                   HEAD "Content-Type: "
	                                        "application/zip\r\n",
	                                   STR("PK\x03\x04")),
	                         &a),
	                 ERR_INVALID);
	assert_int_equal(refused(in_base64(&a,
	                                   HEAD "Content-Type: "
	                                        "application/gzip\r\n",
	                                   STR("\x1f\x8b\x08\x00rubbish")),
	                         &a),
	                 ERR_CORRUPT);
	arena_deinit(&a);
}

/* 19 MB of zeros in 120 KB, deflated by hand: "repeat the byte before 258
 * times" in 13 bits each.  Unpacking stops at the bound. */
static void bombs(void **state)
{
	static unsigned char z[120000];
	struct arena a;
	uint64_t bits = 0;
	unsigned n = 0;
	size_t at = 0;

	(void)state;
	arena_init(&a);
	/* Fixed codes: BFINAL 1, BTYPE 01; literal 0 is 00110000; length 258
	 * is 11000101; distance 1 is 00000. */
#define BIT(v)                                         \
	do {                                           \
		bits |= (uint64_t)(v) << n++;          \
		if (n == 8) {                          \
			z[at++] = (unsigned char)bits; \
			bits = 0;                      \
			n = 0;                         \
		}                                      \
	} while (0)
	BIT(1);
	BIT(1);
	BIT(0);
	for (int i = 7; i >= 0; i--)
		BIT(0x30 >> i & 1);
	while (at + 4 < sizeof(z)) {
		for (int i = 7; i >= 0; i--)
			BIT(0xc5 >> i & 1);
		for (int i = 0; i < 5; i++)
			BIT(0);
	}
#undef BIT
	assert_int_equal(
		refused(in_base64(&a, HEAD "Content-Type: application/zip\r\n",
	                          zipped(&a, (struct str){ (char *)z, at }, 0,
	                                 8)),
	                &a),
		ERR_TOO_BIG);
	arena_deinit(&a);
}

static void failures(void **state)
{
	struct err err = ERR_INIT;
	struct feedback f;
	struct arena a;

	(void)state;
	arena_init(&a);
	if (feedback_read(
		    STR("Subject: x\r\nContent-Type: multipart/report; "
	                "boundary=b\r\n\r\n--b\r\n\r\nwords\r\n--b\r\n"
	                "Content-Type: message/feedback-report\r\n\r\n"
	                "Feedback-Type: auth-failure\r\nVersion: 1\r\n"
	                "Reported-Domain: a.example\r\nAuth-Failure: dkim\r\n"
	                "\r\n--b--\r\n"),
		    &a, &f, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(f.is_failure);
	assert_str(f.failure.domain, "a.example");
	assert_str(f.failure.failure, "dkim");
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(bad_ones),
		cmocka_unit_test(bombs),
		cmocka_unit_test(failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
