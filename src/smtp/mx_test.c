/* Conversations with the service as an MX: no login. */
#include "base/mem.h"
#include "queue/health.h"
#include "smtp/testing.h"

#define MAIL_TO(rcpt)                      \
	"C: MAIL FROM:<ann@far.example>\n" \
	"S: 250 2.1.0*\n"                  \
	"C: RCPT TO:<" rcpt ">\n"          \
	"S: 250 2.1.5*\n"

#define SEND_DATA(lines) \
	"C: DATA\n"      \
	"S: 354 *\n" lines "C: .\n"

static void ehlo_announces_what_works(void **state)
{
	struct client c;

	(void)state;
	client_open(&c, world.mx_port);
	talk(&c, "S: 220 mx.host.example ESMTP*\n"
	         "C: EHLO far.example\n"
	         "S: 250-mx.host.example\n"
	         "S: 250-PIPELINING\n"
	         "S: 250-SIZE 73400320\n"
	         "S: 250-8BITMIME\n"
	         "S: 250-AUTH PLAIN LOGIN\n"
	         "S: 250-ENHANCEDSTATUSCODES\n"
	         "S: 250-SMTPUTF8\n"
	         "S: 250-CHUNKING\n"
	         "S: 250-BINARYMIME\n"
	         "S: 250-DELIVERBY\n"
	         "S: 250-MT-PRIORITY\n"
	         "S: 250-LIMITS RCPTMAX=1000\n"
	         "S: 250 DSN\n"
	         "C: QUIT\n"
	         "S: 221 2.0.0*\n");
	assert_true(client_is_closed(&c));
	client_close(&c);
}

static void a_message_is_there_when_250_is_said(void **state)
{
	uint32_t before = world_count(world.bo);
	struct client c;
	struct buf b;

	(void)state;
	client_hello(&c, world.mx_port);
	talk(&c, MAIL_TO("Bo+list@Customer.Example") SEND_DATA(
			 "c: From: Ann <ann@far.example>\n"
			 "c: Subject: hi\n"
			 "c: \n"
			 "c: ..a line with a dot\n") "S: 250 2.0.0 Stored*\n");
	assert_int_equal(world_count(world.bo), before + 1);
	buf_init(&b, 100000);
	world_last(world.bo, &b);
	assert_true(
		str_starts(buf_str(&b),
	                   STR("Return-Path: <ann@far.example>\r\n"
	                       "Delivered-To: bo+list@customer.example\r\n"
	                       "Received: from far.example ([127.0.0.1])\r\n"
	                       "\tby mx.host.example with SMTP\r\n")));
	assert_true(str_find(buf_str(&b),
	                     STR(" for <Bo+list@Customer.Example>;\r\n")) !=
	            STR_NPOS);
	assert_true(str_ends(buf_str(&b), STR("From: Ann <ann@far.example>\r\n"
	                                      "Subject: hi\r\n"
	                                      "\r\n"
	                                      ".a line with a dot\r\n")));
	buf_deinit(&b);
	client_close(&c);
}

/* What the rules promise at RCPT, with help line and reference. */
static void refusals_are_verbatim(void **state)
{
	struct client c;

	(void)state;
	client_hello(&c, world.mx_port);
	talk(&c,
	     "C: MAIL FROM:<ann@far.example>\n"
	     "S: 250 2.1.0*\n"
	     "C: RCPT TO:<bo@elsewhere.example>\n"
	     "S: 554-5.7.1 <bo@elsewhere.example>: Relay access denied\n"
	     "S: 554 5.7.1 https://mail.host.example/help/R-RELAY [R-RELAY]\n"
	     "C: RCPT TO:<nobody@customer.example>\n"
	     "S: 550-5.1.1 <nobody@customer.example>: Recipient address "
	     "rejected: User unknown\n"
	     "S: 550 5.1.1 https://mail.host.example/help/R-UNKNOWN "
	     "[R-UNKNOWN]\n"
	     "C: RCPT TO:<away@customer.example>\n"
	     "S: 450-4.2.1 <away@customer.example>: Mailbox suspended\n"
	     "S: 450 4.2.1 *\n"
	     "C: DATA\n"
	     "S: 554 5.5.1 *\n"
	     "C: RSET\n"
	     "S: 250 2.0.0*\n"
	     "C: MAIL FROM:<ann@far.example> SIZE=73400321\n"
	     "S: 552-5.3.4 Message size exceeds the limit of 70 MB\n"
	     "S: 552 5.3.4 https://mail.host.example/help/S-SIZE [S-SIZE]\n"
	     "C: MAIL FROM:<ann@far.example> SIZE=2000\n"
	     "S: 250 *\n"
	     "C: RCPT TO:<full@customer.example>\n"
	     "S: 452-4.2.2 <full@customer.example>: Mailbox full\n"
	     "S: 452 4.2.2 *\n"
	     "C: RCPT TO:<postmaster>\n"
	     "S: 250 *\n"
	     "C: RCPT TO:<abuse@customer.example>\n"
	     "S: 250 *\n");
	client_close(&c);
}

