/* What is to be reported, and settling it together with the report. */
#include "queue/report.h"

#include "os/clock.h"
#include "queue/private.h"

/* In one report; the rest comes in the next. */
#define RCPTS_MAX 1000

/* ---- finding ---- */

static int find_over(struct db *db, int64_t after, int64_t now_us, int64_t *out,
                     struct err *err)
{
	return db_number(db, out,
	                 "SELECT message FROM action a"
	                 " WHERE state > 0 AND message > $1"
	                 " AND NOT EXISTS (SELECT 1 FROM action b"
	                 " WHERE b.message = a.message AND b.state = 0"
	                 " AND b.lease > $2)"
	                 " ORDER BY message LIMIT 1",
	                 DB_ARGS(DB_I(after), DB_I(now_us)), err);
}

static int find_late(struct db *db, int64_t after, int64_t late_us,
                     int64_t *out, struct err *err)
{
	return db_number(
		db, out,
		"SELECT a.message FROM action a"
		" JOIN message m ON m.id = a.message"
		" WHERE a.state = 0 AND a.told = 0 AND a.message > $1"
		" AND m.received <= $2 AND m.release <= $2 AND (a.attempts > 0 OR EXISTS"
		" (SELECT 1 FROM destination d WHERE d.name = a.dest"
		" AND d.failures > 0))"
		" ORDER BY a.message LIMIT 1",
		DB_ARGS(DB_I(after), DB_I(late_us)), err);
}

/* RFC 2852, 4: by-mode "N". */
static int find_by(struct db *db, int64_t after, int64_t now_us, int64_t *out,
                   struct err *err)
{
	return db_number(db, out,
	                 "SELECT m.id FROM message m WHERE m.by_at > 0"
	                 " AND m.by_at <= $2 AND m.by_flags IN (1, 3)"
	                 " AND m.id > $1 AND EXISTS (SELECT 1 FROM action a"
	                 " WHERE a.message = m.id AND a.state = 0"
	                 " AND a.told = 0) ORDER BY m.id LIMIT 1",
	                 DB_ARGS(DB_I(after), DB_I(now_us)), err);
}

static int find_message(struct db *db, int64_t after, int64_t now_us,
                        int64_t late_us, int64_t *out, struct err *err)
{
	int64_t found[3] = { INT64_MAX, INT64_MAX, INT64_MAX };

	if (find_over(db, after, now_us, &found[0], err) < 0 ||
	    find_by(db, after, now_us, &found[1], err) < 0 ||
	    (late_us > 0 && find_late(db, after, late_us, &found[2], err) < 0))
		return -1;
	for (size_t i = 1; i < 3; i++)
		if (found[i] < found[0])
			found[0] = found[i];
	if (found[0] == INT64_MAX)
		return 0;
	*out = found[0];
	return 1;
}

static int read_message(struct db *db, int64_t id, struct arena *a,
                        struct queue_report *out, struct err *err)
{
	struct db_stmt *st;
	int rc = db_row(db, &st,
	                "SELECT source, sender, envid, trace, account, domain,"
	                " returnable, utf8, body, ret, size, received,"
	                " release, by_at, by_flags, tls"
	                " FROM message WHERE id = $1",
	                DB_ARGS(DB_I(id)), err);

	if (rc <= 0)
		return rc;
	*out = (struct queue_report){
		.message = id,
		.source = (enum queue_source)db_i64(st, 0),
		.sender = arena_dup(a, db_text(st, 1)),
		.envid = arena_dup(a, db_text(st, 2)),
		.trace = arena_dup(a, db_text(st, 3)),
		.account_id = db_i64(st, 4),
		.domain_id = db_i64(st, 5),
		.returnable = db_i64(st, 6) != 0,
		.smtputf8 = db_i64(st, 7) != 0,
		.body = (enum queue_body)db_i64(st, 8),
		.ret = (unsigned)db_i64(st, 9),
		.size = (uint64_t)db_i64(st, 10),
		.received_us = db_i64(st, 11),
		.release_us = db_i64(st, 12),
		.by_us = db_i64(st, 13),
		.by_flags = (unsigned)db_i64(st, 14),
		.requiretls = db_i64(st, 15) == QUEUE_TLS_REQUIRED,
	};
	db_done(&st);
	return 1;
}

static enum queue_outcome outcome_of(int64_t state)
{
	if (state == ACTION_FAILED)
		return QUEUE_OUTCOME_FAILED;
	return state == ACTION_SENT ? QUEUE_OUTCOME_SENT : QUEUE_OUTCOME_LATE;
}

static int read_rcpts(struct db *db, int64_t now_us, int64_t late_us,
                      struct arena *a, struct queue_report *out,
                      struct err *err)
{
	struct queue_report_rcpt *r = arena_array(a, RCPTS_MAX, sizeof(*r));
	bool late = late_us > 0 && out->received_us <= late_us &&
	            out->release_us <= late_us;
	bool by = out->by_us && out->by_us <= now_us &&
	          (out->by_flags & QUEUE_BY_NOTIFY);
	struct db_stmt *st;
	size_t n = 0;
	int rc;

