#include "policy/admit.h"

#include "base/test.h"

#define MINUTE INT64_C(60000000)

static const struct {
	const char *label;
	struct policy_facts f;
	enum policy_ref want;
	const char *rule;
} rows[] = {
	{ "ten connections",
	  { .connections = 10, .connections_max = 10 },
	  REF_NONE,
	  "" },
	{ "the eleventh",
	  { .connections = 11, .connections_max = 10 },
	  REF_CONNECTIONS,
	  "R16" },
	{ "an exempt network",
	  { .connections = 11, .connections_max = 10, .exempt = true },
	  REF_NONE,
	  "" },

	{ "mail without login on 587",
	  { .step = POLICY_MAIL, .submission = true },
	  REF_LOGIN,
	  "R23" },
	{ "mail without login on 25", { .step = POLICY_MAIL }, REF_NONE, "" },
	{ "own sender",
	  { .step = POLICY_MAIL, .logged_in = true, .sender_own = true },
	  REF_NONE,
	  "" },
	{ "null sender after login",
	  { .step = POLICY_MAIL, .logged_in = true, .sender_null = true },
	  REF_NONE,
	  "" },
	{ "foreign sender",
	  { .step = POLICY_MAIL, .logged_in = true },
	  REF_SENDER,
	  "R23" },
	{ "suspended sending",
	  { .step = POLICY_MAIL,
	    .logged_in = true,
	    .sender_own = true,
	    .sending_off = true },
	  REF_SENDING_OFF,
	  "R41" },
	{ "declared too big",
	  { .step = POLICY_MAIL, .size = 11, .size_max = 10 },
	  REF_SIZE,
	  "R21" },
	{ "just not too big",
	  { .step = POLICY_MAIL, .size = 10, .size_max = 10 },
	  REF_NONE,
	  "" },

	{ "relay before unknown",
	  { .step = POLICY_RCPT,
	    .where = POLICY_ELSEWHERE,
	    .recipients_max = 10 },
	  REF_RELAY,
	  "R22" },
	{ "elsewhere after login",
	  { .step = POLICY_RCPT,
	    .logged_in = true,
	    .where = POLICY_ELSEWHERE,
	    .recipients_max = 10 },
	  REF_NONE,
	  "" },
	{ "unknown",
	  { .step = POLICY_RCPT,
	    .where = POLICY_NOBODY,
	    .recipients_max = 10,
	    .helo = POLICY_FAIL },
	  REF_UNKNOWN,
	  "R20" },
	{ "a circle",
	  { .step = POLICY_RCPT, .where = POLICY_CIRCLE, .recipients_max = 10 },
	  REF_LOOP,
	  "R20" },
	{ "suspended before full",
	  { .step = POLICY_RCPT,
	    .where = POLICY_HERE,
	    .recipients_max = 10,
	    .suspended = true,
	    .full = true,
	    .helo = POLICY_FAIL },
	  REF_SUSPENDED,
	  "R41" },
	{ "full before helo",
	  { .step = POLICY_RCPT,
	    .where = POLICY_HERE,
	    .recipients_max = 10,
	    .full = true,
	    .helo = POLICY_FAIL },
	  REF_FULL,
	  "R40" },
	{ "helo before spf",
	  { .step = POLICY_RCPT,
	    .where = POLICY_HERE,
	    .recipients_max = 10,
	    .helo = POLICY_FAIL,
	    .spf = POLICY_FAIL },
	  REF_HELO,
	  "R17" },
	{ "helo time-out is temporary",
	  { .step = POLICY_RCPT,
	    .where = POLICY_HERE,
	    .recipients_max = 10,
	    .helo = POLICY_DNS_TEMP },
	  REF_DNS,
	  "R17" },
	{ "helo off, spf before greylist",
	  { .step = POLICY_RCPT,
	    .where = POLICY_HERE,
	    .recipients_max = 10,
	    .helo_mode = POLICY_OFF,
	    .helo = POLICY_FAIL,
	    .spf = POLICY_FAIL,
	    .greylist_left_us = MINUTE },
	  REF_SPF,
	  "R18" },
	{ "greylisted",
	  { .step = POLICY_RCPT,
	    .where = POLICY_HERE,
	    .recipients_max = 10,
	    .greylist_left_us = MINUTE },
	  REF_GREYLIST,
	  "R19" },
	{ "postmaster is never refused for policy",
	  { .step = POLICY_RCPT,
	    .where = POLICY_HERE,
	    .recipients_max = 10,
	    .role = true,
	    .helo = POLICY_FAIL,
	    .spf = POLICY_FAIL,
	    .greylist_left_us = MINUTE },
	  REF_NONE,
	  "" },
	{ "no policy for who logged in",
	  { .step = POLICY_RCPT,
	    .logged_in = true,
	    .where = POLICY_HERE,
	    .recipients_max = 10,
	    .helo = POLICY_FAIL,
	    .spf = POLICY_FAIL,
	    .greylist_left_us = MINUTE },
	  REF_NONE,
	  "" },
	{ "too many recipients",
	  { .step = POLICY_RCPT,
	    .where = POLICY_HERE,
	    .recipients = 10,
	    .recipients_max = 10 },
	  REF_RECIPIENTS,
	  "4.5.3" },
	{ "the first full window",
	  { .step = POLICY_RCPT,
	    .logged_in = true,
	    .recipients_max = 10,
	    .window_full = { false, true, true, false, false, false },
	    .failed_1h = 9 },
	  REF_L_MESSAGES_1H,
	  "R26" },
	{ "failed before queued",
	  { .step = POLICY_RCPT,
	    .logged_in = true,
	    .recipients_max = 10,
	    .failed_1h = 101,
	    .failed_max = 100,
	    .queued = 200,
	    .queued_max = 100 },
	  REF_L_FAILED,
	  "R27" },
	{ "a hundred failed is no more than a hundred",
	  { .step = POLICY_RCPT,
	    .logged_in = true,
	    .recipients_max = 10,
	    .failed_1h = 100,
	    .failed_max = 100 },
	  REF_NONE,
	  "" },

	{ "size at the end",
	  { .step = POLICY_DATA, .size = 11, .size_max = 10, .bare = true },
	  REF_SIZE,
	  "R21" },
	{ "bare lines",
	  { .step = POLICY_DATA, .bare = true, .hops = 101 },
	  REF_BARE,
	  "lines" },
	{ "a hundred hops",
	  { .step = POLICY_DATA, .hops = 100 },
	  REF_NONE,
	  "" },
	{ "one more", { .step = POLICY_DATA, .hops = 101 }, REF_HOPS, "hops" },
	{ "foreign From",
	  { .step = POLICY_DATA, .logged_in = true },
	  REF_FROM,
	  "R24" },
	{ "strangers may write any From",
	  { .step = POLICY_DATA },
	  REF_NONE,
	  "" },
	{ "bulk window full, no bulk",
	  { .step = POLICY_DATA,
	    .logged_in = true,
	    .from_own = true,
	    .window_full = { false, false, false, false, true, true } },
	  REF_NONE,
	  "" },
	{ "bulk window full",
	  { .step = POLICY_DATA,
	    .logged_in = true,
	    .from_own = true,
	    .bulk = true,
	    .window_full = { false, false, false, false, true, true } },
	  REF_L_BULK,
	  "R26" },
};

