#include "wire/smtp/command.h"

#include "base/test.h"

static void splitting(void **state)
{
	struct smtp_command c = smtp_command_split(STR("mail  FROM:<>  "));

	(void)state;
	assert_str(c.verb, "mail");
	assert_str(c.args, "FROM:<>");
	c = smtp_command_split(STR("QUIT"));
	assert_str(c.verb, "QUIT");
	assert_str(c.args, "");
	c = smtp_command_split(STR(" QUIT"));
	assert_str(c.verb, "");
	c = smtp_command_split(STR(""));
	assert_str(c.verb, "");
	assert_true(smtp_command_is_clean(STR("NOOP \tx\xc3\xb8")));
	assert_false(smtp_command_is_clean(STR("NOOP a\0b")));
	assert_false(smtp_command_is_clean(STR("NOOP a\rb")));
	assert_false(smtp_command_is_clean(STR("NOOP \x7f")));
}

static const struct {
	const char *args;
	enum smtp_parse want;
	struct smtp_mail mail; /* path left out */
} mails[] = {
	{ "FROM:<a@b.example>", SMTP_PARSE_OK, { .size = 0 } },
	{ "from: <a@b.example>", SMTP_PARSE_OK, { .size = 0 } },
	{ "FROM:<>", SMTP_PARSE_OK, { .size = 0 } },
	{ "FROM:<a@b.example> SIZE=1000 BODY=8BITMIME",
	  SMTP_PARSE_OK,
	  { .size = 1000,
	    .has_size = true,
	    .body = SMTP_BODY_8BITMIME,
	    .has_body = true } },
	{ "FROM:<a@b.example> body=binarymime size=0",
	  SMTP_PARSE_OK,
	  { .has_size = true,
	    .body = SMTP_BODY_BINARYMIME,
	    .has_body = true } },
	{ "FROM:<a@b.example> SIZE=99999999999999999999",
	  SMTP_PARSE_OK,
	  { .size = UINT64_MAX, .has_size = true } },
	{ "FROM:<a@b.example> SMTPUTF8", SMTP_PARSE_OK, { .smtputf8 = true } },
	{ "FROM:<a@b.example> RET=HDRS ENVID=QQ+3D1",
	  SMTP_PARSE_OK,
	  { .ret = SMTP_RET_HDRS, .envid = STR_INIT("QQ=1") } },
	{ "FROM:<a@b.example> RET=full",
	  SMTP_PARSE_OK,
	  { .ret = SMTP_RET_FULL } },
	{ "FROM:<a@b.example> AUTH=<>", SMTP_PARSE_OK, { .has_auth = true } },
	{ "FROM:<a@b.example> AUTH=e+3Dmc2@example.com",
	  SMTP_PARSE_OK,
	  { .has_auth = true, .auth = STR_INIT("e=mc2@example.com") } },
	{ "FROM:<a@b.example> HOLDFOR=86400",
	  SMTP_PARSE_OK,
	  { .hold = SMTP_HOLD_FOR, .hold_s = 86400 } },
	{ "FROM:<a@b.example> holduntil=2026-11-24T06:12:45+01:00",
	  SMTP_PARSE_OK,
	  { .hold = SMTP_HOLD_UNTIL, .hold_until_us = 1795497165000000 } },
	{ "FROM:<a@b.example> BY=120;R",
	  SMTP_PARSE_OK,
	  { .by = SMTP_BY_RETURN, .by_s = 120 } },
	{ "FROM:<a@b.example> BY=-30;nt",
	  SMTP_PARSE_OK,
	  { .by = SMTP_BY_NOTIFY, .by_s = -30, .by_trace = true } },
	{ "FROM:<a@b.example> BY=+999999999;RT",
	  SMTP_PARSE_OK,
	  { .by = SMTP_BY_RETURN, .by_s = 999999999, .by_trace = true } },
	{ "FROM:<a@b.example> MT-PRIORITY=-9",
	  SMTP_PARSE_OK,
	  { .has_priority = true, .priority = -9 } },
	{ "FROM:<a@b.example> MT-PRIORITY=3",
	  SMTP_PARSE_OK,
	  { .has_priority = true, .priority = 3 } },
	{ "FROM:<a@b.example> REQUIRETLS",
	  SMTP_PARSE_OK,
	  { .requiretls = true } },

	{ "", SMTP_PARSE_SYNTAX, { .size = 0 } },
	{ "<a@b.example>", SMTP_PARSE_SYNTAX, { .size = 0 } },
	{ "TO:<a@b.example>", SMTP_PARSE_SYNTAX, { .size = 0 } },
	{ "FROM:<a@b.example>SIZE=1", SMTP_PARSE_SYNTAX, { .size = 0 } },
	{ "FROM:a@b.example", SMTP_PARSE_ADDRESS, { .size = 0 } },
	{ "FROM:<a>", SMTP_PARSE_ADDRESS, { .size = 0 } },
	{ "FROM:", SMTP_PARSE_ADDRESS, { .size = 0 } },
	{ "FROM:<a@b.example> SIZE", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> SIZE=", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> SIZE=-1", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> SIZE=1x", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> SIZE=111111111111111111111",
	  SMTP_PARSE_PARAM,
	  { .size = 0 } },
	{ "FROM:<a@b.example> SIZE=1 size=1", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> BODY=9BIT", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> SMTPUTF8=1", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> RET=SOME", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> ENVID=a=b", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> ENVID=+0A", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> AUTH=x", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> =1", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> HOLDFOR", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> HOLDFOR=", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> HOLDFOR=-1", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> HOLDFOR=1234567890",
	  SMTP_PARSE_PARAM,
	  { .size = 0 } },
	{ "FROM:<a@b.example> HOLDFOR=1 HOLDUNTIL=2026-11-24T06:12:45Z",
	  SMTP_PARSE_PARAM,
	  { .size = 0 } },
	{ "FROM:<a@b.example> HOLDUNTIL=tomorrow",
	  SMTP_PARSE_PARAM,
	  { .size = 0 } },
	{ "FROM:<a@b.example> HOLDUNTIL=2026-11-24",
	  SMTP_PARSE_PARAM,
	  { .size = 0 } },
	{ "FROM:<a@b.example> BY=1", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> BY=1;", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> BY=;R", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> BY=1;X", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> BY=1;RX", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> BY=1;RTT", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> BY=0;R", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> BY=-1;R", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> BY=1234567890;N",
	  SMTP_PARSE_PARAM,
	  { .size = 0 } },
	{ "FROM:<a@b.example> BY=+-1;N", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> MT-PRIORITY=", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> MT-PRIORITY=10",
	  SMTP_PARSE_PARAM,
	  { .size = 0 } },
	{ "FROM:<a@b.example> MT-PRIORITY=-", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> MT-PRIORITY=+1",
	  SMTP_PARSE_PARAM,
	  { .size = 0 } },
	{ "FROM:<a@b.example> MT-PRIORITY=x", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> REQUIRETLS=1", SMTP_PARSE_PARAM, { .size = 0 } },
	{ "FROM:<a@b.example> X-WHAT=1", SMTP_PARSE_UNKNOWN, { .size = 0 } },
	{ "FROM:<a@b.example> NOTIFY=NEVER",
	  SMTP_PARSE_UNKNOWN,
	  { .size = 0 } },
};

static void mail_commands(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(mails) / sizeof(mails[0]); i++) {
		const struct smtp_mail *want = &mails[i].mail;
		struct smtp_mail m;
		enum smtp_parse r;
		struct arena a;

		arena_init(&a);
		r = smtp_mail_parse(str_z(mails[i].args), &a, &m);
		if (r != mails[i].want)
			print_error("%s\n", mails[i].args);
		assert_int_equal(r, mails[i].want);
		if (r == SMTP_PARSE_OK) {
			assert_int_equal(m.size, want->size);
			assert_int_equal(m.has_size, want->has_size);
			assert_int_equal(m.body, want->body);
			assert_int_equal(m.has_body, want->has_body);
			assert_int_equal(m.smtputf8, want->smtputf8);
			assert_int_equal(m.ret, want->ret);
			assert_true(str_eq(m.envid, want->envid));
			assert_int_equal(m.has_auth, want->has_auth);
			assert_true(str_eq(m.auth, want->auth));
			assert_int_equal(m.hold, want->hold);
			assert_int_equal(m.hold_s, want->hold_s);
			assert_int_equal(m.hold_until_us, want->hold_until_us);
			assert_int_equal(m.by, want->by);
			assert_int_equal(m.by_s, want->by_s);
			assert_int_equal(m.by_trace, want->by_trace);
			assert_int_equal(m.has_priority, want->has_priority);
			assert_int_equal(m.priority, want->priority);
			assert_int_equal(m.requiretls, want->requiretls);
		}
		arena_deinit(&a);
	}
}

