/* RFC 6009: the envelope's DSN and Deliver-By parameters. */
#include "sieve/testing.h"

#define SEEN                                                             \
	"require [\"envelope\",\"envelope-dsn\",\"envelope-deliverby\"," \
	"\"fileinto\",\"relational\",\"comparator-i;ascii-numeric\","    \
	"\"date\",\"variables\"];\n"
#define SENT                                                         \
	"require [\"redirect-dsn\",\"redirect-deliverby\",\"copy\"," \
	"\"date\",\"variables\",\"relational\","                     \
	"\"comparator-i;ascii-numeric\"];\n"
#define FOUND " { fileinto \"A\"; }"

static const struct row given[] = {
	/* RFC 6009, 3.2 */
	{ SEEN "if envelope \"notify\" \"FAILURE\"" FOUND, "fileinto A" },
	{ SEEN "if envelope \"notify\" \"SUCCESS\"" FOUND, "keep" },
	{ SEEN "if allof (envelope \"notify\" \"FAILURE\", envelope "
	       ":comparator \"i;ascii-numeric\" :count \"eq\" \"notify\" "
	       "\"1\")" FOUND,
	  "keep" },
	{ SEEN "if envelope :count \"eq\" \"notify\" \"2\"" FOUND,
	  "fileinto A" },
	{ SEEN "if envelope :matches \"orcpt\" \"rfc822;*@example.com\" { "
	       "fileinto \"${1}\"; }",
	  "fileinto me" },
	{ SEEN "if envelope \"ENVID\" \"q=1\"" FOUND, "fileinto A" },
	{ SEEN "if envelope \"ret\" [\"FULL\", \"hdrs\"]" FOUND, "fileinto A" },
	{ SEEN "if envelope [\"ret\", \"from\"] \"bo@partner.example\"" FOUND,
	  "fileinto A" },
	/* RFC 6009, 5.2: it is late */
	{ SEEN "if anyof (envelope :contains \"bytimerelative\" \"-\", "
	       "envelope :value \"eq\" :comparator \"i;ascii-numeric\" "
	       "\"bytimerelative\" \"0\")" FOUND,
	  "fileinto A" },
	{ SEEN "if envelope :matches \"bytimerelative\" \"*\" { fileinto "
	       "\"${1}\"; }",
	  "fileinto -2" },
	{ SEEN "if currentdate :matches \"iso8601\" \"*\" { set \"cdate\" "
	       "\"${0}\"; if envelope :value \"le\" \"bytimeabsolute\" "
	       "\"${cdate}\"" FOUND " }",
	  "fileinto A" },
	{ SEEN "if envelope :matches :zone \"+0200\" \"bytimeabsolute\" "
	       "\"*T*:*:*\" { fileinto \"missed-${1}-${2}:${3}:${4}\"; }",
	  "fileinto missed-2026-11-24-07:09:58+02:00" },
	{ SEEN "if allof (envelope \"bymode\" \"R\", envelope \"bytrace\" "
	       "\"T\")" FOUND,
	  "fileinto A" },
	/* mistakes: of the script, and of what a variable holds */
	{ SEEN "if envelope :domain \"notify\" \"x\"" FOUND,
	  "2:4 \"notify\" has no address part" },
	{ SEEN "if envelope :all [\"from\", \"envid\"] \"x\"" FOUND,
	  "2:4 \"envid\" has no address part" },
	{ SEEN "set \"p\" \"ret\"; if envelope :localpart \"${p}\" \"x\"" FOUND,
	  "line 2: \"ret\" has no address part" },
	{ SEEN "if envelope \"auth\" \"x\"" FOUND,
	  "2:4 the envelope has no part \"auth\"" },
	{ SEEN "set \"p\" \"auth\"; if envelope \"${p}\" \"x\"" FOUND,
	  "line 2: the envelope has no part \"auth\"" },
	{ SEEN "if envelope :zone \"CET\" \"bytimeabsolute\" \"x\"" FOUND,
	  "line 2: \"CET\" is no zone" },
	{ "require \"envelope\"; if envelope \"notify\" \"x\" { stop; }",
	  "1:24 the envelope has no part \"notify\"" },
	{ "require \"envelope\"; if envelope :zone \"+0000\" \"from\" \"x\" { "
	  "stop; }",
	  "1:33 \"zone\" is used without its \"require\"" },
};

/* What was not given matches nothing and counts as none. */
static const struct row missing[] = {
	{ SEEN "if envelope :matches [\"notify\", \"orcpt\", \"ret\", "
	       "\"envid\", \"bytimeabsolute\", \"bytimerelative\", \"bymode\", "
	       "\"bytrace\"] \"*\"" FOUND,
	  "keep" },
	{ SEEN "if envelope :count \"eq\" [\"notify\", \"orcpt\", \"ret\", "
	       "\"envid\", \"bymode\"] \"0\"" FOUND,
	  "fileinto A" },
};

