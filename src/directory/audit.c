#include "directory/audit.h"

#include "config/config.h"
#include "directory/private.h"
#include "os/clock.h"

/* The one that waits for the next write of this thread. */
static _Thread_local struct directory_note *announced;

void directory_note_begin(struct directory_note *n, struct directory *dir,
                          const struct directory_audit *entry)
{
	*n = (struct directory_note){ .dir = dir,
		                      .entry = entry,
		                      .outer = announced };
	announced = n;
}

bool directory_note_end(struct directory_note *n)
{
	announced = n->outer;
	return n->id != 0;
}

/* ---- writing ---- */

static struct str fitting(struct str s)
{
	return s.n > DIRECTORY_AUDIT_TEXT_MAX ? STR("\"(too long)\"") : s;
}

/* The old ones go a few at a time, with the new. */
static int forget_old(struct directory *dir, struct db *db, int64_t now_us,
                      struct err *err)
{
	int64_t keep_us = config_us(dir->cfg, OPT_PANEL_AUDIT_KEEP);

	return db_run(db,
	              "DELETE FROM audit WHERE id IN (SELECT id FROM audit"
	              " WHERE at < $1 ORDER BY at LIMIT 20)",
	              DB_ARGS(DB_I(now_us - keep_us)), err);
}

static int add(struct directory *dir, struct db *db,
               const struct directory_audit *e, int64_t *id_out,
               struct err *err)
{
	int64_t now_us = clock_wall_us(), id;
	int rc = db_number(db, &id,
	                   "UPDATE counter SET value = value + 1"
	                   " WHERE name = 'audit' RETURNING value",
	                   DB_NO_ARGS, err);

	if (rc == 0)
		err_set(err, ERR_CORRUPT, "the directory has no counter");
	if (rc <= 0 || forget_old(dir, db, now_us, err) < 0)
		return -1;
	*id_out = id;
	return db_run(db,
	              "INSERT INTO audit (id, at, who, role, origin, operation,"
	              " subject, domain, before, after, result)"
	              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
	              DB_ARGS(DB_I(id), DB_I(now_us), DB_S(e->who),
	                      DB_S(e->role), DB_S(e->origin),
	                      DB_S(e->operation), DB_S(e->subject),
	                      DB_I(e->domain), DB_S(fitting(e->before)),
	                      DB_S(fitting(e->after)), DB_S(e->result)),
	              err);
}

struct write {
	struct directory *dir;
	db_write_fn fn;
	void *arg;
	const struct directory_audit *entry;
	int64_t id;
};

static int write_both(struct db *db, void *arg, struct err *err)
{
	struct write *w = arg;

	w->id = 0;
	if (w->fn && w->fn(db, w->arg, err) < 0)
		return -1;
	return add(w->dir, db, w->entry, &w->id, err);
}

int directory_write(struct directory *dir, db_write_fn fn, void *arg,
                    struct err *err)
{
	struct directory_note *n = announced;
	struct write w = { .dir = dir, .fn = fn, .arg = arg };

	if (!n || n->dir != dir || n->id)
		return db_group_write(dir->group, fn, arg, NULL, 0, err);
	w.entry = n->entry;
	if (db_group_write(dir->group, write_both, &w, NULL, 0, err) < 0)
		return -1;
	n->id = w.id;
	return 0;
}

int directory_audit_add(struct directory *dir, const struct directory_audit *e,
                        int64_t *id_out, struct err *err)
{
	struct write w = { .dir = dir, .entry = e };

	if (db_group_write(dir->group, write_both, &w, NULL, 0, err) < 0)
		return -1;
	if (id_out)
		*id_out = w.id;
	return 0;
}

struct outcome {
	int64_t id;
	struct str result;
};

static int set_result(struct db *db, void *arg, struct err *err)
{
	const struct outcome *o = arg;

	return db_run(db, "UPDATE audit SET result = $1 WHERE id = $2",
	              DB_ARGS(DB_S(o->result), DB_I(o->id)), err);
}

int directory_audit_result(struct directory *dir, int64_t id, struct str result,
                           struct err *err)
{
	struct outcome o = { id, result };

	return db_group_write(dir->group, set_result, &o, NULL, 0, err);
}

/* ---- reading ---- */

static void take_row(struct db_stmt *q, struct directory_audit *e)
{
	*e = (struct directory_audit){
		.id = db_i64(q, 0),
		.at_us = db_i64(q, 1),
		.who = db_text(q, 2),
		.role = db_text(q, 3),
		.origin = db_text(q, 4),
		.operation = db_text(q, 5),
		.subject = db_text(q, 6),
		.domain = db_i64(q, 7),
		.before = db_text(q, 8),
		.after = db_text(q, 9),
		.result = db_text(q, 10),
	};
}

static bool is_wanted(const struct directory_audit_find *f,
                      const struct directory_audit *e)
{
	bool known = f->domains_n == SIZE_MAX;

	for (size_t i = 0; !known && i < f->domains_n; i++)
		known = f->domains[i] == e->domain;
	return known && (!f->who.n || str_eq(f->who, e->who)) &&
	       str_starts(e->operation, f->operation);
}

#define COLUMNS                                                         \
	"SELECT id, at, who, role, origin, operation, subject, domain," \
	" before, after, result FROM audit "

static int begin(struct db *db, const struct directory_audit_find *f,
                 struct db_stmt **q, struct err *err)
{
	struct db_arg before = DB_I(f->before_id ? f->before_id : INT64_MAX);
	struct db_arg since = DB_I(f->since_us);
	struct db_arg until = DB_I(f->until_us ? f->until_us : INT64_MAX);

	if (f->subject.n)
		return db_query(db, q,
		                COLUMNS "WHERE subject = $4 AND id < $1"
		                        " AND at >= $2 AND at < $3"
		                        " ORDER BY id DESC",
		                DB_ARGS(before, since, until, DB_S(f->subject)),
		                err);
	if (f->domains_n == 1)
		return db_query(db, q,
		                COLUMNS "WHERE domain = $4 AND domain > 0"
		                        " AND id < $1 AND at >= $2 AND at < $3"
		                        " ORDER BY id DESC",
		                DB_ARGS(before, since, until,
		                        DB_I(f->domains[0])),
		                err);
	return db_query(db, q,
	                COLUMNS "WHERE id < $1 AND at >= $2 AND at < $3"
	                        " ORDER BY id DESC",
	                DB_ARGS(before, since, until), err);
}

int directory_audit_each(struct directory *dir,
                         const struct directory_audit_find *f,
                         bool (*each)(void *arg,
                                      const struct directory_audit *e),
                         void *arg, struct err *err)
{
	size_t limit = f->limit ? f->limit : 100, n = 0;
	struct db_stmt *q = NULL;
	struct directory_audit e;
	struct db *db;
	int rc;

	if (db_group_read(dir->group, &db, err) < 0)
		return -1;
	rc = begin(db, f, &q, err);
	while (rc >= 0 && n < limit && (rc = db_next(q, err)) > 0) {
		take_row(q, &e);
		if (!is_wanted(f, &e))
			continue;
		n++;
		if (!each(arg, &e))
			break;
	}
	db_done(&q);
	db_group_done(dir->group, &db);
	return rc < 0 ? -1 : 0;
}
