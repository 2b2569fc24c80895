#include "score/score.h"

#include <string.h>

#include "base/test.h"
#include "os/clock.h"
#include "score/zip.h"
#include "wire/mime/decode.h"

/* 2026-03-03 12:00:00 UTC */
#define NOW INT64_C(1772539200000000)

/* A message that no rule objects to, with one thing more or other. */
struct mail {
	const char *from, *to, *subject, *date, *id, *more, *type, *body;
};

static struct str make(struct arena *a, const struct mail *m)
{
	struct str s = STR("");

#define PUT(name, given, usual)                                              \
	do {                                                                 \
		const char *v = (given) ? (given) : (usual);                 \
		if (v[0])                                                    \
			s = arena_fmt(a, "%.*s" name ": %s\r\n", STR_ARG(s), \
			              v);                                    \
	} while (0)
	PUT("From", m->from, "Anna <anna@a.example>");
	PUT("To", m->to, "Bo <bo@b.example>");
	PUT("Subject", m->subject, "Dinner on Friday");
	PUT("Date", m->date, "Tue, 3 Mar 2026 11:59:00 +0000");
	PUT("Message-ID", m->id, "<1@a.example>");
	PUT("Content-Type", m->type, "text/plain; charset=utf-8");
#undef PUT
	return arena_fmt(a, "%.*s%s\r\n%s", STR_ARG(s), m->more ? m->more : "",
	                 m->body ? m->body : "Shall we meet at seven?\r\n");
}

static bool has(const struct score *sc, enum score_rule rule)
{
	for (size_t i = 0; i < sc->n; i++)
		if (sc->parts[i].rule == rule)
			return true;
	return false;
}

/* The names of all parts, for a message that goes wrong. */
static void show(const struct score *sc)
{
	for (size_t i = 0; i < sc->n; i++)
		print_error("  %s %d\n", score_rows[sc->parts[i].rule].name,
		            sc->parts[i].points);
}

static void a_plain_message_has_nothing(void **state)
{
	struct score_facts f = { .now_us = NOW };
	struct mail m = { .from = NULL };
	struct score sc;
	struct arena a;

	(void)state;
	arena_init(&a);
	score_message(&a, make(&a, &m), &f, &sc);
	show(&sc);
	assert_int_equal(sc.n, 0);
	assert_int_equal(sc.points, 0);
	arena_deinit(&a);
}

#define HTML(x)                             \
	.type = "text/html; charset=utf-8", \
	.body = "<html><body>" x "</body></html>\r\n"
#define FILE_OF(type_, name_, body_)                                   \
	.type = "multipart/mixed; boundary=b",                         \
	.body = "--b\r\nContent-Type: text/plain\r\n\r\nhi\r\n--b\r\n" \
		"Content-Type: " type_ "\r\nContent-Disposition: "     \
		"attachment; filename=\"" name_ "\"\r\n\r\n" body_     \
		"\r\n--b--\r\n"
#define WORDS_50                                                               \
	"one two three four five six seven eight nine ten one two three four " \
	"five six seven eight nine ten one two three four five six seven "     \
	"eight nine ten one two three four five six seven eight nine ten "

