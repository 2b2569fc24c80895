/* RFC 5703, 5 and 6: what a script puts in the place of parts, and around the
 * message. */
#include "sieve/testing.h"

#define ALL                                                              \
	"require [\"foreverypart\",\"mime\",\"replace\",\"enclose\","    \
	"\"editheader\",\"variables\",\"extracttext\",\"body\",\"copy\"" \
	",\"fileinto\"];\n"

#define TOP                                                 \
	"From: bo@partner.example\r\n"                      \
	"Subject: parts\r\n"                                \
	"MIME-Version: 1.0\r\n"                             \
	"Content-Type: multipart/mixed; boundary=o\r\n\r\n" \
	"before\r\n"
#define TEXT "--o\r\nContent-Type: text/plain\r\n\r\nread this\r\n"
#define EXE                                                        \
	"--o\r\nContent-Type: application/exe; name=\"x.exe\"\r\n" \
	"Content-Disposition: attachment\r\n\r\nMZ\r\n"
#define INNER                                                        \
	"--o\r\nContent-Type: message/rfc822\r\n\r\n"                \
	"From: eva@inner.example\r\nContent-Type: text/html\r\n\r\n" \
	"<b>within</b>\r\n"
#define END "--o--\r\nbehind\r\n"
#define GONE                                          \
	"Content-Type: text/plain; charset=utf-8\r\n" \
	"Content-Transfer-Encoding: 7bit\r\n\r\n"
#define IF_EXE                                                      \
	"if anyof (header :mime :contenttype :is \"Content-Type\" " \
	"\"application/exe\", header :mime :param \"filename\" "    \
	":matches [\"Content-Type\", \"Content-Disposition\"] "     \
	"\"*.com\") "

struct edit {
	const char *in, *script, *want; /* want: the first action's message */
};

static void check(const struct edit *row)
{
	struct sieve_result r = { .n = 0 };
	struct arena a;
	struct buf out;

	arena_init(&a);
	buf_init(&out, 10000);
	testing_message = row->in;
	run(row->script, &out, &a, &r);
	testing_message = message;
	if (r.n == 0 || !str_eq(r.actions[0].message, str_z(row->want)))
		print_error("%s\n%.*s\n", row->script, STR_ARG(buf_str(&out)));
	assert_true(r.n > 0);
	assert_str(r.actions[0].message, row->want);
	buf_deinit(&out);
	arena_deinit(&a);
}

