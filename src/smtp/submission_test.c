/* Conversations with who sends: logins, senders, fix-ups. */
#include "base/base64.h"
#include "smtp/testing.h"

/* "AUTH PLAIN ..." with its CRLF. */
static void send_plain(struct client *c, const char *user, const char *secret)
{
	struct buf plain, line;

	buf_init(&plain, 1000);
	buf_init(&line, 4000);
	buf_add_c(&plain, '\0');
	buf_add_z(&plain, user);
	buf_add_c(&plain, '\0');
	buf_add_z(&plain, secret);
	buf_add(&line, STR("AUTH PLAIN "));
	base64_encode(&line, buf_str(&plain));
	buf_add(&line, STR("\r\n"));
	client_send(c, buf_str(&line));
	buf_deinit(&plain);
	buf_deinit(&line);
}

static void login(struct client *c, uint16_t port)
{
	client_hello(c, port);
	send_plain(c, "anna@customer.example", "annas secret");
	talk(c, "S: 235 2.7.0 *\n");
}

#define BEGIN(rcpt)                              \
	"C: MAIL FROM:<anna@customer.example>\n" \
	"S: 250 2.1.0*\n"                        \
	"C: RCPT TO:<" rcpt ">\n"                \
	"S: 250 2.1.5*\n"                        \
	"C: DATA\n"                              \
	"S: 354 *\n"

static void a_login_is_required(void **state)
{
	struct client c;

	(void)state;
	client_hello(&c, world.submission_port);
	talk(&c, "C: MAIL FROM:<anna@customer.example>\n"
	         "S: 553-5.7.1 Authentication failure.\n"
	         "S: 553-5.7.1 Log in first*\n"
	         "S: 553 5.7.1 https://mail.host.example/help/A-LOGIN "
	         "[A-LOGIN]\n"
	         "C: RCPT TO:<bo@customer.example>\n"
	         "S: 503 5.5.1 *\n");
	client_close(&c);
}

static void logins(void **state)
{
	struct client c;

	(void)state;
	client_hello(&c, world.submission_port);
	talk(&c, "C: AUTH\n"
	         "S: 501 5.5.4 *\n"
	         "C: AUTH NTLM\n"
	         "S: 504 5.5.4 *\n"
	         "C: AUTH SCRAM-SHA-256\n"
	         "S: 504 5.5.4 *\n"
	         "C: AUTH PLAIN =\n"
	         "S: 501 5.5.2 *\n"
	         "C: AUTH PLAIN !!!\n"
	         "S: 501 5.5.2 *\n"
	         "C: AUTH PLAIN\n"
	         "S: 334 \n"
	         "C: *\n"
	         "S: 501 5.7.0 *\n");
	send_plain(&c, "Anna@customer.example", "annas secret");
	talk(&c, "S: 535-5.7.8 Authentication failed: write the user name in "
	         "lowercase\n"
	         "S: 535 5.7.8 *\n");
	client_close(&c);

	/* LOGIN, in its two steps. */
	client_hello(&c, world.submission_port);
	talk(&c, "C: AUTH LOGIN\n"
	         "S: 334 VXNlcm5hbWU6\n"
	         "C: YW5uYUBjdXN0b21lci5leGFtcGxl\n"
	         "S: 334 UGFzc3dvcmQ6\n"
	         "C: YW5uYXMgc2VjcmV0\n"
	         "S: 235 2.7.0 *\n"
	         "C: AUTH PLAIN\n"
	         "S: 503 5.5.1 *\n"
	         "C: MAIL FROM:<anna@customer.example>\n"
	         "S: 250 *\n");
	client_close(&c);
}

