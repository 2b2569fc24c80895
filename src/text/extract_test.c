#include "text/extract.h"

#include "base/test.h"

static const char message[] =
	"From: =?utf-8?Q?J=C3=B8rgen?= <jorgen@xn--bcher-kva.example>\r\n"
	"To: Anna <anna@x.example>, bo@y.example\r\n"
	"Cc: c@z.example\r\n"
	"Subject: Re: [list] =?iso-8859-1?Q?R=F8dgr=F8d?=\r\n"
	"Message-ID: <3@x>\r\n"
	"In-Reply-To: <2@x>\r\n"
	"References: <1@x> <2@x>\r\n"
	"DKIM-Signature: v=1; b=SECRETSEAL\r\n"
	"X-Other: Value\r\n"
	"Content-Type: multipart/mixed; boundary=a\r\n"
	"\r\n"
	"--a\r\n"
	"Content-Type: multipart/alternative; boundary=b\r\n\r\n"
	"--b\r\n"
	"Content-Type: text/plain; charset=iso-8859-1\r\n"
	"Content-Transfer-Encoding: quoted-printable\r\n"
	"\r\n"
	"Hej Anna,\r\n"
	"\r\n"
	"Bo skrev:\r\n"
	"> gammelt\r\n"
	"Nyt: R=F8d=\r\ngr=F8d.\r\n"
	"-- \r\n"
	"J\r\n"
	"--b\r\n"
	"Content-Type: text/html\r\n\r\n"
	"<p>Hej <b>An</b>na</p><style>hidden</style>\r\n"
	"--b--\r\n"
	"--a\r\n"
	"Content-Type: text/plain; name*=utf-8''n%C3%B8te.txt\r\n"
	"Content-Disposition: attachment\r\n"
	"Content-Transfer-Encoding: base64\r\n\r\n"
	"VEhFIEFUVEFDSE1FTlQ=\r\n"
	"--a\r\n"
	"Content-Type: message/rfc822\r\n\r\n"
	"Subject: The inner one\r\nFrom: q@r.example\r\n\r\nDeep text\r\n"
	"--a--\r\n";

static void extracts(void **state)
{
	static const char want[] =
		"\1sre: [list] rodgrod"
		"\1fjorgen <jorgen@xn--bcher-kva.example> "
		"<jorgen@bucher.example>"
		"\1tanna <anna@x.example>"
		"\1t<bo@y.example>"
		"\1c<c@z.example>"
		"\1nnote.txt"
		"\1hmessage-id: <3@x>"
		"\1hin-reply-to: <2@x>"
		"\1hreferences: <1@x> <2@x>"
		"\1hx-other: value"
		"\1hcontent-type: multipart/mixed; boundary=a"
		"\1bhej anna, bo skrev: > gammelt nyt: rodgrod. -- j"
		"\1bhej anna"
		"\1athe attachment"
		"\1athe inner one"
		"\1a<q@r.example>"
		"\1adeep text";
	struct mime_structure st;
	struct text_extract ex;
	struct arena a;

	(void)state;
	arena_init(&a);
	mime_structure_make(&a, str_z(message), NULL, &st);
	text_extract(&a, str_z(message), &st, NULL, &ex);
	assert_str(ex.subject, "Re: [list] R\xc3\xb8"
	                       "dgr\xc3\xb8"
	                       "d");
	assert_str(ex.base_subject, "R\xc3\xb8"
	                            "dgr\xc3\xb8"
	                            "d");
	assert_true(ex.is_reply);
	assert_str(ex.preview, "Hej Anna, Nyt: R\xc3\xb8"
	                       "dgr\xc3\xb8"
	                       "d.");
	assert_true(ex.has_attachment);
	assert_str(ex.sort_from, "J\xc3\x98RGEN");
	assert_str(ex.sort_from_mailbox, "JORGEN");
	assert_str(ex.sort_to, "ANNA");
	assert_str(ex.sort_cc_mailbox, "C");
	assert_str(ex.message_id, "3@x");
	assert_int_equal(ex.thread_ids_n, 2);
	assert_str(ex.thread_ids[0], "1@x");
	assert_str(ex.thread_ids[1], "2@x");
	assert_str(buf_str(&ex.search), want);
	assert_false(ex.search_cut);
	text_extract_free(&ex);
	arena_deinit(&a);
}

static void walks_sections(void **state)
{
	struct str rest = STR("\1shello\1b\1nx"), text;
	enum text_section kind;

	(void)state;
	assert_true(text_section_next(&rest, &kind, &text));
	assert_int_equal(kind, TEXT_SUBJECT);
	assert_str(text, "hello");
	assert_true(text_section_next(&rest, &kind, &text));
	assert_int_equal(kind, TEXT_BODY);
	assert_str(text, "");
	assert_true(text_section_next(&rest, &kind, &text));
	assert_int_equal(kind, TEXT_NAME);
	assert_str(text, "x");
	assert_false(text_section_next(&rest, &kind, &text));
}

