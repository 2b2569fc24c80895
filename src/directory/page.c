#include "directory/page.h"

#include "base/buf.h"
#include "directory/private.h"
#include "text/idn.h"

#define SEARCH_MAX 200

/* What a LIKE looks for: the words themselves, anywhere. */
static struct str pattern_of(struct arena *a, struct str search)
{
	struct buf b;
	struct str out;

	if (!search.n)
		return STR("%");
	if (search.n > SEARCH_MAX)
		search = str_to(search, SEARCH_MAX);
	buf_init(&b, 2 * SEARCH_MAX + 2);
	buf_add_c(&b, '%');
	for (size_t i = 0; i < search.n; i++) {
		char c = ascii_lower(search.p[i]);

		if (c == '%' || c == '_' || c == '\\')
			buf_add_c(&b, '\\');
		buf_add_c(&b, c);
	}
	buf_add_c(&b, '%');
	out = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return out;
}

/* A domain as people read it is sought as it is kept. */
static struct str kept_form(struct arena *a, struct str search)
{
	struct err ignored = ERR_INIT;
	struct str out;

	for (size_t i = 0; i < search.n; i++)
		if ((unsigned char)search.p[i] > 126 &&
		    text_domain_normal(a, search, &out, &ignored) == 0)
			return out;
	return search;
}

/* ---- domains ---- */

int directory_domain_page(struct directory *dir, const struct directory_find *f,
                          struct arena *a, struct directory_domain **out,
                          size_t *n_out, struct err *err)
{
	struct directory_domain *v = arena_array(a, f->limit, sizeof(*v));
	struct str like = pattern_of(a, kept_form(a, f->search));
	struct db_stmt *q = NULL;
	struct db *db;
	size_t n = 0;
	int rc;

	if (db_group_read(dir->group, &db, err) < 0)
		return -1;
	rc = db_query(db, &q,
	              DIRECTORY_DOMAIN_COLUMNS
	              "WHERE d.name > $1 AND d.name LIKE $2 ESCAPE '\\'"
	              " AND ($3 = 0 OR EXISTS (SELECT 1 FROM role r"
	              " WHERE r.account = $3"
	              " AND (r.domain = d.id OR r.domain = d.alias_of)"
	              " AND r.domain > 0))"
	              " ORDER BY d.name LIMIT $4",
	              DB_ARGS(DB_S(f->after), DB_S(like), DB_I(f->admin),
	                      DB_I(f->limit)),
	              err);
	while (rc >= 0 && n < f->limit && (rc = db_next(q, err)) > 0)
		directory_domain_row(q, a, &v[n++]);
	db_done(&q);
	db_group_done(dir->group, &db);
	*out = v;
	*n_out = n;
	return rc < 0 ? -1 : 0;
}

/* ---- addresses ---- */

/* A catch-all is the row of its domain without a local part. */
static const char all_rows[] =
	"SELECT a.id, a.local, a.kind, a.created, c.name, c.flags, c.quota,"
	" c.keep, c.shard, d.name FROM address a"
	" JOIN domain d ON d.id = a.domain"
	" LEFT JOIN account c ON c.id = a.id"
	" WHERE (d.name > $1 OR (d.name = $1 AND a.local > $2))"
	" AND ($3 = 0 OR d.id = $3)"
	" AND ($4 = 0 OR EXISTS (SELECT 1 FROM role r"
	" WHERE r.account = $4 AND r.domain = d.id AND r.domain > 0))"
	" AND ($5 = '%' OR a.local || '@' || d.name LIKE $5 ESCAPE '\\'"
	" OR LOWER(c.name) LIKE $5 ESCAPE '\\'"
	" OR EXISTS (SELECT 1 FROM target t WHERE t.owner = a.id"
	" AND LOWER(t.local || '@' || t.domain) LIKE $5 ESCAPE '\\'))"
	" AND a.kind BETWEEN $6 AND $7"
	" UNION ALL SELECT d.id, '', 9, d.created, '', 0, 0, 1, 0, d.name"
	" FROM domain d JOIN account k ON k.id = d.catchall"
	" WHERE (d.name > $1 OR (d.name = $1 AND $2 = ' '))"
	" AND ($3 = 0 OR d.id = $3)"
	" AND ($4 = 0 OR EXISTS (SELECT 1 FROM role r"
	" WHERE r.account = $4 AND r.domain = d.id AND r.domain > 0))"
	" AND ($5 = '%' OR '*@' || d.name LIKE $5 ESCAPE '\\'"
	" OR k.address LIKE $5 ESCAPE '\\') AND $8 = 1"
	" ORDER BY 10, 2 LIMIT $9";