/* R23, R41: who may be the sender. */
static void senders(void **state)
{
	struct client c;

	(void)state;
	login(&c, world.submission_port);
	talk(&c, "C: MAIL FROM:<bo@customer.example>\n"
	         "S: 553-5.7.1 Authentication failure.\n"
	         "S: 553-5.7.1 The sender is not*\n"
	         "S: 553 5.7.1 https://mail.host.example/help/A-SENDER "
	         "[A-SENDER]\n"
	         "C: MAIL FROM:<>\n"
	         "S: 250 *\n"
	         "C: RSET\n"
	         "S: 250 *\n"
	         "C: MAIL FROM:<Anna+x@Customer.example>\n"
	         "S: 250 *\n"
	         "C: RCPT TO:<nobody@customer.example>\n"
	         "S: 550-5.1.1 <nobody@customer.example>: Recipient address "
	         "rejected: User unknown\n"
	         "S: 550 5.1.1 *\n"
	         "C: RCPT TO:<who@far.example>\n"
	         "S: 250 *\n");
	client_close(&c);
	OK(directory_grant_add(world.directory, world.anna,
	                       STR("shop@customer.example"), &err));
	login(&c, world.submission_port);
	talk(&c, "C: MAIL FROM:<shop@customer.example>\n"
	         "S: 250 *\n");
	client_close(&c);
	client_hello(&c, world.submission_port);
	send_plain(&c, "mute@customer.example", "secret");
	talk(&c, "S: 235 *\n"
	         "C: MAIL FROM:<mute@customer.example>\n"
	         "S: 550-5.7.1 Sending is suspended\n"
	         "S: 550 5.7.1 *\n");
	client_close(&c);
}

/* R24. */
static const struct {
	const char *header;
	const char *why; /* NULL: goes through */
} froms[] = {
	{ "From: anna@customer.example", NULL },
	{ "From: \"Boss\" <Anna@CUSTOMER.example>", NULL },
	{ "from: Anna <anna+work@customer.example> (me)", NULL },
	{ "From: bo@customer.example",
	  "From: bo@customer.example is not the account that logged in, nor "
	  "granted to it" },
	{ "From: anna@customer.example <bo@customer.example>",
	  "From: bo@customer.example is not*" },
	{ "Subject: none", "The message has no From: field" },
	{ "From: ", "The From: field has no address" },
	{ "From: undisclosed:;", "The From: field has no address" },
	{ "From: anna@customer.example\nc: From: bo@customer.example",
	  "The message has several From: fields" },
	{ "From: anna@customer.example, bo@customer.example",
	  "Several addresses in From: need one in Sender:" },
	{ "From: anna@customer.example, bo@customer.example\n"
	  "c: Sender: bo@customer.example",
	  "Sender: bo@customer.example is not*" },
	{ "From: anna@customer.example, bo@customer.example\n"
	  "c: Sender: anna@customer.example",
	  NULL },
};

static void from_fields(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(froms) / sizeof(froms[0]); i++) {
		struct client c;
		char script[1000];

		login(&c, world.submission_port);
		talk(&c, BEGIN("bo@customer.example"));
		(void)snprintf(script, sizeof(script),
		               "c: %s\nc: \nc: text\nC: .\n", froms[i].header);
		talk(&c, script);
		if (froms[i].why)
			(void)snprintf(script, sizeof(script),
			               "S: 553-5.7.1 Authentication failure.\n"
			               "S: 553-5.7.1 %s\n"
			               "S: 553 5.7.1 https://mail.host.example"
			               "/help/A-FROM [A-FROM]\n",
			               froms[i].why);
		else
			(void)snprintf(script, sizeof(script),
			               "S: 250 2.0.0 Stored*\n");
		talk(&c, script);
		client_close(&c);
	}
}

static size_t times(struct str s, struct str what)
{
	size_t n = 0, at;

	while ((at = str_find_case(s, what)) != STR_NPOS) {
		s = str_from(s, at + what.n);
		n++;
	}
	return n;
}