/* Bad sequence 503, syntax 500 and 501, and the session goes on. */
static void mistakes_do_not_end_the_session(void **state)
{
	struct client c;

	(void)state;
	client_open(&c, world.mx_port);
	talk(&c, "S: 220 *\n"
	         "C: MAIL FROM:<ann@far.example>\n"
	         "S: 503 5.5.1 *\n"
	         "C: EHLO\n"
	         "S: 501 5.5.4 *\n"
	         "C: HELO far.example\n"
	         "S: 250 *\n"
	         "C: RCPT TO:<bo@customer.example>\n"
	         "S: 503 5.5.1 *\n"
	         "C: DATA\n"
	         "S: 503 5.5.1 *\n"
	         "C: MAIL FROM:ann@far.example\n"
	         "S: 501 5.1.7 *\n"
	         "C: MAIL TO:<ann@far.example>\n"
	         "S: 501 5.5.4 *\n"
	         "C: MAIL FROM:<ann@far.example> WHAT=1\n"
	         "S: 555 5.5.4 *\n"
	         "C: MAIL FROM:<ann@far.example> SIZE=x\n"
	         "S: 501 5.5.4 *\n"
	         "C: MAIL FROM:<\xc3\xb8@far.example>\n"
	         "S: 553 5.6.7 *\n"
	         "C: MAIL FROM:<ann@far.example>\n"
	         "S: 250 *\n"
	         "C: MAIL FROM:<ann@far.example>\n"
	         "S: 503 5.5.1 *\n"
	         "C: RCPT TO:<bo>\n"
	         "S: 501 5.1.3 *\n"
	         "C: FOO\n"
	         "S: 500 5.5.1 *\n"
	         "C: \n"
	         "S: 500 5.5.1 *\n"
	         "C: DATA now\n"
	         "S: 501 5.5.4 *\n"
	         "C: RCPT TO:<bo@customer.example>\n"
	         "S: 250 *\n"
	         "C: VRFY bo\n"
	         "S: 252 2.5.2 *\n"
	         "C: EXPN list\n"
	         "S: 502 5.5.1 *\n"
	         "C: ETRN far.example\n"
	         "S: 502 5.5.1 *\n"
	         "C: NOOP whatever\n"
	         "S: 250 *\n"
	         "C: HELP\n"
	         "S: 214-2.0.0 *\n"
	         "S: 214 2.0.0 *\n"
	         "C: STARTTLS\n"
	         "S: 503 5.5.1 *\n");
	client_close(&c);
}

static void errors_in_a_row_end_it(void **state)
{
	struct client c;
	int i;

	(void)state;
	client_hello(&c, world.mx_port);
	for (i = 0; i < 19; i++)
		talk(&c, "C: FOO\nS: 500 5.5.1 *\n");
	talk(&c, "C: FOO\nS: 421 4.7.0 *\n");
	assert_true(client_is_closed(&c));
	client_close(&c);
}

static void a_long_line_is_read_over(void **state)
{
	struct client c;
	struct buf b;
	int i;

	(void)state;
	client_hello(&c, world.mx_port);
	buf_init(&b, 100000);
	buf_add(&b, STR("NOOP "));
	for (i = 0; i < 60000; i++)
		buf_add_c(&b, 'x');
	buf_add(&b, STR("\r\nNOOP\r\n"));
	client_send(&c, buf_str(&b));
	talk(&c, "S: 500 5.5.2 *\nS: 250 *\n");
	buf_reset(&b);
	buf_add(&b, STR("NOOP "));
	for (i = 0; i < 5000; i++)
		buf_add_c(&b, 'x');
	buf_add(&b, STR("\r\nNOOP\r\n"));
	client_send(&c, buf_str(&b));
	talk(&c, "S: 500 5.5.2 *\nS: 250 *\n");
	buf_deinit(&b);
	client_close(&c);
}

