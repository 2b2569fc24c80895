/* Reports and the health of forwards, with a real database. */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"
#include "os/clock.h"
#include "queue/health.h"
#include "queue/report.h"

static char dir[64];

static struct queue *open_queue(void)
{
	struct queue_options o = { .dir = dir };
	struct err err = ERR_INIT;
	struct queue *q = NULL;

	assert_int_equal(queue_open(&q, &o, &err), 0);
	return q;
}

static int make_dir(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/bounce-test-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int flag,
                      struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static int remove_dir(void **state)
{
	(void)state;
	return nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static const struct queue_rcpt three[] = {
	{ .kind = QUEUE_RELAY,
	  .address = STR_INIT("x@far.example"),
	  .original = STR_INIT("info@here.example"),
	  .mail_from = STR_INIT("SRS0=a@here.example"),
	  .forward = 7 },
	{ .kind = QUEUE_RELAY,
	  .address = STR_INIT("y@far.example"),
	  .original = STR_INIT("y@far.example"),
	  .notify = 2,
	  .orcpt = STR_INIT("rfc822;y@far.example") },
	{ .kind = QUEUE_RELAY,
	  .address = STR_INIT("z@far.example"),
	  .original = STR_INIT("z@far.example"),
	  .status = STR_INIT("5.4.6"),
	  .reply = STR_INIT("loop") },
};

static int64_t add_three(struct queue *q)
{
	struct queue_new m = {
		.source = QUEUE_FROM_LOGIN,
		.sender = STR("bo@here.example"),
		.returnable = true,
		.trace = STR("abc"),
		.envid = STR("E1"),
		.received_us = 1000,
		.message = STR("Subject: x\r\n\r\nx\r\n"),
		.rcpts = three,
		.rcpts_n = 3,
	};
	struct err err = ERR_INIT;
	int64_t id = 0;

	assert_int_equal(queue_add(q, &m, &id, &err), 0);
	return id;
}

static int next(struct queue *q, int64_t now, int64_t late, struct arena *a,
                struct queue_report *r)
{
	struct err err = ERR_INIT;

	return queue_report_next(q, 0, now, late, a, r, &err);
}

static void claim_two(struct queue *q, struct arena *a, struct queue_job *jobs)
{
	struct err err = ERR_INIT;
	size_t n = 0;

	assert_int_equal(queue_claim(q, QUEUE_RELAY, 2000, 100, a, jobs, 4, &n,
	                             NULL, &err),
	                 0);
	assert_int_equal(n, 2); /* not the one that was born failed */
}

static void what_failed_is_told_once_and_together(void **state)
{
	struct queue *q = open_queue();
	struct queue_rcpt to = { .kind = QUEUE_RELAY,
		                 .address = STR("bo@here.example"),
		                 .original = STR("bo@here.example") };
	struct queue_new dsn = { .source = QUEUE_FROM_HOST,
		                 .sender = STR(""),
		                 .trace = STR("dsn"),
		                 .received_us = 3000,
		                 .message = STR("Subject: dsn\r\n\r\n"),
		                 .rcpts = &to,
		                 .rcpts_n = 1 };
	struct queue_job jobs[4];
	struct queue_report r;
	struct queue_figures f;
	struct err err = ERR_INIT;
	struct arena a;
	int64_t id = 0;

	(void)state;
	arena_init(&a);
	assert_true(add_three(q) > 0);
	claim_two(q, &a, jobs);
	assert_true(str_eq(jobs[0].mail_from, STR("SRS0=a@here.example")));
	assert_true(str_eq(jobs[0].sender, STR("bo@here.example")));
	assert_true(str_eq(jobs[1].mail_from, STR("bo@here.example")));
	assert_int_equal(jobs[0].forward, 7);

	/* Two are in hand: the third waits for them. */
	assert_int_equal(next(q, 2050, 0, &a, &r), 0);
	assert_int_equal(queue_fail(q, jobs[0].action, STR("5.1.1"),
	                            STR("no such user"), &err),
	                 0);
	assert_int_equal(queue_sent(q, jobs[1].action, STR("2.0.0"), STR("ok"),
	                            &err),
	                 0);
	assert_int_equal(next(q, 2050, 0, &a, &r), 1);
	assert_int_equal(r.rcpts_n, 3);
	assert_int_equal(r.rcpts[0].outcome, QUEUE_OUTCOME_FAILED);
	assert_true(str_eq(r.rcpts[0].reply, STR("no such user")));
	assert_int_equal(r.rcpts[1].outcome, QUEUE_OUTCOME_SENT);
	assert_int_equal(r.rcpts[2].outcome, QUEUE_OUTCOME_FAILED);
	assert_true(str_eq(r.envid, STR("E1")));
	assert_true(r.returnable);

	assert_int_equal(queue_report_settle(q, &r, &dsn, &id, &err), 0);
	assert_int_equal(next(q, 2050, 0, &a, &r), 0);
	assert_int_equal(queue_figures(q, &f, &err), 0);
	assert_int_equal(f.messages, 1);
	assert_int_equal(f.actions, 1);
	/* A second reporter with the same in its hand comes too late, and adds
	 * nothing. */
	assert_int_equal(queue_report_settle(q, &r, &dsn, &id, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_int_equal(queue_figures(q, &f, &err), 0);
	assert_int_equal(f.messages, 1);
	arena_deinit(&a);
	queue_close(&q);
}

static void a_delay_is_told_once(void **state)
{
	struct queue *q = open_queue();
	struct queue_job jobs[4];
	struct queue_report r;
	struct err err = ERR_INIT;
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_true(add_three(q) > 0);
	assert_int_equal(next(q, 1, 0, &a, &r), 1);
	assert_int_equal(queue_report_settle(q, &r, NULL, NULL, &err), 0);
	claim_two(q, &a, jobs);
	assert_int_equal(next(q, 2050, 1000, &a, &r), 0); /* never tried */
	assert_int_equal(queue_defer(q, jobs[0].action, 9000, STR("4.4.1"),
	                             STR("no answer"), &err),
	                 0);
	assert_int_equal(next(q, 2050, 999, &a, &r), 0); /* not yet late */
	assert_int_equal(next(q, 2050, 1000, &a, &r), 1);
	assert_int_equal(r.rcpts_n, 1);
	assert_int_equal(r.rcpts[0].outcome, QUEUE_OUTCOME_LATE);
	assert_int_equal(queue_report_settle(q, &r, NULL, NULL, &err), 0);
	assert_int_equal(next(q, 2050, 1000, &a, &r), 0);
	/* It goes on waiting, and may still fail. */
	assert_int_equal(queue_fail(q, jobs[0].action, STR("5.4.7"),
	                            STR("given up"), &err),
	                 0);
	assert_int_equal(next(q, 3000, 1000, &a, &r), 1);
	assert_int_equal(r.rcpts[0].outcome, QUEUE_OUTCOME_FAILED);
	arena_deinit(&a);
	queue_close(&q);
}

/* Fail the forward's action once more. */
static void fail_forward(struct queue *q, bool ok)
{
	struct queue_new m = { .source = QUEUE_FROM_MX,
		               .sender = STR("s@far.example"),
		               .trace = STR("t"),
		               .received_us = 1000,
		               .message = STR("x\r\n"),
		               .rcpts = three,
		               .rcpts_n = 1 };
	struct queue_job jobs[4];
	struct err err = ERR_INIT;
	struct arena a;
	int64_t id = 0;
	size_t n = 0;

	arena_init(&a);
	assert_int_equal(queue_add(q, &m, &id, &err), 0);
	assert_int_equal(queue_claim(q, QUEUE_RELAY, 2000, 100, &a, jobs, 4, &n,
	                             NULL, &err),
	                 0);
	assert_int_equal(n, 1);
	if (ok)
		assert_int_equal(queue_done(q, jobs[0].action, &err), 0);
	else
		assert_int_equal(queue_fail(q, jobs[0].action, STR("5.1.1"),
		                            STR("gone"), &err),
		                 0);
	arena_deinit(&a);
}

static void a_target_that_fails_is_paused(void **state)
{
	struct queue *q = open_queue();
	struct str x = STR("x@far.example");
	struct err err = ERR_INIT;
	struct queue_health h;
	struct arena a;
	bool paused = true;

	(void)state;
	arena_init(&a);
	assert_int_equal(queue_health_get(q, 7, x, &a, &h, &err), 0);
	for (int i = 0; i < QUEUE_HEALTH_FAILURES - 1; i++)
		fail_forward(q, false);
	fail_forward(q, true); /* ends the row */
	assert_int_equal(queue_health_get(q, 7, x, &a, &h, &err), 1);
	assert_int_equal(h.failures, 0);
	assert_true(h.succeeded_us > 0);
	for (int i = 0; i < QUEUE_HEALTH_FAILURES; i++) {
		assert_int_equal(queue_health_is_paused(q, 7, x, &paused, &err),
		                 0);
		assert_false(paused);
		fail_forward(q, false);
	}
	assert_int_equal(queue_health_is_paused(q, 7, x, &paused, &err), 0);
	assert_true(paused);
	assert_int_equal(queue_health_untold(q, &a, &h, &err), 1);
	assert_int_equal(h.account_id, 7);
	assert_true(str_eq(h.reply, STR("gone")));
	assert_int_equal(queue_health_tell(q, &h, NULL, &err), 0);
	assert_int_equal(queue_health_untold(q, &a, &h, &err), 0);
	assert_int_equal(queue_health_reset(q, 7, STR(""), &err), 0);
	assert_int_equal(queue_health_is_paused(q, 7, x, &paused, &err), 0);
	assert_false(paused);
	arena_deinit(&a);
	queue_close(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_failed_is_told_once_and_together, make_dir,
			remove_dir),
		cmocka_unit_test_setup_teardown(a_delay_is_told_once, make_dir,
		                                remove_dir),
		cmocka_unit_test_setup_teardown(a_target_that_fails_is_paused,
		                                make_dir, remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
