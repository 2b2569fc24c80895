/* For runners: claim what is due, read it. */
#include "queue/private.h"

/* ---- claiming ---- */

static void read_job(struct db_stmt *st, struct arena *a, struct queue_job *j)
{
	*j = (struct queue_job){
		.action = db_i64(st, 0),
		.message = db_i64(st, 1),
		.kind = (enum queue_kind)db_i64(st, 2),
		.address = arena_dup(a, db_text(st, 3)),
		.original = arena_dup(a, db_text(st, 4)),
		.account_id = db_i64(st, 5),
		.shard = (uint32_t)db_i64(st, 6),
		.prefix = arena_dup(a, db_blob(st, 7)),
		.notify = (unsigned)db_i64(st, 8),
		.orcpt = arena_dup(a, db_text(st, 9)),
		.attempts = (unsigned)db_i64(st, 10),
		.next_us = db_i64(st, 11),
		.source = (enum queue_source)db_i64(st, 12),
		.sender = arena_dup(a, db_text(st, 13)),
		.sender_account_id = db_i64(st, 14),
		.domain_id = db_i64(st, 15),
		.body = (enum queue_body)db_i64(st, 16),
		.smtputf8 = db_i64(st, 17) != 0,
		.ret = (unsigned)db_i64(st, 18),
		.envid = arena_dup(a, db_text(st, 19)),
		.trace = arena_dup(a, db_text(st, 20)),
		.received_us = db_i64(st, 21),
		.size = (uint64_t)db_i64(st, 22),
		.where = (unsigned)db_i64(st, 23),
		.mailbox = (uint64_t)db_i64(st, 24),
		.flags = arena_dup(a, db_text(st, 25)),
		.expires_us = db_i64(st, 26),
		.requiretls = db_i64(st, 27) == QUEUE_TLS_REQUIRED,
		.tls_optional = db_i64(st, 27) == QUEUE_TLS_OPTIONAL,
		.by_us = db_i64(st, 28),
		.by_flags = (unsigned)db_i64(st, 29),
		.priority = (int)db_i64(st, 30),
		.mail_from = arena_dup(a, db_text(st, 31)),
		.forward = db_i64(st, 32),
		.release_us = db_i64(st, 33),
	};
	if (j->mail_from.n == 0)
		j->mail_from = j->sender;
}

int queue_claim_read(struct db *db, struct claim *c, struct err *err)
{
	struct db_stmt *st;
	int rc = 0;

	c->n = 0;
	for (size_t i = 0; i < 3 && c->sql[i] && c->n < c->max; i++) {
		if (db_query(db, &st, c->sql[i], c->args, err) < 0)
			return -1;
		while (c->n < c->max && (rc = db_next(st, err)) > 0)
			read_job(st, c->a, &c->jobs[c->n++]);
		db_done(&st);
		if (rc < 0)
			return -1;
	}
	return 0;
}

int queue_claim_write(struct db *db, void *claim, struct err *err)
{
	struct claim *c = claim;
	size_t i;

	if (queue_claim_read(db, c, err) < 0)
		return -1;
	for (i = 0; i < c->n; i++)
		if (db_run(db,
		           "UPDATE action SET lease = $1, next = $1"
		           " WHERE id = $2",
		           DB_ARGS(DB_I(c->until_us), DB_I(c->jobs[i].action)),
		           err) < 0)
			return -1;
	return c->dest.n ? queue_destination_refresh(db, c->dest, err) : 0;
}

static int find_next(struct queue *q, enum queue_kind kind, int64_t *out,
                     struct err *err)
{
	struct db *db;
	int rc;

	*out = INT64_MAX;
	if (db_group_read(q->db, &db, err) < 0)
		return -1;
	rc = db_number(db, out,
	               kind == QUEUE_LOCAL
	                       ? "SELECT next FROM action WHERE kind = 0"
	                         " AND state = 0 ORDER BY next LIMIT 1"
	                       : "SELECT next FROM action WHERE kind = 1"
	                         " AND state = 0 ORDER BY next LIMIT 1",
	               DB_NO_ARGS, err);
	db_group_done(q->db, &db);
	return rc < 0 ? -1 : 0;
}

#define DUE_ANY                             \
	" AND a.state = 0 AND a.next <= $1" \
	" ORDER BY a.next, a.id LIMIT $2"

int queue_claim(struct queue *q, enum queue_kind kind, int64_t now_us,
                int64_t lease_us, struct arena *a, struct queue_job *jobs,
                size_t max, size_t *n_out, int64_t *next_us_out,
                struct err *err)
{
	struct claim c = {
		.sql = { kind == QUEUE_LOCAL
		                 ? CLAIM_SELECT " WHERE a.kind = 0" DUE_ANY
		                 : CLAIM_SELECT " WHERE a.kind = 1" DUE_ANY },
		.args = DB_ARGS(DB_I(now_us), DB_I(max)),
		.until_us = now_us + lease_us,
		.a = a,
		.jobs = jobs,
		.max = max,
	};
	int64_t due;

	/* Nothing due is the usual answer, and costs no commit. */
	if (find_next(q, kind, &due, err) < 0)
		return -1;
	if (due <= now_us &&
	    db_group_write(q->db, queue_claim_write, &c, NULL, 0, err) < 0)
		return -1;
	queue_tell_released(q, jobs, c.n);
	if (next_us_out)
		*next_us_out = due;
	*n_out = c.n;
	return 0;
}

struct unclaim {
	enum queue_kind kind;
	int64_t now_us;
};

static int write_unclaim(struct db *db, void *arg, struct err *err)
{
	struct unclaim *u = arg;

	if (db_run(db,
	           "UPDATE action SET lease = 0, next = $2 WHERE kind = $1"
	           " AND state IN (0, -1) AND lease > $2",
	           DB_ARGS(DB_I(u->kind), DB_I(u->now_us)), err) < 0)
		return -1;
	if (db_changes(db) == 0 || u->kind != QUEUE_RELAY)
		return 0;
	return queue_destination_refresh_of(db, 0, err);
}

int queue_unclaim(struct queue *q, enum queue_kind kind, int64_t now_us,
                  struct err *err)
{
	struct unclaim u = { .kind = kind, .now_us = now_us };

	return db_group_write(q->db, write_unclaim, &u, NULL, 0, err);
}

/* ---- the body ---- */

int queue_body_open(struct queue *q, int64_t message, struct queue_bytes *out,
                    struct err *err)
{
	struct queue_bytes b = { .map = NULL };
	struct db_stmt *st = NULL;
	struct db *db;
	int rc;

	if (db_group_read(q->db, &db, err) < 0)
		return -1;
	rc = db_row(db, &st,
	            "SELECT file, size, content FROM message WHERE id = $1",
	            DB_ARGS(DB_I(message)), err);
	if (rc == 0)
		rc = err_set(err, ERR_NOT_FOUND, "queue: no message %lld",
		             (long long)message);
	else if (rc > 0 && db_text(st, 0).n)
		rc = queue_file_map(q, db_text(st, 0), (uint64_t)db_i64(st, 1),
		                    &b, err);
	else if (rc > 0)
		rc = queue_bytes_copy(db_blob(st, 2), &b, err);
	if (rc >= 0)
		*out = b;
	db_done(&st);
	db_group_done(q->db, &db);
	return rc < 0 ? -1 : 0;
}
