#include "relay/mail.h"

#include <ftw.h>

#include "os/clock.h"
#include "queue/destination.h"
#include "relay/testing.h"

static char dir[64];
static struct queue *queue;

static int remove_one(const char *path, const struct stat *st, int flag,
                      struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int set_up(void **state)
{
	struct queue_options o = { .dir = dir };
	struct err err = ERR_INIT;

	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/relay-mail-XXXXXX");
	return mkdtemp(dir) && queue_open(&queue, &o, &err) == 0 ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	queue_close(&queue);
	return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void needs_utf8(void **state)
{
	static const struct {
		const char *from, *to, *prefix, *message;
		bool want;
	} rows[] = {
		{ "a@b.example", "c@d.example", "Received: x\r\n",
		  "Subject: x\r\n\r\n\xc3\xa5", false },
		{ "\xc3\xa5@b.example", "c@d.example", "", "", true },
		{ "a@b.example", "\xc3\xa5@d.example", "", "", true },
		{ "a@b.example", "c@d.example", "X: \xc3\xa5\r\n", "", true },
		{ "a@b.example", "c@d.example", "",
		  "Subject: \xc3\xa5\r\n\r\nx", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct queue_job j = { .mail_from = str_z(rows[i].from),
			               .address = str_z(rows[i].to) };

		assert_int_equal(relay_mail_needs_utf8(&j, 1,
		                                       str_z(rows[i].prefix),
		                                       str_z(rows[i].message)),
		                 rows[i].want);
	}
}

/* One message, claimed. */
static void take_job(struct arena *a, struct queue_new *m, struct str address,
                     struct queue_job *out)
{
	struct queue_rcpt to = { .kind = QUEUE_RELAY,
		                 .address = address,
		                 .original = address };
	struct err err = ERR_INIT;
	int64_t id = 0;
	size_t n = 0;

	m->sender = STR("bo@here.example");
	m->trace = STR("t");
	m->received_us = 1000;
	m->rcpts = &to;
	m->rcpts_n = 1;
	assert_int_equal(queue_add(queue, m, &id, &err), 0);
	assert_int_equal(queue_claim_destination(queue, STR("far.example"),
	                                         2000, 1000, a, out, 1, &n,
	                                         &err),
	                 0);
	assert_int_equal(n, 1);
}

static struct relay_session session;

static void send_it(struct peer *p, const char *script, bool trusted,
                    struct queue_new *m, struct str address,
                    struct relay_outcome *out)
{
	struct relay_peer peer = { .name = "mx.far.example",
		                   .helo = "here.example",
		                   .times = { US_PER_SEC, 2 * US_PER_SEC,
		                              2 * US_PER_SEC, 2 * US_PER_SEC,
		                              2 * US_PER_SEC } };
	struct relay_sealer sealer = { .signer = NULL };
	struct relay_outcome why;
	struct queue_job job;
	struct err err = ERR_INIT;
	struct arena a;

	arena_init(&a);
	take_job(&a, m, address, &job);
	peer_begin(p, script);
	peer.addr = p->addr;
	peer.route_trusted = trusted;
	relay_session_init(&session, -1);
	if (!relay_session_open(&session, &peer, &why))
		fail_msg("%s", why.reply);
	/* As if there were TLS: what is asked of it, not TLS, is tested. */
	session.tls = session.trusted = trusted;
	relay_mail_send(queue, &sealer, &session, &job, 1, out);
	relay_session_close(&session);
	smtp_answer_deinit(&session.answer);
	peer_end(p);
	assert_int_equal(queue_remove(queue, job.message, &err), 0);
	arena_deinit(&a);
}

#define HELLO "S: 220 x\nC: EHLO here.example\nS: 250-far\n"
#define SENT                                                          \
	"S: 250 ok\nC: RCPT TO:<c@far.example>\nS: 250 ok\nC: DATA\n" \
	"S: 354 go\nD:\nS: 250 taken\n"
#define FROM "C: MAIL FROM:<bo@here.example>"
#define BYE  "C: QUIT\nS: 221 bye\n"
#define TO(notify)                                                     \
	"S: 250 ok\nC: RCPT TO:<c@far.example>" notify "\nS: 250 ok\n" \
	"C: DATA\nS: 354 go\nD:\nS: 250 taken\n"
/* Years from now, and not more seconds than BY may have. */
#define IN_TIME (INT64_C(2400000000) * US_PER_SEC)

static void what_it_cannot_take_comes_back(void **state)
{
	static const struct {
		const char *script, *status;
		bool trusted;
		struct queue_new m;
	} rows[] = {
		{ HELLO "S: 250 SIZE 5\n" BYE,
		  "5.3.4",
		  false,
		  { .message = STR_INIT("Subject: x\r\n\r\n") } },
		{ HELLO "S: 250 SIZE 5000\n" BYE,
		  "5.6.7",
		  false,
		  { .message = STR_INIT("Subject: \xc3\xa5\r\n\r\n"),
		    .smtputf8 = true } },
		{ HELLO "S: 250 SIZE 5000\n" BYE,
		  "5.6.3",
		  false,
		  { .message = STR_INIT(
			    "MIME-Version: 1.0\r\n"
			    "Content-Type: multipart/signed; boundary=b\r\n"
			    "\r\n--b\r\n\r\n\xc3\xa5\r\n--b--\r\n"),
		    .body = QUEUE_8BIT } },
		{ HELLO "S: 250 REQUIRETLS\n" BYE,
		  "5.7.30",
		  false,
		  { .message = STR_INIT("x\r\n"), .requiretls = true } },
		{ HELLO "S: 250 SIZE\n" BYE,
		  "5.7.30",
		  true,
		  { .message = STR_INIT("x\r\n"), .requiretls = true } },
		{ HELLO "S: 250 SIZE\n" BYE,
		  "5.4.7",
		  true,
		  { .message = STR_INIT("x\r\n"), .by_us = IN_TIME } },
		{ HELLO "S: 250 DELIVERBY 999999999\n" BYE,
		  "5.4.7",
		  true,
		  { .message = STR_INIT("x\r\n"), .by_us = IN_TIME } },
		{ HELLO "S: 250 DELIVERBY\n" BYE,
		  "5.4.7",
		  true,
		  { .message = STR_INIT("x\r\n"), .by_us = 9000 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct queue_new m = rows[i].m;
		struct relay_outcome o;
		struct peer p;

		send_it(&p, rows[i].script, rows[i].trusted, &m,
		        STR("c@far.example"), &o);
		assert_int_equal(o.kind, RELAY_PERM);
		assert_string_equal(o.status, rows[i].status);
		/* Our own words, and nothing was said to the host. */
		assert_string_equal(o.mta, "");
		buf_deinit(&p.data);
	}
}

static void it_goes_as_it_can_be_taken(void **state)
{
	static const struct {
		const char *script, *data;
		bool trusted;
		struct queue_new m;
	} rows[] = {
		/* Eight bits that no header has are made seven. */
		{ HELLO "S: 250 SIZE\n" FROM " SIZE=100\n" SENT BYE,
		  "MIME-Version: 1.0\r\nContent-Type: text/plain\r\n"
		  "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
		  "=C3=A5\r\n",
		  false,
		  { .message = STR_INIT("MIME-Version: 1.0\r\n"
		                        "Content-Type: text/plain\r\n\r\n"
		                        "\xc3\xa5\r\n"),
		    .body = QUEUE_8BIT } },
		{ HELLO "S: 250 8BITMIME\n" FROM " BODY=8BITMIME\n" SENT BYE,
		  "X: y\r\n\r\n\xc3\xa5\r\n",
		  false,
		  { .message = STR_INIT("X: y\r\n\r\n\xc3\xa5\r\n"),
		    .body = QUEUE_8BIT } },
		/* SMTPUTF8 that is not needed is not asked for. */
		{ HELLO "S: 250 SIZE\n" FROM " SIZE=8\n" SENT BYE,
		  "X: y\r\n\r\n",
		  false,
		  { .message = STR_INIT("X: y\r\n\r\n"), .smtputf8 = true } },
		{ HELLO "S: 250-REQUIRETLS\nS: 250-MT-PRIORITY\n"
		        "S: 250 DELIVERBY\n" FROM " REQUIRETLS BY=*\n" SENT BYE,
		  "x\r\n",
		  true,
		  { .message = STR_INIT("x\r\n"),
		    .requiretls = true,
		    .by_us = IN_TIME,
		    .priority = 3 } },
		/* "N" goes everywhere, also when it is late, and delays are
		 * to be told by who does not know it. */
		{ HELLO "S: 250-DSN\nS: 250 DELIVERBY 9\n" FROM
		        " BY=-999999999;N\n" SENT BYE,
		  "x\r\n",
		  false,
		  { .message = STR_INIT("x\r\n"),
		    .by_us = 9000,
		    .by_flags = QUEUE_BY_NOTIFY } },
		{ HELLO "S: 250 DSN\n" FROM "\n" TO(" NOTIFY=FAILURE,DELAY")
		          BYE,
		  "x\r\n",
		  false,
		  { .message = STR_INIT("x\r\n"),
		    .by_us = IN_TIME,
		    .by_flags = QUEUE_BY_NOTIFY } },
		{ HELLO "S: 250 SIZE\n" FROM " SIZE=3\n" SENT BYE,
		  "x\r\n",
		  false,
		  { .message = STR_INIT("x\r\n"),
		    .by_us = IN_TIME,
		    .by_flags = QUEUE_BY_NOTIFY | QUEUE_BY_TRACE } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct queue_new m = rows[i].m;
		struct relay_outcome o;
		struct peer p;

		send_it(&p, rows[i].script, rows[i].trusted, &m,
		        STR("c@far.example"), &o);
		if (o.kind != RELAY_OK)
			fail_msg("%s: %s", rows[i].script, o.reply);
		assert_str(buf_str(&p.data), rows[i].data);
		buf_deinit(&p.data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(needs_utf8),
		cmocka_unit_test(what_it_cannot_take_comes_back),
		cmocka_unit_test(it_goes_as_it_can_be_taken),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
