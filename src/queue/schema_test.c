/* Files of every older version open, and what waits in them is there. */
#include "queue/schema.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"
#include "db/db.h"
#include "os/clock.h"
#include "queue/destination.h"
#include "queue/report.h"

static char dir[64];

static int make_dir(void **state)
{
	(void)state;
	(void)snprintf(dir, sizeof(dir), "/tmp/queue-schema-XXXXXX");
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

/* One message to a mailbox here and to two domains, one of them in Unicode,
 * as the first version had it; one of the actions has failed. */
#define ROWS                                                               \
	"INSERT INTO message (id, source, sender, account, domain, body,"  \
	" utf8, ret, envid, trace, received, size, held, file, content)"   \
	" VALUES (1, 1, 'bo@here.example', 7, 3, 1, 0, 2, 'E1', 'abc',"    \
	" 1000, 12, 0, '', 'Subject: x\r\n'),"                             \
	" (2, 0, 'ida@far.example', 0, 0, 0, 0, 0, '', 'def', 2000, 3,"    \
	" 1, '', 'y\r\n');"                                                \
	"INSERT INTO action (id, message, kind, state, address, original," \
	" account, shard, prefix, notify, orcpt, attempts, next, last,"    \
	" lease, status, reply) VALUES"                                    \
	" (1, 1, 0, 0, 'bo@here.example', 'Bo@here.example', 7, 1,"        \
	" 'Return-Path: <>\r\n', 0, '', 0, 1000, 0, 0, '', ''),"           \
	" (2, 1, 1, 0, 'ann@there.example', 'ann@there.example', 0, 0,"    \
	" '', 6, 'rfc822;ann@there.example', 2, 1500, 1200, 0, '4.2.0',"   \
	" 'busy'),"                                                        \
	" (3, 1, 1, 1, 'eve@xn--bcher-kva.example', 'eve@x.example', 0,"   \
	" 0, '', 0, '', 1, 1000, 1100, 0, '5.1.1', 'no such user'),"       \
	" (4, 2, 1, 0, 'kai@There.Example', 'kai@there.example', 0, 0,"    \
	" '', 0, '', 0, 2000, 0, 0, '', '');"                              \
	"UPDATE number SET value = 2 WHERE name = 'message';"              \
	"UPDATE number SET value = 4 WHERE name = 'action';"

static const char *const steps[] = {
	QUEUE_SCHEMA,   QUEUE_SCHEMA_2, QUEUE_SCHEMA_3,
	QUEUE_SCHEMA_4, QUEUE_SCHEMA_5, QUEUE_SCHEMA_6,
	QUEUE_SCHEMA_7, QUEUE_SCHEMA_8, QUEUE_SCHEMA_9,
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

/* From version 4 on what waits also has a destination. */
static const char destinations[] =
	"UPDATE action SET dest = 'there.example', expires = 432000001000"
	" WHERE kind = 1;"
	"UPDATE action SET state = -1 WHERE message = 2;"
	"INSERT INTO destination (name, due, blocked, failures, last, status,"
	" reply, mta) VALUES ('there.example', 1500, 0, 0, 0, '', '', '');";

static void make_file(unsigned version)
{
	struct db_options o = { .create = true };
	struct err err = ERR_INIT;
	struct db *db;
	char path[100];

	(void)snprintf(path, sizeof(path), "%s/queue.db", dir);
	o.path = path;
	assert_int_equal(db_open(&db, &o, &err), 0);
	for (unsigned i = 0; i < version; i++)
		if (db_exec(db, steps[i], &err) < 0)
			fail_msg("step %u: %s", i + 1, err.text);
	if (db_exec(db, ROWS, &err) < 0)
		fail_msg("%s", err.text);
	if (version >= 3) /* as whoever added it said then */
		assert_int_equal(db_exec(db,
		                         "UPDATE message SET returnable = 1"
		                         " WHERE source <> 0;",
		                         &err),
		                 0);
	if (version >= 4)
		assert_int_equal(db_exec(db, destinations, &err), 0);
	assert_int_equal(db_set_version(db, version, &err), 0);
	db_close(&db);
}

static struct queue *open_queue(void)
{
	struct queue_options o = { .dir = dir };
	struct err err = ERR_INIT;
	struct queue *q = NULL;

	if (queue_open(&q, &o, &err) < 0)
		fail_msg("%s", err.text);
	return q;
}

static void check_claims(struct queue *q, struct arena *a)
{
	struct queue_destination d[4];
	struct queue_job jobs[4];
	struct queue_bytes bytes;
	struct err err = ERR_INIT;
	int64_t next = 0;
	size_t n = 0;

	assert_int_equal(queue_claim(q, QUEUE_LOCAL, 3000, 100, a, jobs, 4, &n,
	                             NULL, &err),
	                 0);
	assert_int_equal(n, 1);
	assert_str(jobs[0].address, "bo@here.example");
	assert_str(jobs[0].prefix, "Return-Path: <>\r\n");
	assert_str(jobs[0].envid, "E1");
	assert_int_equal(jobs[0].where, 0);
	assert_int_equal(queue_destinations(q, false, 3000, 4, a, d, &n, &next,
	                                    &err),
	                 0);
	assert_int_equal(n, 1);
	assert_str(d[0].name, "there.example");
	/* That which is held is not among them. */
	assert_int_equal(queue_claim_destination(q, d[0].name, 3000, 100, a,
	                                         jobs, 4, &n, &err),
	                 0);
	assert_int_equal(n, 1);
	assert_str(jobs[0].orcpt, "rfc822;ann@there.example");
	assert_int_equal(jobs[0].attempts, 2);
	assert_int_equal(jobs[0].expires_us, 432000001000);
	assert_str(jobs[0].mail_from, "bo@here.example");
	assert_int_equal(jobs[0].priority, 0);
	assert_false(jobs[0].requiretls);
	assert_int_equal(queue_body_open(q, 1, &bytes, &err), 0);
	assert_str(bytes.message, "Subject: x\r\n");
	queue_body_close(&bytes);
}

static void check_rest(struct queue *q, struct arena *a)
{
	struct queue_report r;
	struct queue_job jobs[4];
	enum queue_withdrawal out;
	struct queue_new m = { .sender = STR("bo@here.example"),
		               .trace = STR("new"),
		               .message = STR("z\r\n"),
		               .received_us = 3000 };
	struct queue_rcpt to = { .kind = QUEUE_RELAY,
		                 .address = STR("a@new.example"),
		                 .original = STR("a@new.example") };
	struct err err = ERR_INIT;
	int64_t id = 0;
	size_t n = 0;

	/* The failed one is told to its sender, who logged in. */
	assert_int_equal(queue_report_next(q, 0, 900000, 0, a, &r, &err), 1);
	assert_int_equal(r.message, 1);
	assert_int_equal(r.rcpts_n, 1);
	assert_str(r.rcpts[0].status, "5.1.1");
	assert_true(r.returnable);
	/* Held until someone lets it go. */
	assert_int_equal(queue_hold(q, 2, false, &err), 0);
	assert_int_equal(queue_claim_destination(q, STR("there.example"),
	                                         clock_wall_us(), 100, a, jobs,
	                                         4, &n, &err),
	                 0);
	assert_true(n >= 1);
	/* Numbers go on. */
	m.rcpts = &to;
	m.rcpts_n = 1;
	assert_int_equal(queue_add(q, &m, &id, &err), 0);
	assert_int_equal(id, 3);
	assert_int_equal(queue_withdraw(q, STR("new"), 0, &out, &err), 0);
	assert_int_equal(out, QUEUE_TOO_LATE);
}

static void every_version_opens(void **state)
{
	char command[100];

	(void)state;
	assert_int_equal(STEPS, QUEUE_SCHEMA_VERSION);
	for (unsigned v = 1; v <= QUEUE_SCHEMA_VERSION; v++) {
		struct queue *q;
		struct arena a;

		make_file(v);
		arena_init(&a);
		q = open_queue();
		check_claims(q, &a);
		queue_close(&q);
		q = open_queue(); /* and once more, as it is now */
		check_rest(q, &a);
		queue_close(&q);
		arena_deinit(&a);
		(void)snprintf(command, sizeof(command), "rm -rf %s/*", dir);
		assert_int_equal(system(command), 0);
	}
}

static void a_newer_one_is_refused(void **state)
{
	struct queue_options o = { .dir = dir };
	struct err err = ERR_INIT;
	struct queue *q = NULL;

	(void)state;
	make_file(QUEUE_SCHEMA_VERSION);
	{
		struct db_options d = { .create = false };
		struct db *db;
		char path[100];

		(void)snprintf(path, sizeof(path), "%s/queue.db", dir);
		d.path = path;
		assert_int_equal(db_open(&db, &d, &err), 0);
		assert_int_equal(db_set_version(db, QUEUE_SCHEMA_VERSION + 1,
		                                &err),
		                 0);
		db_close(&db);
	}
	assert_int_equal(queue_open(&q, &o, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_version_opens, make_dir,
		                                remove_dir),
		cmocka_unit_test_setup_teardown(a_newer_one_is_refused,
		                                make_dir, remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
