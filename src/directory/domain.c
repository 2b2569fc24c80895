#include "directory/private.h"
#include "os/clock.h"
#include "text/idn.h"

#define PAGE 200

void directory_domain_row(struct db_stmt *q, struct arena *a,
                          struct directory_domain *out)
{
	out->id = db_i64(q, 0);
	out->name = arena_dup(a, db_text(q, 1));
	out->display = text_domain_display(a, out->name);
	out->alias_of = db_i64(q, 2);
	out->alias_of_name = arena_dup(a, db_text(q, 3));
	out->flags = (unsigned)db_i64(q, 4);
	out->catchall = db_i64(q, 5);
	out->catchall_address = arena_dup(a, db_text(q, 6));
	out->admin = db_i64(q, 7);
	out->admin_address = arena_dup(a, db_text(q, 8));
	out->created_us = db_i64(q, 9);
	out->change = db_i64(q, 10);
	out->accounts = (uint64_t)db_i64(q, 11);
	out->aliases = (uint64_t)db_i64(q, 12);
}

static int not_hosted(struct str name, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "the domain %.*s is not hosted here",
	               STR_ARG(name));
}

int directory_domain_get(struct directory *dir, struct str name,
                         struct arena *a, struct directory_domain *out,
                         struct err *err)
{
	struct db_stmt *q;
	struct db *db;
	struct str norm;
	int rc;

	if (directory_domain(a, name, &norm, err) < 0 ||
	    db_group_read(dir->group, &db, err) < 0)
		return -1;
	rc = db_row(db, &q, DIRECTORY_DOMAIN_COLUMNS "WHERE d.name = $1",
	            DB_ARGS(DB_S(norm)), err);
	if (rc > 0) {
		directory_domain_row(q, a, out);
		db_done(&q);
	}
	db_group_done(dir->group, &db);
	return rc > 0 ? 0 : rc < 0 ? -1 : not_hosted(norm, err);
}

int directory_domain_is_local(struct directory *dir, struct str name, bool *out,
                              struct err *err)
{
	struct directory_host host;
	struct err ignored = ERR_INIT;
	struct arena a;
	struct db *db;
	struct str norm;
	int rc = 0;

	arena_init(&a);
	if (directory_domain(&a, name, &norm, &ignored) == 0) {
		rc = db_group_read(dir->group, &db, err);
		if (rc == 0) {
			rc = directory_host_find(db, norm, &a, &host, err);
			db_group_done(dir->group, &db);
		}
	}
	arena_deinit(&a);
	if (rc < 0)
		return -1;
	*out = rc > 0;
	return 0;
}

/* A page of domains behind `after`; their number, or -1. */
static int read_page(struct directory *dir, struct str after, struct arena *a,
                     struct directory_domain *page, struct err *err)
{
	struct db_stmt *q;
	struct db *db;
	int rc, n = 0;

	if (db_group_read(dir->group, &db, err) < 0)
		return -1;
	rc = db_query(db, &q,
	              DIRECTORY_DOMAIN_COLUMNS
	              "WHERE d.name > $1 ORDER BY d.name LIMIT $2",
	              DB_ARGS(DB_S(after), DB_I(PAGE)), err);
	while (rc == 0 && n < PAGE) {
		rc = db_next(q, err);
		if (rc <= 0)
			break;
		directory_domain_row(q, a, &page[n++]);
		rc = 0;
	}
	db_done(&q);
	db_group_done(dir->group, &db);
	return rc < 0 ? -1 : n;
}

int directory_domain_each(struct directory *dir,
                          bool (*each)(void *arg,
                                       const struct directory_domain *d),
                          void *arg, struct err *err)
{
	struct directory_domain *page;
	struct arena a;
	char after[512] = "";
	int n;

	arena_init(&a);
	do {
		arena_reset(&a);
		page = arena_array(&a, PAGE, sizeof(*page));
		n = read_page(dir, str_z(after), &a, page, err);
		for (int i = 0; i < n; i++)
			if (!each(arg, &page[i]))
				n = 0;
		if (n > 0) {
			struct str last = page[n - 1].name;

			last = str_to(last, last.n < 511 ? last.n : 511);
			for (size_t i = 0; i < last.n; i++)
				after[i] = last.p[i];
			after[last.n] = '\0';
		}
	} while (n == PAGE);
	arena_deinit(&a);
	return n < 0 ? -1 : 0;
}

/* ---- changes ---- */

struct domain_change {
	int64_t id, other;
	unsigned flags;
	struct str name;
};

static int exists(struct db *db, const char *sql, int64_t id, struct err *err)
{
	int64_t n;

	return db_number(db, &n, sql, DB_ARGS(DB_I(id)), err);
}

static int add(struct db *db, void *arg, struct err *err)
{
	struct domain_change *c = arg;
	int64_t id, there, root = 0;
	int rc;

	rc = db_number(db, &there, "SELECT id FROM domain WHERE name = $1",
	               DB_ARGS(DB_S(c->name)), err);
	if (rc > 0)
		err_set(err, ERR_EXISTS, "the domain %.*s is there already",
		        STR_ARG(c->name));
	if (rc != 0)
		return -1;
	if (c->other) {
		/* Another name of an alias is one of the domain itself. */
		rc = db_number(db, &root,
		               "SELECT CASE WHEN alias_of > 0 THEN alias_of"
		               " ELSE id END FROM domain WHERE id = $1",
		               DB_ARGS(DB_I(c->other)), err);
		if (rc == 0)
			err_set(err, ERR_NOT_FOUND, "there is no such domain");
		if (rc <= 0)
			return -1;
	}
	if (directory_next(db, &id, err) < 0)
		return -1;
	c->id = id;
	return db_run(db,
	              "INSERT INTO domain (id, name, alias_of, flags,"
	              " catchall, admin, created, change)"
	              " VALUES ($1, $2, $3, 0, 0, 0, $4, $1)",
	              DB_ARGS(DB_I(id), DB_S(c->name), DB_I(root),
	                      DB_I(clock_wall_us())),
	              err);
}

