#include "queue/destination.h"

#include "base/utf8.h"
#include "queue/private.h"
#include "queue/schema.h"
#include "text/idn.h"

struct str queue_destination_of(struct arena *a, struct str address)
{
	size_t at = str_rchr(address, '@');
	struct str domain =
		at == STR_NPOS ? address : str_from(address, at + 1);
	struct str out;
	struct err err;
	char *p;
	size_t i;

	if (domain.n && domain.p[0] != '[' &&
	    text_domain_normal(a, domain, &out, &err) == 0)
		return out;
	/* A literal, or what is no name: it fails there, not here. */
	p = arena_strz(a, domain);
	for (i = 0; i < domain.n; i++)
		p[i] = ascii_lower(p[i]);
	return domain.n ? (struct str){ p, domain.n } : STR("?");
}

/* ---- the row ---- */

int queue_destination_wake(struct db *db, struct str name, int64_t next_us,
                           struct err *err)
{
	return db_run(db,
	              "INSERT INTO destination (name, due, blocked, failures,"
	              " last, status, reply, mta)"
	              " VALUES ($1, $2, 0, 0, 0, '', '', '')"
	              " ON CONFLICT (name) DO UPDATE SET due = CASE"
	              " WHEN excluded.due >= destination.due"
	              " THEN destination.due"
	              " WHEN excluded.due < destination.blocked"
	              " THEN destination.blocked ELSE excluded.due END",
	              DB_ARGS(DB_S(name), DB_I(next_us)), err);
}

int queue_destination_refresh(struct db *db, struct str name, struct err *err)
{
	int64_t next = QUEUE_NEVER;

	if (name.n == 0)
		return 0;
	if (db_number(db, &next,
	              "SELECT next FROM action WHERE kind = 1 AND state = 0"
	              " AND dest = $1 ORDER BY next LIMIT 1",
	              DB_ARGS(DB_S(name)), err) < 0)
		return -1;
	return db_run(db,
	              "UPDATE destination SET due = CASE WHEN $2 < blocked"
	              " THEN blocked ELSE $2 END WHERE name = $1",
	              DB_ARGS(DB_S(name), DB_I(next)), err);
}

#define SET_DUE                                              \
	"UPDATE destination SET due = COALESCE((SELECT CASE" \
	" WHEN a.next < destination.blocked THEN"            \
	" destination.blocked ELSE a.next END FROM action a" \
	" WHERE a.kind = 1 AND a.state = 0"                  \
	" AND a.dest = destination.name"                     \
	" ORDER BY a.next LIMIT 1), $1)"

int queue_destination_refresh_of(struct db *db, int64_t message,
                                 struct err *err)
{
	if (message == 0)
		return db_run(db, SET_DUE, DB_ARGS(DB_I(QUEUE_NEVER)), err);
	return db_run(db,
	              SET_DUE " WHERE name IN"
	                      " (SELECT dest FROM action WHERE message = $2)",
	              DB_ARGS(DB_I(QUEUE_NEVER), DB_I(message)), err);
}

#define COLUMNS "name, due, blocked, failures, last, status, reply, mta"

static void read_row(struct db_stmt *st, struct arena *a,
                     struct queue_destination *out)
{
	*out = (struct queue_destination){
		.name = arena_dup(a, db_text(st, 0)),
		.due_us = db_i64(st, 1),
		.blocked_us = db_i64(st, 2),
		.failures = (unsigned)db_i64(st, 3),
		.last_us = db_i64(st, 4),
		.status = arena_dup(a, db_text(st, 5)),
		.reply = arena_dup(a, db_text(st, 6)),
		.mta = arena_dup(a, db_text(st, 7)),
	};
}