/* R42: Date and Message-ID are added, Bcc is removed, all else stays. */
static void fix_ups(void **state)
{
	struct client c;
	struct buf b;

	(void)state;
	buf_init(&b, 100000);
	login(&c, world.mx_port); /* R11: on 25 too */
	talk(&c, BEGIN("bo@customer.example") "c: Bcc: secret@far.example,\n"
	                                      "c:  other@far.example\n"
	                                      "c: From: anna@customer.example\n"
	                                      "c: bcc: third@far.example\n"
	                                      "c: Subject: =?utf-8?q?x?=\n"
	                                      "c: \n"
	                                      "c: Bcc: stays in the body\n"
	                                      "C: .\n"
	                                      "S: 250 2.0.0 Stored*\n");
	world_last(world.bo, &b);
	assert_int_equal(times(buf_str(&b), STR("secret@far")), 0);
	assert_int_equal(times(buf_str(&b), STR("third@far")), 0);
	assert_int_equal(times(buf_str(&b), STR("other@far")), 0);
	assert_int_equal(times(buf_str(&b), STR("\r\nDate: ")), 1);
	assert_int_equal(times(buf_str(&b), STR("\r\nMessage-ID: <")), 1);
	assert_int_equal(times(buf_str(&b), STR(" with ESMTPA\r\n")), 0);
	assert_true(str_ends(buf_str(&b), STR("From: anna@customer.example\r\n"
	                                      "Subject: =?utf-8?q?x?=\r\n"
	                                      "\r\n"
	                                      "Bcc: stays in the body\r\n")));
	/* Nothing missing, nothing changed. */
	talk(&c,
	     BEGIN("bo@customer.example") "c: Date: Tue, 24 Nov 2026 05:10:00 +0000\n"
	                                  "c: message-id: <1@customer.example>\n"
	                                  "c: From: anna@customer.example\n"
	                                  "c: \n"
	                                  "C: .\n"
	                                  "S: 250 2.0.0 Stored*\n");
	world_last(world.bo, &b);
	assert_int_equal(times(buf_str(&b), STR("Message-ID:")), 1);
	assert_true(str_ends(buf_str(&b),
	                     STR("Date: Tue, 24 Nov 2026 05:10:00 +0000\r\n"
	                         "message-id: <1@customer.example>\r\n"
	                         "From: anna@customer.example\r\n\r\n")));
	buf_deinit(&b);
	client_close(&c);
}

struct found {
	struct arena a;
	struct queue_item item;
	size_t n;
};

static bool keep(void *arg, const struct queue_item *item)
{
	struct found *f = arg;

	f->item = *item;
	f->item.sender = arena_dup(&f->a, item->sender);
	f->item.address = arena_dup(&f->a, item->address);
	f->n++;
	return true;
}

/* Mail for elsewhere waits, durably, with all that DSN asked for. */
static void elsewhere_is_queued(void **state)
{
	struct found f = { .n = 0 };
	struct queue_job job;
	struct queue_bytes bytes;
	struct client c;
	size_t n = 0;

	(void)state;
	arena_init(&f.a);
	login(&c, world.submission_port);
	talk(&c, "C: MAIL FROM:<anna@customer.example> RET=HDRS ENVID=e+3D1 "
	         "BODY=8BITMIME SMTPUTF8\n"
	         "S: 250 *\n"
	         "C: RCPT TO:<Who@Far.example> NOTIFY=SUCCESS,DELAY "
	         "ORCPT=rfc822;w@far.example\n"
	         "S: 250 *\n"
	         "C: DATA\n"
	         "S: 354 *\n"
	         "c: From: anna@customer.example\n"
	         "c: Bcc: x@far.example\n"
	         "c: \n"
	         "C: .\n"
	         "S: 250 2.0.0 Queued*\n");
	OK(queue_list(world.queue, 0, keep, &f, &err));
	assert_int_equal(f.n, 1);
	assert_int_equal(f.item.state, QUEUE_WAITING);
	assert_str(f.item.sender, "anna@customer.example");
	OK(queue_claim(world.queue, QUEUE_RELAY, clock_wall_us(), US_PER_MIN,
	               &f.a, &job, 1, &n, NULL, &err));
	assert_int_equal(n, 1);
	assert_str(job.original, "Who@Far.example");
	assert_str(job.envid, "e=1");
	assert_str(job.orcpt, "rfc822;w@far.example");
	assert_int_equal(job.notify, 2 | 8);
	assert_int_equal(job.ret, 2);
	assert_true(job.smtputf8);
	assert_int_equal(job.body, QUEUE_8BIT);
	assert_int_equal(job.source, QUEUE_FROM_LOGIN);
	assert_int_equal(job.sender_account_id, world.anna);
	assert_true(job.domain_id > 0);
	assert_true(str_starts(job.prefix, STR("Received: from far.example")));
	OK(queue_body_open(world.queue, job.message, &bytes, &err));
	assert_int_equal(times(bytes.message, STR("Bcc:")), 0);
	assert_int_equal(times(bytes.message, STR("Message-ID:")), 1);
	queue_body_close(&bytes);
	OK(queue_remove(world.queue, job.message, &err));
	arena_deinit(&f.a);
	client_close(&c);
}

