/* RFC 5703: the parts of a message. */
#include "sieve/testing.h"

#define PARTS                                                 \
	"require [\"foreverypart\",\"mime\",\"extracttext\"," \
	"\"variables\",\"fileinto\",\"index\"];\n"

static const char mixed[] =
	"From: bo@partner.example\r\n"
	"Subject: parts\r\n"
	"MIME-Version: 1.0\r\n"
	"Content-Type: multipart/mixed; boundary=o\r\n\r\n"
	"--o\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
	"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
	"bl=E5b=E6r er godt\r\n"
	"--o\r\nContent-Type: application/zip; name*=utf-8''p%C3%A6.exe\r\n"
	"Content-Disposition: Attachment; filename=\"x.EXE\"\r\n\r\nPK\r\n"
	"--o\r\nContent-Type: message/rfc822\r\n\r\n"
	"From: eva@inner.example\r\nTo: di@inner.example\r\n"
	"Subject: within\r\n\r\ntext within\r\n"
	"--o--\r\n";

static void walks_and_tests(void **state)
{
	static const struct row rows[] = {
		/* RFC 5703, 3.1 and 5 */
		{ PARTS "foreverypart { if header :mime :contenttype :is "
		        "\"Content-Type\" \"APPLICATION/zip\" { fileinto "
		        "\"zip\"; break; } }",
		  "fileinto zip" },
		{ PARTS "foreverypart { if header :mime :param \"filename\" "
		        ":matches [\"Content-Type\", \"Content-Disposition\"] "
		        "\"*.exe\" { fileinto \"exe\"; break; } }",
		  "fileinto exe" },
		{ PARTS "if header :mime :anychild :param \"name\" "
		        ":matches \"Content-Type\" \"p*.exe\" { fileinto "
		        "\"${1}\"; }",
		  "fileinto \xc3\xa6" },
		{ PARTS "if header :mime :type \"Content-Type\" \"multipart\" "
		        "{ fileinto \"A\"; } if header :mime :subtype "
		        "\"Content-Type\" \"mixed\" { fileinto \"B\"; } if "
		        "header :mime :type \"Content-Type\" \"text\" { "
		        "fileinto \"C\"; } if header :mime :anychild :type "
		        "\"Content-Type\" \"text\" { fileinto \"D\"; }",
		  "fileinto A; fileinto B; fileinto D" },
		{ PARTS "if header :mime :anychild :type "
		        "\"Content-Disposition\" \"attachment\" { discard; }",
		  "" },
		/* without :mime it is the message's own */
		{ PARTS "foreverypart { if header \"Subject\" \"within\" { "
		        "discard; } }",
		  "keep" },
		{ PARTS "if header :mime :anychild \"Subject\" \"within\" { "
		        "discard; }",
		  "" },
		{ PARTS "if address :mime :anychild :localpart \"from\" "
		        "\"eva\" { discard; }",
		  "" },
		{ PARTS "if address :mime \"from\" \"eva@inner.example\" { "
		        "discard; }",
		  "keep" },
		{ PARTS "if allof (exists :mime :anychild [\"To\", "
		        "\"Content-Disposition\"], not exists :mime \"To\") { "
		        "discard; }",
		  "" },
		/* texts */
		{ PARTS "foreverypart { if header :mime :type "
		        "\"Content-Type\" \"text\" { extracttext :upper "
		        ":first 6 \"t\"; break; } } fileinto \"${t}\";",
		  "fileinto BL\xc3\xa5"
		  "B\xc3\xa6R" },
		{ PARTS
		  "foreverypart { extracttext :length \"n\"; if not "
		  "string \"${n}\" \"0\" { set \"all\" \"${all} ${n}\"; } "
		  "} fileinto \"${all}\";",
		  "fileinto  14 11" },
		/* loops in loops */
		{ PARTS "foreverypart :name \"out\" { if header :mime "
		        ":contenttype \"Content-Type\" \"message/rfc822\" { "
		        "foreverypart { if header :mime \"Subject\" \"within\" "
		        "{ fileinto \"A\"; break :name \"out\"; } } fileinto "
		        "\"B\"; } }",
		  "fileinto A" },
		{ PARTS "foreverypart { foreverypart { break; } set \"n\" "
		        "\"${n}x\"; } fileinto \"${n}\";",
		  "fileinto xxxxx" },
		{ PARTS "foreverypart { stop; } discard;", "keep" },
		/* mistakes */
		{ PARTS "break;", "2:1 \"break\" stands in no foreverypart" },
		{ PARTS "extracttext \"x\";",
		  "2:1 \"extracttext\" stands in no foreverypart" },
		{ PARTS "foreverypart :name \"a\" { break :name \"b\"; }",
		  "2:26 no foreverypart around it is called \"b\"" },
		{ PARTS "foreverypart { foreverypart { foreverypart { "
		        "foreverypart { foreverypart { } } } } }",
		  "2:61 too many loops in one another" },
		{ PARTS "foreverypart;",
		  "2:1 \"foreverypart\" needs a block in braces" },
		{ PARTS "foreverypart { extracttext \"1x\"; }",
		  "line 2: \"1x\" cannot be a variable" },
		{ PARTS "if header :mime :index 1 \"x\" \"y\" { stop; }",
		  "line 2: :index and :mime exclude each other here" },
		{ "require \"foreverypart\"; foreverypart { if header :mime "
		  "\"x\" \"y\" { stop; } }",
		  "1:50 \"mime\" is used without its \"require\"" },
	};

	(void)state;
	testing_message = mixed;
	run_rows(rows, sizeof(rows) / sizeof(rows[0]));
	testing_message = message;
}

/* Each part is asked once more for each test: a sender cannot make that long. */
static void bounds_what_it_reads(void **state)
{
	struct sieve_result r;
	struct buf out, mail;
	struct arena a;

	(void)state;
	arena_init(&a);
	buf_init(&out, 1000);
	buf_init(&mail, 16 * 1024 * 1024);
	buf_add_z(&mail, "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	for (int i = 0; i < 400; i++) {
		buf_add_z(&mail, "--b\r\nX: ");
		for (int k = 0; k < 400; k++)
			buf_add_z(&mail, "a long field \r\n ");
		buf_add_z(&mail, "\r\n\r\n");
	}
	testing_message = buf_z(&mail);
	run(PARTS "foreverypart { if header :mime :anychild \"Y\" \"x\" { "
	          "stop; } }",
	    &out, &a, &r);
	assert_str(buf_str(&out), "keep");
	run(PARTS "foreverypart { foreverypart { if anyof (header :mime \"Y\" "
	          "[\"x\"], header :mime [\"A\", \"B\", \"C\", \"D\", \"E\", "
	          "\"F\", \"G\", \"H\", \"I\", \"J\", \"K\", \"L\", \"M\"] "
	          "\"x\", header :mime [\"A\", \"B\", \"C\", \"D\", \"E\", "
	          "\"F\", \"G\", \"H\", \"I\", \"J\", \"K\", \"L\", \"M\"] "
	          "\"x\") { stop; } } }",
	    &out, &a, &r);
	assert_str(buf_str(&out), "line 2: the headers of parts take too long");
	testing_message = message;
	buf_deinit(&mail);
	buf_deinit(&out);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(walks_and_tests),
		cmocka_unit_test(bounds_what_it_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
