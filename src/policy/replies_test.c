#include "policy/replies.h"

#include <ctype.h>
#include <string.h>

#include "base/test.h"

static const struct {
	enum policy_ref ref;
	struct policy_words words;
	const char *want;
} first_lines[] = {
	/* The promised words, to the letter. */
	{ REF_CONNECTIONS, { .n = 0 }, "Connection rate limit exceeded" },
	{ REF_HELO,
	  { .n = 0 },
	  "This message has been blocked because the HELO/EHLO domain is "
	  "invalid. Please contact the provider of sender, as the "
	  "configuration is incorrect." },
	{ REF_SPF,
	  { .rcpt = STR_INIT("bo@customer.example"),
	    .why = STR_INIT("not allowed") },
	  "<bo@customer.example>: Recipient address rejected: SPF: not "
	  "allowed" },
	{ REF_GREYLIST,
	  { .rcpt = STR_INIT("bo@customer.example"),
	    .why = STR_INIT("5 minutes") },
	  "<bo@customer.example>: Recipient address rejected: Greylisted, try "
	  "again in 5 minutes" },
	{ REF_UNKNOWN,
	  { .rcpt = STR_INIT("x@customer.example") },
	  "<x@customer.example>: Recipient address rejected: User unknown" },
	{ REF_SIZE,
	  { .why = STR_INIT("70 MB") },
	  "Message size exceeds the limit of 70 MB" },
	{ REF_RELAY,
	  { .rcpt = STR_INIT("x@b.example") },
	  "<x@b.example>: Relay access denied" },
	{ REF_LOGIN, { .n = 0 }, "Authentication failure." },
	{ REF_SENDER, { .n = 0 }, "Authentication failure." },
	{ REF_FROM, { .n = 0 }, "Authentication failure." },
	{ REF_LOCKED,
	  { .n = 42 },
	  "Too many failed logins, try again in 42 seconds" },
	{ REF_L_MESSAGES_5M,
	  { .rcpt = STR_INIT("x@b.example"), .n = 25 },
	  "<x@b.example>: Recipient address rejected: You have sent more than "
	  "25 messages in the last 5 minutes, try later" },
	{ REF_L_MESSAGES_1H,
	  { .rcpt = STR_INIT("x@b.example"), .n = 250 },
	  "<x@b.example>: Recipient address rejected: You have sent more than "
	  "250 messages in the last hour, try later" },
	{ REF_L_RECIPIENTS_5M,
	  { .rcpt = STR_INIT("x@b.example"), .n = 250 },
	  "<x@b.example>: Recipient address rejected: You have sent more than "
	  "250 recipients in the last 5 minutes, try later" },
	{ REF_L_RECIPIENTS_1H,
	  { .rcpt = STR_INIT("x@b.example"), .n = 1500 },
	  "<x@b.example>: Recipient address rejected: You have sent more than "
	  "1500 recipients in the last hour, try later" },
	{ REF_L_BULK,
	  { .rcpt = STR_INIT("x@b.example"), .n = 500 },
	  "<x@b.example>: Recipient address rejected: You have sent more than "
	  "500 bulk messages in the last 8 hours, try later" },
	{ REF_L_SPAM,
	  { .rcpt = STR_INIT("x@b.example"), .n = 100 },
	  "<x@b.example>: Recipient address rejected: You have sent more than "
	  "100 spam messages in the last 8 hours, try later" },
	{ REF_L_FAILED,
	  { .rcpt = STR_INIT("x@b.example"), .n = 100 },
	  "<x@b.example>: Recipient address rejected: You have more than 100 "
	  "failed deliveries the last hour, try later" },
	{ REF_L_QUEUED,
	  { .rcpt = STR_INIT("x@b.example"), .n = 100 },
	  "<x@b.example>: Recipient address rejected: You have more than 100 "
	  "messages in queue, try later" },
	{ REF_FULL,
	  { .rcpt = STR_INIT("x@b.example") },
	  "<x@b.example>: Mailbox full" },
	{ REF_SUSPENDED,
	  { .rcpt = STR_INIT("x@b.example") },
	  "<x@b.example>: Mailbox suspended" },
};

