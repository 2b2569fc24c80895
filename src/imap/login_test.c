/* Conversations before and at the login: R6, R13, R25, R32, limits. */
#include "imap/testing.h"

static struct host h;

static void greets_with_all_capabilities(void **state)
{
	(void)state;
	talk(&h, "C0: a CAPABILITY\n"
	         "S0: \\* OK [CAPABILITY IMAP4rev1 *IDLE*AUTH=PLAIN "
	         "AUTH=LOGIN] *\n"
	         "S0: \\* CAPABILITY IMAP4rev1 *IDLE*AUTH=PLAIN AUTH=LOGIN\n"
	         "S0: a OK *\n"
	         "C0: b LOGOUT\n"
	         "S0: \\* BYE *\n"
	         "S0: b OK *\n"
	         "X0:\n");
	host_hang_up(&h);
}

static void logs_in_each_way(void **state)
{
	(void)state;
	/* "a long secret" as quoted string, as literals, by PLAIN and LOGIN. */
	talk(&h, "C: a LOGIN anna@test.example \"a long secret\"\n"
	         "S: a OK [CAPABILITY IMAP4rev1 *] *\n"
	         "C: b LOGIN anna@test.example x\n"
	         "S: b BAD *\n"
	         "C2: a LOGIN {17}\n"
	         "S2: + *\n"
	         "C2: anna@test.example {13+}\n"
	         "C2: a long secret\n"
	         "S2: a OK *\n"
	         "C3: a AUTHENTICATE PLAIN "
	         "AGFubmFAdGVzdC5leGFtcGxlAGEgbG9uZyBzZWNyZXQ=\n"
	         "S3: a OK *\n"
	         "C4: a AUTHENTICATE PLAIN\n"
	         "S4: + \n"
	         "C4: AGFubmFAdGVzdC5leGFtcGxlAGEgbG9uZyBzZWNyZXQ=\n"
	         "S4: a OK *\n"
	         "C5: a authenticate login\n"
	         "S5: + VXNlcm5hbWU6\n"
	         "C5: YW5uYUB0ZXN0LmV4YW1wbGU=\n"
	         "S5: + UGFzc3dvcmQ6\n"
	         "C5: YSBsb25nIHNlY3JldA==\n"
	         "S5: a OK *\n"
	         "C6: a AUTHENTICATE PLAIN\n"
	         "S6: + \n"
	         "C6: *\n"
	         "S6: a BAD *\n"
	         "C6: b AUTHENTICATE PLAIN\n"
	         "S6: + \n"
	         "C6: !!!\n"
	         "S6: b BAD *\n"
	         "C6: c AUTHENTICATE NTLM\n"
	         "S6: c NO [CANNOT] *\n"
	         "C6: d NOOP\n"
	         "S6: d OK *\n");
	host_hang_up(&h);
}

static void refuses_upper_case_names(void **state)
{
	(void)state;
	talk(&h, "C: a LOGIN Anna@Test.Example \"a long secret\"\n"
	         "S: a NO [AUTHENTICATIONFAILED] write the user name in "
	         "lowercase\n");
	host_hang_up(&h);
}

/* R25, for somebody else, so that anna can go on. */
static void locks_after_three_failures(void **state)
{
	(void)state;
	talk(&h, "C: a LOGIN bo@test.example wrong\n"
	         "S: a NO [AUTHENTICATIONFAILED] *\n"
	         "C: b LOGIN bo@test.example wrong\n"
	         "S: b NO [AUTHENTICATIONFAILED] *\n"
	         "C: c LOGIN bo@test.example wrong\n"
	         "S: c NO [AUTHENTICATIONFAILED] *\n"
	         "C: d LOGIN bo@test.example \"a long secret\"\n"
	         "S: d NO [UNAVAILABLE] Too many failed logins, try again in * "
	         "seconds\n");
	host_hang_up(&h);
}

