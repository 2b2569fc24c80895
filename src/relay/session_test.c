#include "relay/session.h"

#include "os/clock.h"
#include "relay/testing.h"

static struct relay_session session;
static struct relay_outcome why;

static void set_peer(const struct peer *p, enum relay_tls_mode tls,
                     struct relay_peer *out)
{
	*out = (struct relay_peer){
		.addr = p->addr,
		.name = "mx.far.example",
		.helo = "mx.here.example",
		.tls = tls,
		.times = { US_PER_SEC, 2 * US_PER_SEC, 2 * US_PER_SEC,
		           2 * US_PER_SEC, 2 * US_PER_SEC },
	};
}

static bool open_to(const struct peer *p, enum relay_tls_mode tls)
{
	struct relay_peer peer;

	set_peer(p, tls, &peer);
	relay_session_init(&session, -1);
	return relay_session_open(&session, &peer, &why);
}

static void close_it(void)
{
	relay_session_close(&session);
	smtp_answer_deinit(&session.answer);
}

#define GREET "S: 220 mx.far.example\nC: EHLO mx.here.example\n"
#define BYE   "C: QUIT\nS: 221 bye\n"

/* ---- what EHLO said ---- */

static void capabilities(void **state)
{
	static const struct {
		const char *text;
		unsigned can;
		uint64_t size;
		size_t rcpts;
	} rows[] = {
		{ "far\nPIPELINING\n8bitmime\nSIZE 1000\nLIMITS RCPTMAX=20",
		  RELAY_CAN_PIPELINING | RELAY_CAN_8BITMIME | RELAY_CAN_SIZE,
		  1000, 20 },
		{ "PIPELINING\nDSN\nSMTPUTF8\nCHUNKING\nBINARYMIME",
		  RELAY_CAN_DSN | RELAY_CAN_SMTPUTF8 | RELAY_CAN_CHUNKING |
		          RELAY_CAN_BINARYMIME,
		  0, 100 },
		{ "far\nAUTH LOGIN PLAIN X\nSTARTTLS\nREQUIRETLS\nDELIVERBY 9"
		  "\nMT-PRIORITY MIXER",
		  RELAY_CAN_LOGIN | RELAY_CAN_PLAIN | RELAY_CAN_STARTTLS |
		          RELAY_CAN_REQUIRETLS | RELAY_CAN_DELIVERBY |
		          RELAY_CAN_PRIORITY,
		  0, 100 },
		{ "far\nSIZE\nLIMITS RCPTMAX=0\nLIMITS RCPTMAX=99999999",
		  RELAY_CAN_SIZE, 0, 100 },
		{ "far\nSIZE x\nLIMITS MAILMAX=2 RCPTMAX=5000", RELAY_CAN_SIZE,
		  0, 1000 },
		{ "far", 0, 0, 100 },
		{ "", 0, 0, 100 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		relay_session_read_ehlo(&session, str_z(rows[i].text));
		assert_int_equal(session.can, rows[i].can);
		assert_int_equal(session.size_max, rows[i].size);
		assert_int_equal(session.rcpt_max, rows[i].rcpts);
	}
}

/* ---- opening ---- */

static void opening(void **state)
{
	static const struct {
		const char *script;
		enum relay_tls_mode tls;
		bool ok;
		enum relay_kind kind;
		const char *status, *words;
	} rows[] = {
		{ GREET "S: 250-far\nS: 250 SIZE\n" BYE, RELAY_TLS_MAY, true,
		  RELAY_OK, "", "" },
		{ GREET "S: 500 what\nC: HELO mx.here.example\nS: 250 ok\n" BYE,
		  RELAY_TLS_MAY, true, RELAY_OK, "", "" },
		{ "S: 554 5.3.2 no mail here\n" BYE, RELAY_TLS_MAY, false,
		  RELAY_TEMP, "4.3.2", "no mail here" },
		{ "S: 521 5.3.2 never\n" BYE, RELAY_TLS_MAY, false, RELAY_PERM,
		  "5.3.2", "never" },
		{ "S: 421 4.3.2 later\n" BYE, RELAY_TLS_MAY, false, RELAY_TEMP,
		  "4.3.2", "later" },
		{ GREET "S: 421 4.3.0 busy\n" BYE, RELAY_TLS_MAY, false,
		  RELAY_TEMP, "4.3.0", "busy" },
		{ "", RELAY_TLS_MAY, false, RELAY_TEMP, "4.4.2",
		  "did not greet" },
		{ "S: HTTP/1.1 400 Bad Request\n", RELAY_TLS_MAY, false,
		  RELAY_TEMP, "4.4.2", "not SMTP" },
		{ GREET, RELAY_TLS_MAY, false, RELAY_TEMP, "4.4.2", "lost" },
		{ GREET "S: 250 far\n" BYE, RELAY_TLS_MUST, false, RELAY_TEMP,
		  "4.7.10", "does not offer TLS" },
		{ GREET "S: 250-far\nS: 250 STARTTLS\nC: STARTTLS\n"
		        "S: 454 4.7.0 not now\n" BYE,
		  RELAY_TLS_MUST, false, RELAY_TEMP, "4.7.0", "not now" },
		{ GREET "S: 250-far\nS: 250 STARTTLS\nC: STARTTLS\n"
		        "S: 454 4.7.0 not now\n" BYE,
		  RELAY_TLS_MAY, true, RELAY_OK, "", "" },
		{ GREET "S: 250-far\nS: 250 STARTTLS\n" BYE, RELAY_TLS_OFF,
		  true, RELAY_OK, "", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct peer p;
		bool ok;

		peer_begin(&p, rows[i].script);
		ok = open_to(&p, rows[i].tls);
		if (ok != rows[i].ok)
			fail_msg("%s: %s", rows[i].script, why.reply);
		if (!ok) {
			assert_int_equal(why.kind, rows[i].kind);
			assert_string_equal(why.status, rows[i].status);
			if (!strstr(why.reply, rows[i].words))
				fail_msg("%s", why.reply);
			assert_true(why.host);
		}
		close_it();
		peer_end(&p);
	}
}

static void the_password_is_not_said_in_clear(void **state)
{
	struct relay_peer peer;
	struct peer p;

	(void)state;
	peer_begin(&p, GREET "S: 250-far\nS: 250 AUTH PLAIN\n" BYE);
	set_peer(&p, RELAY_TLS_MAY, &peer);
	peer.login = STR("posthus");
	peer.password = STR("secret");
	relay_session_init(&session, -1);
	assert_false(relay_session_open(&session, &peer, &why));
	assert_string_equal(why.status, "4.7.11");
	close_it();
	peer_end(&p);
}

static void nobody_is_there(void **state)
{
	struct peer p;

	(void)state;
	peer_begin(&p, "");
	p.addr.port = 1; /* nobody listens */
	assert_false(open_to(&p, RELAY_TLS_MAY));
	assert_int_equal(why.kind, RELAY_TEMP);
	assert_string_equal(why.status, "4.4.1");
	assert_non_null(strstr(why.reply, "mx.far.example [127.0.0.1"));
	close_it();
	(void)shutdown(p.listener, SHUT_RDWR); /* ends its thread */
	peer_end(&p);
}

/* ---- transactions ---- */

static const struct queue_job jobs[] = {
	{ .address = STR_INIT("a@far.example"),
	  .mail_from = STR_INIT("bo@here.example"),
	  .notify = 6,
	  .orcpt = STR_INIT("rfc822;A+B@far.example"),
	  .envid = STR_INIT("Q=1"),
	  .ret = 2 },
	{ .address = STR_INIT("b@far.example"),
	  .mail_from = STR_INIT("bo@here.example") },
	{ .address = STR_INIT("c@far.example"),
	  .mail_from = STR_INIT("bo@here.example") },
};

static struct relay_outcome outcomes[3];

static void transact(struct peer *p, const char *script, size_t n,
                     struct str message, enum queue_body body)
{
	struct relay_mail m = { .jobs = jobs,
		                .n = n,
		                .prefix = STR("Received: x\r\n"),
		                .message = message,
		                .body = body };

	peer_begin(p, script);
	if (!open_to(p, RELAY_TLS_MAY))
		fail_msg("%s", why.reply);
	relay_session_send(&session, &m, outcomes);
	close_it();
	peer_end(p);
}

#define PIPE GREET "S: 250-far\nS: 250 PIPELINING\n"
#define FROM "C: MAIL FROM:<bo@here.example>\n"
#define TO_A "C: RCPT TO:<a@far.example>\n"
#define TO_B "C: RCPT TO:<b@far.example>\n"
#define TO_C "C: RCPT TO:<c@far.example>\n"
#define OK   "S: 250 2.1.0 ok\n"
#define DATA "C: DATA\n"

static void each_recipient_has_its_outcome(void **state)
{
	struct peer p;

	(void)state;
	transact(&p,
	         PIPE FROM TO_A TO_B TO_C OK OK
	         "S: 550 5.1.1 nobody\n"
	         "S: 450 4.2.0 later\nC: DATA\nS: 354 go\nD:\n"
	         "S: 250 2.0.0 taken\n" BYE,
	         3, STR("Subject: x\r\n\r\n.dot\r\n..\r\nend"), QUEUE_7BIT);
	assert_str(buf_str(&p.data), "Received: x\r\nSubject: x\r\n\r\n..dot"
	                             "\r\n...\r\nend\r\n");
	buf_deinit(&p.data);
	assert_int_equal(outcomes[0].kind, RELAY_OK);
	assert_string_equal(outcomes[0].status, "2.0.0");
	assert_string_equal(outcomes[0].mta, "mx.far.example");
	assert_int_equal(outcomes[1].kind, RELAY_PERM);
	assert_string_equal(outcomes[1].reply, "550 5.1.1 nobody");
	assert_int_equal(outcomes[2].kind, RELAY_TEMP);
	assert_string_equal(outcomes[2].status, "4.2.0");
}

static void one_by_one_and_with_what_it_knows(void **state)
{
	struct peer p;

	(void)state;
	transact(&p,
	         GREET "S: 250-far\nS: 250-DSN\nS: 250-8BITMIME\n"
	               "S: 250 SIZE 9999\n"
	               "C: MAIL FROM:<bo@here.example> SIZE=16 BODY=8BITMIME"
	               " RET=HDRS ENVID=Q+3D1\nS: 250 ok\n"
	               "C: RCPT TO:<a@far.example> NOTIFY=SUCCESS,FAILURE"
	               " ORCPT=rfc822;A+2BB@far.example\nS: 250 ok\n"
	               "C: DATA\nS: 354 go\nD:\nS: 250 ok\n" BYE,
	         1, STR("y\r\n"), QUEUE_8BIT);
	buf_deinit(&p.data);
	assert_int_equal(outcomes[0].kind, RELAY_OK);
}

static void binary_goes_by_bdat(void **state)
{
	struct peer p;

	(void)state;
	transact(&p,
	         GREET "S: 250-far\nS: 250-CHUNKING\nS: 250 BINARYMIME\n"
	               "C: MAIL FROM:<bo@here.example> BODY=BINARYMIME\n"
	               "S: 250 ok\n" TO_A "S: 250 ok\n"
	               "C: BDAT 16 LAST\nB: 16\nS: 250 ok\n" BYE,
	         1, STR("\n.\r"), QUEUE_BINARY);
	assert_str(buf_str(&p.data), "Received: x\r\n\n.\r");
	buf_deinit(&p.data);
	assert_int_equal(outcomes[0].kind, RELAY_OK);
}

/* ---- used again ---- */

#define TAKEN PIPE FROM TO_A DATA OK OK "S: 354 go\nD:\nS: 250 2.0.0 taken\n"

/* RFC 5321, 3.8: what ends a session between two messages is no word about
 * the second; what ends it later is. */
static void its_end_between_two(void **state)
{
	static const struct {
		const char *script;
		bool again;
		const char *status;
	} rows[] = {
		{ TAKEN FROM TO_A DATA "S: 421 4.4.2 enough\n", true, "4.4.2" },
		{ TAKEN FROM TO_A DATA OK "S: 421 4.4.2 enough\n", true,
		  "4.4.2" },
		{ TAKEN FROM TO_A DATA OK OK "S: 421 4.4.2 enough\n", true,
		  "4.4.2" },
		{ TAKEN FROM TO_A DATA OK OK, true, "4.4.2" },
		{ TAKEN, true, "4.4.2" },
		{ TAKEN FROM TO_A DATA OK OK "S: 354 go\nD:\n", false,
		  "4.4.2" },
		{ TAKEN FROM TO_A DATA OK OK "S: 354 go\nD:\nS: 421 4.3.0 no\n",
		  false, "4.3.0" },
		{ TAKEN FROM TO_A DATA "S: 450 4.1.0 no\nS: 503 x\nS: 503 x\n"
		                       "C: RSET\nS: 250 ok\n" BYE,
		  false, "4.1.0" },
	};
	struct relay_mail m = { .jobs = jobs,
		                .n = 1,
		                .message = STR("y\r\n"),
		                .body = QUEUE_7BIT };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct peer p;

		peer_begin(&p, rows[i].script);
		assert_true(open_to(&p, RELAY_TLS_MAY));
		relay_session_send(&session, &m, outcomes);
		assert_int_equal(outcomes[0].kind, RELAY_OK);
		assert_false(outcomes[0].again);
		relay_session_send(&session, &m, outcomes);
		assert_int_equal(session.sent, 2);
		close_it();
		peer_end(&p);
		buf_deinit(&p.data);
		assert_int_equal(outcomes[0].kind, RELAY_TEMP);
		if (outcomes[0].again != rows[i].again)
			fail_msg("%s: %s", rows[i].script, outcomes[0].reply);
		assert_string_equal(outcomes[0].status, rows[i].status);
	}
}

static void taken_up_by_another(void **state)
{
	static const struct {
		const char *script;
		bool ok;
	} rows[] = {
		{ PIPE "C: RSET\nS: 250 ok\n" BYE, true },
		{ PIPE "C: RSET\nS: 421 4.4.2 too late\n", false },
		{ PIPE "C: RSET\nS: 500 what\n", false },
		{ PIPE "C: RSET\n", false },
		{ PIPE, false },
		/* It spoke unasked. */
		{ PIPE "S: 421 4.4.2 bye\n", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct relay_peer other;
		struct peer p;

		peer_begin(&p, rows[i].script);
		assert_true(open_to(&p, RELAY_TLS_MAY));
		set_peer(&p, RELAY_TLS_MAY, &other);
		other.route_trusted = true;
		assert_int_equal(relay_session_resume(&session, &other),
		                 rows[i].ok);
		assert_int_equal(session.broken, !rows[i].ok);
		assert_true(session.peer.route_trusted);
		close_it();
		peer_end(&p);
	}
}

static void failures(void **state)
{
	static const struct {
		const char *script;
		enum relay_kind kind;
		const char *status;
		bool broken;
	} rows[] = {
		/* MAIL is refused: so are all, whatever RCPT is told. */
		{ PIPE FROM TO_A TO_B DATA
		  "S: 550 5.7.1 not you\nS: 503 a\n"
		  "S: 503 b\nS: 503 c\nC: RSET\nS: 250 ok\n" BYE,
		  RELAY_PERM, "5.7.1", false },
		{ PIPE FROM TO_A TO_B DATA OK "S: 421 4.3.2 going\n",
		  RELAY_TEMP, "4.3.2", true },
		/* All recipients are refused: nobody gets it. */
		{ PIPE FROM TO_A TO_B DATA OK
		  "S: 550 5.1.1 a\nS: 550 5.1.1 b\nS: 554 c\n"
		  "C: RSET\nS: 250 ok\n" BYE,
		  RELAY_PERM, "5.1.1", false },
		{ PIPE FROM TO_A TO_B DATA OK
		  "S: 550 5.1.1 a\nS: 550 5.1.1 b\n"
		  "S: 354 go\nD:\nS: 554 nobody\nC: RSET\nS: 250 ok\n" BYE,
		  RELAY_PERM, "5.1.1", false },
		{ PIPE FROM TO_A TO_B DATA OK OK OK "S: 451 4.3.0 later\n"
		                                    "C: RSET\nS: 250 ok\n" BYE,
		  RELAY_TEMP, "4.3.0", false },
		{ PIPE FROM TO_A TO_B DATA OK OK OK "S: 250 what\n", RELAY_TEMP,
		  "4.3.0", true },
		{ PIPE FROM TO_A TO_B DATA OK OK OK "S: 354 go\nD:\n"
		                                    "S: 554 5.6.0 spam\n" BYE,
		  RELAY_PERM, "5.6.0", false },
		/* A status of another class is none. */
		{ PIPE FROM TO_A TO_B DATA OK OK OK "S: 354 go\nD:\n"
		                                    "S: 451 5.6.0 hm\n" BYE,
		  RELAY_TEMP, "4.0.0", false },
		/* Nobody knows whether it was taken. */
		{ PIPE FROM TO_A TO_B DATA OK OK OK "S: 354 go\nD:\n",
		  RELAY_TEMP, "4.4.2", true },
		{ PIPE FROM TO_A TO_B DATA OK, RELAY_TEMP, "4.4.2", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct peer p;

		transact(&p, rows[i].script, 2, STR("y\r\n"), QUEUE_7BIT);
		buf_deinit(&p.data);
		for (size_t k = 0; k < 2; k++) {
			if (outcomes[k].kind != rows[i].kind)
				fail_msg("%s: %s", rows[i].script,
				         outcomes[k].reply);
			assert_string_equal(outcomes[k].status, rows[i].status);
		}
		assert_int_equal(session.broken, rows[i].broken);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capabilities),
		cmocka_unit_test(opening),
		cmocka_unit_test(the_password_is_not_said_in_clear),
		cmocka_unit_test(nobody_is_there),
		cmocka_unit_test(each_recipient_has_its_outcome),
		cmocka_unit_test(one_by_one_and_with_what_it_knows),
		cmocka_unit_test(binary_goes_by_bdat),
		cmocka_unit_test(its_end_between_two),
		cmocka_unit_test(taken_up_by_another),
		cmocka_unit_test(failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