static void all_in_one_write(void **state)
{
	uint32_t before = world_count(world.bo);
	struct client c;

	(void)state;
	client_open(&c, world.mx_port);
	talk(&c, "c: EHLO far.example\n"
	         "c: MAIL FROM:<ann@far.example>\n"
	         "c: RCPT TO:<nobody@customer.example>\n"
	         "c: RCPT TO:<bo@customer.example>\n"
	         "c: DATA\n"
	         "c: Subject: one\n"
	         "c: \n"
	         "c: one\n"
	         "c: .\n"
	         "c: MAIL FROM:<>\n"
	         "c: RCPT TO:<bo@customer.example>\n"
	         "c: DATA\n"
	         "c: Subject: two\n"
	         "c: .\n"
	         "C: QUIT\n"
	         "S: 220 *\n"
	         "S: 250-*\nS: 250-*\nS: 250-*\nS: 250-*\nS: 250-*\nS: 250-*\n"
	         "S: 250-*\nS: 250-*\nS: 250-*\nS: 250-*\nS: 250-*\nS: 250-*\n"
	         "S: 250 *\n"
	         "S: 250 2.1.0*\n"
	         "S: 550-5.1.1 *\n"
	         "S: 550 5.1.1 *\n"
	         "S: 250 2.1.5*\n"
	         "S: 354 *\n"
	         "S: 250 2.0.0 Stored*\n"
	         "S: 250 2.1.0*\n"
	         "S: 250 2.1.5*\n"
	         "S: 354 *\n"
	         "S: 250 2.0.0 Stored*\n"
	         "S: 221 *\n");
	assert_true(client_is_closed(&c));
	assert_int_equal(world_count(world.bo), before + 2);
	client_close(&c);
}

/* Nothing but CRLF.CRLF ends the data, and what is not clean is refused as a
 * whole: the commands inside were never commands. */
static void smuggling_is_refused(void **state)
{
	static const char *const ends[] = {
		"\n.\n",   "\n.\r\n",   "\r\n.\n", "\r.\r",       "\r\n.\r",
		"\r.\r\n", "\r\r\n.\n", "\n\n.\n", "\r\n.\r\r\n",
	};
	uint32_t before = world_count(world.bo);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		struct client c;
		struct buf b;

		client_hello(&c, world.mx_port);
		talk(&c, MAIL_TO("bo@customer.example") "C: DATA\nS: 354 *\n");
		buf_init(&b, 1000);
		buf_add(&b, STR("Subject: a\r\n\r\none"));
		buf_add_z(&b, ends[i]);
		buf_add(&b, STR("MAIL FROM:<evil@far.example>\r\n"
		                "RCPT TO:<bo@customer.example>\r\n"
		                "DATA\r\nSubject: b\r\n\r\ntwo\r\n.\r\n"));
		client_send(&c, buf_str(&b));
		talk(&c, "S: 554-5.6.0 Message has a bare CR or LF\n"
		         "S: 554 5.6.0 *\n"
		         "C: NOOP\n"
		         "S: 250 2.0.0 OK\n");
		buf_deinit(&b);
		client_close(&c);
	}
	assert_int_equal(world_count(world.bo), before);
}