static void knows_its_states(void **state)
{
	(void)state;
	talk(&h, "C: a SELECT INBOX\n"
	         "S: a BAD *\n"
	         "C: b LIST \"\" *\n"
	         "S: b BAD *\n"
	         "C: c NONSENSE\n"
	         "S: c BAD *\n"
	         "C: \n"
	         "S: \\* BAD *\n"
	         "C: d\n"
	         "S: d BAD *\n"
	         "C: e NOOP x\n"
	         "S: e BAD *\n"
	         "C: f ID (\"name\" \"test\" \"version\" NIL)\n"
	         "S: \\* ID (\"name\" \"Posthus\")\n"
	         "S: f OK *\n"
	         "C: g STARTTLS\n"
	         "S: g NO *\n"
	         "C: h APPEND INBOX {3+}\n"
	         "C: abc\n"
	         "S: h BAD *\n");
	host_hang_up(&h);
}

static void ends_after_too_many_errors(void **state)
{
	(void)state;
	for (int i = 0; i < 7; i++)
		talk(&h, "C: a NONSENSE\nS: a BAD *\n");
	talk(&h, "C: a NONSENSE\n"
	         "S: a BAD *\n"
	         "S: \\* BYE *\n"
	         "X:\n");
	host_hang_up(&h);
}

static void bounds_lines_and_literals(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_add(&b, STR("C: a LOGIN "));
	for (int i = 0; i < 9000; i++)
		buf_add_c(&b, 'x');
	buf_add(&b, STR("\nS: a BAD [TOOBIG] *\n"
	                "C: b LOGIN {5000}\n"
	                "S: b BAD [TOOBIG] *\n"
	                "C: c LOGIN {5000+}\n"
	                "S: c BAD [TOOBIG] *\n"
	                "C- "));
	for (int i = 0; i < 5000; i++)
		buf_add_c(&b, 'x');
	buf_add(&b, STR(" y\\r\\n\n"
	                "C: d NOOP\n"
	                "S: d OK *\n"));
	talk(&h, buf_z(&b));
	buf_deinit(&b);
	host_hang_up(&h);
}

static int set_up(void **state)
{
	(void)state;
	host_start(&h, "");
	assert_true(h.port > 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	host_stop(&h);
	return 0;
}

/* R32 with a limit of 2. */
static void counts_connections(void **state)
{
	(void)state;
	host_start(&h, "[limits]\nimap_connections_per_client = 2\n");
	talk_login(&h, 1);
	talk_login(&h, 2);
	talk(&h, "C3: a LOGIN anna@test.example \"a long secret\"\n"
	         "S3: a NO [LIMIT] You have 2 open IMAP connections from your "
	         "address already\n"
	         "C0: a NOOP\n"
	         "S0: \\* BYE *\n"
	         "X0:\n"
	         "C2: a LOGOUT\n"
	         "S2: \\* BYE *\n"
	         "S2: a OK *\n"
	         "X2:\n"
	         "C1: a NOOP\n"
	         "S1: a OK *\n");
	/* The end of the other one is counted a moment later. */
	clock_sleep_us(100 * US_PER_MS);
	talk(&h, "C3: b LOGIN anna@test.example \"a long secret\"\n"
	         "S3: b OK *\n");
	host_stop(&h);
}

static void refuses_clear_passwords(void **state)
{
	(void)state;
	host_start(&h, "[auth]\nplaintext_login = \"never\"\n");
	talk(&h, "C: a CAPABILITY\n"
	         "S: \\* CAPABILITY * LOGINDISABLED\n"
	         "S: a OK *\n"
	         "C: b LOGIN anna@test.example x\n"
	         "S: b NO [PRIVACYREQUIRED] *\n"
	         "C: c LOGIN {17}\n"
	         "S: c NO [PRIVACYREQUIRED] *\n"
	         "C: d AUTHENTICATE PLAIN\n"
	         "S: d NO [PRIVACYREQUIRED] *\n");
	host_stop(&h);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(greets_with_all_capabilities),
		cmocka_unit_test(logs_in_each_way),
		cmocka_unit_test(refuses_upper_case_names),
		cmocka_unit_test(locks_after_three_failures),
		cmocka_unit_test(knows_its_states),
		cmocka_unit_test(ends_after_too_many_errors),
		cmocka_unit_test(bounds_lines_and_literals),
	};
	const struct CMUnitTest own[] = {
		cmocka_unit_test(counts_connections),
		cmocka_unit_test(refuses_clear_passwords),
	};

	log_setup("test", LOG_ERROR, false);
	return cmocka_run_group_tests(list, set_up, tear_down) +
	       cmocka_run_group_tests(own, NULL, NULL);
}
