#include "queue/health.h"

#include "queue/private.h"

/* ---- counting ---- */

static int count_end(struct db *db, const struct queue_health *h, bool ok,
                     int64_t now_us, struct err *err)
{
	if (ok)
		return db_run(db,
		              "INSERT INTO health (account, address, succeeded,"
		              " failed, failures, reply, paused, told)"
		              " VALUES ($1, $2, $3, 0, 0, '', 0, 0)"
		              " ON CONFLICT (account, address) DO UPDATE SET"
		              " succeeded = excluded.succeeded, failures = 0",
		              DB_ARGS(DB_I(h->account_id), DB_S(h->address),
		                      DB_I(now_us)),
		              err);
	return db_run(db,
	              "INSERT INTO health (account, address, succeeded,"
	              " failed, failures, reply, paused, told)"
	              " VALUES ($1, $2, 0, $3, 1, $4, 0, 0)"
	              " ON CONFLICT (account, address) DO UPDATE SET"
	              " failed = excluded.failed, reply = excluded.reply,"
	              " failures = health.failures + 1,"
	              " paused = CASE WHEN health.paused = 0"
	              " AND health.failures + 1 >= $5 THEN excluded.failed"
	              " ELSE health.paused END",
	              DB_ARGS(DB_I(h->account_id), DB_S(h->address),
	                      DB_I(now_us), DB_S(h->reply),
	                      DB_I(QUEUE_HEALTH_FAILURES)),
	              err);
}

int queue_health_note(struct db *db, int64_t action, bool ok, int64_t now_us,
                      struct str reply, struct err *err)
{
	struct queue_health h = { .reply = reply };
	struct db_stmt *st;
	struct arena a;
	int rc;

	rc = db_row(db, &st,
	            "SELECT forward, address FROM action"
	            " WHERE id = $1 AND forward > 0",
	            DB_ARGS(DB_I(action)), err);
	if (rc <= 0)
		return rc;
	arena_init(&a);
	h.account_id = db_i64(st, 0);
	h.address = arena_dup(&a, db_text(st, 1));
	db_done(&st);
	rc = count_end(db, &h, ok, now_us, err);
	arena_deinit(&a);
	return rc;
}

/* ---- asking ---- */

int queue_health_is_paused(struct queue *q, int64_t account_id,
                           struct str address, bool *out, struct err *err)
{
	int64_t paused = 0;
	struct db *db;
	int rc;

	if (db_group_read(q->db, &db, err) < 0)
		return -1;
	rc = db_number(db, &paused,
	               "SELECT paused FROM health"
	               " WHERE account = $1 AND address = $2",
	               DB_ARGS(DB_I(account_id), DB_S(address)), err);
	db_group_done(q->db, &db);
	if (rc < 0)
		return -1;
	*out = paused > 0;
	return 0;
}

/* Run a question for one row. */
static int get_one(struct queue *q, const char *sql, struct db_args args,
                   struct arena *a, struct queue_health *out, struct err *err)
{
	struct db_stmt *st;
	struct db *db;
	int rc;

	if (db_group_read(q->db, &db, err) < 0)
		return -1;
	rc = db_row(db, &st, sql, args, err);
	if (rc > 0) {
		*out = (struct queue_health){
			.account_id = db_i64(st, 0),
			.address = arena_dup(a, db_text(st, 1)),
			.succeeded_us = db_i64(st, 2),
			.failed_us = db_i64(st, 3),
			.failures = (unsigned)db_i64(st, 4),
			.reply = arena_dup(a, db_text(st, 5)),
			.paused_us = db_i64(st, 6),
		};
		db_done(&st);
	}
	db_group_done(q->db, &db);
	return rc;
}

int queue_health_get(struct queue *q, int64_t account_id, struct str address,
                     struct arena *a, struct queue_health *out, struct err *err)
{
	return get_one(q,
	               "SELECT account, address, succeeded, failed, failures,"
	               " reply, paused FROM health"
	               " WHERE account = $1 AND address = $2",
	               DB_ARGS(DB_I(account_id), DB_S(address)), a, out, err);
}

int queue_health_untold(struct queue *q, struct arena *a,
                        struct queue_health *out, struct err *err)
{
	return get_one(q,
	               "SELECT account, address, succeeded, failed, failures,"
	               " reply, paused FROM health"
	               " WHERE paused > 0 AND told = 0 LIMIT 1",
	               DB_NO_ARGS, a, out, err);
}

/* ---- changing ---- */

struct health_change {
	const struct queue_health *h;
	struct queue_adding *message; /* NULL: none */
};

static int write_reset(struct db *db, void *arg, struct err *err)
{
	const struct health_change *c = arg;

	return db_run(db,
	              "DELETE FROM health WHERE account = $1"
	              " AND ($2 = '' OR address = $2)",
	              DB_ARGS(DB_I(c->h->account_id), DB_S(c->h->address)),
	              err);
}

int queue_health_reset(struct queue *q, int64_t account_id, struct str address,
                       struct err *err)
{
	struct queue_health h = { .account_id = account_id,
		                  .address = address.n ? address : STR("") };
	struct health_change c = { .h = &h };

	return db_group_write(q->db, write_reset, &c, NULL, 0, err);
}

static int write_tell(struct db *db, void *arg, struct err *err)
{
	struct health_change *c = arg;

	if (db_run(db,
	           "UPDATE health SET told = 1 WHERE account = $1"
	           " AND address = $2 AND told = 0",
	           DB_ARGS(DB_I(c->h->account_id), DB_S(c->h->address)),
	           err) < 0)
		return -1;
	if (db_changes(db) != 1)
		return err_set(err, ERR_NOT_FOUND, "queue: told already");
	return c->message ? queue_add_in(db, c->message, err) : 0;
}

int queue_health_tell(struct queue *q, const struct queue_health *h,
                      const struct queue_new *m, struct err *err)
{
	struct queue_adding adding;
	struct health_change c = { .h = h, .message = m ? &adding : NULL };

	if (m && queue_add_prepare(q, m, &adding, err) < 0)
		return -1;
	if (db_group_write(q->db, write_tell, &c, NULL, 0, err) < 0) {
		if (m)
			queue_file_remove(q, str_z(adding.file.name));
		return -1;
	}
	if (m)
		queue_tell(q);
	return 0;
}
