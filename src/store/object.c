#include "store/object.h"

#include "store/shard.h"

#define COLUMNS "no, created, changed, first, second, at, open, name, content"

static void take(struct db_stmt *q, struct arena *arena, struct object *out)
{
	*out = (struct object){
		.no = (uint64_t)db_i64(q, 0),
		.created = (uint64_t)db_i64(q, 1),
		.changed = (uint64_t)db_i64(q, 2),
		.first = db_i64(q, 3),
		.second = db_i64(q, 4),
		.at_us = db_i64(q, 5),
		.open = (unsigned)db_i64(q, 6),
		.name = arena_dup(arena, db_text(q, 7)),
		.content = arena_dup(arena, db_blob(q, 8)),
	};
}

int object_get(struct store *s, struct store_account a, enum change_type type,
               uint64_t no, struct arena *arena, struct object *out,
               struct err *err)
{
	struct db_stmt *q;
	struct shard *sh;
	struct db *db;
	int rc;

	if (shard_read(s, a, &sh, &db, err) < 0)
		return -1;
	rc = db_row(db, &q,
	            "SELECT " COLUMNS " FROM object WHERE account = $1"
	            " AND type = $2 AND no = $3",
	            DB_ARGS(DB_I(a.id), DB_I(type), DB_I(no)), err);
	if (rc > 0) {
		take(q, arena, out);
		db_done(&q);
	}
	db_group_done(sh->group, &db);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "no such object");
	return rc < 0 ? -1 : 0;
}

static int list(struct store *s, struct store_account a, const char *sql,
                struct db_args args, struct arena *arena, struct object **out,
                size_t *n_out, struct err *err)
{
	struct object *v = NULL;
	size_t n = 0, cap = 0;
	struct db_stmt *q;
	struct shard *sh;
	struct db *db;
	int rc;

	if (shard_read(s, a, &sh, &db, err) < 0)
		return -1;
	rc = db_query(db, &q, sql, args, err);
	while (rc >= 0 && (rc = db_next(q, err)) > 0) {
		v = arena_grow(arena, v, n, &cap, sizeof(*v));
		take(q, arena, &v[n++]);
	}
	db_done(&q);
	db_group_done(sh->group, &db);
	if (rc < 0)
		return -1;
	*out = v;
	*n_out = n;
	return 0;
}

int object_list(struct store *s, struct store_account a, enum change_type type,
                struct arena *arena, struct object **out, size_t *n_out,
                struct err *err)
{
	return list(s, a,
	            "SELECT " COLUMNS " FROM object WHERE account = $1"
	            " AND type = $2 ORDER BY no",
	            DB_ARGS(DB_I(a.id), DB_I(type)), arena, out, n_out, err);
}

static int each(struct db *db, int64_t account, enum change_type type,
                object_fn fn, void *arg, struct err *err)
{
	struct arena arena;
	struct object o;
	struct db_stmt *q;
	int rc, result = 0;

	if (db_query(db, &q,
	             "SELECT " COLUMNS " FROM object WHERE account = $1"
	             " AND type = $2 ORDER BY no",
	             DB_ARGS(DB_I(account), DB_I(type)), err) < 0)
		return -1;
	arena_init(&arena);
	while (result == 0 && (rc = db_next(q, err)) > 0) {
		arena_reset(&arena);
		take(q, &arena, &o);
		result = fn(arg, &o, err);
	}
	arena_deinit(&arena);
	db_done(&q);
	return result ? result : rc;
}

int object_each(struct store *s, struct store_account a, enum change_type type,
                object_fn fn, void *arg, struct err *err)
{
	struct shard *sh;
	struct db *db;
	int rc;

	if (shard_read(s, a, &sh, &db, err) < 0)
		return -1;
	rc = each(db, a.id, type, fn, arg, err);
	db_group_done(sh->group, &db);
	return rc;
}

int object_list_open(struct store *s, struct store_account a,
                     enum change_type type, size_t max, struct arena *arena,
                     struct object **out, size_t *n_out, struct err *err)
{
	return list(s, a,
	            "SELECT " COLUMNS " FROM object WHERE account = $1"
	            " AND type = $2 AND open > 0 ORDER BY no DESC LIMIT $3",
	            DB_ARGS(DB_I(a.id), DB_I(type), DB_I(max)), arena, out,
	            n_out, err);
}

/* ---- writing ---- */

struct writing {
	struct store_account account;
	struct object_write *list;
	size_t n;
	const struct object_guard *guards;
	size_t guards_n;
};

