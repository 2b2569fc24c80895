#include "sieve/sieve.h"

#include "sieve/testing.h"

#define ALL                                                                  \
	"require [\"fileinto\",\"envelope\",\"encoded-character\",\"copy\"," \
	"\"body\",\"variables\",\"relational\",\"imap4flags\","              \
	"\"subaddress\",\"date\",\"index\",\"vacation\","                    \
	"\"vacation-seconds\",\"environment\",\"ihave\",\"duplicate\","      \
	"\"editheader\",\"reject\",\"mailbox\",\"special-use\","             \
	"\"spamtest\",\"spamtestplus\",\"virustest\","                       \
	"\"comparator-i;ascii-numeric\"];\n"

static void scripts(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{ "", "keep" },
		{ "discard;", "" },
		{ "stop; discard;", "keep" },
		{ "keep; keep;", "keep" },
		{ "redirect \"x@y.example\";", "redirect x@y.example" },
		{ ALL "redirect :copy \"x@y.example\";",
		  "redirect x@y.example; keep" },
		{ "redirect \"not one\";",
		  "line 1: \"not one\" is not an address" },
		{ ALL "if header :contains \"subject\" \"NUMBERS\" { fileinto "
		      "\"Work\"; } else { discard; }",
		  "fileinto Work" },
		{ ALL "if header :comparator \"i;octet\" :contains \"subject\" "
		      "\"NUMBERS\" { fileinto \"A\"; } elsif true { fileinto "
		      "\"B\"; } elsif true { fileinto \"C\"; }",
		  "fileinto B" },
		{ ALL "if address :domain :is \"from\" \"PARTNER.example\" { "
		      "fileinto \"A\"; }",
		  "fileinto A" },
		{ ALL "if address :detail :is \"from\" \"news\" { fileinto "
		      "\"A\"; }",
		  "fileinto A" },
		{ ALL "if address :user :is [\"from\"] \"bo\" { fileinto "
		      "\"A\"; }",
		  "fileinto A" },
		{ ALL "if envelope :detail \"to\" \"list\" { fileinto \"A\"; }",
		  "fileinto A" },
		{ ALL "if header :is \"from\" "
		      "\"Bo L\xc3\xa6rsen <Bo+news@Partner.example>\" { "
		      "fileinto \"A\"; }",
		  "fileinto A" },
		{ ALL "if header :matches \"Subject\" \"[*] *\" { set \"l\" "
		      "\"${1}\"; fileinto \"lists/${l}/${2}\"; }",
		  "fileinto lists/list/Quarterly numbers" },
		{ ALL "set :upperfirst :lower \"a\" \"jOHN\"; fileinto "
		      "\"${a}-${none}-${x\";",
		  "fileinto John--${x" },
		{ ALL "set :length \"n\" \"\xc3\xa6\xc3\xb8\"; fileinto "
		      "\"${n}\";",
		  "fileinto 2" },
		{ ALL "set :quotewildcard \"n\" \"Rock*\"; fileinto \"${n}\";",
		  "fileinto Rock\\*" },
		{ ALL "if header :value \"gt\" :comparator "
		      "\"i;ascii-numeric\" \"X-Priority\" \"9\" { fileinto "
		      "\"A\"; }",
		  "fileinto A" },
		{ ALL "if address :count \"eq\" \"to\" \"2\" { fileinto "
		      "\"A\"; }",
		  "fileinto A" },
		{ ALL "if header :index 2 \"X-Tag\" \"two\" { fileinto \"A\"; "
		      "}",
		  "fileinto A" },
		{ ALL "if header :index 1 :last \"X-Tag\" \"one\" { fileinto "
		      "\"A\"; }",
		  "keep" },
		{ ALL "if allof (exists [\"From\",\"Date\"], not exists "
		      "\"X-None\", size :under 10K) { fileinto \"A\"; }",
		  "fileinto A" },
		{ ALL "if body :contains \"NUMBERS are\" { fileinto \"A\"; }",
		  "fileinto A" },
		{ ALL "if header :matches \"Subject\" \"[*]*\" { if body "
		      ":matches \"*anna*\" { fileinto \"${1}\"; } }",
		  "fileinto list" },
		{ ALL
		  "if allof (body :contains \"hello ANNA\", not body "
		  ":comparator \"i;octet\" :contains \"hello\", body :count "
		  "\"eq\" :comparator \"i;ascii-numeric\" \"1\") { "
		  "fileinto \"A\"; }",
		  "fileinto A" },
		{ ALL "if body :raw :contains \"Hello\\r\" { discard; }",
		  "keep" },
		{ ALL "if body :content \"text/html\" :contains \"x\" { "
		      "discard; }",
		  "keep" },
		{ ALL "addflag \"\\\\Seen\"; addflag [\"$work\", \"\\\\seen "
		      "bad(flag\"]; keep;",
		  "keep \\Seen,$work" },
		{ ALL "setflag \"\\\\Flagged\"; if hasflag \"\\\\flagged\" { "
		      "fileinto :flags \"x\" \"A\"; }",
		  "fileinto A x" },
		{ ALL "if date :originalzone \"date\" \"hour\" \"23\" { "
		      "fileinto \"A\"; }",
		  "fileinto A" },
		{ ALL "if date :zone \"+0100\" \"date\" \"iso8601\" "
		      "\"2026-11-24T02:30:00+01:00\" { fileinto \"A\"; }",
		  "fileinto A" },
		{ ALL "if date :zone \"+0000\" \"received\" \"time\" "
		      "\"04:00:00\" { fileinto \"A\"; }",
		  "fileinto A" },
		{ ALL "if currentdate :value \"ge\" \"date\" \"2026-11-24\" { "
		      "fileinto \"A\"; }",
		  "fileinto A" },
		{ ALL "if currentdate :is \"weekday\" \"2\" { fileinto \"A\"; "
		      "}",
		  "fileinto A" },
		{ ALL "if environment \"domain\" \"customer.example\" { "
		      "fileinto \"A\"; }",
		  "fileinto A" },
		{ ALL "if duplicate { discard; }", "" },
		{ ALL "if duplicate :last { discard; }", "remember" },
		{ ALL "if duplicate :uniqueid \"x\" { discard; }",
		  "remember; keep" },
		{ ALL "if mailboxexists [\"Work\", \"None\"] { discard; } if "
		      "specialuse_exists \"\\\\Archive\" { fileinto :create "
		      "\"A/B\"; }",
		  "fileinto A/B create" },
		{ ALL "if spamtest :value \"ge\" :comparator "
		      "\"i;ascii-numeric\" \"5\" { fileinto \"A\"; }",
		  "fileinto A" },
		{ ALL "if spamtest :percent :is \"45\" { fileinto \"A\"; }",
		  "fileinto A" },
		{ ALL "reject \"No.\";", "reject No." },
		{ ALL "keep; reject \"No.\";",
		  "line 2: reject does not go with other actions" },
		{ ALL "vacation :days 200 \"Gone\";",
		  "vacation Gone 7776000; keep" },
		{ ALL "vacation :seconds 0 :subject \"x\" \"Gone\"; discard;",
		  "vacation Gone 0" },
		{ ALL "vacation \"a\"; vacation \"b\";",
		  "line 2: vacation twice" },
		{ ALL "fileinto \"${hex:41 42}${unicode: 00e6}${hex: zz}\";",
		  "fileinto AB\xc3\xa6${hex: zz}" },
		{ "require \"ihave\"; if ihave \"nothing\" { nothing :x; } "
		  "else { keep; }",
		  "keep" },
		{ "require \"ihave\"; if ihave \"fileinto\" { fileinto "
		  "\"A\"; }",
		  "fileinto A" },
		{ "require \"ihave\"; if not ihave \"nothing\" { error "
		  "\"sorry\"; }",
		  "line 1: sorry" },
		/* errors of the script */
		{ "fileinto \"x\";",
		  "1:1 \"fileinto\" is used without its \"require\"" },
		{ "require \"nothing\";",
		  "1:1 there is no extension \"nothing\" here" },
		{ "keep; require \"copy\";",
		  "1:7 \"require\" must come first" },
		{ "else { keep; }", "1:1 \"else\" without \"if\"" },
		{ "if true { keep; } keep; elsif true { keep; }",
		  "1:25 \"elsif\" without \"if\"" },
		{ "frob;", "1:1 there is no command \"frob\"" },
		{ "if frob { keep; }", "1:4 there is no test \"frob\"" },
		{ "keep \"x\";", "1:1 \"keep\" has 1 arguments, it takes 0" },
		{ "if header :is \"a\" { keep; }",
		  "1:4 \"header\" has 1 arguments, it takes 2" },
		{ "if header :over \"a\" \"b\" { keep; }",
		  "1:11 \"header\" does not take :over" },
		{ "if header :comparator 5 \"a\" \"b\" { keep; }",
		  "1:11 :comparator needs a string behind it" },
		{ "if header :comparator \"x\" \"a\" \"b\" { keep; }",
		  "1:23 unknown comparator \"x\"" },
		{ "if not (true) { keep; }", "1:4 \"not\" needs one test" },
		{ "if anyof true { keep; }",
		  "1:4 \"anyof\" needs tests in parentheses" },
		{ "if true;", "1:1 \"if\" needs a block in braces" },
		{ "keep { }", "1:1 \"keep\" takes no block" },
	};
	struct sieve_result r;
	struct buf out;

	(void)state;
	buf_init(&out, 10000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct arena a;

		arena_init(&a);
		run(rows[i].in, &out, &a, &r);
		if (!str_eq(buf_str(&out), str_z(rows[i].want)))
			fail_msg("%s\n  gave: %s\n  want: %s", rows[i].in,
			         buf_z(&out), rows[i].want);
		arena_deinit(&a);
	}
	buf_deinit(&out);
}