/* The preview of a message whose text is `body`. */
static void previews(void **state)
{
	static const struct {
		const char *label, *in, *want;
	} rows[] = {
		{ "nothing", "", "" },
		{ "only quotes", "\r\n> a\r\n> b\r\n", "> a > b" },
		{ "top posting", "Yes.\r\n\r\nAnna wrote:\r\n> a\r\n", "Yes." },
		{ "rules", "=====\r\nNews\r\n-----\r\nText\r\n", "News Text" },
		{ "signature", "Hi\r\n-- \r\nme\r\n", "Hi" },
		{ "padding", "Hi\xe2\x80\x8b \xe2\x80\x8c \xc2\xa0\xcd\x8f x",
		  "Hi x" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct mime_structure st;
		struct text_extract ex;
		struct arena a;
		struct str in;

		arena_init(&a);
		in = arena_fmt(&a, "Subject: x\r\n\r\n%s", rows[i].in);
		mime_structure_make(&a, in, NULL, &st);
		text_extract(&a, in, &st, NULL, &ex);
		if (!str_eq(ex.preview, str_z(rows[i].want)))
			print_error("row \"%s\"\n", rows[i].label);
		assert_str(ex.preview, rows[i].want);
		text_extract_free(&ex);
		arena_deinit(&a);
	}
}

static void keeps_its_limits(void **state)
{
	struct text_limits limits = text_limits_default;
	struct mime_structure st;
	struct text_extract ex;
	struct arena a;
	struct buf in;

	(void)state;
	arena_init(&a);
	buf_init(&in, 10000000);
	buf_add(&in, STR("Subject: x\r\n\r\n"));
	for (int i = 0; i < 200000; i++)
		buf_add(&in, STR("word \xc3\xa6 "));
	limits.search_max = 5000;
	limits.preview_max = 10;
	mime_structure_make(&a, buf_str(&in), NULL, &st);
	text_extract(&a, buf_str(&in), &st, &limits, &ex);
	assert_true(ex.search_cut);
	assert_true(ex.search.n <= 5000);
	assert_str(ex.preview, "word \xc3\xa6 wor");
	text_extract_free(&ex);
	buf_deinit(&in);
	arena_deinit(&a);
}

static void reads_headers(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{ " plain  text ", "plain text" },
		{ "=?utf-8?B?w6Y=?= x", "\xc3\xa6 x" },
		{ "\xc3\xa6 \xe6", "\xc3\xa6 \xc3\xa6" },
		{ "=?x-unknown?Q?=E6?=", "\xc3\xa6" },
		{ "a=?utf-8?Q?=0D=0ABcc:_x?=", "a Bcc: x" },
		{ "=?utf-8?Q?a=E2=80=AEb?=", "ab" },
		{ "=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=",
		  "\xe6\x97\xa5\xe6\x9c\xac" },
		{ "=?utf-8?Q?e=CC=81?=", "\xc3\xa9" },
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_str(text_header(&a, str_z(rows[i].in)), rows[i].want);
	arena_deinit(&a);
}

static void reads_parameters(void **state)
{
	struct mime_param rows[] = {
		{ STR_INIT("name"), STR_INIT("a.pdf") },
		{ STR_INIT("name"), STR_INIT("=?utf-8?Q?=C3=A6.pdf?=") },
		{ STR_INIT("name"), STR_INIT("\xe6.pdf") },
		{ STR_INIT("name*"), STR_INIT("iso-8859-1''%E6.pdf") },
		{ STR_INIT("name*"), STR_INIT("utf-8'da'%C3%A6.pdf") },
		{ STR_INIT("name*"), STR_INIT("a%20b.pdf") },
	};
	static const char *const want[] = { "a.pdf",        "\xc3\xa6.pdf",
		                            "\xc3\xa6.pdf", "\xc3\xa6.pdf",
		                            "\xc3\xa6.pdf", "a b.pdf" };
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_str(text_param(&a, &rows[i]), want[i]);
	arena_deinit(&a);
}

static void base_subjects(void **state)
{
	static const struct {
		const char *in, *want;
		bool reply;
	} rows[] = {
		{ "hello", "hello", false },
		{ "Re: hello", "hello", true },
		{ "re: Fwd: FW : hello", "hello", true },
		{ "Re[2]: hello", "hello", true },
		{ "[list] Re: hello (fwd)", "hello", true },
		{ "[list] hello", "hello", false },
		{ "[list]", "[list]", false },
		{ "[a] [b] c", "c", false },
		{ "[a] [b]", "[b]", false },
		{ "[fwd: hello]", "hello", true },
		{ "[Fwd: Re: [x] hello (fwd)]", "hello", true },
		{ "Re:", "", true },
		{ "reply", "reply", false },
		{ "hello [x]", "hello [x]", false },
		{ "[unclosed hello", "[unclosed hello", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool reply;

		assert_str(text_base_subject(str_z(rows[i].in), &reply),
		           rows[i].want);
		assert_int_equal(reply, rows[i].reply);
	}
}

static void whole_parts(void **state)
{
	struct str in =
		STR("Content-Type: text/plain; charset=iso-8859-1\r\n\r\n"
	            "a\xe6\r\nb\r\n");
	struct buf out;
	struct arena a;

	(void)state;
	arena_init(&a);
	buf_init(&out, 100);
	assert_true(text_part(&out, in, mime_parse(&a, in, NULL), false));
	assert_str(buf_str(&out), "a\xc3\xa6\nb\n");
	buf_deinit(&out);
	buf_init(&out, 3);
	assert_false(text_part(&out, in, mime_parse(&a, in, NULL), false));
	buf_deinit(&out);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(extracts),
		cmocka_unit_test(walks_sections),
		cmocka_unit_test(previews),
		cmocka_unit_test(keeps_its_limits),
		cmocka_unit_test(reads_headers),
		cmocka_unit_test(reads_parameters),
		cmocka_unit_test(base_subjects),
		cmocka_unit_test(whole_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