	if (db_query(
		    db, &st,
		    /* While a destination does not answer, that is why. */
		    "SELECT a.id, a.kind, a.state, a.address, a.original,"
		    " a.orcpt, a.notify, COALESCE(d.status, a.status),"
		    " COALESCE(d.reply, a.reply), COALESCE(d.last, a.last),"
		    " COALESCE(d.mta, a.mta), a.expires FROM action a"
		    " LEFT JOIN destination d ON d.name = a.dest"
		    " AND a.state = 0 AND d.failures > 0 WHERE a.message = $1"
		    " AND (a.state > 0 OR ($2 = 1 AND a.state = 0"
		    " AND a.told = 0 AND (a.attempts > 0"
		    " OR d.name IS NOT NULL OR $4 = 1))) ORDER BY a.id LIMIT $3",
		    DB_ARGS(DB_I(out->message), DB_I(late || by),
	                    DB_I(RCPTS_MAX), DB_I(by)),
		    err) < 0)
		return -1;
	while ((rc = db_next(st, err)) > 0 && n < RCPTS_MAX)
		r[n++] = (struct queue_report_rcpt){
			.action = db_i64(st, 0),
			.kind = (enum queue_kind)db_i64(st, 1),
			.outcome = outcome_of(db_i64(st, 2)),
			.address = arena_dup(a, db_text(st, 3)),
			.original = arena_dup(a, db_text(st, 4)),
			.orcpt = arena_dup(a, db_text(st, 5)),
			.notify = (unsigned)db_i64(st, 6),
			.status = arena_dup(a, db_text(st, 7)),
			.reply = arena_dup(a, db_text(st, 8)),
			.last_us = db_i64(st, 9),
			.mta = arena_dup(a, db_text(st, 10)),
			.expires_us = db_i64(st, 11),
		};
	db_done(&st);
	out->rcpts = r;
	out->rcpts_n = n;
	return rc < 0 ? -1 : n > 0;
}

int queue_report_next(struct queue *q, int64_t after, int64_t now_us,
                      int64_t late_us, struct arena *a,
                      struct queue_report *out, struct err *err)
{
	int64_t id = 0;
	struct db *db;
	int rc;

	if (db_group_read(q->db, &db, err) < 0)
		return -1;
	rc = db_begin_read(db, err);
	if (rc == 0) {
		rc = find_message(db, after, now_us, late_us, &id, err);
		if (rc > 0)
			rc = read_message(db, id, a, out, err);
		if (rc > 0)
			rc = read_rcpts(db, now_us, late_us, a, out, err);
		db_rollback(db);
	}
	db_group_done(q->db, &db);
	return rc;
}

/* ---- settling ---- */

struct reporting {
	const struct queue_report *r;
	struct queue_adding *dsn; /* NULL: none */
	char file[40];
};

static int settle_one(struct db *db, const struct queue_report_rcpt *rcpt,
                      struct err *err)
{
	static const int states[] = {
		[QUEUE_OUTCOME_FAILED] = ACTION_FAILED,
		[QUEUE_OUTCOME_LATE] = ACTION_WAITING,
		[QUEUE_OUTCOME_SENT] = ACTION_SENT,
	};
	int rc;

	if (rcpt->outcome == QUEUE_OUTCOME_LATE)
		rc = db_run(db,
		            "UPDATE action SET told = 1 WHERE id = $1"
		            " AND state = 0 AND told = 0",
		            DB_ARGS(DB_I(rcpt->action)), err);
	else
		rc = db_run(db,
		            "DELETE FROM action WHERE id = $1 AND state = $2",
		            DB_ARGS(DB_I(rcpt->action),
		                    DB_I(states[rcpt->outcome])),
		            err);
	if (rc == 0 && db_changes(db) != 1)
		return err_set(err, ERR_NOT_FOUND,
		               "queue: action %lld changed meanwhile",
		               (long long)rcpt->action);
	return rc;
}

static int write_report(struct db *db, void *arg, struct err *err)
{
	struct reporting *w = arg;

	w->file[0] = '\0';
	for (size_t i = 0; i < w->r->rcpts_n; i++)
		if (settle_one(db, &w->r->rcpts[i], err) < 0)
			return -1;
	if (w->dsn && queue_add_in(db, w->dsn, err) < 0)
		return -1;
	return queue_drop_if_last(db, w->r->message, w->file, err);
}

int queue_report_settle(struct queue *q, const struct queue_report *r,
                        const struct queue_new *dsn, int64_t *id_out,
                        struct err *err)
{
	struct queue_adding adding;
	struct reporting w = { .r = r, .dsn = dsn ? &adding : NULL };

	if (dsn && queue_add_prepare(q, dsn, &adding, err) < 0)
		return -1;
	if (db_group_write(q->db, write_report, &w, NULL, 0, err) < 0) {
		if (dsn)
			queue_file_remove(q, str_z(adding.file.name));
		return -1;
	}
	queue_file_remove(q, str_z(w.file));
	if (dsn) {
		if (id_out)
			*id_out = adding.id;
		queue_tell(q);
	}
	return 0;
}
