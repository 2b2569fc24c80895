#include "wire/smtp/trace.h"

#include "base/test.h"

#define AT INT64_C(1795497000000000) /* 2026-11-24 05:10:00 */

static const struct {
	struct smtp_received r;
	const char *want;
} rows[] = {
	{ { .helo = STR_INIT("mail.example.org"),
	    .ip = STR_INIT("192.0.2.1"),
	    .by = STR_INIT("mx.example.com"),
	    .esmtp = true,
	    .tls = true,
	    .tls_version = STR_INIT("TLS1.3"),
	    .tls_cipher = STR_INIT("TLS_AES_128_GCM_SHA256"),
	    .id = STR_INIT("3q9f2k"),
	    .rcpt = STR_INIT("bo@example.com"),
	    .at_us = AT },
	  "Received: from mail.example.org ([192.0.2.1])\r\n"
	  "\tby mx.example.com with ESMTPS (TLS1.3 TLS_AES_128_GCM_SHA256)\r\n"
	  "\tid 3q9f2k for <bo@example.com>;\r\n"
	  "\tTue, 24 Nov 2026 05:10:00 +0000\r\n" },
	{ { .helo = STR_INIT("[IPv6:2001:db8::1]"),
	    .ip = STR_INIT("2001:db8::1"),
	    .by = STR_INIT("mx.example.com"),
	    .id = STR_INIT("1"),
	    .at_us = AT },
	  "Received: from [IPv6:2001:db8::1] ([IPv6:2001:db8::1])\r\n"
	  "\tby mx.example.com with SMTP\r\n"
	  "\tid 1;\r\n"
	  "\tTue, 24 Nov 2026 05:10:00 +0000\r\n" },
	/* What is no name goes into a comment, without what could end it. */
	{ { .helo = STR_INIT("x)\r\nBcc:(\\y"),
	    .ip = STR_INIT("192.0.2.1"),
	    .by = STR_INIT("mx.example.com"),
	    .esmtp = true,
	    .auth = true,
	    .id = STR_INIT("1"),
	    .at_us = AT },
	  "Received: from [192.0.2.1] (HELO x???Bcc:??y)\r\n"
	  "\tby mx.example.com with ESMTPA\r\n"
	  "\tid 1;\r\n"
	  "\tTue, 24 Nov 2026 05:10:00 +0000\r\n" },
	{ { .by = STR_INIT("mx.example.com"),
	    .protocol = STR_INIT("JMAP"),
	    .id = STR_INIT("1"),
	    .rcpt = STR_INIT("a<b>@c"),
	    .at_us = AT },
	  "Received: by mx.example.com with JMAP\r\n"
	  "\tid 1 for <a?b?@c>;\r\n"
	  "\tTue, 24 Nov 2026 05:10:00 +0000\r\n" },
};

static void received(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b;

		buf_init(&b, 4096);
		smtp_received_write(&b, &rows[i].r);
		assert_str(buf_str(&b), rows[i].want);
		buf_deinit(&b);
	}
}

static void with_words(void **state)
{
	static const struct {
		bool esmtp, utf8, tls, auth, lmtp;
		const char *want;
	} words[] = {
		{ false, false, false, false, false, "SMTP" },
		{ true, false, false, false, false, "ESMTP" },
		{ true, false, true, false, false, "ESMTPS" },
		{ true, false, false, true, false, "ESMTPA" },
		{ true, false, true, true, false, "ESMTPSA" },
		{ true, true, false, false, false, "UTF8SMTP" },
		{ true, true, true, true, false, "UTF8SMTPSA" },
		{ false, false, true, false, true, "LMTPS" },
		{ false, true, true, true, true, "UTF8LMTPSA" },
	};

	size_t i;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct smtp_received r = {
			.esmtp = words[i].esmtp,
			.utf8 = words[i].utf8,
			.tls = words[i].tls,
			.auth = words[i].auth,
			.lmtp = words[i].lmtp,
		};
		char out[20];

		assert_string_equal(smtp_with(&r, out), words[i].want);
	}
}

static void the_other_fields(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	smtp_return_path_write(&b, STR(""));
	smtp_return_path_write(&b, STR("\"a>\r\nb\"@c.example"));
	smtp_delivered_to_write(&b, STR("bo+x@b.example"));
	assert_str(buf_str(&b), "Return-Path: <>\r\n"
	                        "Return-Path: <\"a???b\"@c.example>\r\n"
	                        "Delivered-To: bo+x@b.example\r\n");
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(received),
		cmocka_unit_test(with_words),
		cmocka_unit_test(the_other_fields),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