static void chunks(void **state)
{
	uint32_t before = world_count(world.bo);
	struct client c;
	struct buf b;

	(void)state;
	client_hello(&c, world.mx_port);
	talk(&c, "C: MAIL FROM:<ann@far.example> BODY=BINARYMIME\n"
	         "S: 250 *\n"
	         "C: RCPT TO:<bo@customer.example>\n"
	         "S: 250 *\n"
	         "C: DATA\n"
	         "S: 503 5.5.1 *\n");
	client_send(&c, STR("BDAT 14\r\nSubject: b\r\n\r\n"
	                    "BDAT 9\r\na\rb\nc\0.\r\n"
	                    "BDAT 3 LAST\r\n.\r\n"
	                    "NOOP\r\n"));
	talk(&c, "S: 250 2.0.0 Chunk*\n"
	         "S: 250 2.0.0 Chunk*\n"
	         "S: 250 2.0.0 Stored*\n"
	         "S: 250 2.0.0 OK\n");
	assert_int_equal(world_count(world.bo), before + 1);
	buf_init(&b, 100000);
	world_last(world.bo, &b);
	assert_true(str_ends(buf_str(&b),
	                     STR("Subject: b\r\n\r\na\rb\nc\0.\r\n.\r\n")));
	buf_deinit(&b);

	/* Bare line ends without BINARYMIME. */
	talk(&c, MAIL_TO("bo@customer.example"));
	client_send(&c, STR("BDAT 10 LAST\r\nSubject: x\nNOOP\r\n"));
	/* The LF is the eleventh byte: it ends nothing but an empty line. */
	talk(&c, "S: 250 2.0.0 Stored*\nS: 500 5.5.1*\nS: 250 2.0.0 OK\n");
	talk(&c, MAIL_TO("bo@customer.example"));
	client_send(&c, STR("BDAT 11 LAST\r\nSubject: x\nNOOP\r\n"));
	talk(&c, "S: 554-5.6.0 *\nS: 554 5.6.0 *\nS: 250 2.0.0 OK\n");

	/* A chunk without a place for it is read over. */
	client_send(&c, STR("BDAT 6\r\nQUIT\r\nNOOP\r\n"));
	talk(&c, "S: 503 5.5.1 *\nS: 250 2.0.0 OK\n");
	talk(&c, "C: MAIL FROM:<ann@far.example>\nS: 250 *\n");
	client_send(&c, STR("BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n"));
	talk(&c, "S: 554 5.5.1 *\nS: 250 2.0.0 OK\n");

	/* Once begun by BDAT, it goes on so. */
	talk(&c, "C: RCPT TO:<bo@customer.example>\nS: 250 *\n");
	client_send(&c, STR("BDAT 3\r\na\r\n"));
	talk(&c, "S: 250 *\n"
	         "C: DATA\n"
	         "S: 503 *\n"
	         "C: RCPT TO:<anna@customer.example>\n"
	         "S: 503 *\n"
	         "C: RSET\n"
	         "S: 250 *\n"
	         "C: BDAT x\n"
	         "S: 501 *\n");
	assert_true(client_is_closed(&c));
	client_close(&c);
}

/* An alias's targets and a second recipient: each mailbox once. */
static void each_mailbox_once(void **state)
{
	uint32_t anna = world_count(world.anna), bo = world_count(world.bo);
	struct client c;
	struct buf b;

	(void)state;
	client_hello(&c, world.mx_port);
	talk(&c,
	     MAIL_TO("bo@customer.example") "C: RCPT TO:<both@customer.example>\n"
	                                    "S: 250 *\n"
	                                    "C: RCPT TO:<bo@customer.example>\n"
	                                    "S: 250 *\n"
	                                    "C: RCPT TO:<whoever@caught.example>\n"
	                                    "S: 250 *\n" SEND_DATA(
						    "c: Subject: once\n") "S: 250 2.0.0 Stored*\n");
	assert_int_equal(world_count(world.anna), anna + 1);
	assert_int_equal(world_count(world.bo), bo + 1);
	/* The catch-all's owner sees which address was written to. */
	talk(&c, MAIL_TO("whoever@caught.example")
	                 SEND_DATA("c: Subject: caught\n") "S: 250 *\n");
	buf_init(&b, 100000);
	world_last(world.anna, &b);
	assert_true(str_find(buf_str(&b),
	                     STR("Delivered-To: whoever@caught.example\r\n")) !=
	            STR_NPOS);
	buf_deinit(&b);
	client_close(&c);
}

static void queue_counts(uint64_t *messages, uint64_t *relay)
{
	struct queue_figures f;

	OK(queue_figures(world.queue, &f, &err));
	*messages = f.messages;
	*relay = f.relay;
}

/* Also to elsewhere: all by the queue, and the part that is ours is filed
 * from there. */