static int read_due(struct db *db, bool failing, int64_t now_us, size_t max,
                    struct arena *a, struct queue_destination *out,
                    size_t *n_out, int64_t *next_us, struct err *err)
{
	struct db_stmt *st;
	int rc = 0;

	*n_out = 0;
	*next_us = QUEUE_NEVER;
	if (db_query(db, &st,
	             failing ? "SELECT " COLUMNS " FROM destination"
	                       " WHERE failures > 0 AND due < $2"
	                       " ORDER BY due LIMIT $1"
	                     : "SELECT " COLUMNS " FROM destination"
	                       " WHERE failures = 0 AND due < $2"
	                       " ORDER BY due LIMIT $1",
	             DB_ARGS(DB_I(max + 1), DB_I(QUEUE_NEVER)), err) < 0)
		return -1;
	while (*n_out < max && (rc = db_next(st, err)) > 0) {
		if (db_i64(st, 1) > now_us) {
			*next_us = db_i64(st, 1);
			break;
		}
		read_row(st, a, &out[(*n_out)++]);
	}
	if (*n_out == max)
		*next_us = now_us; /* there may be more */
	db_done(&st);
	return rc < 0 ? -1 : 0;
}

int queue_destinations(struct queue *q, bool failing, int64_t now_us,
                       size_t max, struct arena *a,
                       struct queue_destination *out, size_t *n_out,
                       int64_t *next_us_out, struct err *err)
{
	struct db *db;
	int rc;

	if (db_group_read(q->db, &db, err) < 0)
		return -1;
	rc = read_due(db, failing, now_us, max, a, out, n_out, next_us_out,
	              err);
	db_group_done(q->db, &db);
	return rc;
}

int queue_destination_get(struct queue *q, struct str name, struct arena *a,
                          struct queue_destination *out, struct err *err)
{
	struct db_stmt *st;
	struct db *db;
	int rc;

	if (db_group_read(q->db, &db, err) < 0)
		return -1;
	rc = db_row(db, &st,
	            "SELECT " COLUMNS " FROM destination WHERE name = $1",
	            DB_ARGS(DB_S(name)), err);
	if (rc > 0) {
		read_row(st, a, out);
		db_done(&st);
	}
	db_group_done(q->db, &db);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "queue: nothing for %.*s",
		               STR_ARG(name));
	return rc < 0 ? -1 : 0;
}

/* ---- claims ---- */

static int claim(struct queue *q, struct claim *c, struct str name,
                 int64_t now_us, int64_t lease_us, size_t *n_out,
                 struct err *err)
{
	c->args = DB_ARGS(DB_S(name), DB_I(now_us), DB_I(c->max));
	c->until_us = now_us + lease_us;
	c->dest = name;
	if (db_group_write(q->db, queue_claim_write, c, NULL, 0, err) < 0)
		return -1;
	queue_tell_released(q, c->jobs, c->n);
	*n_out = c->n;
	return 0;
}

#define DUE_THERE                                           \
	CLAIM_SELECT                                        \
	" WHERE a.kind = 1 AND a.state = 0 AND a.dest = $1" \
	" AND a.next <= $2"

int queue_claim_destination(struct queue *q, struct str name, int64_t now_us,
                            int64_t lease_us, struct arena *a,
                            struct queue_job *jobs, size_t max, size_t *n_out,
                            struct err *err)
{
	/* Those of one message were added with one time and numbers in a
	 * row, and are put off together.  Few are urgent or the opposite. */
	struct claim c = {
		.sql = { DUE_THERE " AND a.priority <> 0 AND a.priority > 0"
		                   " ORDER BY a.priority DESC, a.next, a.id"
		                   " LIMIT $3",
		         DUE_THERE " AND a.priority = 0"
		                   " ORDER BY a.next, a.id LIMIT $3",
		         DUE_THERE " AND a.priority <> 0 AND a.priority < 0"
		                   " ORDER BY a.priority DESC, a.next, a.id"
		                   " LIMIT $3" },
		.a = a,
		.jobs = jobs,
		.max = max,
	};

	return claim(q, &c, name, now_us, lease_us, n_out, err);
}

int queue_claim_optional(struct queue *q, struct str name, int64_t now_us,
                         int64_t lease_us, struct arena *a,
                         struct queue_job *jobs, size_t max, size_t *n_out,
                         struct err *err)
{
	struct claim c = {
		.sql = { DUE_THERE " AND m.tls = 2"
		                   " ORDER BY a.next, a.id LIMIT $3" },
		.a = a,
		.jobs = jobs,
		.max = max,
	};
	int64_t any = 0;
	struct db *db;
	int rc;

