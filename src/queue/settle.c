/* What became of claimed actions. */
#include <string.h>

#include "base/mem.h"
#include "os/clock.h"
#include "queue/private.h"

struct settle {
	const struct queue_result *results;
	size_t n, missing;
	int64_t now_us;
	char (*files)[40]; /* of messages that went with their last action */
};

int queue_drop_if_last(struct db *db, int64_t message, char file[40],
                       struct err *err)
{
	struct db_stmt *st;
	int64_t left = 0;
	struct str name;
	int rc;

	file[0] = '\0';
	rc = db_number(db, &left,
	               "SELECT 1 FROM action WHERE message = $1 LIMIT 1",
	               DB_ARGS(DB_I(message)), err);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	rc = db_row(db, &st, "DELETE FROM message WHERE id = $1 RETURNING file",
	            DB_ARGS(DB_I(message)), err);
	if (rc <= 0)
		return rc;
	name = db_text(st, 0);
	if (name.n && name.n < 40) {
		memcpy(file, name.p, name.n);
		file[name.n] = '\0';
	}
	rc = db_next(st, err); /* to the end: RETURNING is a statement's */
	db_done(&st);
	return rc < 0 ? -1 : 0;
}

/* 1: done, *dest_out is the destination it was for; 0: it is gone. */
static int finish(struct db *db, int64_t action, struct arena *a, char *file,
                  struct str *dest_out, struct err *err)
{
	struct db_stmt *st;
	int64_t message;
	int rc = db_row(db, &st,
	                "DELETE FROM action WHERE id = $1"
	                " RETURNING message, dest",
	                DB_ARGS(DB_I(action)), err);

	if (rc <= 0)
		return rc;
	message = db_i64(st, 0);
	*dest_out = arena_dup(a, db_text(st, 1));
	rc = db_next(st, err);
	db_done(&st);
	if (rc < 0 || queue_drop_if_last(db, message, file, err) < 0)
		return -1;
	return 1;
}

/* Run a statement that gives back the destination: 1, or 0: it is gone. */
static int change(struct db *db, const char *sql, struct db_args args,
                  struct arena *a, struct str *dest_out, struct err *err)
{
	struct db_stmt *st;
	int rc = db_row(db, &st, sql, args, err);

	if (rc <= 0)
		return rc;
	*dest_out = arena_dup(a, db_text(st, 0));
	rc = db_next(st, err);
	db_done(&st);
	return rc < 0 ? -1 : 1;
}

/* One that was held meanwhile stays held. */
static int keep(struct db *db, const struct settle *s,
                const struct queue_result *r, int state, struct arena *a,
                struct str *dest_out, struct err *err)
{
	return change(db,
	              "UPDATE action SET state = CASE WHEN state = -1"
	              " AND $2 = 0 THEN -1 ELSE $2 END,"
	              " attempts = attempts + 1, next = $3, last = $4,"
	              " lease = 0, status = $5, reply = $6, mta = $7"
	              " WHERE id = $1 RETURNING dest",
	              DB_ARGS(DB_I(r->action), DB_I(state), DB_I(r->next_us),
	                      DB_I(s->now_us), DB_S(r->status), DB_S(r->reply),
	                      DB_S(r->mta)),
	              a, dest_out, err);
}

/* Done: it goes, unless its sender is to hear of it. */
static int send_off(struct db *db, const struct settle *s,
                    const struct queue_result *r, struct arena *a, char *file,
                    struct str *dest_out, struct err *err)
{
	int64_t notify = 0;

	if (r->verdict != QUEUE_IS_DONE &&
	    db_number(db, &notify, "SELECT notify FROM action WHERE id = $1",
	              DB_ARGS(DB_I(r->action)), err) < 0)
		return -1;
	if (notify & QUEUE_NOTIFY_SUCCESS ||
	    (r->verdict == QUEUE_IS_TRACED && !(notify & QUEUE_NOTIFY_NEVER)))
		return keep(db, s, r, ACTION_SENT, a, dest_out, err);
	return finish(db, r->action, a, file, dest_out, err);
}