static const struct {
	const char *args;
	enum smtp_parse want;
	unsigned notify;
	const char *type, *orcpt;
} rcpts[] = {
	{ "TO:<a@b.example>", SMTP_PARSE_OK, 0, "", "" },
	{ "to:<Postmaster>", SMTP_PARSE_OK, 0, "", "" },
	{ "TO:<a@b.example> NOTIFY=NEVER", SMTP_PARSE_OK, SMTP_NOTIFY_NEVER, "",
	  "" },
	{ "TO:<a@b.example> NOTIFY=success,DELAY,failure", SMTP_PARSE_OK,
	  SMTP_NOTIFY_SUCCESS | SMTP_NOTIFY_DELAY | SMTP_NOTIFY_FAILURE, "",
	  "" },
	{ "TO:<a@b.example> ORCPT=rfc822;x+2By@b.example", SMTP_PARSE_OK, 0,
	  "rfc822", "x+y@b.example" },
	{ "TO:<a@b.example> ORCPT=utf-8;\\x{F8}@b.example", SMTP_PARSE_OK, 0,
	  "utf-8", "\xc3\xb8@b.example" },

	{ "TO:<>", SMTP_PARSE_ADDRESS, 0, "", "" },
	{ "TO:<someone>", SMTP_PARSE_ADDRESS, 0, "", "" },
	{ "FROM:<a@b.example>", SMTP_PARSE_SYNTAX, 0, "", "" },
	{ "TO:<a@b.example> NOTIFY=", SMTP_PARSE_PARAM, 0, "", "" },
	{ "TO:<a@b.example> NOTIFY=NEVER,FAILURE", SMTP_PARSE_PARAM, 0, "",
	  "" },
	{ "TO:<a@b.example> NOTIFY=FAILURE,FAILURE", SMTP_PARSE_PARAM, 0, "",
	  "" },
	{ "TO:<a@b.example> NOTIFY=FAILURE,", SMTP_PARSE_PARAM, 0, "", "" },
	{ "TO:<a@b.example> NOTIFY=LATER", SMTP_PARSE_PARAM, 0, "", "" },
	{ "TO:<a@b.example> ORCPT=rfc822", SMTP_PARSE_PARAM, 0, "", "" },
	{ "TO:<a@b.example> ORCPT=rfc822;", SMTP_PARSE_PARAM, 0, "", "" },
	{ "TO:<a@b.example> ORCPT=rfc822;a+0D+0A", SMTP_PARSE_PARAM, 0, "",
	  "" },
	{ "TO:<a@b.example> SIZE=1", SMTP_PARSE_UNKNOWN, 0, "", "" },
};