static const struct row {
	enum score_rule rule;
	bool want;
	struct mail m;
} rows[] = {
	{ SCORE_FROM_NONE, true, { .from = "" } },
	{ SCORE_FROM_DAMAGED, true, { .from = "Anna <anna@>" } },
	{ SCORE_FROM_MANY, true, { .more = "From: x@x.example\r\n" } },
	{ SCORE_FROM_OTHER_ADDRESS,
	  true,
	  { .from = "\"service@bank.example\" <x@evil.example>" } },
	{ SCORE_FROM_OTHER_ADDRESS,
	  false,
	  { .from = "\"anna@a.example\" <anna@mail.a.example>" } },
	{ SCORE_FROM_DIGITS, true, { .from = "kd83hq2x9@x.example" } },
	{ SCORE_FROM_DIGITS, false, { .from = "anna1987@x.example" } },
	{ SCORE_REPLY_FREEMAIL,
	  true,
	  { .more = "Reply-To: x@freemail.example\r\n" } },
	{ SCORE_REPLY_FREEMAIL,
	  false,
	  { .from = "x@freemail.example",
	    .more = "Reply-To: y@freemail.example\r\n" } },
	{ SCORE_REPLY_ELSEWHERE,
	  true,
	  { .more = "Reply-To: x@other.example.net\r\n" } },
	{ SCORE_REPLY_ELSEWHERE,
	  false,
	  { .more = "Reply-To: x@mail.a.example\r\n" } },
	{ SCORE_DATE_NONE, true, { .date = "" } },
	{ SCORE_DATE_BAD, true, { .date = "soon" } },
	{ SCORE_DATE_FUTURE,
	  true,
	  { .date = "Sat, 7 Mar 2026 12:00:00 +0000" } },
	{ SCORE_DATE_FUTURE,
	  false,
	  { .date = "Wed, 4 Mar 2026 01:00:00 +1300" } },
	{ SCORE_DATE_PAST, true, { .date = "Sat, 3 Jan 2026 12:00:00 +0000" } },
	{ SCORE_DATE_PAST,
	  false,
	  { .date = "Sun, 1 Mar 2026 12:00:00 +0000" } },
	{ SCORE_MESSAGE_ID_NONE, true, { .id = "" } },
	{ SCORE_MESSAGE_ID_BAD, true, { .id = "12345" } },
	{ SCORE_MESSAGE_ID_BAD, true, { .id = "<@>" } },
	{ SCORE_SUBJECT_NONE, true, { .subject = "" } },
	{ SCORE_SUBJECT_CAPITALS, true, { .subject = "MAKE MONEY FAST" } },
	{ SCORE_SUBJECT_CAPITALS, false, { .subject = "RFC 5322 in short" } },
	{ SCORE_SUBJECT_CAPITALS, false, { .subject = "OK" } },
	{ SCORE_SUBJECT_MARKS, true, { .subject = "Now!!!" } },
	{ SCORE_SUBJECT_MARKS, true, { .subject = "$$$ for you" } },
	{ SCORE_SUBJECT_MARKS, false, { .subject = "Hurray!" } },
	{ SCORE_SUBJECT_TO,
	  true,
	  { .to = "bobby@b.example", .subject = "bobby, save now" } },
	{ SCORE_SUBJECT_TO,
	  false,
	  { .to = "bobby@b.example", .subject = "bobbycar for sale" } },
	{ SCORE_SUBJECT_ID, true, { .subject = "Cheap        hq2k1" } },
	{ SCORE_SUBJECT_ID, false, { .subject = "Invoice 20331" } },
	{ SCORE_FALSE_REPLY, true, { .subject = "Re: your order" } },
	{ SCORE_FALSE_REPLY,
	  false,
	  { .subject = "Re: x", .more = "In-Reply-To: <0@b.example>\r\n" } },
	{ SCORE_TO_NONE, true, { .to = "" } },
	{ SCORE_TO_UNDISCLOSED, true, { .to = "undisclosed-recipients:;" } },
	{ SCORE_TO_SORTED,
	  true,
	  { .to = "baa@b.example, bab@b.example, bac@b.example, "
	          "bad@b.example, bae@b.example, baf@b.example" } },
	{ SCORE_TO_SORTED,
	  false,
	  { .to = "zoe@b.example, bo@b.example, xu@b.example, "
	          "anna@b.example, lu@b.example, carl@b.example" } },
	{ SCORE_HEADER_BAD, true, { .more = "this is no field\r\n" } },
	{ SCORE_HEADER_8BIT, true, { .subject = "caf\xe9" } },
	{ SCORE_HEADER_8BIT, false, { .subject = "caf\xc3\xa9" } },
	{ SCORE_HIDDEN_LETTERS, true, { .subject = "pass\xe2\x80\x8bword" } },
	{ SCORE_HIDDEN_LETTERS,
	  true,
	  { .subject = "=?utf-8?q?pass=E2=80=8Bword?=" } },
	{ SCORE_MIXED_LETTERS,
	  true,
	  { .subject = "p\xd0\xb0ypal" } }, /* a Cyrillic a */
	{ SCORE_MIXED_LETTERS,
	  false,
	  { .subject =
	            "hi \xd0\xbf\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82" } },
	{ SCORE_MAILER_BULK,
	  true,
	  { .more = "X-Mailer: Advanced Mass Sender 1\r\n" } },
	{ SCORE_PRIORITY_HIGH, true, { .more = "X-Priority: 1 (High)\r\n" } },
	{ SCORE_CHARSET_UNKNOWN,
	  true,
	  { .type = "text/plain; charset=nonsense-7" } },
	{ SCORE_CHARSET_DIFFERS,
	  true,
	  { .type = "text/plain; charset=us-ascii", .body = "caf\xe9\r\n" } },
	{ SCORE_HTML_ONLY, true, { HTML("<p>Hello") } },
	{ SCORE_HTML_LITTLE_TEXT,
	  true,
	  { HTML("<a href='http://x.example/'><img src='x'></a>") } },
	{ SCORE_HTML_LITTLE_TEXT, false, { HTML("<img src='x'>" WORDS_50) } },
	{ SCORE_HTML_HIDDEN,
	  true,
	  { HTML("<div style='display:none'>" WORDS_50 WORDS_50 WORDS_50
	         "</div>Buy") } },
	{ SCORE_HTML_HIDDEN,
	  true,
	  { HTML("<span style='color:red; font-size: 0px'>" WORDS_50 WORDS_50
	                 WORDS_50 "</span>Buy") } },
	{ SCORE_HTML_HIDDEN,
	  false,
	  { HTML("<span style='font-size:12px'>" WORDS_50 WORDS_50 WORDS_50
	         "</span>Buy") } },
	{ SCORE_HTML_HIDDEN,
	  true,
	  { HTML("<p style='font-size: .1em'>" WORDS_50 WORDS_50 WORDS_50
	         "</p>Buy") } },
	{ SCORE_HTML_HIDDEN,
	  true,
	  { HTML("<p style='FONT-SIZE:1PX'>" WORDS_50 WORDS_50 WORDS_50
	         "</p>Buy") } },
	{ SCORE_HTML_HIDDEN,
	  false,
	  { HTML("<p style='font-size: 0.9em'>" WORDS_50 WORDS_50 WORDS_50
	         "</p>Buy") } },
	{ SCORE_HTML_HIDDEN,
	  false,
	  { HTML("<p style='font-size: 100%'>" WORDS_50 WORDS_50 WORDS_50
	         "</p>Buy") } },
	{ SCORE_HTML_HIDDEN,
	  false,
	  { HTML("<p style='font-size: 1.1em'>" WORDS_50 WORDS_50 WORDS_50
	         "</p>Buy") } },
	{ SCORE_HTML_HIDDEN,
	  false,
	  { HTML("<p style='font-size: small'>" WORDS_50 WORDS_50 WORDS_50
	         "</p>Buy") } },
	{ SCORE_HTML_SPLIT_WORDS,
	  true,
	  { HTML("V<!-- a -->i<!-- b -->a<!-- c -->g<!-- d -->ra") } },
	{ SCORE_HTML_SCRIPT, true, { HTML("<script>x()</script>") } },
	{ SCORE_HTML_FORM, true, { HTML("<form action=x><input></form>") } },
	{ SCORE_TEXT_BASE64,
	  true,
	  { .more = "Content-Transfer-Encoding: base64\r\n",
	    .body = "SGVsbG8gQm8=\r\n" } },
	{ SCORE_TEXT_PHRASES,
	  true,
	  { .body = "Act now!  Click\r\nhere.\r\n" } },
	{ SCORE_TEXT_PHRASES, false, { .body = "We act nowhere.\r\n" } },
	{ SCORE_TEXT_PHRASES_MANY,
	  true,
	  { .body = "Act now, click here, no obligation, risk free.\r\n" } },
	{ SCORE_TEXT_ADVANCE_FEE,
	  true,
	  { .body = "The sum of ten million dollars of my deceased client; "
	            "you are the beneficiary.\r\n" } },
	{ SCORE_TEXT_BITCOIN,
	  true,
	  { .body = "Your webcam saw you. Send bitcoin.\r\n" } },
	{ SCORE_LINK_OTHER,
	  true,
	  { HTML("<a href='http://evil.example.net/'>www.bank.example</a>") } },
	{ SCORE_LINK_OTHER,
	  false,
	  { HTML("<a href='http://login.bank.example/x'>www.bank.example</a>") } },
	{ SCORE_LINK_OTHER,
	  false,
	  { HTML("<a href='http://evil.example.net/'>Click</a>") } },
	{ SCORE_LINK_ADDRESS,
	  true,
	  { HTML("<a href='http://192.0.2.7/'>x</a>") } },
	{ SCORE_LINK_ADDRESS, true, { .body = "http://192.0.2.7/x\r\n" } },
	{ SCORE_LINK_ADDRESS,
	  true,
	  { HTML("<a href=http://3221225991/>x</a>") } },
	{ SCORE_LINK_SHORT, true, { .body = "http://short.example/x\r\n" } },
	{ SCORE_LINK_REDIRECT,
	  true,
	  { .body = "http://a.example/?u=http://b.example/\r\n" } },
	{ SCORE_LINK_ENCODED, true, { .body = "http://%61.example/\r\n" } },
	{ SCORE_LINK_USER,
	  true,
	  { .body = "http://bank.example@evil.example/\r\n" } },
	{ SCORE_LINK_PORT, true, { .body = "http://a.example:8080/\r\n" } },
	{ SCORE_LINK_PORT, false, { .body = "https://a.example:443/\r\n" } },
	{ SCORE_FILE_PROGRAM,
	  true,
	  { FILE_OF("application/octet-stream", "setup.exe", "x") } },
	{ SCORE_FILE_SCRIPT,
	  true,
	  { FILE_OF("application/octet-stream", "a.vbs", "x") } },
	{ SCORE_FILE_DOUBLE,
	  true,
	  { FILE_OF("application/octet-stream", "cv.pdf   .exe", "x") } },
	{ SCORE_FILE_DOUBLE,
	  false,
	  { FILE_OF("application/octet-stream", "v1.2.exe", "x") } },
	{ SCORE_FILE_MACRO,
	  true,
	  { FILE_OF("application/octet-stream", "x.docm", "x") } },
	{ SCORE_FILE_HTML, true, { FILE_OF("text/html", "x.html", "<p>") } },
	{ SCORE_FILE_PROGRAM,
	  false,
	  { FILE_OF("application/pdf", "x.pdf", "%PDF") } },
};