static int settle_result(struct db *db, const struct settle *s,
                         const struct queue_result *r, struct arena *a,
                         char *file, struct str *dest_out, struct err *err)
{
	bool done = r->verdict == QUEUE_IS_DONE ||
	            r->verdict == QUEUE_IS_SENT ||
	            r->verdict == QUEUE_IS_TRACED;

	if ((done || r->verdict == QUEUE_IS_FAILED) &&
	    queue_health_note(db, r->action, done, s->now_us, r->reply, err) <
	            0)
		return -1;
	switch (r->verdict) {
	case QUEUE_IS_DONE:
	case QUEUE_IS_SENT:
	case QUEUE_IS_TRACED: return send_off(db, s, r, a, file, dest_out, err);
	case QUEUE_IS_DEFERRED:
		return keep(db, s, r, ACTION_WAITING, a, dest_out, err);
	case QUEUE_IS_FAILED:
		return keep(db, s, r, ACTION_FAILED, a, dest_out, err);
	case QUEUE_IS_UNTRIED: break;
	}
	return change(db,
	              "UPDATE action SET next = $2, lease = 0 WHERE id = $1"
	              " RETURNING dest",
	              DB_ARGS(DB_I(r->action), DB_I(r->next_us)), a, dest_out,
	              err);
}

static int settle_all(struct db *db, struct settle *s, struct arena *a,
                      struct err *err)
{
	struct str last = { NULL, 0 };
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct queue_result *r = &s->results[i];
		struct str dest = { NULL, 0 };
		int rc;

		s->files[i][0] = '\0';
		rc = settle_result(db, s, r, a, s->files[i], &dest, err);
		if (rc < 0)
			return -1;
		s->missing += rc == 0;
		if (rc == 0 || str_eq(dest, last))
			continue;
		/* A batch is mostly for one destination. */
		if (last.n && queue_destination_refresh(db, last, err) < 0)
			return -1;
		last = dest;
	}
	return last.n ? queue_destination_refresh(db, last, err) : 0;
}

static int write_settle(struct db *db, void *arg, struct err *err)
{
	struct settle *s = arg;
	struct arena a;
	int rc;

	s->missing = 0;
	arena_init(&a);
	rc = settle_all(db, s, &a, err);
	arena_deinit(&a);
	return rc;
}

static int settle(struct queue *q, struct settle *s, struct err *err)
{
	size_t i;
	int rc;

	s->now_us = clock_wall_us();
	s->files = mem_array(s->n, sizeof(*s->files));
	rc = db_group_write(q->db, write_settle, s, NULL, 0, err);
	for (i = 0; rc == 0 && i < s->n; i++)
		queue_file_remove(q, str_z(s->files[i]));
	mem_free(s->files);
	return rc;
}

int queue_settle(struct queue *q, const struct queue_result *results, size_t n,
                 struct err *err)
{
	struct settle s = { .results = results, .n = n };

	return n ? settle(q, &s, err) : 0;
}

static int settle_one(struct queue *q, const struct queue_result *r,
                      struct err *err)
{
	struct settle s = { .results = r, .n = 1 };

	if (settle(q, &s, err) < 0)
		return -1;
	if (s.missing)
		return err_set(err, ERR_NOT_FOUND, "queue: no action %lld",
		               (long long)r->action);
	return 0;
}

int queue_done(struct queue *q, int64_t action, struct err *err)
{
	struct queue_result r = { .action = action, .verdict = QUEUE_IS_DONE };

	return settle_one(q, &r, err);
}

int queue_sent(struct queue *q, int64_t action, struct str status,
               struct str reply, struct err *err)
{
	struct queue_result r = {
		.action = action,
		.verdict = QUEUE_IS_SENT,
		.status = status,
		.reply = reply,
	};

	return settle_one(q, &r, err);
}

int queue_defer(struct queue *q, int64_t action, int64_t next_us,
                struct str status, struct str reply, struct err *err)
{
	struct queue_result r = {
		.action = action,
		.verdict = QUEUE_IS_DEFERRED,
		.next_us = next_us,
		.status = status,
		.reply = reply,
	};

	return settle_one(q, &r, err);
}

int queue_fail(struct queue *q, int64_t action, struct str status,
               struct str reply, struct err *err)
{
	struct queue_result r = {
		.action = action,
		.verdict = QUEUE_IS_FAILED,
		.status = status,
		.reply = reply,
	};

	return settle_one(q, &r, err);
}