static const struct row redirects[] = {
	{ SENT "redirect :copy :notify \"NEVER\" \"x@y.example\";",
	  "redirect x@y.example notify=1; keep" },
	{ SENT "redirect :notify \"delay,SUCCESS\" :ret \"FULL\" "
	       "\"x@y.example\";",
	  "redirect x@y.example notify=10 ret=1" },
	{ SENT "redirect :ret \"hdrs\" \"x@y.example\";",
	  "redirect x@y.example ret=2" },
	{ SENT "redirect :copy :bytimerelative 600 \"x@y.example\";",
	  "redirect x@y.example by=600N; keep" },
	{ SENT "redirect :bytrace :bymode \"return\" :bytimerelative 4G "
	       "\"x@y.example\";",
	  "redirect x@y.example by=999999999RT" },
	/* RFC 6009, 6.2; 2026-11-24 05:10 in UTC */
	{ SENT "if currentdate :value \"lt\" :comparator "
	       "\"i;ascii-numeric\" \"hour\" \"22\" { if currentdate "
	       ":matches \"date\" \"*\" { set \"date\" \"${0}\"; } if "
	       "currentdate :matches \"zone\" \"*\" { set \"zone\" \"${0}\"; } "
	       "redirect :bytimeabsolute \"${date}T20:00:00${zone}\" :bymode "
	       "\"return\" \"x@y.example\"; }",
	  "redirect x@y.example by=53400R" },
	{ SENT "redirect :bytimeabsolute \"2026-11-24T05:11:00Z\" "
	       "\"x@y.example\";",
	  "redirect x@y.example by=60N" },
	{ SENT "redirect :bytimeabsolute \"2026-11-24T05:09:00Z\" "
	       "\"x@y.example\";",
	  "redirect x@y.example by=-60N" },
	/* mistakes */
	{ SENT "redirect :notify \"SUCCESS,NEVER\" \"x@y.example\";",
	  "2:1 :notify is \"NEVER\", or some of \"SUCCESS\", \"FAILURE\", "
	  "\"DELAY\" with commas" },
	{ SENT "redirect :notify \"SUCCESS, DELAY\" \"x@y.example\";",
	  "2:1 :notify is \"NEVER\", or some of \"SUCCESS\", \"FAILURE\", "
	  "\"DELAY\" with commas" },
	{ SENT "set \"n\" \"DELAY,\"; redirect :notify \"${n}\" "
	       "\"x@y.example\";",
	  "line 2: :notify cannot be \"DELAY,\"" },
	{ SENT "set \"n\" \"\"; redirect :notify \"${n}\" \"x@y.example\";",
	  "line 2: :notify cannot be \"\"" },
	{ SENT "redirect :ret \"ALL\" \"x@y.example\";",
	  "2:1 :ret is \"FULL\" or \"HDRS\"" },
	{ SENT "redirect :bymode \"notify\" \"x@y.example\";",
	  "2:1 :bymode and :bytrace need a time" },
	{ SENT "redirect :bytrace \"x@y.example\";",
	  "2:1 :bymode and :bytrace need a time" },
	{ SENT "redirect :bytimerelative 1 :bytimeabsolute \"x\" "
	       "\"x@y.example\";",
	  "2:1 :bytimerelative and :bytimeabsolute exclude each other" },
	{ SENT "redirect :bytimerelative 1 :bymode \"N\" \"x@y.example\";",
	  "2:1 :bymode is \"notify\" or \"return\"" },
	{ SENT "redirect :bytimeabsolute \"tomorrow\" \"x@y.example\";",
	  "line 2: \"tomorrow\" is no time" },
	{ SENT "redirect :bytimeabsolute \"1960-01-01T00:00:00Z\" "
	       "\"x@y.example\";",
	  "line 2: \"1960-01-01T00:00:00Z\" is no time" },
	{ "require \"redirect-deliverby\"; redirect :notify \"NEVER\" "
	  "\"x@y.example\";",
	  "1:40 \"notify\" is used without its \"require\"" },
	{ "require \"redirect-dsn\"; redirect :bytimerelative 1 "
	  "\"x@y.example\";",
	  "1:34 \"bytimerelative\" is used without its \"require\"" },
};

static void tells_what_the_envelope_says(void **state)
{
	(void)state;
	testing_dsn = true;
	run_rows(given, sizeof(given) / sizeof(given[0]));
	testing_dsn = false;
	run_rows(missing, sizeof(missing) / sizeof(missing[0]));
}

static void says_what_the_next_envelope_is(void **state)
{
	(void)state;
	run_rows(redirects, sizeof(redirects) / sizeof(redirects[0]));
}

/* What a script names and what it leaves alone. */
static void leaves_the_rest_alone(void **state)
{
	struct sieve_result r;
	struct arena a;
	struct buf out;

	(void)state;
	arena_init(&a);
	buf_init(&out, 1000);
	run(SENT "redirect :notify \"FAILURE\" \"x@y.example\"; redirect "
	         ":copy :bytimerelative 5 \"z@y.example\";",
	    &out, &a, &r);
	assert_int_equal(r.n, 2);
	assert_true(r.actions[0].has_notify && !r.actions[0].has_ret &&
	            !r.actions[0].has_by);
	assert_int_equal(r.actions[0].notify, SMTP_NOTIFY_FAILURE);
	assert_true(!r.actions[1].has_notify && r.actions[1].has_by);
	assert_true(r.actions[1].by_us == testing_now + 5 * US_PER_SEC);
	buf_deinit(&out);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_what_the_envelope_says),
		cmocka_unit_test(says_what_the_next_envelope_is),
		cmocka_unit_test(leaves_the_rest_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