static void an_alias_that_leads_out(void **state)
{
	uint32_t bo = world_count(world.bo);
	uint64_t messages, relay, after, relay_after;
	struct client c;
	int64_t next;

	(void)state;
	queue_counts(&messages, &relay);
	client_hello(&c, world.mx_port);
	talk(&c, MAIL_TO("out@customer.example") SEND_DATA(
			 "c: Subject: out\n") "S: 250 2.0.0 Queued*\n");
	queue_counts(&after, &relay_after);
	assert_int_equal(after, messages + 1);
	assert_int_equal(relay_after, relay + 1);
	assert_int_equal(world_count(world.bo), bo);
	OK(deliver_run_once(world.directory, world.store, world.queue, NULL,
	                    clock_wall_us(), &next, &err));
	assert_int_equal(world_count(world.bo), bo + 1);
	queue_counts(&after, &relay_after);
	assert_int_equal(after, messages + 1);
	client_close(&c);
}

/* The only action of the queue for another host; it is done with then. */
static void take_relay(struct arena *a, struct queue_job *job)
{
	size_t n = 0;

	OK(queue_claim(world.queue, QUEUE_RELAY, clock_wall_us() + US_PER_DAY,
	               1, a, job, 1, &n, NULL, &err));
	assert_int_equal(n, 1);
	OK(queue_done(world.queue, job->action, &err));
}

static void drain_relay(void)
{
	struct queue_job job;
	struct arena a;
	size_t n = 1;

	arena_init(&a);
	while (n) {
		OK(queue_claim(world.queue, QUEUE_RELAY,
		               clock_wall_us() + US_PER_DAY, 1, &a, &job, 1, &n,
		               NULL, &err));
		if (n)
			OK(queue_done(world.queue, job.action, &err));
	}
	arena_deinit(&a);
}

static void with_srs(struct client *c, const char *from, const struct str to,
                     const char *want)
{
	char words[1000];

	(void)snprintf(words, sizeof(words),
	               "C: MAIL FROM:<%s>\nS: 250 *\n"
	               "C: RCPT TO:<%.*s>\nS: %s\n",
	               from, STR_ARG(to), want);
	talk(c, words);
}

/* What is passed on goes in the name of the domain that does it, and only
 * bounces come back. */
static void a_sender_is_rewritten_and_found_again(void **state)
{
	struct queue_job job;
	struct client c;
	struct arena a;
	struct str srs;
	int64_t next;

	(void)state;
	arena_init(&a);
	drain_relay();
	client_hello(&c, world.mx_port);
	talk(&c, "C: MAIL FROM:<Ann@Far.example>\nS: 250 *\n"
	         "C: RCPT TO:<Out@customer.example>\nS: 250 *\n" SEND_DATA(
			 "c: Subject: out again\n") "S: 250 2.0.0 Queued*\n");
	take_relay(&a, &job);
	srs = job.mail_from;
	assert_true(str_starts(srs, STR("SRS0=")));
	assert_true(str_ends(srs, STR("=Far.example=Ann@customer.example")));
	assert_true(str_eq(job.sender, STR("Ann@Far.example")));
	assert_true(str_starts(job.prefix,
	                       STR("Delivered-To: Out@customer.example\r\n")));

	with_srs(&c, "", srs, "250 *");
	talk(&c, SEND_DATA("c: Subject: bounce\n") "S: 250 2.0.0 Queued*\n");
	take_relay(&a, &job);
	assert_true(str_eq(job.address, STR("Ann@far.example")));
	assert_int_equal(job.mail_from.n, 0);
	assert_true(str_starts(job.prefix, STR("Received: ")));

	with_srs(&c, "eve@far.example", srs, "550-5.1.1 *");
	talk(&c, "S: 550 *\nC: RSET\nS: 250 *\n");
	with_srs(&c, "", STR("SRS0=aaaaaaaa=aa=far.example=x@customer.example"),
	         "550-5.1.1 *");
	talk(&c, "S: 550 *\nC: RSET\nS: 250 *\n");
	/* Nor does a catch-all take such addresses. */
	with_srs(&c, "", STR("SRS0=aaaaaaaa=aa=far.example=x@caught.example"),
	         "550-5.1.1 *");
	talk(&c, "S: 550 *\nC: RSET\nS: 250 *\n");
	/* A sender of ours stays. */
	with_srs(&c, "anna@customer.example", STR("out@customer.example"),
	         "250 *");
	talk(&c, SEND_DATA("c: Subject: ours\n") "S: 250 2.0.0 Queued*\n");
	take_relay(&a, &job);
	assert_true(str_eq(job.mail_from, STR("anna@customer.example")));
	OK(deliver_run_once(world.directory, world.store, world.queue, NULL,
	                    clock_wall_us(), &next, &err));
	client_close(&c);
	arena_deinit(&a);
}