static void take_row(struct directory *dir, struct db_stmt *q, struct arena *a,
                     struct directory_row *r)
{
	struct directory_entry *e = &r->entry;
	struct str local = arena_dup(a, db_text(q, 1));
	struct str domain = arena_dup(a, db_text(q, 9));
	int64_t kind = db_i64(q, 2);

	*e = (struct directory_entry){
		.kind = kind == ROW_ACCOUNT ? DIRECTORY_ACCOUNT
		        : kind == ROW_ALIAS ? DIRECTORY_ALIAS
		                            : DIRECTORY_CATCHALL,
		.id = db_i64(q, 0),
		.address = directory_display(a, local, domain),
		.created_us = db_i64(q, 3),
		.keep = true,
	};
	r->key = arena_fmt(a, "%.*s %.*s", STR_ARG(domain), STR_ARG(local));
	r->canonical = directory_join(a, local, domain);
	if (kind != ROW_ACCOUNT)
		return;
	e->name = arena_dup(a, db_text(q, 4));
	e->flags = (unsigned)db_i64(q, 5);
	e->own_quota = (uint64_t)db_i64(q, 6);
	e->quota_bytes = directory_quota(dir, e->own_quota);
	e->keep = db_i64(q, 7) != 0;
	r->shard = (uint32_t)db_i64(q, 8);
}

static int read_catchall(struct db *db, struct directory_entry *e,
                         struct arena *a, struct err *err)
{
	struct str *target = arena_array(a, 1, sizeof(*target));
	struct db_stmt *q;
	int rc = db_row(db, &q,
	                "SELECT k.address FROM domain d"
	                " JOIN account k ON k.id = d.catchall WHERE d.id = $1",
	                DB_ARGS(DB_I(e->id)), err);

	if (rc <= 0)
		return rc;
	*target = arena_dup(a, db_text(q, 0));
	db_done(&q);
	e->targets = target;
	e->targets_n = 1;
	return 0;
}

static int read_rows(struct directory *dir, struct db *db,
                     const struct directory_find *f, struct arena *a,
                     struct directory_row *v, size_t *n, struct err *err)
{
	int64_t least = f->kind == DIRECTORY_ALIAS ? ROW_ALIAS : ROW_ACCOUNT;
	int64_t most = f->kind == DIRECTORY_ACCOUNT    ? ROW_ACCOUNT
	               : f->kind == DIRECTORY_CATCHALL ? 0
	                                               : ROW_ALIAS;
	bool catchalls =
		f->kind == DIRECTORY_NONE || f->kind == DIRECTORY_CATCHALL;
	struct str local = f->after, domain = STR("");
	struct db_stmt *q;
	int rc;

	/* " " comes before every local part, and before the catch-all. */
	if (!str_cut(&local, ' ', &domain))
		local = STR(" ");
	if (db_query(db, &q, all_rows,
	             DB_ARGS(DB_S(domain), DB_S(local), DB_I(f->domain),
	                     DB_I(f->admin),
	                     DB_S(pattern_of(a, kept_form(a, f->search))),
	                     DB_I(least), DB_I(most), DB_I(catchalls),
	                     DB_I(f->limit)),
	             err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0 && *n < f->limit)
		take_row(dir, q, a, &v[(*n)++]);
	db_done(&q);
	return rc < 0 ? -1 : 0;
}

int directory_address_page(struct directory *dir,
                           const struct directory_find *f, struct arena *a,
                           struct directory_row **out, size_t *n_out,
                           struct err *err)
{
	struct directory_row *v = arena_array(a, f->limit, sizeof(*v));
	struct db *db;
	size_t n = 0;
	int rc;

	if (db_group_read(dir->group, &db, err) < 0)
		return -1;
	rc = read_rows(dir, db, f, a, v, &n, err);
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = v[i].entry.kind == DIRECTORY_CATCHALL
		             ? read_catchall(db, &v[i].entry, a, err)
		             : directory_targets_read(db, &v[i].entry, a, err);
	db_group_done(dir->group, &db);
	*out = v;
	*n_out = n;
	return rc;
}