static void replaces_parts(void **state)
{
	static const struct edit rows[] = {
		/* RFC 5703, 5: the example */
		{ TOP TEXT EXE END,
		  ALL "foreverypart { " IF_EXE
		      "{ replace \"Executable attachment removed by user "
		      "filter\"; } }",
		  TOP TEXT
		  "--o\r\n" GONE
		  "Executable attachment removed by user filter\r\n" END },
		/* two, and what lies between stays; the last one is empty and
		 * shares its line end with the boundary */
		{ TOP EXE TEXT EXE "--o\r\n--o--\r\n",
		  ALL "foreverypart { if not header :mime :type "
		      "\"Content-Type\" \"multipart\" { if not header :mime "
		      ":contenttype \"Content-Type\" \"text/plain\" { "
		      "replace \"gone\"; } } }",
		  TOP "--o\r\n" GONE "gone\r\n" TEXT "--o\r\n" GONE
		      "gone\r\n--o\r\n" GONE "gone\r\n--o--\r\n" },
		/* letters, and a boundary in the text */
		{ TOP EXE END,
		  ALL "foreverypart { " IF_EXE "{ replace \"v\xc3\xa6k\"; } }",
		  TOP "--o\r\nContent-Type: text/plain; charset=utf-8\r\n"
		      "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
		      "v=C3=A6k\r\n" END },
		{ TOP EXE END,
		  ALL "foreverypart { " IF_EXE "{ replace \"a\r\n--o\r\nb\"; } "
		      "}",
		  TOP "--o\r\nContent-Type: text/plain; charset=utf-8\r\n"
		      "Content-Transfer-Encoding: base64\r\n\r\n"
		      "YQ0KLS1vDQpi\r\n" END },
		/* an entity; only its Content- fields are taken */
		{ TOP EXE END,
		  ALL "foreverypart { " IF_EXE "{ replace :mime text:\n"
		      "Content-Type: text/html\nX-No: x\n\n<i>gone</i>\n.\n"
		      "; } }",
		  TOP
		  "--o\r\nContent-Type: text/html\r\n\r\n<i>gone</i>\r\n" END },
		/* the message in the message keeps who it is from */
		{ TOP INNER END,
		  ALL "foreverypart { if header :mime :contenttype "
		      "\"Content-Type\" \"text/html\" { replace \"plain\"; } }",
		  TOP "--o\r\nContent-Type: message/rfc822\r\n\r\n"
		      "From: eva@inner.example\r\nMIME-Version: 1.0\r\n" GONE
		      "plain\r\n" END },
		/* all of a multipart: its parts are gone, for this loop too */
		{ TOP INNER TEXT END,
		  ALL "foreverypart { if header :mime :contenttype "
		      "\"Content-Type\" \"message/rfc822\" { replace \"A\"; } "
		      "elsif header :mime :contenttype \"Content-Type\" "
		      "\"text/html\" { replace \"B\"; } }",
		  TOP "--o\r\n" GONE "A\r\n" TEXT END },
		/* twice: the last one stands */
		{ TOP EXE END,
		  ALL "foreverypart { " IF_EXE
		      "{ replace \"one\"; replace \"two\"; } }",
		  TOP "--o\r\n" GONE "two\r\n" END },
		/* no boundary is there: the part is all of it */
		{ "Subject: x\r\nContent-Type: multipart/mixed; boundary=o\r\n"
		  "\r\nno parts\r\n",
		  ALL "foreverypart { if header :mime :anychild :type "
		      "\"Content-Type\" \"multipart\" { foreverypart { replace "
		      "\"text\"; } } }",
		  "Subject: x\r\nMIME-Version: 1.0\r\n" GONE "text\r\n" },
		/* nor here, within another; what stands there is seen at once */
		{ TOP "--o\r\nContent-Type: multipart/alternative; "
		      "boundary=q\r\n\r\nno parts\r\n" END,
		  ALL "foreverypart { if not header :mime :type "
		      "\"Content-Type\" \"multipart\" { replace \"text\"; if "
		      "header :mime :type \"Content-Type\" \"text\" { "
		      "addheader \"X-A\" \"b\"; } } }",
		  "X-A: b\r\n" TOP "--o\r\n" GONE "text\r\n" END },
		/* with an edited header */
		{ TOP EXE END,
		  ALL "foreverypart { " IF_EXE "{ replace \"gone\"; } } "
		      "addheader \"X-A\" \"b\";",
		  "X-A: b\r\n" TOP "--o\r\n" GONE "gone\r\n" END },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check(&rows[i]);
}

static void replaces_the_message(void **state)
{
	static const char plain[] =
		"Received: from a by b; date\r\n"
		"From: bo@partner.example\r\n"
		"Subject: =?utf-8?q?=C3=A6?=\r\n"
		"Content-Type: text/html\r\n\r\n<b>x</b>\r\n";
	static const struct edit rows[] = {
		{ plain, ALL "replace \"short\";",
		  "Received: from a by b; date\r\n"
		  "From: bo@partner.example\r\n"
		  "Subject: =?utf-8?q?=C3=A6?=\r\n"
		  "MIME-Version: 1.0\r\n" GONE "short\r\n" },
		{ plain,
		  ALL "replace :subject \"\xc3\xa6\nX: y\" :from \"Anna "
		      "<anna@customer.example>\" \"short\";",
		  "Received: from a by b; date\r\n"
		  "Original-From: bo@partner.example\r\n"
		  "Original-Subject: =?utf-8?q?=C3=A6?=\r\n"
		  "Subject: =?utf-8?B?w6YKWDogeQ==?=\r\n"
		  "From: Anna <anna@customer.example>\r\n"
		  "MIME-Version: 1.0\r\n" GONE "short\r\n" },
		/* an author that is somebody else, or none: passed over */
		{ "From: bo@partner.example\r\n\r\nx\r\n",
		  ALL "replace :from \"boss@customer.example\" \"short\";",
		  "From: bo@partner.example\r\nMIME-Version: 1.0\r\n" GONE
		  "short\r\n" },
		{ "From: bo@partner.example\r\n\r\nx\r\n",
		  ALL "replace :from \"nobody\" \"short\";",
		  "From: bo@partner.example\r\nMIME-Version: 1.0\r\n" GONE
		  "short\r\n" },
		/* in a loop that is its first part */
		{ TOP TEXT END, ALL "foreverypart { replace \"all\"; }",
		  "From: bo@partner.example\r\nSubject: parts\r\n"
		  "MIME-Version: 1.0\r\n" GONE "all\r\n" },
		/* an entity of several parts: the next loop goes into them */
		{ "Subject: x\r\n\r\nx\r\n",
		  ALL
		  "replace :mime text:\nContent-Type: multipart/mixed; "
		  "boundary=n\n\n--n\n\none\n--n\n\ntwo\n--n--\n.\n;\n"
		  "foreverypart { if not header :mime :contenttype "
		  "\"Content-Type\" \"multipart/mixed\" { extracttext \"t\"; "
		  "set \"all\" \"${all}<${t}>\"; } } addheader \"X-All\" "
		  "\"${all}\";",
		  "X-All: <one><two>\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
		  "Content-Type: multipart/mixed; boundary=n\r\n\r\n"
		  "--n\r\n\r\none\r\n--n\r\n\r\ntwo\r\n--n--\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check(&rows[i]);
}

#define IN                                                          \
	"From: bo@partner.example\r\nTo: anna@customer.example\r\n" \
	"Subject: a game\r\n\r\nMZ\r\n"
#define ENCLOSED(fields, n, text, inner)                                       \
	fields "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; "          \
	       "boundary=\"=_id." n "\"\r\nContent-Transfer-Encoding: "        \
	       "7bit\r\n\r\n--=_id." n "\r\n" GONE text "\r\n\r\n--=_id." n    \
	       "\r\nContent-Type: message/rfc822\r\n"                          \
	       "Content-Transfer-Encoding: 7bit\r\n\r\n" inner "\r\n--=_id." n \
	       "--\r\n"
#define SYNTHETIC                                   \
	"From: anna@customer.example\r\n"           \
	"Date: Tue, 24 Nov 2026 05:10:00 +0000\r\n" \
	"Message-ID: <id.0@mx.hosting.example>\r\n"

static void encloses(void **state)
{
	static const struct edit rows[] = {
		{ IN, ALL "enclose :subject \"Warning\" \"Mind the part\";",
		  ENCLOSED("Subject: Warning\r\n" SYNTHETIC, "0",
		           "Mind the part", IN) },
		/* fields of the message are taken along, MIME ones never */
		{ IN,
		  ALL "enclose :headers [\"from\", \"To\", \"Content-Type\"] "
		      "\"x\";",
		  ENCLOSED("From: bo@partner.example\r\n"
		           "To: anna@customer.example\r\nSubject: a game\r\n"
		           "Date: Tue, 24 Nov 2026 05:10:00 +0000\r\n"
		           "Message-ID: <id.0@mx.hosting.example>\r\n",
		           "0", "x", IN) },
		/* a boundary that stands in the message is not taken */
		{ "Subject: x\r\n\r\n=_id.0 =_id.1", ALL "enclose \"=_id.2\";",
		  ENCLOSED("Subject: x\r\n" SYNTHETIC, "3", "=_id.2",
		           "Subject: x\r\n\r\n=_id.0 =_id.1") },
		/* RFC 5703, 6: a replaced part goes in replaced; once, though
		 * the loop has no break */
		{ TOP EXE EXE END,
		  ALL "foreverypart { " IF_EXE "{ replace \"gone\"; enclose "
		      ":subject \"Warning\" \"w\"; } }",
		  ENCLOSED("Subject: Warning\r\n" SYNTHETIC, "0", "w",
		           TOP "--o\r\n" GONE "gone\r\n" EXE END) },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check(&rows[i]);
}

/* What comes behind sees the new message, in a loop too. */
static void later_tests_see_the_new_message(void **state)
{
	static const struct row rows[] = {
		{ ALL
		  "enclose :subject \"Warning\" \"words\"; if allof "
		  "(header \"Subject\" \"Warning\", header :mime :contenttype "
		  "\"Content-Type\" \"multipart/mixed\", body :contains "
		  "\"words\", body :contains \"numbers are\") { discard; }",
		  "" },
		{ ALL "replace \"new words\"; if allof (body :contains \"new "
		      "w\", body :raw :contains \"new w\", not body :contains "
		      "\"numbers\") { discard; }",
		  "" },
		{ ALL "foreverypart { enclose \"words\"; if header :mime :type "
		      "\"Content-Type\" \"multipart\" { discard; } }",
		  "" },
	};
	static const struct row parts[] = {
		{ ALL
		  "foreverypart { " IF_EXE "{ replace \"new words\"; if "
		  "allof (header :mime :type \"Content-Type\" \"text\", body "
		  ":contains \"new w\", body :raw :contains \"new w\", not "
		  "body :raw :contains \"MZ\") { discard; } extracttext "
		  "\"t\"; } } fileinto \"${t}\";",
		  "fileinto new words" },
		{ ALL "foreverypart { " IF_EXE "{ replace \"x\"; } } if header "
		      ":mime :anychild :contenttype \"Content-Type\" "
		      "\"application/exe\" { discard; }",
		  "keep" },
		/* a loop within a part that is replaced has nothing */
		{ ALL "foreverypart { if header :mime :contenttype "
		      "\"Content-Type\" \"message/rfc822\" { replace \"x\"; "
		      "foreverypart { discard; } } }",
		  "keep" },
		/* mistakes */
		{ ALL "replace :mime :subject \"x\" \"y\";",
		  "2:1 :subject and :from do not go with :mime" },
		{ ALL "foreverypart { " IF_EXE "{ replace :mime text:\n\n--o\n"
		      ".\n; } }",
		  "line 2: the replacement holds a boundary of the message" },
		{ "require \"enclose\"; replace \"x\";",
		  "1:20 \"replace\" is used without its \"require\"" },
		{ "require \"replace\"; enclose \"x\";",
		  "1:20 \"enclose\" is used without its \"require\"" },
	};

	(void)state;
	run_rows(rows, sizeof(rows) / sizeof(rows[0]));
	testing_message = TOP TEXT INNER EXE END;
	run_rows(parts, sizeof(parts) / sizeof(parts[0]));
	testing_message = message;
}

/* RFC 5703, 6: a redirect sends what was not enclosed, and what was replaced
 * as that. */
static void redirects_what_is_not_enclosed(void **state)
{
	struct sieve_result r;
	struct arena a;
	struct buf out;

	(void)state;
	arena_init(&a);
	buf_init(&out, 1000);
	testing_message = "Subject: x\r\n\r\nold\r\n";
	run(ALL "enclose \"w\"; redirect :copy \"x@y.example\";", &out, &a, &r);
	assert_str(buf_str(&out), "redirect x@y.example; keep");
	assert_null(r.actions[0].message.p);
	assert_true(str_find(r.actions[1].message, STR("rfc822")) != STR_NPOS);
	run(ALL "replace \"new\"; enclose \"w\"; addheader \"X-A\" \"b\"; "
	        "redirect :copy \"x@y.example\";",
	    &out, &a, &r);
	assert_str(r.actions[0].message,
	           "Subject: x\r\nMIME-Version: 1.0\r\n" GONE "new\r\n");
	assert_true(str_starts(r.actions[1].message, STR("X-A: b\r\n")));
	testing_message = message;
	buf_deinit(&out);
	arena_deinit(&a);
}

/* Copies of a large message come to an end, in memory too. */
static void bounds_what_it_copies(void **state)
{
	static char big[4 * 1024 * 1024];
	struct sieve_result r;
	struct arena a;
	struct buf out, script;

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	for (size_t i = 78; i + 2 < sizeof(big); i += 80)
		memcpy(big + i, "\r\n", 2);
	memcpy(big, "Subject: x\r\n\r\n", 14);
	arena_init(&a);
	buf_init(&out, 1000);
	buf_init(&script, 100000);
	testing_message = big;
	buf_add_z(&script, ALL);
	for (int i = 0; i < 100; i++)
		buf_add_z(&script, "enclose \"x\";\n");
	buf_add_c(&script, '\0');
	run(script.p, &out, &a, &r);
	assert_true(
		str_ends(buf_str(&out), STR("the script makes too much text")));
	assert_true(a.total < 48 * 1024 * 1024);
	/* One of each is fine however large it is. */
	arena_reset(&a);
	run(ALL "addheader \"X-A\" \"b\"; enclose \"x\"; addheader \"X-B\" "
	        "\"c\"; fileinto \"A\"; fileinto \"B\"; discard;",
	    &out, &a, &r);
	assert_str(buf_str(&out), "fileinto A; fileinto B");
	testing_message = message;
	buf_deinit(&script);
	buf_deinit(&out);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replaces_parts),
		cmocka_unit_test(replaces_the_message),
		cmocka_unit_test(encloses),
		cmocka_unit_test(later_tests_see_the_new_message),
		cmocka_unit_test(redirects_what_is_not_enclosed),
		cmocka_unit_test(bounds_what_it_copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