static void rules_see_what_they_should(void **state)
{
	struct score_facts f = { .now_us = NOW };
	bool seen[SCORE_RULES] = { false };
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct score sc;

		score_message(&a, make(&a, &rows[i].m), &f, &sc);
		if (has(&sc, rows[i].rule) != rows[i].want) {
			print_error("row %zu: %s should be %d\n", i,
			            score_rows[rows[i].rule].name,
			            rows[i].want);
			show(&sc);
			fail();
		}
		seen[rows[i].rule] |= rows[i].want;
	}
	/* a rule without a row is one nobody tested */
	for (size_t i = SCORE_FROM_NONE; i < SCORE_RULES; i++)
		if (!(score_rows[i].ways & SCORE_ASKED) && !seen[i] &&
		    i != SCORE_TO_MANY && i != SCORE_TEXT_CAPITALS &&
		    i != SCORE_FILE_LOCKED && i != SCORE_FILE_ARCHIVED) {
			print_error("no row for %s\n", score_rows[i].name);
			fail();
		}
	arena_deinit(&a);
}

static void facts_count(void **state)
{
	static const struct {
		struct score_facts f;
		enum score_rule rule;
		bool want;
	} facts[] = {
		{ { .dmarc = SCORE_PASS }, SCORE_DMARC_PASS, true },
		{ { .dmarc = SCORE_FAIL }, SCORE_DMARC_FAIL, true },
		{ { .spf = SCORE_NONE, .dkim = SCORE_NONE },
		  SCORE_AUTH_NONE,
		  true },
		{ { .spf = SCORE_NONE }, SCORE_AUTH_NONE, false },
		{ { .spf = SCORE_FAIL }, SCORE_SPF_FAIL, true },
		{ { .spf = SCORE_SOFTFAIL }, SCORE_SPF_SOFTFAIL, true },
		{ { .spf = SCORE_SOFTFAIL, .dkim = SCORE_PASS },
		  SCORE_SPF_SOFTFAIL,
		  false },
		{ { .dkim = SCORE_FAIL }, SCORE_DKIM_FAIL, true },
		{ { .helo_ok = SCORE_FAIL }, SCORE_HELO_BAD, true },
		{ { .ptr = SCORE_NONE }, SCORE_PTR_NONE, true },
		{ { .helo = STR_INIT("[192.0.2.1]") },
		  SCORE_HELO_LITERAL,
		  true },
		{ { .rcpts = 51 }, SCORE_TO_MANY, true },
		{ { .outgoing = true, .rcpts = 51 }, SCORE_TO_MANY, true },
		{ { .outgoing = true, .spf = SCORE_FAIL },
		  SCORE_SPF_FAIL,
		  false },
	};
	struct mail m = { .from = NULL };
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		struct score_facts f = facts[i].f;
		struct score sc;

		f.now_us = NOW;
		score_message(&a, make(&a, &m), &f, &sc);
		assert_int_equal(has(&sc, facts[i].rule), facts[i].want);
		assert_int_equal(sc.points,
		                 facts[i].want
		                         ? score_rows[facts[i].rule].points
		                         : 0);
	}
	arena_deinit(&a);
}

