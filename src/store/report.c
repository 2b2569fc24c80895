#include "store/report.h"

#include "store/change.h"
#include "store/shard.h"

int report_note(struct db *db, const struct account_row *row, uint64_t email,
                struct err *err)
{
	int64_t is;
	int rc =
		db_number(db, &is,
	                  "SELECT 1 FROM object WHERE account = $1"
	                  " AND type = $2 LIMIT 1",
	                  DB_ARGS(DB_I(row->id), DB_I(CHANGE_SUBMISSION)), err);

	if (rc <= 0)
		return rc;
	if (db_run(db,
	           "INSERT INTO report (account, email) VALUES ($1, $2)"
	           " ON CONFLICT DO NOTHING",
	           DB_ARGS(DB_I(row->id), DB_I(email)), err) < 0 ||
	    db_run(db,
	           "DELETE FROM report WHERE account = $1 AND email <="
	           " (SELECT email FROM report WHERE account = $1"
	           " ORDER BY email DESC LIMIT 1 OFFSET $2)",
	           DB_ARGS(DB_I(row->id), DB_I(REPORTS_MAX)), err) < 0)
		return -1;
	return object_touch(db, row, CHANGE_SUBMISSION, err);
}

int report_list(struct store *s, struct store_account a, size_t max,
                struct arena *arena, uint64_t **out, size_t *n_out,
                struct err *err)
{
	uint64_t *v = NULL;
	size_t n = 0, cap = 0;
	struct db_stmt *q;
	struct shard *sh;
	struct db *db;
	int rc;

	if (shard_read(s, a, &sh, &db, err) < 0)
		return -1;
	rc = db_query(db, &q,
	              "SELECT email FROM report WHERE account = $1"
	              " ORDER BY email LIMIT $2",
	              DB_ARGS(DB_I(a.id), DB_I(max)), err);
	while (rc >= 0 && (rc = db_next(q, err)) > 0) {
		v = arena_grow(arena, v, n, &cap, sizeof(*v));
		v[n++] = (uint64_t)db_i64(q, 0);
	}
	db_done(&q);
	db_group_done(sh->group, &db);
	if (rc < 0)
		return -1;
	*out = v;
	*n_out = n;
	return 0;
}

struct done {
	int64_t account;
	const uint64_t *list;
	size_t n;
};

static int drop(struct db *db, void *arg, struct err *err)
{
	const struct done *d = arg;

	for (size_t i = 0; i < d->n; i++)
		if (db_run(db,
		           "DELETE FROM report WHERE account = $1"
		           " AND email = $2",
		           DB_ARGS(DB_I(d->account), DB_I(d->list[i])),
		           err) < 0)
			return -1;
	return 0;
}

int report_done(struct store *s, struct store_account a, const uint64_t *list,
                size_t n, struct err *err)
{
	struct done d = { .account = a.id, .list = list, .n = n };

	return n ? shard_write(s, a, drop, &d, err) : 0;
}