/* A forward whose target refuses for good goes on in the mailbox. */
static void a_paused_target_keeps_the_mail_here(void **state)
{
	struct str target = STR("gone@far.example");
	struct queue_job job;
	struct client c;
	struct arena a;
	uint32_t before = world_count(world.mute);

	(void)state;
	arena_init(&a);
	drain_relay();
	OK(directory_forward_set(world.directory, world.mute, &target, 1, false,
	                         &err));
	client_hello(&c, world.mx_port);
	for (int i = 0; i < QUEUE_HEALTH_FAILURES; i++) {
		size_t n = 0;

		talk(&c, MAIL_TO("mute@customer.example") SEND_DATA(
				 "c: Subject: on\n") "S: 250 2.0.0 Queued*\n");
		OK(queue_claim(world.queue, QUEUE_RELAY,
		               clock_wall_us() + US_PER_DAY, 1, &a, &job, 1, &n,
		               NULL, &err));
		assert_int_equal(n, 1);
		assert_int_equal(job.forward, world.mute);
		OK(queue_fail(world.queue, job.action, STR("5.1.1"),
		              STR("550 gone"), &err));
	}
	assert_int_equal(world_count(world.mute), before);
	talk(&c, MAIL_TO("mute@customer.example") SEND_DATA(
			 "c: Subject: stays\n") "S: 250 2.0.0 Stored*\n");
	assert_int_equal(world_count(world.mute), before + 1);
	OK(directory_forward_set(world.directory, world.mute, NULL, 0, true,
	                         &err));
	client_close(&c);
	arena_deinit(&a);
}

static void what_was_here_before_is_a_loop(void **state)
{
	uint32_t bo = world_count(world.bo);
	struct client c;

	(void)state;
	client_hello(&c, world.mx_port);
	talk(&c, MAIL_TO("bo@customer.example")
	                 SEND_DATA("c: Delivered-To: Bo@customer.example\n"
	                           "c: Subject: loop\n") "S: 554-5.4.6 *\n"
	                                                 "S: 554 5.4.6 *\n");
	talk(&c, MAIL_TO("out@customer.example")
	                 SEND_DATA("c: Delivered-To: out@customer.example\n"
	                           "c: Delivered-To: bo@customer.example\n"
	                           "c: Subject: loop\n") "S: 554-5.4.6 *\n"
	                                                 "S: 554 5.4.6 *\n");
	talk(&c, MAIL_TO("bo@customer.example") SEND_DATA(
			 "c: Delivered-To: anna@customer.example\n"
			 "c: Subject: no loop\n") "S: 250 2.0.0 Stored*\n");
	assert_int_equal(world_count(world.bo), bo + 1);
	client_close(&c);
}

/* One full mailbox of two must neither lose the mail nor hold up the other. */
static void one_of_two_is_full(void **state)
{
	uint32_t bo = world_count(world.bo), full = world_count(world.full);
	struct client c;
	int64_t next = 0;
	struct buf b;
	int i;

	(void)state;
	client_hello(&c, world.mx_port);
	talk(&c, MAIL_TO("mixed@customer.example") "C: DATA\nS: 354 *\n");
	buf_init(&b, 10000);
	buf_add(&b, STR("Subject: big\r\n\r\n"));
	for (i = 0; i < 30; i++)
		buf_add(&b,
		        STR("a line of some forty characters or so...\r\n"));
	buf_add(&b, STR(".\r\n"));
	client_send(&c, buf_str(&b));
	talk(&c, "S: 250 2.0.0 Queued*\n");
	OK(deliver_run_once(world.directory, world.store, world.queue, NULL,
	                    clock_wall_us(), &next, &err));
	assert_int_equal(world_count(world.bo), bo + 1);
	assert_int_equal(world_count(world.full), full);
	/* Room is made; the next try brings it. */
	OK(directory_account_set_quota(world.directory, world.full, 100000,
	                               &err));
	OK(deliver_run_once(world.directory, world.store, world.queue, NULL,
	                    clock_wall_us() + US_PER_HOUR, &next, &err));
	assert_int_equal(world_count(world.full), full + 1);
	OK(directory_account_set_quota(world.directory, world.full, 1000,
	                               &err));
	/* Alone, it is refused at the end of the data: the sender keeps it. */
	talk(&c, "C: MAIL FROM:<>\nS: 250 *\n"
	         "C: RCPT TO:<full@customer.example>\n"
	         "S: 452-4.2.2 <full@customer.example>: Mailbox full\n"
	         "S: 452 4.2.2 *\n");
	buf_deinit(&b);
	client_close(&c);
}

