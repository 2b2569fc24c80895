#include "deliver/autoreply.h"

#include "base/test.h"

static const struct str own[] = { STR_INIT("anna@customer.example"),
	                          STR_INIT("info@customer.example") };

static enum autoreply_why judge(const char *sender, const char *header,
                                bool to_anyone)
{
	struct autoreply_question q = {
		.header = str_z(header),
		.sender = str_z(sender),
		.own = own,
		.own_n = 2,
		.to_anyone = to_anyone,
	};

	return autoreply_judge(&q);
}

static void answers_people_alone(void **state)
{
#define TO "To: Anna <Anna@Customer.example>\r\n"

	static const struct {
		const char *sender, *header;
		enum autoreply_why want;
	} rows[] = {
		{ "bo@partner.example", TO, AUTOREPLY_MAY },
		{ "bo@partner.example",
		  "Cc: x@y.example,\r\n info@customer."
		  "example\r\n",
		  AUTOREPLY_MAY },
		{ "bo@partner.example", "Resent-To: anna@customer.example\r\n",
		  AUTOREPLY_MAY },
		{ "bo@partner.example", "To: list@lists.example\r\n",
		  AUTOREPLY_NOT_ADDRESSED },
		{ "bo@partner.example", "", AUTOREPLY_NOT_ADDRESSED },
		{ "", TO, AUTOREPLY_NULL_SENDER },
		{ "INFO@customer.example", TO, AUTOREPLY_OWN },
		{ "bo@partner.example", TO "List-Id: <x.example>\r\n",
		  AUTOREPLY_LIST },
		{ "bo@partner.example", TO "List-Unsubscribe: <x>\r\n",
		  AUTOREPLY_LIST },
		{ "bo@partner.example", TO "Precedence: Bulk\r\n",
		  AUTOREPLY_LIST },
		{ "bo@partner.example", TO "Precedence: first-class\r\n",
		  AUTOREPLY_MAY },
		{ "bo@partner.example",
		  TO "Auto-Submitted: auto-generated; x=y\r\n",
		  AUTOREPLY_MACHINE },
		{ "bo@partner.example", TO "Auto-Submitted: no (really)\r\n",
		  AUTOREPLY_MAY },
		{ "bo@partner.example",
		  TO "X-Auto-Response-Suppress: DR, OOF\r\n",
		  AUTOREPLY_MACHINE },
		{ "bo@partner.example",
		  TO "Content-Type: multipart/report; boundary=x\r\n",
		  AUTOREPLY_MACHINE },
		{ "bo@partner.example",
		  TO "Content-Type: multipart/mixed; boundary=x\r\n",
		  AUTOREPLY_MAY },
		{ "noreply@partner.example", TO, AUTOREPLY_SENDER },
		{ "No-Reply@partner.example", TO, AUTOREPLY_SENDER },
		{ "owner-x@partner.example", TO, AUTOREPLY_SENDER },
		{ "x-request@partner.example", TO, AUTOREPLY_SENDER },
		{ "MAILER-DAEMON@partner.example", TO, AUTOREPLY_SENDER },
		{ "requests@partner.example", TO, AUTOREPLY_MAY },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (judge(rows[i].sender, rows[i].header, false) !=
		    rows[i].want)
			fail_msg("%s with\n%s: %s", rows[i].sender,
			         rows[i].header,
			         autoreply_words(judge(rows[i].sender,
			                               rows[i].header, false)));
	assert_int_equal(judge("bo@partner.example", "", true), AUTOREPLY_MAY);
#undef TO
}

static void writes_an_answer(void **state)
{
	struct autoreply r = {
		.from = STR("J\xc3\xb8rgen Vej <anna@customer.example>"),
		.to = STR("bo@partner.example"),
		.text = STR("I am away.\nBye"),
		.kind = STR("auto-replied"),
		.message_id = STR("k1@mx.example"),
		.header = STR("Subject: =?utf-8?q?H=C3=A6?=\r\n"
		              "Message-ID: <3@partner.example>\r\n"
		              "References: <1@partner.example>\r\n"
		              " <2@partner.example>\r\n\r\n"),
		.at_us = INT64_C(1795497000000000),
	};
	struct arena a;
	struct buf out;

	(void)state;
	arena_init(&a);
	buf_init(&out, 100000);
	autoreply_write(&out, &r, &a);
	assert_str(buf_str(&out),
	           "From: =?utf-8?Q?J=C3=B8rgen_Vej?= "
	           "<anna@customer.example>\r\n"
	           "To: bo@partner.example\r\n"
	           "Subject: =?utf-8?B?QXV0bzogSMOm?=\r\n"
	           "Date: Tue, 24 Nov 2026 05:10:00 +0000\r\n"
	           "Message-ID: <k1@mx.example>\r\n"
	           "In-Reply-To: <3@partner.example>\r\n"
	           "References: <1@partner.example> <2@partner.example> "
	           "<3@partner.example>\r\n"
	           "Auto-Submitted: auto-replied\r\n"
	           "X-Auto-Response-Suppress: All\r\n"
	           "MIME-Version: 1.0\r\n"
	           "Content-Type: text/plain; charset=utf-8\r\n"
	           "Content-Transfer-Encoding: 7bit\r\n"
	           "\r\nI am away.\r\nBye\r\n");
	buf_reset(&out);
	r.subject = STR("Away\r\nBcc: x@y.example");
	r.text = STR("H\xc3\xa6");
	r.header = STR("");
	autoreply_write(&out, &r, &a);
	assert_true(str_find(buf_str(&out), STR("\r\nBcc:")) == STR_NPOS);
	assert_true(str_find(buf_str(&out), STR("Subject: Away Bcc: x")) !=
	            STR_NPOS);
	assert_true(str_ends(buf_str(&out),
	                     STR("quoted-printable\r\n\r\nH=C3=A6\r\n")));
	buf_reset(&out);
	r.mime = true;
	r.text = STR("Content-Type: text/html\nBcc: x@y.example\n\n<p>x");
	autoreply_write(&out, &r, &a);
	assert_true(str_ends(buf_str(&out), STR("MIME-Version: 1.0\r\n"
	                                        "Content-Type: text/html\r\n"
	                                        "\r\n<p>x\r\n")));
	buf_deinit(&out);
	arena_deinit(&a);
}

static void writes_text_and_html(void **state)
{
	struct autoreply r = {
		.from = STR("anna@customer.example"),
		.to = STR("bo@partner.example"),
		.text = STR("I am away."),
		.html = STR("<p>I am =<b>away</b></p>"),
		.kind = STR("auto-replied"),
		.message_id = STR("k1@mx.example"),
	};
	struct arena a;
	struct buf out;

	(void)state;
	arena_init(&a);
	buf_init(&out, 100000);
	autoreply_write(&out, &r, &a);
	assert_true(str_ends(
		buf_str(&out),
		STR("MIME-Version: 1.0\r\n"
	            "Content-Type: multipart/alternative;\r\n"
	            " boundary=\"=_k1\"\r\n\r\n"
	            "--=_k1\r\n"
	            "Content-Type: text/plain; charset=utf-8\r\n"
	            "Content-Transfer-Encoding: 7bit\r\n\r\n"
	            "I am away.\r\n"
	            "\r\n--=_k1\r\n"
	            "Content-Type: text/html; charset=utf-8\r\n"
	            "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
	            "<p>I am =3D<b>away</b></p>\r\n--=_k1--\r\n")));
	buf_deinit(&out);
	arena_deinit(&a);
}

static void writes_a_refusal(void **state)
{
	struct autoreply r = {
		.from = STR("postmaster@mx.example"),
		.to = STR("bo@partner.example"),
		.text = STR("No."),
		.kind = STR("auto-replied (rejected)"),
		.message_id = STR("k1@mx.example"),
		.header = STR("Message-ID: <3@partner.example>\r\n\r\n"),
		.mdn_recipient = STR("anna@customer.example"),
		.reporting = STR("mx.example"),
	};
	struct arena a;
	struct buf out;

	(void)state;
	arena_init(&a);
	buf_init(&out, 100000);
	autoreply_write(&out, &r, &a);
	assert_true(
		str_find(buf_str(&out),
	                 STR("\r\n--=_k1\r\n"
	                     "Content-Type: message/disposition-notification"
	                     "\r\n\r\nReporting-UA: mx.example; Posthus\r\n"
	                     "Final-Recipient: rfc822; anna@customer.example"
	                     "\r\nOriginal-Message-ID: <3@partner.example>\r\n"
	                     "Disposition: automatic-action/"
	                     "MDN-sent-automatically; deleted\r\n")) !=
		STR_NPOS);
	assert_true(str_ends(buf_str(&out), STR("\r\n--=_k1--\r\n")));
	buf_deinit(&out);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(answers_people_alone),
		cmocka_unit_test(writes_an_answer),
		cmocka_unit_test(writes_text_and_html),
		cmocka_unit_test(writes_a_refusal),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