static void rcpt_commands(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rcpts) / sizeof(rcpts[0]); i++) {
		struct smtp_rcpt m;
		enum smtp_parse r;
		struct arena a;

		arena_init(&a);
		r = smtp_rcpt_parse(str_z(rcpts[i].args), &a, &m);
		if (r != rcpts[i].want)
			print_error("%s\n", rcpts[i].args);
		assert_int_equal(r, rcpts[i].want);
		if (r == SMTP_PARSE_OK) {
			assert_int_equal(m.notify, rcpts[i].notify);
			assert_str(m.orcpt_type, rcpts[i].type);
			assert_str(m.orcpt, rcpts[i].orcpt);
		}
		arena_deinit(&a);
	}
}

static void bdat_commands(void **state)
{
	struct smtp_bdat b;

	(void)state;
	assert_int_equal(smtp_bdat_parse(STR("1000"), &b), SMTP_PARSE_OK);
	assert_int_equal(b.size, 1000);
	assert_false(b.last);
	assert_int_equal(smtp_bdat_parse(STR("0 last"), &b), SMTP_PARSE_OK);
	assert_int_equal(b.size, 0);
	assert_true(b.last);
	assert_int_equal(smtp_bdat_parse(STR(""), &b), SMTP_PARSE_SYNTAX);
	assert_int_equal(smtp_bdat_parse(STR("-1"), &b), SMTP_PARSE_SYNTAX);
	assert_int_equal(smtp_bdat_parse(STR("1 FIRST"), &b),
	                 SMTP_PARSE_SYNTAX);
	assert_int_equal(smtp_bdat_parse(STR("99999999999999999999"), &b),
	                 SMTP_PARSE_SYNTAX);
}

static void helo_names(void **state)
{
	static const struct {
		const char *name;
		enum smtp_helo want;
	} names[] = {
		{ "mail.example.org", SMTP_HELO_NAME },
		{ "localhost", SMTP_HELO_SHORT },
		{ "[192.0.2.1]", SMTP_HELO_LITERAL },
		{ "[IPv6:2001:db8::1]", SMTP_HELO_LITERAL },
		{ "192.0.2.1", SMTP_HELO_NAME },
		{ "[192.0.2.1", SMTP_HELO_BAD },
		{ "a b", SMTP_HELO_BAD },
		{ "mail.example.org.", SMTP_HELO_BAD },
		{ "", SMTP_HELO_BAD },
		{ "a..b", SMTP_HELO_BAD },
	};

	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_int_equal(smtp_helo_kind(str_z(names[i].name)),
		                 names[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splitting),
		cmocka_unit_test(mail_commands),
		cmocka_unit_test(rcpt_commands),
		cmocka_unit_test(bdat_commands),
		cmocka_unit_test(helo_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