	/* Hardly ever there is one. */
	*n_out = 0;
	if (db_group_read(q->db, &db, err) < 0)
		return -1;
	rc = db_number(db, &any,
	               "SELECT 1 FROM message m JOIN action a"
	               " ON a.message = m.id WHERE m.tls = 2 AND a.dest = $1"
	               " AND a.state = 0 AND a.next <= $2 LIMIT 1",
	               DB_ARGS(DB_S(name), DB_I(now_us)), err);
	db_group_done(q->db, &db);
	if (rc <= 0)
		return rc;
	return claim(q, &c, name, now_us, lease_us, n_out, err);
}

int queue_claim_expired(struct queue *q, struct str name, int64_t now_us,
                        int64_t lease_us, struct arena *a,
                        struct queue_job *jobs, size_t max, size_t *n_out,
                        struct err *err)
{
	struct claim c = {
		.sql = { CLAIM_SELECT
		         " WHERE a.kind = 1 AND a.state = 0 AND a.dest = $1"
		         " AND a.expires <= $2 AND a.lease <= $2"
		         " ORDER BY a.next, a.id LIMIT $3" },
		.a = a,
		.jobs = jobs,
		.max = max,
	};

	return claim(q, &c, name, now_us, lease_us, n_out, err);
}

int queue_destination_waiting(struct queue *q, struct str name, int64_t now_us,
                              struct arena *a, struct queue_job *jobs,
                              size_t max, size_t *n_out, struct err *err)
{
	struct claim c = {
		.sql = { CLAIM_SELECT
		         " WHERE a.kind = 1 AND a.state = 0 AND a.dest = $1"
		         " AND a.expires > $2 ORDER BY a.next, a.id LIMIT $3" },
		.args = DB_ARGS(DB_S(name), DB_I(now_us), DB_I(max)),
		.a = a,
		.jobs = jobs,
		.max = max,
	};
	struct db *db;
	int rc;

	*n_out = 0;
	if (db_group_read(q->db, &db, err) < 0)
		return -1;
	rc = queue_claim_read(db, &c, err);
	db_group_done(q->db, &db);
	if (rc == 0)
		*n_out = c.n;
	return rc;
}

/* ---- blocks ---- */

struct block {
	struct str name, status, reply, mta;
	int64_t now_us, until_us;
};

static int write_block(struct db *db, void *arg, struct err *err)
{
	struct block *b = arg;

	if (db_run(db,
	           "UPDATE destination SET blocked = $2, failures = failures"
	           " + 1, last = $3, status = $4, reply = $5, mta = $6"
	           " WHERE name = $1",
	           DB_ARGS(DB_S(b->name), DB_I(b->until_us), DB_I(b->now_us),
	                   DB_S(b->status), DB_S(b->reply), DB_S(b->mta)),
	           err) < 0)
		return -1;
	return queue_destination_refresh(db, b->name, err);
}

int queue_block(struct queue *q, struct str name, int64_t now_us,
                int64_t until_us, struct str status, struct str reply,
                struct str mta, struct err *err)
{
	struct block b = {
		.name = name,
		.status = status,
		.reply = reply,
		.mta = mta,
		.now_us = now_us,
		.until_us = until_us,
	};

	return db_group_write(q->db, write_block, &b, NULL, 0, err);
}

static int write_unblock(struct db *db, void *arg, struct err *err)
{
	struct block *b = arg;

	if (db_run(db,
	           "UPDATE destination SET blocked = 0, failures = 0,"
	           " status = '', reply = '', mta = '' WHERE name = $1",
	           DB_ARGS(DB_S(b->name)), err) < 0)
		return -1;
	return queue_destination_refresh(db, b->name, err);
}

int queue_unblock(struct queue *q, struct str name, struct err *err)
{
	struct block b = { .name = name };

	return db_group_write(q->db, write_unblock, &b, NULL, 0, err);
}