static void first_lines_are_verbatim(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(first_lines) / sizeof(first_lines[0]); i++) {
		struct buf b;

		buf_init(&b, 1000);
		policy_reply_first(&b, first_lines[i].ref,
		                   &first_lines[i].words);
		assert_str(buf_str(&b), first_lines[i].want);
		buf_deinit(&b);
	}
}

static const struct {
	enum policy_ref ref;
	unsigned code;
	const char *status;
} codes[] = {
	{ REF_CONNECTIONS, 421, "4.3.2" }, { REF_HELO, 554, "5.7.1" },
	{ REF_SPF, 550, "5.7.23" },        { REF_GREYLIST, 450, "4.7.1" },
	{ REF_UNKNOWN, 550, "5.1.1" },     { REF_SIZE, 552, "5.3.4" },
	{ REF_RELAY, 554, "5.7.1" },       { REF_LOGIN, 553, "5.7.1" },
	{ REF_SENDER, 553, "5.7.1" },      { REF_FROM, 553, "5.7.1" },
	{ REF_LOCKED, 454, "4.7.0" },      { REF_L_MESSAGES_5M, 450, "4.7.1" },
	{ REF_L_FAILED, 450, "4.7.1" },    { REF_L_QUEUED, 450, "4.7.1" },
	{ REF_FULL, 452, "4.2.2" },        { REF_SUSPENDED, 450, "4.2.1" },
	{ REF_RECIPIENTS, 452, "4.5.3" },  { REF_SPACE, 452, "4.3.1" },
	{ REF_TEMP, 451, "4.3.0" },        { REF_DNS, 451, "4.4.3" },
};

static void codes_are_as_promised(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		const struct policy_reply *r = policy_reply(codes[i].ref);

		assert_int_equal(r->code, codes[i].code);
		assert_string_equal(r->status, codes[i].status);
	}
}

/* Each row: a reference of its own, a status of its code's class, a cause
 * and an advice that are sentences. */
static void rows_are_whole(void **state)
{
	int i, j;

	(void)state;
	for (i = REF_NONE + 1; i < REF_COUNT; i++) {
		const struct policy_reply *r = policy_reply((enum policy_ref)i);

		assert_true(strchr("ALRST", r->ref[0]) && r->ref[1] == '-');
		assert_int_equal((unsigned)(r->status[0] - '0'), r->code / 100);
		assert_true(isupper((unsigned char)r->cause[0]));
		assert_int_equal(r->cause[strlen(r->cause) - 1], '.');
		assert_int_equal(r->todo[strlen(r->todo) - 1], '.');
		assert_true(strlen(r->text) <= 200);
		for (j = REF_NONE + 1; j < i; j++)
			assert_string_not_equal(
				r->ref, policy_reply((enum policy_ref)j)->ref);
		assert_int_equal(policy_ref_find(str_z(r->ref)), i);
	}
}

static void the_last_line_has_help_and_reference(void **state)
{
	struct policy_words w = {
		.also = STR_INIT("From: names x@b.example"),
		.help = STR_INIT("https://mail.example.net/help/"),
	};
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	policy_reply_text(&b, REF_FROM, &w);
	assert_str(buf_str(&b),
	           "Authentication failure.\nFrom: names x@b.example\n"
	           "https://mail.example.net/help/A-FROM [A-FROM]");
	buf_reset(&b);
	w = (struct policy_words){ .why = STR("70 MB") };
	policy_reply_text(&b, REF_SIZE, &w);
	assert_str(buf_str(&b),
	           "Message size exceeds the limit of 70 MB\n[S-SIZE]");
	buf_deinit(&b);
}

static void references_are_found_as_typed(void **state)
{
	(void)state;
	assert_int_equal(policy_ref_find(STR(" [r-unknown] ")), REF_UNKNOWN);
	assert_int_equal(policy_ref_find(STR("L-5M")), REF_L_MESSAGES_5M);
	assert_int_equal(policy_ref_find(STR("")), REF_NONE);
	assert_int_equal(policy_ref_find(STR("R-UNKNOW")), REF_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_lines_are_verbatim),
		cmocka_unit_test(codes_are_as_promised),
		cmocka_unit_test(rows_are_whole),
		cmocka_unit_test(the_last_line_has_help_and_reference),
		cmocka_unit_test(references_are_found_as_typed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