#define REPEATED                                      \
	SEND_DATA("c: Message-ID: <r1@far.example>\n" \
	          "c: Subject: again\n"               \
	          "c: \n"                             \
	          "c: the same\n")

/* A peer that lost our answer sends again: 250, and one copy.  One that had
 * it and sends again means it. */
static void a_second_try_is_known(void **state)
{
	uint32_t bo = world_count(world.bo);
	struct client c;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		client_hello(&c, world.mx_port);
		talk(&c, MAIL_TO("bo@customer.example") REPEATED
		     "S: 250 2.0.0 Stored*\n");
		client_close(&c); /* the line breaks; no QUIT */
	}
	assert_int_equal(world_count(world.bo), bo + 1);
	client_hello(&c, world.mx_port);
	talk(&c, MAIL_TO("bo@customer.example") REPEATED
	     "S: 250 2.0.0 Stored*\nC: QUIT\nS: 221 *\n");
	client_close(&c);
	assert_int_equal(world_count(world.bo), bo + 1);
	client_hello(&c, world.mx_port);
	talk(&c, MAIL_TO("bo@customer.example") REPEATED
	     "S: 250 2.0.0 Stored*\nC: QUIT\nS: 221 *\n");
	client_close(&c);
	assert_int_equal(world_count(world.bo), bo + 2);
	/* Other bytes, or no Message-ID: two messages. */
	client_hello(&c, world.mx_port);
	talk(&c, MAIL_TO("bo@customer.example")
	                 SEND_DATA("c: Subject: a\n") "S: 250 *\n" MAIL_TO(
				 "bo@customer.example")
	                         SEND_DATA("c: Subject: a\n") "S: 250 *\n");
	assert_int_equal(world_count(world.bo), bo + 4);
	client_close(&c);
}

/* More than lies in memory: the spool's file, mapped, becomes the store's. */
static void large_messages(void **state)
{
	size_t n = 3 * 1024 * 1024, i;
	uint32_t before = world_count(world.bo);
	struct client *c = mem_alloc(sizeof(*c));
	struct buf body, got;

	(void)state;
	buf_init(&body, n + 1000);
	buf_init(&got, n + 2000);
	buf_add(&body, STR("Subject: large\r\n\r\n"));
	for (i = 0; body.n < n; i++)
		buf_fmt(&body, "line %zu of a message that is large\r\n", i);
	client_hello(c, world.mx_port);
	talk(c, MAIL_TO("bo@customer.example") "C: DATA\nS: 354 *\n");
	client_send(c, buf_str(&body));
	client_send(c, STR(".\r\n"));
	talk(c, "S: 250 2.0.0 Stored*\n");
	world_last(world.bo, &got);
	assert_true(str_ends(buf_str(&got), buf_str(&body)));
	talk(c,
	     MAIL_TO("bo@customer.example") "C: RCPT TO:<anna@customer.example>\nS: 250 *\n");
	buf_reset(&got);
	buf_fmt(&got, "BDAT %zu LAST\r\n", body.n);
	client_send(c, buf_str(&got));
	client_send(c, buf_str(&body));
	talk(c, "S: 250 2.0.0 Stored*\n");
	world_last(world.anna, &got);
	assert_true(str_ends(buf_str(&got), buf_str(&body)));
	assert_int_equal(world_count(world.bo), before + 2);
	/* By the queue: a file beside its database. */
	talk(c, MAIL_TO("out@customer.example") "C: DATA\nS: 354 *\n");
	client_send(c, buf_str(&body));
	client_send(c, STR(".\r\n"));
	talk(c, "S: 250 2.0.0 Queued*\n");
	OK(deliver_run_once(world.directory, world.store, world.queue, NULL,
	                    clock_wall_us(), &(int64_t){ 0 }, &err));
	world_last(world.bo, &got);
	assert_true(str_ends(buf_str(&got), buf_str(&body)));
	assert_int_equal(world_count(world.bo), before + 3);
	buf_deinit(&body);
	buf_deinit(&got);
	client_close(c);
	mem_free(c);
}