/* R25: three failures, and the right password waits too. */
static void three_failures(void **state)
{
	struct client c;
	char line[1000];
	int i;

	(void)state;
	client_hello(&c, world.submission_port);
	for (i = 0; i < 3; i++) {
		send_plain(&c, "mute@customer.example", "wrong");
		talk(&c, "S: 535-5.7.8 Authentication failed\n"
		         "S: 535 5.7.8 *\n");
	}
	send_plain(&c, "mute@customer.example", "secret");
	assert_true(client_line(&c, line, sizeof(line)));
	assert_true(str_starts(str_z(line),
	                       STR("454-4.7.0 Too many failed logins, try "
	                           "again in ")));
	assert_true(str_ends(str_z(line), STR(" seconds")));
	talk(&c, "S: 454 4.7.0 https://mail.host.example/help/A-LOCKED "
	         "[A-LOCKED]\n");
	client_close(&c);
}

/* R21: refused at the end of the data, and not before, without keeping it. */
static void too_big_at_the_end(void **state)
{
	struct client c;
	struct buf b;
	int i;

	(void)state;
	buf_init(&b, 200000);
	buf_add(&b, STR("Subject: big\r\n\r\n"));
	for (i = 0; i < 1500; i++)
		buf_add(&b, STR("a line of some forty-four characters or "
		                "so..\r\n"));
	buf_add(&b, STR(".\r\nNOOP\r\n"));
	client_hello(&c, world.mx_port);
	talk(&c, "C: MAIL FROM:<ann@far.example>\n"
	         "S: 250 *\n"
	         "C: RCPT TO:<bo@customer.example>\n"
	         "S: 250 *\n"
	         "C: DATA\n"
	         "S: 354 *\n");
	client_send(&c, buf_str(&b));
	talk(&c, "S: 552-5.3.4 Message size exceeds the limit of 64 KB\n"
	         "S: 552 5.3.4 *\n"
	         "S: 250 2.0.0 OK\n");
	buf_deinit(&b);
	client_close(&c);
}

static int set_up(void **state)
{
	(void)state;
	world_start("[limits]\nmessage_bytes = \"64K\"\n");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_stop();
	return 0;
}

/* R27: 100 failed deliveries in an hour are let pass, one more closes. */
static void r27_failed_deliveries(void **state)
{
	struct gate_want one = { GATE_FAILED, 0, 1, 0 };
	struct directory_account acc;
	struct client c;
	struct arena a;

	(void)state;
	arena_init(&a);
	OK(directory_account_get(world.directory, world.anna, &a, &acc, &err));
	one.subject = acc.domain_id;
	one.account = acc.id;
	arena_deinit(&a);
	for (int i = 0; i < 100; i++)
		OK(gate_count_add(world.gate, &one, &err));
	login(&c, world.submission_port);
	talk(&c, "C: MAIL FROM:<anna@customer.example>\n"
	         "S: 250 2.1.0*\n"
	         "C: RCPT TO:<bo@customer.example>\n"
	         "S: 250 2.1.5*\n");
	OK(gate_count_add(world.gate, &one, &err));
	talk(&c, "C: RCPT TO:<bo@customer.example>\n"
	         "S: 450-4.7.1 <bo@customer.example>: Recipient address "
	         "rejected: You have more than 100 failed deliveries the last "
	         "hour, try later\n"
	         "S: 450 4.7.1 https://mail.host.example/help/L-FAILED "
	         "[L-FAILED]\n");
	client_close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_login_is_required),
		cmocka_unit_test(logins),
		cmocka_unit_test(senders),
		cmocka_unit_test(from_fields),
		cmocka_unit_test(fix_ups),
		cmocka_unit_test(elsewhere_is_queued),
		cmocka_unit_test(three_failures),
		cmocka_unit_test(too_big_at_the_end),
		cmocka_unit_test(r27_failed_deliveries),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
