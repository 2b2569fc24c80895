#include "queue/queue.h"

#include <stdio.h>

#include "base/mem.h"
#include "os/clock.h"
#include "os/file.h"
#include "queue/destination.h"
#include "queue/private.h"
#include "queue/schema.h"

/* Version 4: where the mail that waits goes to. */
static int find_destinations(struct db *db, struct arena *a, struct err *err)
{
	struct db_stmt *st;

	struct {
		int64_t id;
		struct str address;
	} * rows;

	int64_t n = 0, i = 0;
	int rc;

	if (db_number(db, &n, "SELECT COUNT(*) FROM action WHERE kind = 1",
	              DB_NO_ARGS, err) < 0)
		return -1;
	rows = arena_array(a, (size_t)n + 1, sizeof(*rows));
	if (db_query(db, &st, "SELECT id, address FROM action WHERE kind = 1",
	             DB_NO_ARGS, err) < 0)
		return -1;
	while ((rc = db_next(st, err)) > 0 && i < n) {
		rows[i].id = db_i64(st, 0);
		rows[i++].address = arena_dup(a, db_text(st, 1));
	}
	db_done(&st);
	for (i = 0; rc >= 0 && i < n; i++) {
		struct str dest = queue_destination_of(a, rows[i].address);

		rc = db_run(db, "UPDATE action SET dest = $1 WHERE id = $2",
		            DB_ARGS(DB_S(dest), DB_I(rows[i].id)), err);
		if (rc == 0)
			rc = queue_destination_wake(db, dest, 0, err);
	}
	return rc < 0 ? -1 : queue_destination_refresh_of(db, 0, err);
}

static int migrate_4(struct db *db, struct err *err)
{
	struct arena a;
	int rc;

	if (db_exec(db, QUEUE_SCHEMA_4, err) < 0)
		return -1;
	arena_init(&a);
	rc = find_destinations(db, &a, err);
	arena_deinit(&a);
	return rc;
}

static int migrate(struct db *db, uint32_t version, struct err *err)
{
	if (version < 1 && db_exec(db, QUEUE_SCHEMA, err) < 0)
		return -1;
	if (version < 2 && db_exec(db, QUEUE_SCHEMA_2, err) < 0)
		return -1;
	if (version < 3 && db_exec(db, QUEUE_SCHEMA_3, err) < 0)
		return -1;
	if (version < 4 && migrate_4(db, err) < 0)
		return -1;
	if (version < 5 && db_exec(db, QUEUE_SCHEMA_5, err) < 0)
		return -1;
	if (version < 6 && db_exec(db, QUEUE_SCHEMA_6, err) < 0)
		return -1;
	if (version < 7 && db_exec(db, QUEUE_SCHEMA_7, err) < 0)
		return -1;
	if (version < 8 && db_exec(db, QUEUE_SCHEMA_8, err) < 0)
		return -1;
	return db_exec(db, QUEUE_SCHEMA_9, err);
}

int queue_open(struct queue **out, const struct queue_options *o,
               struct err *err)
{
	struct db_group_options g = {
		.schema_version = QUEUE_SCHEMA_VERSION,
		.migrate = migrate,
	};
	struct queue *q = mem_zalloc(sizeof(*q));
	struct arena a;
	int rc;

	arena_init(&a);
	q->dir = mem_strdup(arena_fmt(&a, "%s/queue", o->dir).p);
	q->give_up_us = o->give_up_us ? o->give_up_us : 5 * US_PER_DAY;
	q->changed = o->changed;
	q->changed_arg = o->changed_arg;
	g.db.path = arena_fmt(&a, "%s/queue.db", o->dir).p;
	g.db.create = true;
	rc = file_mkdir(q->dir, 0770, err);
	if (rc == 0)
		rc = db_group_open(&q->db, &g, err);
	if (rc == 0)
		*out = q;
	else
		queue_close(&q);
	arena_deinit(&a);
	return rc;
}

void queue_close(struct queue **qp)
{
	struct queue *q = *qp;

	if (!q)
		return;
	db_group_close(&q->db);
	mem_free(q->dir);
	mem_free(q);
	*qp = NULL;
}

void queue_watch(struct queue *q, void (*released)(void *arg, int64_t account),
                 void *arg)
{
	q->released = released;
	q->released_arg = arg;
}

void queue_tell_released(struct queue *q, const struct queue_job *jobs,
                         size_t n)
{
	for (size_t i = 0; q->released && i < n; i++)
		if (jobs[i].release_us && jobs[i].attempts == 0 &&
		    jobs[i].source == QUEUE_FROM_WEB)
			q->released(q->released_arg, jobs[i].sender_account_id);
}

void queue_tell(struct queue *q)
{
	if (q->changed)
		q->changed(q->changed_arg);
}