static void writes_its_field(void **state)
{
	struct score sc = { .points = 0 };
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	score_add(&sc, SCORE_DATE_NONE, STR(""));
	score_add_points(&sc, SCORE_DNS_LIST, 400, STR("x.example"));
	score_add(&sc, SCORE_DMARC_PASS, STR(""));
	assert_int_equal(score_class(&sc, 500), SCORE_IS_HAM);
	assert_int_equal(score_class(&sc, 440), SCORE_IS_SPAM);
	assert_int_equal(score_class(&sc, 0), SCORE_IS_HAM);
	score_field_write(&b, &sc, 440);
	assert_str(buf_str(&b),
	           "X-Posthus-Spam: yes, 4.4 of 4.4; DATE_NONE 0.9,"
	           " DNS_LIST 4, DMARC_PASS -0.5\r\n");
	buf_deinit(&b);
}

static void reads_points(void **state)
{
	static const struct {
		const char *in;
		int want; /* INT32_MIN: refused */
	} points[] = {
		{ "5", 500 },         { "5.0", 500 },
		{ "0.25", 25 },       { "-1.5", -150 },
		{ "5.", INT32_MIN },  { ".5", INT32_MIN },
		{ "", INT32_MIN },    { "1.234", INT32_MIN },
		{ "1e3", INT32_MIN }, { "-", INT32_MIN },
		{ "1000", 100000 },   { "1001", INT32_MIN },
	};
	struct buf b;
	int v;

	(void)state;
	buf_init(&b, 100);
	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
		v = INT32_MIN;
		assert_int_equal(score_points_parse(str_z(points[i].in), &v),
		                 points[i].want != INT32_MIN);
		assert_int_equal(v, points[i].want);
	}
	score_points_write(&b, -5);
	buf_add_c(&b, ' ');
	score_points_write(&b, 700);
	assert_str(buf_str(&b), "-0.05 7");
	buf_deinit(&b);
}

