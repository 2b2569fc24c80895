/* A message leaves the queue before it was sent: taken back, or removed. */
#include <string.h>

#include "base/mem.h"
#include "os/clock.h"
#include "queue/private.h"

/* Scripts may have made so many of one message, and answers to it. */
#define PARTS_MAX 1000

int queue_message_delete(struct db *db, int64_t message, char file[40],
                         struct err *err)
{
	struct db_stmt *st;
	struct str name;
	int rc;

	file[0] = '\0';
	rc = db_row(db, &st, "SELECT file FROM message WHERE id = $1",
	            DB_ARGS(DB_I(message)), err);
	if (rc <= 0)
		return rc;
	name = db_text(st, 0);
	if (name.n && name.n < 40) {
		memcpy(file, name.p, name.n);
		file[name.n] = '\0';
	}
	db_done(&st);
	if (db_run(db, "UPDATE action SET state = 1 WHERE message = $1",
	           DB_ARGS(DB_I(message)), err) < 0 ||
	    queue_destination_refresh_of(db, message, err) < 0 ||
	    db_run(db, "DELETE FROM action WHERE message = $1",
	           DB_ARGS(DB_I(message)), err) < 0 ||
	    db_run(db, "DELETE FROM message WHERE id = $1",
	           DB_ARGS(DB_I(message)), err) < 0)
		return -1;
	return 1;
}

struct withdrawal {
	struct str trace;
	int64_t account;
	int64_t ids[PARTS_MAX];
	char files[PARTS_MAX][40];
	size_t n;
	bool withdrawn;
};

/* 1, 0, -1. */
static int is_withdrawn(struct db *db, struct str trace, int64_t account,
                        struct err *err)
{
	int64_t at;

	return db_number(db, &at,
	                 "SELECT at FROM withdrawn WHERE trace = $1"
	                 " AND account = $2",
	                 DB_ARGS(DB_S(trace), DB_I(account)), err);
}

/* All parts are held still, and nobody has had one in hand: 1, 0, -1. */
static int is_held(struct db *db, const struct withdrawal *w, int64_t now_us,
                   struct err *err)
{
	int64_t own = 0, gone = 0;

	if (db_number(db, &own,
	              "SELECT COUNT(*) FROM message WHERE trace = $1"
	              " AND release > 0 AND account = $2",
	              DB_ARGS(DB_S(w->trace), DB_I(w->account)), err) < 0 ||
	    db_number(db, &gone,
	              "SELECT COUNT(*) FROM message m"
	              " JOIN action a ON a.message = m.id"
	              " WHERE m.trace = $1 AND m.release > 0"
	              " AND (m.release <= $2 OR a.lease <> 0"
	              " OR a.attempts > 0)",
	              DB_ARGS(DB_S(w->trace), DB_I(now_us)), err) < 0)
		return -1;
	return own > 0 && gone == 0;
}

static int find_parts(struct db *db, struct withdrawal *w, struct err *err)
{
	struct db_stmt *st;
	int rc = 0;

	if (db_query(db, &st,
	             "SELECT id FROM message WHERE trace = $1"
	             " AND release > 0 LIMIT $2",
	             DB_ARGS(DB_S(w->trace), DB_I(PARTS_MAX)), err) < 0)
		return -1;
	while (w->n < PARTS_MAX && (rc = db_next(st, err)) > 0)
		w->ids[w->n++] = db_i64(st, 0);
	db_done(&st);
	return rc < 0 ? -1 : 0;
}

static int write_withdraw(struct db *db, void *arg, struct err *err)
{
	struct withdrawal *w = arg;
	int64_t now_us = clock_wall_us();
	int held;

	w->n = 0;
	/* Now, in the transaction: a claim that was before it is seen. */
	held = is_held(db, w, now_us, err);
	if (held == 0)
		held = is_withdrawn(db, w->trace, w->account, err);
	w->withdrawn = held > 0;
	if (held <= 0)
		return held;
	if (find_parts(db, w, err) < 0)
		return -1;
	for (size_t i = 0; i < w->n; i++)
		/* Sent once more it is no repetition. */
		if (db_run(db, "DELETE FROM seen WHERE message = $1",
		           DB_ARGS(DB_I(w->ids[i])), err) < 0 ||
		    queue_message_delete(db, w->ids[i], w->files[i], err) < 0)
			return -1;
	return db_run(db,
	              "INSERT INTO withdrawn (trace, account, at)"
	              " VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
	              DB_ARGS(DB_S(w->trace), DB_I(w->account), DB_I(now_us)),
	              err);
}

int queue_withdraw(struct queue *q, struct str trace, int64_t account_id,
                   enum queue_withdrawal *out, struct err *err)
{
	struct withdrawal *w = mem_zalloc(sizeof(*w));
	int rc;

	w->trace = trace;
	w->account = account_id;
	rc = db_group_write(q->db, write_withdraw, w, NULL, 0, err);
	for (size_t i = 0; rc == 0 && i < w->n; i++)
		queue_file_remove(q, str_z(w->files[i]));
	if (rc == 0)
		*out = w->withdrawn ? QUEUE_WITHDRAWN : QUEUE_TOO_LATE;
	mem_free(w);
	return rc;
}

int queue_fate(struct queue *q, struct str trace, int64_t account_id,
               enum queue_fate *out, struct err *err)
{
	int64_t held = 0;
	struct db *db;
	int gone, rc;

	if (db_group_read(q->db, &db, err) < 0)
		return -1;
	rc = db_begin_read(db, err);
	gone = rc < 0 ? -1 : is_withdrawn(db, trace, account_id, err);
	rc = gone < 0 ? -1
	              : db_number(db, &held,
	                          "SELECT COUNT(*) FROM message"
	                          " WHERE trace = $1 AND release > $2"
	                          " AND account = $3",
	                          DB_ARGS(DB_S(trace), DB_I(clock_wall_us()),
	                                  DB_I(account_id)),
	                          err);
	db_group_done(q->db, &db);
	if (rc < 0)
		return -1;
	*out = gone ? QUEUE_IS_WITHDRAWN : held ? QUEUE_IS_HELD : QUEUE_GOES_ON;
	return 0;
}
