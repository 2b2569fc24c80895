#include <string.h>

#include "base/buf.h"
#include "directory/private.h"
#include "text/idn.h"

#define PAGE 200

/* A page of rows, read with the connection in hand and shown without it. */
struct page {
	struct directory_entry items[PAGE];
	struct str locals[PAGE];
	size_t n;
};

int directory_targets_read(struct db *db, struct directory_entry *e,
                           struct arena *a, struct err *err)
{
	struct str *targets = NULL;
	size_t n = 0, cap = 0;
	struct db_stmt *q;
	int rc;

	if (db_query(db, &q,
	             "SELECT local, domain FROM target WHERE owner = $1"
	             " ORDER BY place",
	             DB_ARGS(DB_I(e->id)), err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0) {
		targets = arena_grow(a, targets, n, &cap, sizeof(*targets));
		targets[n++] =
			directory_display(a, db_text(q, 0), db_text(q, 1));
	}
	db_done(&q);
	e->targets = targets;
	e->targets_n = n;
	return rc;
}

static void take_row(struct directory *dir, struct db_stmt *q,
                     const struct directory_domain *d, struct arena *a,
                     struct page *p)
{
	struct directory_entry *e = &p->items[p->n];
	struct str local = arena_dup(a, db_text(q, 1));
	bool account = db_i64(q, 2) == ROW_ACCOUNT;

	*e = (struct directory_entry){
		.kind = account ? DIRECTORY_ACCOUNT : DIRECTORY_ALIAS,
		.id = db_i64(q, 0),
		.address = directory_join(a, local, d->display),
		.created_us = db_i64(q, 3),
		.keep = true,
	};
	if (account) {
		e->name = arena_dup(a, db_text(q, 4));
		e->flags = (unsigned)db_i64(q, 5);
		e->own_quota = (uint64_t)db_i64(q, 6);
		e->quota_bytes = directory_quota(dir, e->own_quota);
		e->keep = db_i64(q, 7) != 0;
	}
	p->locals[p->n++] = local;
}

static int read_page(struct directory *dir, struct db *db,
                     const struct directory_domain *d, struct str after,
                     enum directory_kind kind, struct arena *a, struct page *p,
                     struct err *err)
{
	int64_t least = kind == DIRECTORY_ALIAS ? ROW_ALIAS : ROW_ACCOUNT;
	int64_t most = kind == DIRECTORY_ACCOUNT ? ROW_ACCOUNT : ROW_ALIAS;
	struct db_stmt *q;
	int rc;

	p->n = 0;
	if (db_query(db, &q,
	             "SELECT a.id, a.local, a.kind, a.created, c.name, c.flags,"
	             " c.quota, c.keep FROM address a"
	             " LEFT JOIN account c ON c.id = a.id"
	             " WHERE a.domain = $1 AND a.local > $2"
	             " AND a.kind BETWEEN $3 AND $4"
	             " ORDER BY a.local LIMIT $5",
	             DB_ARGS(DB_I(d->id), DB_S(after), DB_I(least), DB_I(most),
	                     DB_I(PAGE)),
	             err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0 && p->n < PAGE)
		take_row(dir, q, d, a, p);
	db_done(&q);
	for (size_t i = 0; rc == 0 && i < p->n; i++)
		rc = directory_targets_read(db, &p->items[i], a, err);
	return rc;
}

struct walk {
	struct directory *dir;
	enum directory_kind kind;
	bool (*each)(void *arg, const struct directory_entry *e);
	void *arg;
	struct err *err;
	int rc;     /* 1: stopped by `each` */
	int64_t id; /* only this domain; 0: all */
};

static bool show_catchall(struct walk *w, const struct directory_domain *d,
                          struct arena *a)
{
	struct directory_entry e = {
		.kind = DIRECTORY_CATCHALL,
		.id = d->id,
		.address = directory_join(a, STR(""), d->display),
		.targets = &d->catchall_address,
		.targets_n = 1,
		.created_us = d->created_us,
		.keep = true,
	};

	return w->each(w->arg, &e);
}

/* One page; the number of rows, -1 on error, 0 also when stopped. */
static int walk_page(struct walk *w, const struct directory_domain *d,
                     struct buf *after, struct arena *a)
{
	struct page *p = arena_zalloc(a, sizeof(*p));
	struct db *db;
	int rc;

	if (db_group_read(w->dir->group, &db, w->err) < 0)
		return -1;
	rc = read_page(w->dir, db, d, buf_str(after), w->kind, a, p, w->err);
	db_group_done(w->dir->group, &db);
	if (rc < 0)
		return -1;
	for (size_t i = 0; i < p->n; i++)
		if (!w->each(w->arg, &p->items[i])) {
			w->rc = 1;
			return 0;
		}
	buf_reset(after);
	if (p->n)
		buf_add(after, p->locals[p->n - 1]);
	return (int)p->n;
}

static bool walk_domain(void *arg, const struct directory_domain *d)
{
	struct walk *w = arg;
	struct arena a;
	struct buf after;
	int n = PAGE;

	if (w->id && d->id != w->id)
		return true;
	arena_init(&a);
	buf_init(&after, 4096);
	if (d->catchall &&
	    (w->kind == DIRECTORY_NONE || w->kind == DIRECTORY_CATCHALL) &&
	    !show_catchall(w, d, &a))
		w->rc = 1;
	while (w->kind != DIRECTORY_CATCHALL && w->rc == 0 && n == PAGE) {
		arena_reset(&a);
		n = walk_page(w, d, &after, &a);
		if (n < 0)
			w->rc = -1;
	}
	buf_deinit(&after);
	arena_deinit(&a);
	return w->rc == 0;
}

int directory_entry_each(struct directory *dir, int64_t domain_id,
                         enum directory_kind kind,
                         bool (*each)(void *arg,
                                      const struct directory_entry *e),
                         void *arg, struct err *err)
{
	struct walk w = { .dir = dir,
		          .kind = kind,
		          .each = each,
		          .arg = arg,
		          .err = err,
		          .id = domain_id };

	if (directory_domain_each(dir, walk_domain, &w, err) < 0)
		return -1;
	return w.rc < 0 ? -1 : 0;
}