int directory_domain_add(struct directory *dir, struct str name,
                         int64_t alias_of, int64_t *id_out, struct err *err)
{
	struct domain_change c = { .other = alias_of };
	struct arena a;
	int rc;

	arena_init(&a);
	rc = directory_domain(&a, name, &c.name, err);
	if (rc == 0 && str_chr(c.name, '.') == STR_NPOS)
		rc = err_set(err, ERR_INVALID,
		             "\"%.*s\" is no domain: it has no dot",
		             STR_ARG(name));
	if (rc == 0)
		rc = directory_write(dir, add, &c, err);
	if (rc == 0 && id_out)
		*id_out = c.id;
	arena_deinit(&a);
	return rc;
}

static int remove_domain(struct db *db, void *arg, struct err *err)
{
	struct domain_change *c = arg;
	int rc;

	rc = exists(db, "SELECT id FROM address WHERE domain = $1 LIMIT 1",
	            c->id, err);
	if (rc > 0)
		return err_set(err, ERR_EXISTS,
		               "the domain still has addresses");
	if (rc == 0)
		rc = exists(db,
		            "SELECT id FROM domain WHERE alias_of = $1 LIMIT 1",
		            c->id, err);
	if (rc > 0)
		return err_set(err, ERR_EXISTS,
		               "other domains are aliases of it");
	if (rc < 0 ||
	    db_run(db, "DELETE FROM own_limit WHERE owner = $1",
	           DB_ARGS(DB_I(c->id)), err) < 0 ||
	    db_run(db, "DELETE FROM webspace WHERE domain = $1",
	           DB_ARGS(DB_I(c->id)), err) < 0 ||
	    db_run(db, "DELETE FROM role WHERE domain = $1",
	           DB_ARGS(DB_I(c->id)), err) < 0 ||
	    db_run(db, "DELETE FROM domain_check WHERE domain = $1",
	           DB_ARGS(DB_I(c->id)), err) < 0 ||
	    db_run(db, "DELETE FROM domain WHERE id = $1", DB_ARGS(DB_I(c->id)),
	           err) < 0)
		return -1;
	if (db_changes(db) == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such domain");
	return directory_gone(db, ROW_DOMAIN, c->id, err);
}

int directory_domain_remove(struct directory *dir, int64_t id, struct err *err)
{
	struct domain_change c = { .id = id };

	return directory_write(dir, remove_domain, &c, err);
}

/* UPDATE domain SET <one column> = $1, change = $2 WHERE id = $3. */
static int set_column(struct db *db, const char *sql, int64_t value, int64_t id,
                      struct err *err)
{
	int64_t change;

	if (directory_next(db, &change, err) < 0 ||
	    db_run(db, sql, DB_ARGS(DB_I(value), DB_I(change), DB_I(id)), err) <
	            0)
		return -1;
	if (db_changes(db) == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such domain");
	return 0;
}

static int set_flags(struct db *db, void *arg, struct err *err)
{
	const struct domain_change *c = arg;

	return set_column(db,
	                  "UPDATE domain SET flags = $1, change = $2"
	                  " WHERE id = $3",
	                  c->flags, c->id, err);
}

int directory_domain_set_flags(struct directory *dir, int64_t id,
                               unsigned flags, struct err *err)
{
	struct domain_change c = { .id = id, .flags = flags };

	return directory_write(dir, set_flags, &c, err);
}

/* The account is there, and the domain is no alias of another. */
static int check_account(struct db *db, const struct domain_change *c,
                         struct err *err)
{
	int rc;

	rc = exists(db, "SELECT id FROM domain WHERE id = $1 AND alias_of > 0",
	            c->id, err);
	if (rc > 0)
		return err_set(err, ERR_INVALID,
		               "the domain is an alias: set it for the domain "
		               "it is an alias of");
	if (rc == 0 && c->other) {
		rc = exists(db,
		            "SELECT id FROM account WHERE id = $1"
		            " AND removed = 0",
		            c->other, err);
		if (rc == 0)
			return err_set(err, ERR_NOT_FOUND,
			               "there is no such account");
	}
	return rc < 0 ? -1 : 0;
}

static int set_catchall(struct db *db, void *arg, struct err *err)
{
	const struct domain_change *c = arg;

	if (check_account(db, c, err) < 0)
		return -1;
	return set_column(db,
	                  "UPDATE domain SET catchall = $1, change = $2"
	                  " WHERE id = $3",
	                  c->other, c->id, err);
}

int directory_domain_set_catchall(struct directory *dir, int64_t id,
                                  int64_t account_id, struct err *err)
{
	struct domain_change c = { .id = id, .other = account_id };

	return directory_write(dir, set_catchall, &c, err);
}

static int set_admin(struct db *db, void *arg, struct err *err)
{
	const struct domain_change *c = arg;

	if (check_account(db, c, err) < 0)
		return -1;
	return set_column(db,
	                  "UPDATE domain SET admin = $1, change = $2"
	                  " WHERE id = $3",
	                  c->other, c->id, err);
}

int directory_domain_set_admin(struct directory *dir, int64_t id,
                               int64_t account_id, struct err *err)
{
	struct domain_change c = { .id = id, .other = account_id };

	return directory_write(dir, set_admin, &c, err);
}