static void edits_the_header(void **state)
{
	struct sieve_result r;
	struct arena a;
	struct buf out;
	struct str m;

	(void)state;
	arena_init(&a);
	buf_init(&out, 1000);
	run(ALL "deleteheader :index 1 \"X-Tag\"; deleteheader \"Received\"; "
	        "deleteheader :contains \"x-priority\" \"10\"; "
	        "addheader \"X-New\" \"a\r\nb\"; fileinto \"A\"; "
	        "addheader :last \"X-End\" \"z\"; keep;",
	    &out, &a, &r);
	assert_str(buf_str(&out), "fileinto A; keep");
	m = r.actions[1].message;
	assert_true(str_starts(m, STR("X-New: =?")));
	assert_true(str_find(m, STR("\r\nb")) == STR_NPOS);
	assert_true(str_find(m, STR("X-Tag: one")) == STR_NPOS);
	assert_true(str_find(m, STR("X-Tag: two\r\n")) != STR_NPOS);
	assert_true(str_find(m, STR("X-Priority")) == STR_NPOS);
	assert_true(str_find(m, STR("Received: from")) != STR_NPOS);
	assert_true(str_find(m, STR("X-End: z\r\n\r\nHello Anna")) != STR_NPOS);
	assert_true(str_ends(m, STR("are here.\r\n")));
	/* An action has the message as it was then (RFC 5293, 1). */
	m = r.actions[0].message;
	assert_true(str_find(m, STR("X-End")) == STR_NPOS);
	run("keep;", &out, &a, &r);
	assert_null(r.actions[0].message.p);
	buf_deinit(&out);
	arena_deinit(&a);
}