/* ---- archives ---- */

static void put16(struct buf *b, unsigned v)
{
	buf_add_c(b, (char)(v & 255));
	buf_add_c(b, (char)(v >> 8));
}

static void put32(struct buf *b, unsigned v)
{
	put16(b, v & 0xffff);
	put16(b, v >> 16);
}

/* A stored entry of four bytes, and with `end` the directory. */
static void zip_make(struct buf *b, const char *name, unsigned flags, bool end)
{
	unsigned n = (unsigned)strlen(name);

	put32(b, 0x04034b50);
	put16(b, 20);
	put16(b, flags);
	put16(b, 0); /* method */
	put32(b, 0); /* date, time */
	put32(b, 0); /* CRC */
	put32(b, flags & 8 ? 0 : 4);
	put32(b, 4);
	put16(b, n);
	put16(b, 0);
	buf_add_z(b, name);
	buf_add_z(b, "data");
	if (!end)
		return;
	{
		unsigned at = (unsigned)b->n;

		put32(b, 0x02014b50);
		put16(b, 20);
		put16(b, 20);
		put16(b, flags);
		put16(b, 0);
		put32(b, 0);
		put32(b, 0);
		put32(b, 4);
		put32(b, 4);
		put16(b, n);
		for (int i = 0; i < 4; i++)
			put16(b, 0);
		put32(b, 0);
		put32(b, 0);
		buf_add_z(b, name);
		put32(b, 0x06054b50);
		put32(b, 0);
		put16(b, 1);
		put16(b, 1);
		put32(b, (unsigned)b->n - at);
		put32(b, at);
		put16(b, 0);
	}
}