/* The next number of the type, and its state. */
static int next_no(struct db *db, const struct account_row *row,
                   enum change_type type, int64_t *no, struct err *err)
{
	int rc =
		db_number(db, no,
	                  "INSERT INTO object_type (account, type, state, next)"
	                  " VALUES ($1, $2, $3, 2)"
	                  " ON CONFLICT (account, type) DO UPDATE"
	                  " SET next = object_type.next + 1"
	                  " RETURNING next - 1",
	                  DB_ARGS(DB_I(row->id), DB_I(type), DB_I(row->modseq)),
	                  err);

	return rc < 0 ? -1 : 0;
}

int object_touch(struct db *db, const struct account_row *row, int type,
                 struct err *err)
{
	return db_run(db,
	              "INSERT INTO object_type (account, type, state, next)"
	              " VALUES ($1, $2, $3, 1)"
	              " ON CONFLICT (account, type) DO UPDATE"
	              " SET state = excluded.state",
	              DB_ARGS(DB_I(row->id), DB_I(type), DB_I(row->modseq)),
	              err);
}

static int destroy(struct db *db, const struct account_row *row,
                   enum change_type type, int64_t no, struct err *err)
{
	if (db_run(db,
	           "DELETE FROM object WHERE account = $1 AND type = $2"
	           " AND no = $3",
	           DB_ARGS(DB_I(row->id), DB_I(type), DB_I(no)), err) < 0)
		return -1;
	if (db_changes(db) == 0)
		return err_set(err, ERR_NOT_FOUND, "no such object");
	return account_note(db, row, (int)type, no, CHANGE_DESTROYED, err);
}

static int make_room(struct db *db, const struct account_row *row,
                     const struct object_write *w, struct err *err)
{
	int64_t max = w->max ? (int64_t)w->max : OBJECTS_MAX;
	int64_t n = 0, oldest;
	int rc;

	if (db_number(db, &n,
	              "SELECT count(*) FROM object WHERE account = $1"
	              " AND type = $2",
	              DB_ARGS(DB_I(row->id), DB_I(w->type)), err) < 0)
		return -1;
	if (n < max)
		return 0;
	rc = w->trim ? db_number(db, &oldest,
	                         "SELECT no FROM object WHERE account = $1"
	                         " AND type = $2 AND open = 0"
	                         " ORDER BY no LIMIT 1",
	                         DB_ARGS(DB_I(row->id), DB_I(w->type)), err)
	             : 0;
	if (rc < 0)
		return -1;
	if (rc == 0)
		return err_set(err, ERR_TOO_BIG, "there are %lld already",
		               (long long)n);
	return destroy(db, row, w->type, oldest, err);
}

static int check_name(struct db *db, const struct account_row *row,
                      struct object_write *w, struct err *err)
{
	int64_t no;
	int rc = db_number(db, &no,
	                   "SELECT no FROM object WHERE account = $1"
	                   " AND type = $2 AND name = $3 AND no <> $4 LIMIT 1",
	                   DB_ARGS(DB_I(row->id), DB_I(w->type),
	                           DB_S(w->object.name), DB_I(w->object.no)),
	                   err);

	if (rc <= 0)
		return rc;
	w->other = (uint64_t)no;
	return err_set(err, ERR_EXISTS, "there is one of this name");
}

static int check_bytes(struct db *db, const struct account_row *row,
                       const struct object_write *w, struct err *err)
{
	int64_t sum = 0;

	if (w->object.content.n <= OBJECT_SMALL)
		return 0;
	if (db_number(db, &sum,
	              "SELECT coalesce(sum(length(content)), 0) FROM object"
	              " WHERE account = $1 AND type = $2 AND no <> $3"
	              " AND length(content) > $4",
	              DB_ARGS(DB_I(row->id), DB_I(w->type), DB_I(w->object.no),
	                      DB_I(OBJECT_SMALL)),
	              err) < 0)
		return -1;
	return (uint64_t)sum + w->object.content.n > w->bytes_max
	               ? err_set(err, ERR_TOO_BIG,
	                         "all together have over %llu bytes",
	                         (unsigned long long)w->bytes_max)
	               : 0;
}

static int check(struct db *db, const struct account_row *row,
                 struct object_write *w, struct err *err)
{
	if (w->unique && check_name(db, row, w, err) < 0)
		return -1;
	return w->bytes_max ? check_bytes(db, row, w, err) : 0;
}

static int create(struct db *db, const struct account_row *row,
                  struct object_write *w, struct err *err)
{
	struct object *o = &w->object;
	int64_t no = 0;

