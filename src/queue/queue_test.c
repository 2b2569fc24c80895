#include "queue/queue.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/test.h"
#include "os/clock.h"
#include "queue/destination.h"
#include "queue/report.h"

static char dir[64];
static int told;

static void on_changed(void *arg)
{
	(void)arg;
	told++;
}

static struct queue *open_queue(void)
{
	struct queue_options o = { .dir = dir, .changed = on_changed };
	struct err err = ERR_INIT;
	struct queue *q = NULL;

	if (queue_open(&q, &o, &err) < 0)
		print_error("%s\n", err.text);
	assert_non_null(q);
	return q;
}

static int make_dir(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/queue-test-XXXXXX");
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

static const struct queue_rcpt two[] = {
	{ .kind = QUEUE_LOCAL,
	  .address = STR_INIT("bo@here.example"),
	  .original = STR_INIT("Bo@here.example"),
	  .account_id = 7,
	  .shard = 1,
	  .prefix = STR_INIT("Return-Path: <>\r\n"),
	  .where = 2,
	  .mailbox = 9,
	  .flags = STR_INIT("\\Seen work") },
	{ .kind = QUEUE_RELAY,
	  .address = STR_INIT("ann@there.example"),
	  .original = STR_INIT("ann@there.example"),
	  .notify = 6,
	  .orcpt = STR_INIT("rfc822;ann@there.example") },
};

static struct queue_new message(struct str bytes)
{
	struct queue_new m = {
		.source = QUEUE_FROM_LOGIN,
		.sender = STR("bo@here.example"),
		.account_id = 7,
		.domain_id = 3,
		.body = QUEUE_8BIT,
		.smtputf8 = true,
		.ret = 2,
		.envid = STR("E=1"),
		.trace = STR("abc123"),
		.received_us = 1000,
		.message = bytes,
		.rcpts = two,
		.rcpts_n = 2,
	};

	return m;
}

static size_t files_there(void)
{
	char path[100];
	struct dirent *e;
	size_t n = 0;
	DIR *d;

	(void)snprintf(path, sizeof(path), "%s/queue", dir);
	d = opendir(path);
	assert_non_null(d);
	while ((e = readdir(d)))
		n += e->d_name[0] != '.';
	(void)closedir(d);
	return n;
}

static size_t claim(struct queue *q, enum queue_kind kind, int64_t now,
                    struct arena *a, struct queue_job *jobs)
{
	struct err err = ERR_INIT;
	size_t n = 99;

	assert_int_equal(queue_claim(q, kind, now, 100, a, jobs, 4, &n, NULL,
	                             &err),
	                 0);
	return n;
}

static void everything_comes_back(void **state)
{
	struct queue *q = open_queue();
	struct queue_new m = message(STR("Subject: x\r\n\r\nbody\r\n"));
	struct queue_bytes bytes;
	struct queue_job jobs[4], *j = &jobs[0];
	struct err err = ERR_INIT;
	struct arena a;
	int64_t id = 0;

	(void)state;
	told = 0;
	assert_int_equal(queue_add(q, &m, &id, &err), 0);
	assert_int_equal(told, 1);
	queue_close(&q);

	/* Another process, after a restart. */
	q = open_queue();
	arena_init(&a);
	assert_int_equal(claim(q, QUEUE_RELAY, 1000, &a, jobs), 1);
	assert_int_equal(j->message, id);
	assert_str(j->address, "ann@there.example");
	assert_str(j->orcpt, "rfc822;ann@there.example");
	assert_int_equal(j->notify, 6);
	assert_str(j->sender, "bo@here.example");
	assert_str(j->envid, "E=1");
	assert_str(j->trace, "abc123");
	assert_int_equal(j->source, QUEUE_FROM_LOGIN);
	assert_int_equal(j->sender_account_id, 7);
	assert_int_equal(j->domain_id, 3);
	assert_int_equal(j->body, QUEUE_8BIT);
	assert_true(j->smtputf8);
	assert_int_equal(j->ret, 2);
	assert_int_equal(j->received_us, 1000);
	assert_int_equal(j->size, m.message.n);
	assert_int_equal(claim(q, QUEUE_LOCAL, 1000, &a, jobs), 1);
	assert_str(j->prefix, "Return-Path: <>\r\n");
	assert_int_equal(j->account_id, 7);
	assert_str(j->original, "Bo@here.example");
	assert_int_equal(j->where, 2);
	assert_int_equal(j->mailbox, 9);
	assert_str(j->flags, "\\Seen work");
	assert_int_equal(queue_body_open(q, id, &bytes, &err), 0);
	assert_true(str_eq(bytes.message, m.message));
	queue_body_close(&bytes);
	assert_int_equal(queue_remove(q, id, &err), 0);
	assert_int_equal(queue_remove(q, id, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	arena_deinit(&a);
	queue_close(&q);
}

static void a_claim_holds_for_its_lease(void **state)
{
	struct queue *q = open_queue();
	struct queue_new m = message(STR("x\r\n"));
	struct queue_job jobs[4];
	struct err err = ERR_INIT;
	struct arena a;
	int64_t id = 0, next = 0, action;
	size_t n;

	(void)state;
	arena_init(&a);
	assert_int_equal(queue_add(q, &m, &id, &err), 0);
	assert_int_equal(claim(q, QUEUE_LOCAL, 999, &a, jobs), 0);
	assert_int_equal(claim(q, QUEUE_LOCAL, 1000, &a, jobs), 1);
	action = jobs[0].action;
	assert_int_equal(claim(q, QUEUE_LOCAL, 1099, &a, jobs), 0);
	assert_int_equal(queue_claim(q, QUEUE_LOCAL, 1099, 100, &a, jobs, 4, &n,
	                             &next, &err),
	                 0);
	assert_int_equal(next, 1100);
	/* The runner died; someone else takes it. */
	assert_int_equal(claim(q, QUEUE_LOCAL, 1100, &a, jobs), 1);
	assert_int_equal(jobs[0].action, action);

	assert_int_equal(queue_defer(q, action, 5000, STR("4.2.2"), STR("full"),
	                             &err),
	                 0);
	assert_int_equal(claim(q, QUEUE_LOCAL, 4999, &a, jobs), 0);
	assert_int_equal(claim(q, QUEUE_LOCAL, 5000, &a, jobs), 1);
	assert_int_equal(jobs[0].attempts, 1);

	/* Held messages are left alone. */
	assert_int_equal(queue_hold(q, id, true, &err), 0);
	assert_int_equal(claim(q, QUEUE_RELAY, 5000, &a, jobs), 0);
	assert_int_equal(queue_hold(q, id, false, &err), 0);
	assert_int_equal(claim(q, QUEUE_RELAY, 5000, &a, jobs), 1);

	/* Given up, and tried again on demand. */
	assert_int_equal(queue_fail(q, action, STR("5.2.2"), STR("full"), &err),
	                 0);
	assert_int_equal(claim(q, QUEUE_LOCAL, INT64_MAX / 2, &a, jobs), 0);
	assert_int_equal(queue_retry(q, id, 6000, &err), 0);
	assert_int_equal(claim(q, QUEUE_LOCAL, 6000, &a, jobs), 1);

	/* The message goes with its last action. */
	assert_int_equal(queue_done(q, action, &err), 0);
	assert_int_equal(queue_done(q, action, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_int_equal(queue_remove(q, id, &err), 0);
	arena_deinit(&a);
	queue_close(&q);
}

static void the_last_action_takes_the_message_along(void **state)
{
	struct queue *q = open_queue();
	size_t n = QUEUE_INLINE_MAX + 1;
	char *big = malloc(n);
	struct queue_new m = message((struct str){ big, n });
	struct queue_bytes bytes;
	struct queue_job jobs[4];
	struct err err = ERR_INIT;
	struct arena a;
	int64_t id = 0;

	(void)state;
	assert_non_null(big);
	memset(big, 'x', n);
	big[n - 1] = 'y';
	arena_init(&a);
	assert_int_equal(queue_add(q, &m, &id, &err), 0);
	assert_int_equal(files_there(), 1);
	assert_int_equal(queue_body_open(q, id, &bytes, &err), 0);
	assert_true(str_eq(bytes.message, m.message));
	queue_body_close(&bytes);
	assert_int_equal(claim(q, QUEUE_LOCAL, 1000, &a, jobs), 1);
	assert_int_equal(queue_done(q, jobs[0].action, &err), 0);
	assert_int_equal(files_there(), 1);
	assert_int_equal(claim(q, QUEUE_RELAY, 1000, &a, jobs), 1);
	assert_int_equal(queue_done(q, jobs[0].action, &err), 0);
	assert_int_equal(files_there(), 0);
	assert_int_equal(queue_body_open(q, id, &bytes, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	arena_deinit(&a);
	free(big);
	queue_close(&q);
}

static void a_key_is_taken_once(void **state)
{
	struct queue *q = open_queue();
	size_t n = QUEUE_INLINE_MAX + 1;
	char *big = calloc(1, n);
	struct queue_new m = message((struct str){ big, n });
	struct queue_figures f;
	struct err err = ERR_INIT;
	int64_t first = 0, again = 0, other = 0;

	(void)state;
	assert_non_null(big);
	m.key = STR("0123456789abcdef0123456789abcdef");
	assert_int_equal(queue_add(q, &m, &first, &err), 0);
	assert_int_equal(queue_add(q, &m, &again, &err), 0);
	assert_int_equal(again, first);
	assert_int_equal(files_there(), 1);
	/* Also when the message has gone already. */
	assert_int_equal(queue_remove(q, first, &err), 0);
	assert_int_equal(queue_add(q, &m, &again, &err), 0);
	assert_int_equal(again, first);
	assert_int_equal(queue_figures(q, &f, &err), 0);
	assert_int_equal(f.messages, 0);
	assert_int_equal(files_there(), 0);
	m.key = STR("1123456789abcdef0123456789abcdef");
	assert_int_equal(queue_add(q, &m, &other, &err), 0);
	assert_int_not_equal(other, first);
	assert_int_equal(queue_remove(q, other, &err), 0);
	/* Forgotten after its time. */
	assert_int_equal(queue_tidy(q, clock_wall_us() + QUEUE_KEY_US + 1,
	                            &err),
	                 0);
	assert_int_equal(queue_add(q, &m, &again, &err), 0);
	assert_int_not_equal(again, other);
	assert_int_equal(queue_remove(q, again, &err), 0);
	free(big);
	queue_close(&q);
}

struct listed {
	struct queue_item items[8];
	size_t n;
};

static bool keep(void *arg, const struct queue_item *item)
{
	struct listed *l = arg;

	if (l->n < 8)
		l->items[l->n] = *item;
	l->n++;
	return true;
}

static void listing_and_figures(void **state)
{
	struct queue *q = open_queue();
	struct queue_new m = message(STR("x\r\n"));
	struct listed l = { .n = 0 };
	struct queue_figures f;
	struct queue_job jobs[4];
	struct err err = ERR_INIT;
	struct arena a;
	int64_t one = 0, two_id = 0;
	uint64_t waiting = 99;
	int i;

	(void)state;
	arena_init(&a);
	assert_int_equal(queue_add(q, &m, &one, &err), 0);
	m.source = QUEUE_FROM_MX;
	m.received_us = 2000;
	assert_int_equal(queue_add(q, &m, &two_id, &err), 0);
	assert_int_equal(queue_list(q, one, keep, &l, &err), 0);
	assert_int_equal(l.n, 2);
	assert_int_equal(l.items[0].state, QUEUE_WAITING);
	assert_int_equal(l.items[1].kind, QUEUE_RELAY);
	l.n = 0;
	assert_int_equal(queue_list(q, 0, keep, &l, &err), 0);
	assert_int_equal(l.n, 4);
	assert_int_equal(queue_figures(q, &f, &err), 0);
	assert_int_equal(f.messages, 2);
	assert_int_equal(f.actions, 4);
	assert_int_equal(f.relay, 2);
	assert_int_equal(f.oldest_us, 1000);
	/* What was forwarded does not count against the domain (R28). */
	assert_int_equal(queue_domain_waiting(q, 3, &waiting, &err), 0);
	assert_int_equal(waiting, 1);
	assert_int_equal(claim(q, QUEUE_RELAY, 1500, &a, jobs), 1);
	assert_int_equal(queue_fail(q, jobs[0].action, STR("5.1.1"),
	                            STR("no such user"), &err),
	                 0);
	assert_int_equal(queue_domain_waiting(q, 3, &waiting, &err), 0);
	assert_int_equal(waiting, 0);
	/* More than a piece of the list. */
	for (i = 0; i < 150; i++)
		assert_int_equal(queue_add(q, &m, &one, &err), 0);
	l.n = 0;
	assert_int_equal(queue_list(q, 0, keep, &l, &err), 0);
	assert_int_equal(l.n, 304);
	arena_deinit(&a);
	queue_close(&q);
}

/* ---- destinations ---- */

static void the_destination_of_an_address(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{ "bo@There.Example", "there.example" },
		{ "bo@b\303\274cher.example", "xn--bcher-kva.example" },
		{ "bo@[192.0.2.1]", "[192.0.2.1]" },
		{ "bo@[IPv6:2001:DB8::1]", "[ipv6:2001:db8::1]" },
		{ "\"a@b\"@c.example", "c.example" },
		{ "bo@_odd.Example", "_odd.example" },
		{ "bo@", "?" },
	};
	struct arena a;
	size_t i;

	(void)state;
	arena_init(&a);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_str(queue_destination_of(&a, str_z(rows[i].in)),
		           rows[i].want);
	arena_deinit(&a);
}

static int64_t add_to(struct queue *q, const char *one, const char *other,
                      int64_t at)
{
	struct queue_rcpt rcpts[2] = {
		{ .kind = QUEUE_RELAY, .address = str_z(one) },
		{ .kind = QUEUE_RELAY, .address = str_z(other) },
	};
	struct queue_new m = message(STR("x\r\n"));
	struct err err = ERR_INIT;
	int64_t id = 0;

	m.rcpts = rcpts;
	m.rcpts_n = other ? 2 : 1;
	m.received_us = at;
	assert_int_equal(queue_add(q, &m, &id, &err), 0);
	return id;
}

struct due {
	struct arena a;
	struct queue_destination d[4];
	size_t n;
	int64_t next;
};

static size_t ask_due(struct queue *q, int64_t now, struct due *due)
{
	struct err err = ERR_INIT;

	int64_t next;
	size_t n;

	assert_int_equal(queue_destinations(q, false, now, 4, &due->a, due->d,
	                                    &due->n, &due->next, &err),
	                 0);
	assert_int_equal(queue_destinations(q, true, now, 4 - due->n, &due->a,
	                                    due->d + due->n, &n, &next, &err),
	                 0);
	due->n += n;
	if (next < due->next)
		due->next = next;
	return due->n;
}

static size_t claim_dest(struct queue *q, const char *name, int64_t now,
                         struct due *due, struct queue_job *jobs)
{
	struct err err = ERR_INIT;
	size_t n = 99;

	assert_int_equal(queue_claim_destination(q, str_z(name), now, 100,
	                                         &due->a, jobs, 4, &n, &err),
	                 0);
	return n;
}

static void claims_by_destination(void **state)
{
	struct queue *q = open_queue();
	struct queue_job jobs[4];
	struct queue_result r[2];
	struct queue_figures f;
	struct err err = ERR_INIT;
	struct due due = { .n = 0 };
	int64_t one;

	(void)state;
	arena_init(&due.a);
	assert_int_equal(ask_due(q, 5000, &due), 0);
	assert_true(due.next == INT64_MAX);
	one = add_to(q, "a@One.example", "b@one.example", 1000);
	(void)add_to(q, "c@one.example", "d@two.example", 2000);
	assert_int_equal(ask_due(q, 999, &due), 0);
	assert_int_equal(due.next, 1000);
	assert_int_equal(ask_due(q, 1500, &due), 1);
	assert_str(due.d[0].name, "one.example");
	assert_int_equal(due.next, 2000);
	assert_int_equal(ask_due(q, 2000, &due), 2);

	/* Both recipients of a message in one claim. */
	assert_int_equal(claim_dest(q, "one.example", 2000, &due, jobs), 3);
	assert_int_equal(jobs[0].message, one);
	assert_int_equal(jobs[1].message, one);
	assert_int_equal(jobs[2].message, one + 1);
	assert_int_equal(claim_dest(q, "one.example", 2000, &due, jobs), 0);
	assert_int_equal(ask_due(q, 2000, &due), 1);
	assert_str(due.d[0].name, "two.example");
	assert_int_equal(due.next, 2100); /* the lease of the others */

	/* What died with its claims is due at once. */
	assert_int_equal(queue_unclaim(q, QUEUE_RELAY, 2001, &err), 0);
	assert_int_equal(ask_due(q, 2001, &due), 2);
	assert_int_equal(claim_dest(q, "one.example", 2001, &due, jobs), 3);

	r[0] = (struct queue_result){ .action = jobs[0].action,
		                      .verdict = QUEUE_IS_DONE };
	r[1] = (struct queue_result){ .action = jobs[1].action,
		                      .verdict = QUEUE_IS_DEFERRED,
		                      .next_us = 9000,
		                      .status = STR("4.2.0"),
		                      .reply = STR("450 busy"),
		                      .mta = STR("mx.one.example") };
	assert_int_equal(queue_settle(q, r, 2, &err), 0);
	r[0] = (struct queue_result){ .action = jobs[2].action,
		                      .verdict = QUEUE_IS_SENT };
	assert_int_equal(queue_settle(q, r, 1, &err), 0);
	/* Once more is no harm. */
	r[0].action = jobs[0].action;
	r[0].verdict = QUEUE_IS_DONE;
	assert_int_equal(queue_settle(q, r, 1, &err), 0);
	assert_int_equal(claim_dest(q, "one.example", 8999, &due, jobs), 0);
	assert_int_equal(claim_dest(q, "one.example", 9000, &due, jobs), 1);
	assert_int_equal(jobs[0].attempts, 1);
	assert_int_equal(queue_figures(q, &f, &err), 0);
	assert_int_equal(f.actions, 2);
	arena_deinit(&due.a);
	queue_close(&q);
}

static void a_block_holds_all_of_a_destination(void **state)
{
	struct queue *q = open_queue();
	struct queue_job jobs[4];
	struct queue_destination d;
	struct err err = ERR_INIT;
	struct due due = { .n = 0 };
	struct listed l = { .n = 0 };
	int64_t now = clock_wall_us(), id, later = now + US_PER_HOUR;
	size_t n;

	(void)state;
	arena_init(&due.a);
	id = add_to(q, "a@one.example", NULL, now);
	assert_int_equal(queue_block(q, STR("one.example"), now, later,
	                             STR("4.4.1"), STR("connection refused"),
	                             STR("mx.one.example"), &err),
	                 0);
	assert_int_equal(ask_due(q, now, &due), 0);
	assert_true(due.next == later);
	/* New mail does not lift it. */
	(void)add_to(q, "b@one.example", NULL, now + 1);
	assert_int_equal(ask_due(q, now + 2, &due), 0);
	assert_int_equal(queue_destination_get(q, STR("one.example"), &due.a,
	                                       &d, &err),
	                 0);
	assert_int_equal(d.failures, 1);
	assert_str(d.reply, "connection refused");
	/* It is why the message waits. */
	assert_int_equal(queue_list(q, id, keep, &l, &err), 0);
	assert_true(l.items[0].blocked_us == later);
	assert_int_equal(l.items[0].state, QUEUE_WAITING);
	/* What waits can be looked at, but for what is too old. */
	assert_int_equal(queue_destination_waiting(q, STR("one.example"), now,
	                                           &due.a, jobs, 1, &n, &err),
	                 0);
	assert_int_equal(n, 1);
	assert_int_equal(jobs[0].message, id);
	assert_int_equal(queue_destination_waiting(q, STR("one.example"),
	                                           now + 6 * US_PER_DAY, &due.a,
	                                           jobs, 4, &n, &err),
	                 0);
	assert_int_equal(n, 0);
	/* What is too old is given up all the same. */
	assert_int_equal(queue_claim_expired(q, STR("one.example"),
	                                     now + 5 * US_PER_DAY, 100, &due.a,
	                                     jobs, 4, &n, &err),
	                 0);
	assert_int_equal(n, 1);
	assert_int_equal(jobs[0].message, id);
	assert_int_equal(ask_due(q, later, &due), 1);
	assert_int_equal(queue_unblock(q, STR("one.example"), &err), 0);
	assert_int_equal(ask_due(q, now + 2, &due), 1);
	assert_int_equal(due.d[0].failures, 0);
	assert_int_equal(queue_destination_get(q, STR("two.example"), &due.a,
	                                       &d, &err),
	                 -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	arena_deinit(&due.a);
	queue_close(&q);
}

static void held_returned_and_retried(void **state)
{
	struct queue *q = open_queue();
	struct queue_new m = message(STR("x\r\n"));
	struct queue_job jobs[4];
	struct err err = ERR_INIT;
	struct due due = { .n = 0 };
	struct listed l = { .n = 0 };
	int64_t now = clock_wall_us(), id = 0;
	uint64_t waiting = 99;

	(void)state;
	arena_init(&due.a);
	/* Held by its sender for an hour: R28 does not count it. */
	m.received_us = now;
	m.not_before_us = now + US_PER_HOUR;
	m.rcpts = &two[1];
	m.rcpts_n = 1;
	assert_int_equal(queue_add(q, &m, &id, &err), 0);
	assert_int_equal(queue_domain_waiting(q, 3, &waiting, &err), 0);
	assert_int_equal(waiting, 0);
	assert_int_equal(queue_retry(q, 0, now, &err), 0);
	assert_int_equal(ask_due(q, now + 1, &due), 0);
	assert_int_equal(queue_hold(q, id, false, &err), 0);
	assert_int_equal(ask_due(q, clock_wall_us(), &due), 1);
	assert_int_equal(queue_domain_waiting(q, 3, &waiting, &err), 0);
	assert_int_equal(waiting, 1);

	/* Held by the operator while it is tried: stays held. */
	now = clock_wall_us();
	assert_int_equal(claim_dest(q, "there.example", now, &due, jobs), 1);
	assert_int_equal(queue_hold(q, id, true, &err), 0);
	assert_int_equal(queue_defer(q, jobs[0].action, now, STR("4.0.0"),
	                             STR("no"), &err),
	                 0);
	assert_int_equal(ask_due(q, now + US_PER_HOUR, &due), 0);
	assert_int_equal(queue_list(q, id, keep, &l, &err), 0);
	assert_int_equal(l.items[0].state, QUEUE_HELD);
	assert_int_equal(queue_give_up(q, id, &err), 0);
	assert_int_equal(queue_give_up(q, id, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	l.n = 0;
	assert_int_equal(queue_list(q, id, keep, &l, &err), 0);
	assert_int_equal(l.items[0].state, QUEUE_FAILED);
	arena_deinit(&due.a);
	queue_close(&q);
}

/* ---- held by the sender ---- */

static int64_t add_held(struct queue *q, const char *trace, struct str bytes,
                        int64_t until_us)
{
	struct queue_new m = message(bytes);
	struct err err = ERR_INIT;
	int64_t id = 0;

	m.source = QUEUE_FROM_WEB;
	m.trace = str_z(trace);
	m.received_us = clock_wall_us();
	m.not_before_us = until_us;
	m.key = STR("0123456789abcdef0123456789abcdef");
	assert_int_equal(queue_add(q, &m, &id, &err), 0);
	return id;
}

static enum queue_withdrawal withdraw(struct queue *q, const char *trace,
                                      int64_t account)
{
	enum queue_withdrawal out = QUEUE_TOO_LATE;
	struct err err = ERR_INIT;

	assert_int_equal(queue_withdraw(q, str_z(trace), account, &out, &err),
	                 0);
	return out;
}

static enum queue_fate fate(struct queue *q, const char *trace)
{
	enum queue_fate out = QUEUE_GOES_ON;
	struct err err;

	assert_int_equal(queue_fate(q, str_z(trace), 7, &out, &err), 0);
	return out;
}

static void on_released(void *arg, int64_t account)
{
	int64_t *sum = arg;

	*sum += account;
}

static void withdrawn_or_too_late(void **state)
{
	static char big[QUEUE_INLINE_MAX + 1];
	struct str large = { big, sizeof(big) };
	struct queue *q = open_queue();
	struct queue_job jobs[4];
	struct queue_figures f;
	struct err err = ERR_INIT;
	int64_t now = clock_wall_us(), id, released = 0;
	struct arena a;

	(void)state;
	memset(big, 'x', sizeof(big));
	arena_init(&a);
	queue_watch(q, on_released, &released);
	id = add_held(q, "held1", large, now + 60 * US_PER_SEC);
	/* Not claimed before its time, and not given to a stranger. */
	assert_int_equal(claim(q, QUEUE_LOCAL, now + 59 * US_PER_SEC, &a, jobs),
	                 0);
	assert_int_equal(withdraw(q, "held1", 8), QUEUE_TOO_LATE);
	assert_int_equal(withdraw(q, "other", 7), QUEUE_TOO_LATE);
	assert_int_equal(files_there(), 1);
	assert_int_equal(fate(q, "held1"), QUEUE_IS_HELD);
	assert_int_equal(withdraw(q, "held1", 7), QUEUE_WITHDRAWN);
	/* Known to have been, to its sender alone. */
	assert_int_equal(withdraw(q, "held1", 7), QUEUE_WITHDRAWN);
	assert_int_equal(withdraw(q, "held1", 8), QUEUE_TOO_LATE);
	assert_int_equal(fate(q, "held1"), QUEUE_IS_WITHDRAWN);
	assert_int_equal(fate(q, "unknown"), QUEUE_GOES_ON);
	assert_int_equal(files_there(), 0);
	assert_int_equal(queue_figures(q, &f, &err), 0);
	assert_int_equal(f.messages, 0);
	assert_int_equal(f.actions, 0);

	/* The same again is no repetition. */
	assert_true(add_held(q, "held2", large, now + 60 * US_PER_SEC) != id);
	assert_int_equal(queue_figures(q, &f, &err), 0);
	assert_int_equal(f.messages, 1);
	/* One recipient's part is in hand: nothing is taken back, and whose it
	 * is is told. */
	assert_int_equal(released, 0);
	assert_int_equal(claim(q, QUEUE_LOCAL, now + 60 * US_PER_SEC, &a, jobs),
	                 1);
	assert_int_equal(jobs[0].release_us, now + 60 * US_PER_SEC);
	assert_int_equal(released, 7);
	assert_int_equal(withdraw(q, "held2", 7), QUEUE_TOO_LATE);
	assert_int_equal(queue_done(q, jobs[0].action, &err), 0);
	assert_int_equal(queue_remove(q, jobs[0].message, &err), 0);
	arena_deinit(&a);
	queue_close(&q);
}

static void released_before_its_time(void **state)
{
	struct queue_destination d[4];
	struct queue *q = open_queue();
	struct queue_job jobs[4];
	struct err err = ERR_INIT;
	int64_t now = clock_wall_us(), next = 0, id;
	struct arena a;
	size_t n = 9;

	(void)state;
	arena_init(&a);
	id = add_held(q, "held3", STR("x\r\n"), now + US_PER_DAY);
	assert_int_equal(queue_destinations(q, false, now, 4, &a, d, &n, &next,
	                                    &err),
	                 0);
	assert_int_equal(n, 0);
	assert_int_equal(next, now + US_PER_DAY);
	/* The operator's hold goes first, the sender's stays. */
	assert_int_equal(queue_hold(q, id, true, &err), 0);
	assert_int_equal(queue_hold(q, id, false, &err), 0);
	assert_int_equal(claim(q, QUEUE_LOCAL, clock_wall_us(), &a, jobs), 0);
	assert_int_equal(queue_hold(q, id, false, &err), 0);
	assert_int_equal(withdraw(q, "held3", 7), QUEUE_TOO_LATE);
	assert_int_equal(claim(q, QUEUE_LOCAL, clock_wall_us(), &a, jobs), 1);
	assert_int_equal(queue_destinations(q, false, clock_wall_us(), 4, &a, d,
	                                    &n, &next, &err),
	                 0);
	assert_int_equal(n, 1);
	assert_str(d[0].name, "there.example");
	assert_int_equal(queue_remove(q, id, &err), 0);
	arena_deinit(&a);
	queue_close(&q);
}

/* ---- priorities and times ---- */

static int64_t add_wish(struct queue *q, const char *trace, int priority,
                        int64_t by_us, unsigned by_flags, bool clear)
{
	struct queue_new m = message(STR("x\r\n"));
	struct err err = ERR_INIT;
	int64_t id = 0;

	m.trace = str_z(trace);
	m.received_us = 1000;
	m.priority = priority;
	m.by_us = by_us;
	m.by_flags = by_flags;
	m.tls_optional = clear;
	m.rcpts = &two[1];
	m.rcpts_n = 1;
	assert_int_equal(queue_add(q, &m, &id, &err), 0);
	return id;
}

static void the_urgent_go_first(void **state)
{
	static const char *const order[] = { "high", "mid", "one", "two",
		                             "low" };
	struct queue *q = open_queue();
	struct queue_job jobs[4];
	struct err err = ERR_INIT;
	struct arena a;
	size_t n = 0, i;

	(void)state;
	arena_init(&a);
	(void)add_wish(q, "low", -3, 0, 0, false);
	(void)add_wish(q, "one", 0, 0, 0, false);
	(void)add_wish(q, "mid", 2, 0, 0, false);
	(void)add_wish(q, "high", 9, 0, 0, false);
	(void)add_wish(q, "two", 0, 0, 0, false);
	assert_int_equal(queue_claim_destination(q, STR("there.example"), 2000,
	                                         100, &a, jobs, 4, &n, &err),
	                 0);
	assert_int_equal(n, 4);
	for (i = 0; i < 4; i++)
		assert_str(jobs[i].trace, order[i]);
	assert_int_equal(jobs[0].priority, 9);
	assert_int_equal(queue_claim_destination(q, STR("there.example"), 2000,
	                                         100, &a, jobs, 4, &n, &err),
	                 0);
	assert_int_equal(n, 1);
	assert_str(jobs[0].trace, order[4]);
	arena_deinit(&a);
	queue_close(&q);
}

static void what_need_not_go_over_tls(void **state)
{
	struct queue *q = open_queue();
	struct queue_job jobs[4];
	struct err err = ERR_INIT;
	struct arena a;
	size_t n = 9;

	(void)state;
	arena_init(&a);
	(void)add_wish(q, "usual", 0, 0, 0, false);
	assert_int_equal(queue_claim_optional(q, STR("there.example"), 2000,
	                                      100, &a, jobs, 4, &n, &err),
	                 0);
	assert_int_equal(n, 0);
	(void)add_wish(q, "clear", 0, 0, 0, true);
	assert_int_equal(queue_claim_optional(q, STR("there.example"), 2000,
	                                      100, &a, jobs, 4, &n, &err),
	                 0);
	assert_int_equal(n, 1);
	assert_str(jobs[0].trace, "clear");
	assert_true(jobs[0].tls_optional);
	assert_false(jobs[0].requiretls);
	arena_deinit(&a);
	queue_close(&q);
}

static struct queue_item seen_item;

static bool see_item(void *arg, const struct queue_item *item)
{
	(void)arg;
	seen_item = *item;
	/* views live for the call */
	assert_str(item->status, "5.4.7");
	assert_true(str_starts(item->reply,
	                       STR("It could not be delivered within the time "
	                           "that its sender gave; the last try: "
	                           "busy")));
	return true;
}

static void its_time_is_over(void **state)
{
	struct queue *q = open_queue();
	struct queue_job jobs[4];
	struct queue_report r;
	struct err err = ERR_INIT;
	struct arena a;
	int64_t ret, tell;
	size_t n = 0;

	(void)state;
	arena_init(&a);
	ret = add_wish(q, "return", 0, 5000, 0, false);
	tell = add_wish(q, "tell", 0, 5000, QUEUE_BY_NOTIFY, false);
	/* One is in hand when the time comes: it is not taken away. */
	assert_int_equal(queue_claim_destination(q, STR("there.example"), 4000,
	                                         2000, &a, jobs, 1, &n, &err),
	                 0);
	assert_int_equal(n, 1);
	assert_int_equal(jobs[0].message, ret);
	assert_int_equal(jobs[0].expires_us, 5000);
	assert_int_equal(queue_expire(q, 5000, &err), 0);
	assert_int_equal(queue_defer(q, jobs[0].action, 9000, STR("4.2.0"),
	                             STR("busy"), &err),
	                 0);
	assert_int_equal(queue_expire(q, 4999, &err), 0);
	assert_int_equal(queue_expire(q, 5000, &err), 1);
	assert_int_equal(queue_expire(q, 5000, &err), 0);
	assert_int_equal(queue_list(q, ret, see_item, NULL, &err), 0);
	assert_int_equal(seen_item.state, QUEUE_FAILED);
	/* Its sender is told of the one, and that the other is late. */
	assert_int_equal(queue_report_next(q, 0, 4999, 0, &a, &r, &err), 1);
	assert_int_equal(r.message, ret);
	assert_int_equal(r.rcpts[0].outcome, QUEUE_OUTCOME_FAILED);
	assert_int_equal(queue_report_next(q, ret, 4999, 0, &a, &r, &err), 0);
	assert_int_equal(queue_report_next(q, ret, 5000, 0, &a, &r, &err), 1);
	assert_int_equal(r.message, tell);
	assert_int_equal(r.by_us, 5000);
	assert_int_equal(r.rcpts_n, 1);
	assert_int_equal(r.rcpts[0].outcome, QUEUE_OUTCOME_LATE);
	assert_int_equal(queue_report_settle(q, &r, NULL, NULL, &err), 0);
	assert_int_equal(queue_report_next(q, ret, 6000, 0, &a, &r, &err), 0);
	arena_deinit(&a);
	queue_close(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(everything_comes_back, make_dir,
		                                remove_dir),
		cmocka_unit_test_setup_teardown(a_claim_holds_for_its_lease,
		                                make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(
			the_last_action_takes_the_message_along, make_dir,
			remove_dir),
		cmocka_unit_test_setup_teardown(a_key_is_taken_once, make_dir,
		                                remove_dir),
		cmocka_unit_test_setup_teardown(listing_and_figures, make_dir,
		                                remove_dir),
		cmocka_unit_test(the_destination_of_an_address),
		cmocka_unit_test_setup_teardown(claims_by_destination, make_dir,
		                                remove_dir),
		cmocka_unit_test_setup_teardown(
			a_block_holds_all_of_a_destination, make_dir,
			remove_dir),
		cmocka_unit_test_setup_teardown(held_returned_and_retried,
		                                make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(withdrawn_or_too_late, make_dir,
		                                remove_dir),
		cmocka_unit_test_setup_teardown(released_before_its_time,
		                                make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(the_urgent_go_first, make_dir,
		                                remove_dir),
		cmocka_unit_test_setup_teardown(what_need_not_go_over_tls,
		                                make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(its_time_is_over, make_dir,
		                                remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
