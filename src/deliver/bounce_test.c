/* Reports, with a real directory, store and queue. */
#include "deliver/bounce.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"
#include "config/config.h"
#include "deliver/notice.h"
#include "directory/directory.h"
#include "queue/health.h"
#include "store/store.h"
#include "wire/smtp/command.h"

#define NOW (INT64_C(1795500000) * 1000000)

static struct {
	char dir[64];
	struct config *config;
	struct directory *directory;
	struct store *store;
	struct queue *queue;
	struct bounce b;
	int64_t anna;
} w;

#define OK(call)                                                  \
	do {                                                      \
		struct err err = ERR_INIT;                        \
		if ((call) < 0) {                                 \
			print_error("%s: %s\n", #call, err.text); \
			_fail(__FILE__, __LINE__);                \
		}                                                 \
	} while (0)

static void open_config(void)
{
	static char text[512];
	struct config_source from = { .path = "test.conf" };
	struct config_report report;

	(void)snprintf(text, sizeof(text),
	               "[server]\nhostname = \"mx.here.example\"\n"
	               "data = \"%s\"\n"
	               "[queue]\ndouble_bounces_to = \"anna@here.example\"\n",
	               w.dir);
	from.text = str_z(text);
	config_report_init(&report);
	if (config_load(&w.config, &from, &report) < 0) {
		struct buf b;

		buf_init(&b, 65536);
		config_report_write(&report, &b);
		fail_msg("%s", buf_z(&b));
	}
	config_report_deinit(&report);
}

static int set_up(void **state)
{
	struct store_options so = { .dir = w.dir };
	struct queue_options qo = { .dir = w.dir };

	(void)state;
	(void)snprintf(w.dir, sizeof(w.dir), "/tmp/bounce-test-XXXXXX");
	if (!mkdtemp(w.dir))
		return -1;
	open_config();
	OK(directory_open(&w.directory, w.config, &err));
	OK(store_open(&w.store, &so, &err));
	OK(queue_open(&w.queue, &qo, &err));
	OK(directory_domain_add(w.directory, STR("here.example"), 0, NULL,
	                        &err));
	OK(directory_account_add(w.directory, STR("anna@here.example"), STR(""),
	                         &w.anna, &err));
	w.b = (struct bounce){ .config = w.config,
		               .directory = w.directory,
		               .store = w.store,
		               .queue = w.queue };
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag,
                      struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int tear_down(void **state)
{
	(void)state;
	queue_close(&w.queue);
	store_close(&w.store);
	directory_close(&w.directory);
	config_free(&w.config);
	return nftw(w.dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- ---- */

struct sent {
	const char *sender;
	bool forged;
	unsigned notify, ret;
	const char *status, *reply; /* NULL: it is done */
	bool defer;
	const char *address, *original;
};

/* Queue a message and let its action end as asked. */
static void send_one(const struct sent *s)
{
	struct queue_rcpt to = {
		.kind = QUEUE_RELAY,
		.address = str_z(s->address ? s->address : "x@far.example"),
		.original = str_z(s->original ? s->original : "x@far.example"),
		.notify = s->notify,
		.orcpt = STR("rfc822;X@far.example")
	};
	struct queue_new m = { .source = s->sender[0] ? QUEUE_FROM_MX
		                                      : QUEUE_FROM_HOST,
		               .sender = str_z(s->sender),
		               .returnable = !s->forged,
		               .ret = s->ret,
		               .envid = STR("E-1"),
		               .trace = STR("trace1"),
		               .received_us = NOW,
		               .message = STR("Subject: Lunch\r\n"
		                              "Message-ID: <1@here>\r\n\r\n"
		                              "at noon?\r\n"),
		               .rcpts = &to,
		               .rcpts_n = 1 };
	struct queue_job job;
	struct arena a;
	int64_t id;
	size_t n = 0;

	arena_init(&a);
	OK(queue_add(w.queue, &m, &id, &err));
	OK(queue_claim(w.queue, QUEUE_RELAY, NOW, 1000, &a, &job, 1, &n, NULL,
	               &err));
	assert_int_equal(n, 1);
	if (!s->status)
		OK(queue_sent(w.queue, job.action, STR("2.0.0"), STR(""),
		              &err));
	else if (s->defer)
		OK(queue_defer(w.queue, job.action, NOW + NOW, str_z(s->status),
		               str_z(s->reply), &err));
	else
		OK(queue_fail(w.queue, job.action, str_z(s->status),
		              str_z(s->reply), &err));
	arena_deinit(&a);
}

/* What the queue holds for `kind` now, as text; "" for nothing.  It is done
 * with afterwards. */
static struct str take(enum queue_kind kind, struct arena *a,
                       struct queue_job *job)
{
	struct queue_bytes bytes;
	struct str text;
	size_t n = 0;

	OK(queue_claim(w.queue, kind, NOW + 1000, 1000, a, job, 1, &n, NULL,
	               &err));
	if (n == 0)
		return STR("");
	OK(queue_body_open(w.queue, job->message, &bytes, &err));
	text = arena_dup(a, bytes.message);
	queue_body_close(&bytes);
	OK(queue_done(w.queue, job->action, &err));
	return text;
}

static void run(int64_t at_us, int want)
{
	struct err err = ERR_INIT;
	int n = bounce_run_once(&w.b, at_us, &err);

	if (n != want)
		fail_msg("%d, not %d: %s", n, want, err.text);
	assert_int_equal(bounce_run_once(&w.b, at_us, &err), 0);
}

static void has(struct str text, const char *what)
{
	if (str_find(text, str_z(what)) == STR_NPOS)
		fail_msg("no \"%s\" in:\n%.*s", what, STR_ARG(text));
}

static void a_failure_comes_back_to_an_account(void **state)
{
	struct sent s = { .sender = "anna@here.example",
		          .status = "5.1.1",
		          .reply = "550 5.1.1 no such user",
		          .ret = SMTP_RET_FULL };
	struct queue_job job;
	struct queue_figures f;
	struct arena a;
	struct str text;

	(void)state;
	arena_init(&a);
	send_one(&s);
	run(NOW + 1, 1);
	text = take(QUEUE_LOCAL, &a, &job);
	assert_int_equal(job.account_id, w.anna);
	assert_int_equal(job.sender.n, 0);
	has(job.prefix, "Return-Path: <>\r\nDelivered-To: anna@here.example");
	has(text, "Subject: Not delivered to x@far.example: Lunch\r\n");
	has(text, "To: <anna@here.example>\r\n");
	has(text, "In-Reply-To: <1@here>\r\n");
	has(text, "Auto-Submitted: auto-replied\r\n");
	has(text, "report-type=delivery-status");
	has(text, "There is no such address at that domain.");
	has(text, "        550 5.1.1 no such user\r\n");
	has(text, "Original-Envelope-Id: E-1\r\n");
	has(text, "Original-Recipient: rfc822; X@far.example\r\n");
	has(text, "Action: failed\r\nStatus: 5.1.1\r\n");
	has(text, "Content-Type: message/rfc822\r\n");
	has(text, "at noon?");
	OK(queue_figures(w.queue, &f, &err));
	assert_int_equal(f.messages, 0);
	arena_deinit(&a);
}

static void elsewhere_and_by_ret(void **state)
{
	struct sent s = { .sender = "far@other.example",
		          .status = "4.4.7",
		          .reply = "given up; y@hidden.example is away",
		          .address = "y@hidden.example",
		          .original = "info@here.example" };
	struct queue_job job;
	struct arena a;
	struct str text;

	(void)state;
	arena_init(&a);
	send_one(&s);
	run(NOW + 1, 1);
	text = take(QUEUE_RELAY, &a, &job);
	assert_true(str_eq(job.address, STR("far@other.example")));
	assert_int_equal(job.mail_from.n, 0);
	has(text, "Action: failed\r\nStatus: 5.4.7\r\n");
	has(text, "Content-Type: text/rfc822-headers\r\n");
	has(text, "info@here.example is away");
	/* What a forward leads to is not told. */
	assert_true(str_find(text, STR("hidden")) == STR_NPOS);
	assert_true(str_find(text, STR("at noon?")) == STR_NPOS);
	arena_deinit(&a);
}

static void who_is_told(void **state)
{
	static const struct {
		const char *label;
		struct sent s;
		const char *action; /* NULL: nobody is told */
	} rows[] = {
		{ "NEVER",
		  { .sender = "anna@here.example",
		    .status = "5.1.1",
		    .reply = "no",
		    .notify = SMTP_NOTIFY_NEVER },
		  NULL },
		{ "only SUCCESS",
		  { .sender = "anna@here.example",
		    .status = "5.1.1",
		    .reply = "no",
		    .notify = SMTP_NOTIFY_SUCCESS },
		  NULL },
		{ "FAILURE",
		  { .sender = "anna@here.example",
		    .status = "5.1.1",
		    .reply = "no",
		    .notify = SMTP_NOTIFY_FAILURE },
		  "failed" },
		{ "SUCCESS and done",
		  { .sender = "anna@here.example",
		    .notify = SMTP_NOTIFY_SUCCESS },
		  "relayed" },
		{ "may be forged",
		  { .sender = "far@other.example",
		    .forged = true,
		    .status = "5.1.1",
		    .reply = "no" },
		  NULL },
		{ "a sender of ours that is gone",
		  { .sender = "gone@here.example",
		    .status = "5.1.1",
		    .reply = "no" },
		  NULL },
		{ "a report: the operator asked for it",
		  { .sender = "", .status = "5.1.1", .reply = "no" },
		  "failed" },
		{ "a report to the operator",
		  { .sender = "",
		    .original = "anna@here.example",
		    .status = "5.1.1",
		    .reply = "no" },
		  NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct queue_job job;
		struct queue_figures f;
		struct arena a;
		struct str text;

		arena_init(&a);
		print_message("%s\n", rows[i].label);
		send_one(&rows[i].s);
		run(NOW + 1, 1);
		text = take(QUEUE_LOCAL, &a, &job);
		if (rows[i].action)
			has(text,
			    arena_fmt(&a, "Action: %s\r\n", rows[i].action).p);
		else
			assert_int_equal(text.n, 0);
		OK(queue_figures(w.queue, &f, &err));
		assert_int_equal(f.messages, 0);
		arena_deinit(&a);
	}
}

static void a_delay_is_told_after_four_hours(void **state)
{
	struct sent s = { .sender = "anna@here.example",
		          .status = "4.4.1",
		          .reply = "no answer",
		          .defer = true };
	int64_t hour = INT64_C(3600) * 1000000;
	struct queue_job job;
	struct arena a;
	struct str text;

	(void)state;
	arena_init(&a);
	send_one(&s);
	run(NOW + 4 * hour - 1, 0);
	run(NOW + 4 * hour, 1);
	OK(queue_claim(w.queue, QUEUE_LOCAL, NOW + 5 * hour, 1000, &a, &job, 1,
	               &(size_t){ 0 }, NULL, &err));
	{
		struct queue_bytes bytes;

		OK(queue_body_open(w.queue, job.message, &bytes, &err));
		text = arena_dup(&a, bytes.message);
		queue_body_close(&bytes);
	}
	has(text, "Subject: Not delivered yet to x@far.example: Lunch\r\n");
	has(text, "Action: delayed\r\nStatus: 4.4.1\r\n");
	has(text, "do not send it again");
	has(text, "Will-Retry-Until: ");
	run(NOW + 20 * hour, 0);
	arena_deinit(&a);
}

/* Ten in a row for good: the owner is told, once, in its own mailbox. */
static void an_owner_hears_of_a_paused_forward(void **state)
{
	struct queue_rcpt to = { .kind = QUEUE_RELAY,
		                 .address = STR("x@far.example"),
		                 .original = STR("anna@here.example") };
	struct queue_new m = { .source = QUEUE_FROM_MX,
		               .sender = STR("far@other.example"),
		               .trace = STR("trace1"),
		               .received_us = NOW,
		               .message = STR("Subject: x\r\n\r\n"),
		               .rcpts = &to,
		               .rcpts_n = 1 };
	struct queue_job job;
	struct arena a;
	struct str text;

	(void)state;
	arena_init(&a);
	to.forward = w.anna;
	for (int i = 0; i < QUEUE_HEALTH_FAILURES; i++) {
		int64_t id;
		size_t n = 0;

		assert_int_equal(take(QUEUE_LOCAL, &a, &job).n, 0);
		OK(queue_add(w.queue, &m, &id, &err));
		OK(queue_claim(w.queue, QUEUE_RELAY, NOW, 1000, &a, &job, 1, &n,
		               NULL, &err));
		OK(queue_fail(w.queue, job.action, STR("5.1.1"),
		              STR("550 5.1.1 gone"), &err));
		run(NOW + 1, 1);
	}
	text = take(QUEUE_LOCAL, &a, &job);
	assert_int_equal(job.account_id, w.anna);
	has(text, "Subject: Your forward to x@far.example is paused\r\n");
	has(text, "    550 5.1.1 gone\r\n");
	run(NOW + 2, 0);
	assert_int_equal(take(QUEUE_LOCAL, &a, &job).n, 0);
	arena_deinit(&a);
}

static void words(void **state)
{
	static const char *const rows[] = { "5.1.1",  "5.1.10", "4.2.2",
		                            "5.7.26", "5.9.9",  "",
		                            "5.1.9",  "4.4.7" };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct notice_words n = notice_words(str_z(rows[i]));

		assert_true(n.cause[0] && n.advice[0]);
	}
	assert_string_not_equal(notice_words(STR("5.1.1")).cause,
	                        notice_words(STR("5.1.10")).cause);
	assert_string_equal(notice_words(STR("4.2.2")).cause,
	                    notice_words(STR("5.2.2")).cause);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_failure_comes_back_to_an_account, set_up, tear_down),
		cmocka_unit_test_setup_teardown(elsewhere_and_by_ret, set_up,
		                                tear_down),
		cmocka_unit_test_setup_teardown(who_is_told, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_delay_is_told_after_four_hours, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			an_owner_hears_of_a_paused_forward, set_up, tear_down),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