	o->no = 0;
	if (check(db, row, w, err) < 0 || make_room(db, row, w, err) < 0 ||
	    next_no(db, row, w->type, &no, err) < 0)
		return -1;
	o->no = (uint64_t)no;
	o->created = o->changed = (uint64_t)row->modseq;
	return db_run(db,
	              "INSERT INTO object (account, type, no, created, changed,"
	              " first, second, at, open, name, content)"
	              " VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $9, $10)",
	              DB_ARGS(DB_I(row->id), DB_I(w->type), DB_I(no),
	                      DB_I(row->modseq), DB_I(o->first),
	                      DB_I(o->second), DB_I(o->at_us), DB_I(o->open),
	                      DB_S(o->name), DB_B(o->content)),
	              err);
}

static int update(struct db *db, const struct account_row *row,
                  struct object_write *w, struct err *err)
{
	struct object *o = &w->object;
	int64_t changed;
	int rc = db_number(db, &changed,
	                   "SELECT changed FROM object WHERE account = $1"
	                   " AND type = $2 AND no = $3",
	                   DB_ARGS(DB_I(row->id), DB_I(w->type), DB_I(o->no)),
	                   err);

	if (rc <= 0)
		return rc < 0 ? -1
		              : err_set(err, ERR_NOT_FOUND, "no such object");
	if (o->changed && o->changed != (uint64_t)changed)
		return err_set(err, ERR_EXISTS, "it was changed meanwhile");
	if (check(db, row, w, err) < 0)
		return -1;
	return db_run(db,
	              "UPDATE object SET changed = $4, first = $5, second = $6,"
	              " at = $7, open = $8, name = $9, content = $10"
	              " WHERE account = $1 AND type = $2 AND no = $3",
	              DB_ARGS(DB_I(row->id), DB_I(w->type), DB_I(o->no),
	                      DB_I(row->modseq), DB_I(o->first),
	                      DB_I(o->second), DB_I(o->at_us), DB_I(o->open),
	                      DB_S(o->name), DB_B(o->content)),
	              err);
}

static int write_one(struct db *db, const struct account_row *row,
                     struct object_write *w, struct err *err)
{
	int rc = -1;

	switch (w->what) {
	case OBJECT_CREATE: rc = create(db, row, w, err); break;
	case OBJECT_UPDATE: rc = update(db, row, w, err); break;
	case OBJECT_DESTROY:
		rc = destroy(db, row, w->type, (int64_t)w->object.no, err);
		break;
	}
	return rc < 0 ? -1 : object_touch(db, row, (int)w->type, err);
}

static int check_guard(struct db *db, const struct account_row *row,
                       const struct object_guard *g, struct err *err)
{
	int64_t state = 0;

	if (db_number(db, &state,
	              "SELECT state FROM object_type WHERE account = $1"
	              " AND type = $2",
	              DB_ARGS(DB_I(row->id), DB_I(g->type)), err) < 0)
		return -1;
	return (uint64_t)state == g->modseq
	               ? 0
	               : err_set(err, ERR_EXISTS, "others changed meanwhile");
}

static int write_all(struct db *db, void *arg, struct err *err)
{
	struct writing *w = arg;
	struct account_row row;

	if (account_take(db, w->account, &row, err) < 0)
		return -1;
	for (size_t i = 0; i < w->guards_n; i++)
		if (check_guard(db, &row, &w->guards[i], err) < 0)
			return -1;
	for (size_t i = 0; i < w->n; i++)
		if (write_one(db, &row, &w->list[i], err) < 0)
			return -1;
	return account_save(db, &row, err);
}

int object_write_guarded(struct store *s, struct store_account a,
                         struct object_write *items, size_t n,
                         const struct object_guard *guards, size_t guards_n,
                         struct err *err)
{
	struct writing w = { .account = a,
		             .list = items,
		             .n = n,
		             .guards = guards,
		             .guards_n = guards_n };
	uint64_t bytes = 0;

	for (size_t i = 0; i < n; i++) {
		items[i].other = 0;
		bytes += items[i].object.content.n;
		if (items[i].object.content.n > OBJECT_CONTENT_MAX)
			return err_set(err, ERR_TOO_BIG,
			               "an object has at most %zu bytes",
			               OBJECT_CONTENT_MAX);
	}
	if (bytes && store_check_space(s, bytes, err) < 0)
		return -1;
	return n ? shard_write(s, a, write_all, &w, err) : 0;
}

int object_write(struct store *s, struct store_account a,
                 struct object_write *items, size_t n, struct err *err)
{
	return object_write_guarded(s, a, items, n, NULL, 0, err);
}