static void the_table_judges_in_order(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct policy_verdict v = policy_admit(&rows[i].f);

		if (v.ref != rows[i].want)
			print_error("%s\n", rows[i].label);
		assert_int_equal(v.ref, rows[i].want);
		assert_string_equal(v.rule, rows[i].rule);
	}
}

static void log_mode_tells_and_goes_on(void **state)
{
	struct policy_facts f = {
		.step = POLICY_RCPT,
		.where = POLICY_HERE,
		.recipients_max = 10,
		.helo = POLICY_FAIL,
		.helo_mode = POLICY_LOG,
		.spf = POLICY_FAIL,
		.spf_mode = POLICY_LOG,
		.greylist_left_us = 4 * MINUTE + 1,
	};
	struct policy_verdict v = policy_admit(&f);

	(void)state;
	assert_int_equal(v.ref, REF_GREYLIST);
	assert_string_equal(v.why, "5 minutes");
	assert_int_equal(v.logged, REF_HELO);
	f.greylist_left_us = MINUTE;
	assert_string_equal(policy_admit(&f).why, "1 minute");
	f.greylist_left_us = 0;
	v = policy_admit(&f);
	assert_int_equal(v.ref, REF_NONE);
	assert_int_equal(v.logged, REF_HELO);
}

static void the_size_is_told_in_megabytes(void **state)
{
	struct policy_facts f = {
		.step = POLICY_DATA,
		.size = 73400321,
		.size_max = 73400320,
	};

	(void)state;
	assert_string_equal(policy_admit(&f).why, "70 MB");
	f.size_max = 65536;
	assert_string_equal(policy_admit(&f).why, "64 KB");
	f.size_max = 1000;
	assert_string_equal(policy_admit(&f).why, "1000 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_judges_in_order),
		cmocka_unit_test(log_mode_tells_and_goes_on),
		cmocka_unit_test(the_size_is_told_in_megabytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