static void archives_are_listed(void **state)
{
	static const struct {
		const char *name;
		unsigned flags;
		bool end;
		enum score_rule rule;
		bool want;
	} zips[] = {
		{ "invoice.exe", 0, true, SCORE_FILE_ARCHIVED, true },
		{ "invoice.exe", 0, false, SCORE_FILE_ARCHIVED, true },
		{ "invoice.exe", 8, true, SCORE_FILE_ARCHIVED, true },
		{ "dir/a.js", 8, false, SCORE_FILE_ARCHIVED, true },
		{ "invoice.pdf", 0, true, SCORE_FILE_ARCHIVED, false },
		{ "invoice.pdf", 1, true, SCORE_FILE_LOCKED, true },
		{ "invoice.pdf", 1, false, SCORE_FILE_LOCKED, true },
		{ "word/vbaProject.bin", 0, true, SCORE_FILE_MACRO, true },
	};
	struct score_facts f = { .now_us = NOW };
	struct buf zip, text;
	struct arena a;

	(void)state;
	arena_init(&a);
	buf_init(&zip, 10000);
	buf_init(&text, 100000);
	for (size_t i = 0; i < sizeof(zips) / sizeof(zips[0]); i++) {
		struct score sc;

		buf_reset(&zip);
		buf_reset(&text);
		zip_make(&zip, zips[i].name, zips[i].flags, zips[i].end);
		buf_add_z(&text, "From: a@a.example\r\nMIME-Version: 1.0\r\n"
		                 "Content-Type: application/zip; name=a.zip"
		                 "\r\nContent-Transfer-Encoding: base64\r\n"
		                 "\r\n");
		mime_base64_write(&text, buf_str(&zip));
		score_message(&a, buf_str(&text), &f, &sc);
		if (has(&sc, zips[i].rule) != zips[i].want) {
			print_error("zip row %zu\n", i);
			show(&sc);
			fail();
		}
		/* cut anywhere it must not read past the end */
		for (size_t n = 0; n < zip.n; n++) {
			struct zip_reader z;
			struct zip_entry e;
			char *copy = arena_strz(&a, str_to(buf_str(&zip), n));

			z = zip_reader((struct str){ copy, n });
			for (int k = 0; zip_next(&z, &e); k++)
				assert_true(k < 100);
		}
	}
	buf_deinit(&zip);
	buf_deinit(&text);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_message_has_nothing),
		cmocka_unit_test(rules_see_what_they_should),
		cmocka_unit_test(facts_count),
		cmocka_unit_test(writes_its_field),
		cmocka_unit_test(reads_points),
		cmocka_unit_test(archives_are_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