static void hops_are_counted(void **state)
{
	struct client c;
	struct buf b;
	int i;

	(void)state;
	buf_init(&b, 100000);
	for (i = 0; i < 101; i++)
		buf_fmt(&b, "Received: from a%d.example\r\n", i);
	buf_add(&b, STR("\r\n.\r\n"));
	client_hello(&c, world.mx_port);
	talk(&c, MAIL_TO("bo@customer.example") "C: DATA\nS: 354 *\n");
	client_send(&c, buf_str(&b));
	talk(&c, "S: 554-5.4.6 Too many hops\nS: 554 5.4.6 *\n");
	buf_deinit(&b);
	client_close(&c);
}

static void utf8_addresses(void **state)
{
	struct client c;

	(void)state;
	client_hello(&c, world.mx_port);
	talk(&c, "C: MAIL FROM:<j\xc3\xb8rgen@far.example> SMTPUTF8\n"
	         "S: 250 *\n"
	         "C: RCPT TO:<\xc3\xb8@customer.example>\n"
	         "S: 550-5.1.1 <\xc3\xb8@customer.example>: Recipient address "
	         "rejected: User unknown\n"
	         "S: 550 5.1.1 *\n"
	         "C: RCPT TO:<bo@customer.example>\n"
	         "S: 250 *\n" SEND_DATA(
			 "c: Subject: \xc3\xb8\n") "S: 250 2.0.0 Stored*\n");
	client_close(&c);
}

/* Last, for it makes many connections: R16. */
static void the_eleventh_connection(void **state)
{
	struct client *c = mem_array(11, sizeof(*c));
	int i;

	(void)state;
	clock_sleep_us(300 * US_PER_MS); /* those of other tests must end */
	for (i = 0; i < 10; i++) {
		client_open(&c[i], world.mx_port);
		talk(&c[i], "S: 220 *\n");
	}
	client_open(&c[10], world.mx_port);
	talk(&c[10], "S: 421-4.3.2 Connection rate limit exceeded\n"
	             "S: 421 4.3.2 https://mail.host.example/help/R-CONN "
	             "[R-CONN]\n");
	assert_true(client_is_closed(&c[10]));
	for (i = 0; i < 11; i++)
		client_close(&c[i]);
	mem_free(c);
}

static int set_up(void **state)
{
	(void)state;
	world_start("");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	world_stop();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ehlo_announces_what_works),
		cmocka_unit_test(a_message_is_there_when_250_is_said),
		cmocka_unit_test(refusals_are_verbatim),
		cmocka_unit_test(mistakes_do_not_end_the_session),
		cmocka_unit_test(errors_in_a_row_end_it),
		cmocka_unit_test(a_long_line_is_read_over),
		cmocka_unit_test(all_in_one_write),
		cmocka_unit_test(smuggling_is_refused),
		cmocka_unit_test(chunks),
		cmocka_unit_test(each_mailbox_once),
		cmocka_unit_test(an_alias_that_leads_out),
		cmocka_unit_test(a_sender_is_rewritten_and_found_again),
		cmocka_unit_test(a_paused_target_keeps_the_mail_here),
		cmocka_unit_test(what_was_here_before_is_a_loop),
		cmocka_unit_test(one_of_two_is_full),
		cmocka_unit_test(a_second_try_is_known),
		cmocka_unit_test(large_messages),
		cmocka_unit_test(hops_are_counted),
		cmocka_unit_test(utf8_addresses),
		cmocka_unit_test(the_eleventh_connection),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