/* What a redirect sends on has the author and the trace it came with. */
static void the_author_stays(void **state)
{
	static const char *const names[] = {
		"From",           "sender",       "Received",
		"Auto-Submitted", "Return-Path",  "Delivered-To",
		"DKIM-Signature", "Received-SPF", "Authentication-Results",
		"ARC-Seal",       "FROM",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct sieve_result r;
		struct arena a;
		struct buf out;
		struct str m;

		arena_init(&a);
		buf_init(&out, 1000);
		run(arena_fmt(&a,
		              ALL "deleteheader \"%s\"; addheader "
		                  "\"%s\" \"Boss <boss@bank.example>\";"
		                  " addheader :last \"%s\" \"x\"; "
		                  "redirect \"x@y.example\";",
		              names[i], names[i], names[i])
		            .p,
		    &out, &a, &r);
		assert_str(buf_str(&out), "redirect x@y.example");
		assert_null(r.actions[0].message.p);
		/* Other fields are edited, and this one stays with them. */
		run(arena_fmt(&a,
		              ALL "addheader \"%s\" \"x\"; addheader "
		                  "\"X-New\" \"y\"; redirect "
		                  "\"x@y.example\";",
		              names[i])
		            .p,
		    &out, &a, &r);
		m = r.actions[0].message;
		assert_true(str_starts(m, STR("X-New: y\r\n")));
		assert_true(str_eq(str_from(m, strlen("X-New: y\r\n")),
		                   str_z(message)));
		buf_deinit(&out);
		arena_deinit(&a);
	}
}

/* More fields than are looked at: none is lost, for nothing is edited. */
static void a_long_header_is_left_alone(void **state)
{
	static const char *const edits[] = {
		"addheader \"X-New\" \"y\";",
		"addheader :last \"X-New\" \"y\";",
		"deleteheader \"X-F\";",
		"replace \"gone\";",
		"foreverypart { replace \"gone\"; break; }",
	};
	struct buf big;

	(void)state;
	buf_init(&big, 1000000);
	for (int i = 0; i < 2500; i++)
		buf_fmt(&big, "X-F: %d\r\n", i);
	buf_add_z(&big, "X-Last: here\r\n\r\nbody\r\n");
	testing_message = buf_z(&big);
	for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		struct sieve_result r;
		struct arena a;
		struct buf out;

		arena_init(&a);
		buf_init(&out, 1000);
		run(arena_fmt(&a,
		              "require [\"editheader\", \"replace\", "
		              "\"foreverypart\", \"copy\"];\n%s "
		              "redirect :copy \"x@y.example\";",
		              edits[i])
		            .p,
		    &out, &a, &r);
		assert_str(buf_str(&out), "redirect x@y.example; keep");
		assert_null(r.actions[0].message.p);
		assert_null(r.actions[1].message.p);
		buf_deinit(&out);
		arena_deinit(&a);
	}
	testing_message = message;
	buf_deinit(&big);
}

static void stays_within_its_bounds(void **state)
{
	struct sieve_result r;
	struct buf out, script;
	struct arena a;

	(void)state;
	arena_init(&a);
	buf_init(&out, 1000);
	buf_init(&script, 100000);
	/* Each line doubles the variable: 2^30 bytes without a bound. */
	buf_add_z(&script, ALL "set \"a\" \"0123456789\";\n");
	for (int i = 0; i < 300; i++)
		buf_add_z(&script, "set \"a\" \"${a}${a}\";\n");
	run(buf_z(&script), &out, &a, &r);
	assert_true(str_ends(buf_str(&out), STR("makes too much text")));
	buf_reset(&script);
	buf_add_z(&script, ALL);
	for (int i = 0; i < 12; i++)
		buf_fmt(&script, "redirect \"x%d@y.example\";\n", i);
	run(buf_z(&script), &out, &a, &r);
	assert_str(buf_str(&out), "line 12: too many redirects");
	buf_deinit(&script);
	buf_deinit(&out);
	arena_deinit(&a);
}

/* The last of many rules matches: all were asked.  The time is printed. */
static void two_hundred_rules(void **state)
{
	struct buf out, script;
	struct sieve_result r;
	struct arena a;
	int64_t before, both, compiling;
	struct sieve_program *p;
	struct sieve_error e;

	(void)state;
	arena_init(&a);
	buf_init(&out, 1000);
	buf_init(&script, 100000);
	buf_add_z(&script, ALL);
	for (int i = 0; i < 200; i++)
		buf_fmt(&script,
		        "if allof (header :contains \"subject\" [\"%s%d\"], "
		        "address :domain \"from\" \"partner.example\") "
		        "{ fileinto \"F%d\"; stop; }\n",
		        i == 199 ? "numbers\", \"" : "topic ", i, i);
	before = clock_steady_us();
	for (int i = 0; i < 20; i++)
		run(buf_z(&script), &out, &a, &r);
	both = clock_steady_us() - before;
	before = clock_steady_us();
	for (int i = 0; i < 20; i++) {
		assert_true(sieve_compile(buf_str(&script), &p, &e));
		sieve_program_free(&p);
	}
	compiling = clock_steady_us() - before;
	printf("200 rules: compiled in %lld us, run in %lld us\n",
	       (long long)compiling / 20, (long long)(both - compiling) / 20);
	assert_str(buf_str(&out), "fileinto F199");
	buf_deinit(&script);
	buf_deinit(&out);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(scripts),
		cmocka_unit_test(edits_the_header),
		cmocka_unit_test(the_author_stays),
		cmocka_unit_test(a_long_header_is_left_alone),
		cmocka_unit_test(stays_within_its_bounds),
		cmocka_unit_test(two_hundred_rules),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
