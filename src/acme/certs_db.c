/* What is known of each certificate: DATA/acme.db. */
#include <limits.h>
#include <stdio.h>

#include "acme/certs_private.h"
#include "base/mem.h"

#define SCHEMA_VERSION 1

struct certs_list {
	struct db_group *db;
};

static int migrate(struct db *db, uint32_t version, struct err *err)
{
	if (version >= 1)
		return 0;
	return db_exec(
		db,
		"CREATE TABLE certificate ("
		" name TEXT PRIMARY KEY, names TEXT NOT NULL,"
		" until_s BIGINT NOT NULL DEFAULT 0,"
		" next_us BIGINT NOT NULL,"
		" failures BIGINT NOT NULL DEFAULT 0,"
		" why TEXT NOT NULL DEFAULT '',"
		" ari TEXT NOT NULL DEFAULT '');"
		"CREATE INDEX certificate_next ON certificate (next_us);",
		err);
}

int certs_list_open(struct certs_list **out, const char *dir, struct err *err)
{
	struct certs_list *l = mem_zalloc(sizeof(*l));
	char path[PATH_MAX];
	struct db_group_options o = { .db = { .path = path, .create = true },
		                      .schema_version = SCHEMA_VERSION,
		                      .migrate = migrate,
		                      .readers = 2 };

	(void)snprintf(path, sizeof(path), "%s/acme.db", dir);
	if (db_group_open(&l->db, &o, err) < 0) {
		mem_free(l);
		return err_prefix(err, "certificates");
	}
	*out = l;
	return 0;
}

void certs_list_close(struct certs_list **lp)
{
	struct certs_list *l = *lp;

	if (!l)
		return;
	db_group_close(&l->db);
	mem_free(l);
	*lp = NULL;
}

/* ---- one statement each ---- */

struct change {
	const char *sql;
	struct db_args args;
	int64_t changed;
};

static int write_change(struct db *db, void *arg, struct err *err)
{
	struct change *c = arg;

	if (db_run(db, c->sql, c->args, err) < 0)
		return -1;
	c->changed = db_changes(db);
	return 0;
}

static int change(struct certs_list *l, const char *sql, struct db_args args,
                  struct str must, struct err *err)
{
	struct change c = { sql, args, 0 };

	if (db_group_write(l->db, write_change, &c, NULL, 0, err) < 0)
		return -1;
	if (must.n && c.changed == 0)
		return err_set(err, ERR_NOT_FOUND,
		               "there is no certificate of %.*s that is "
		               "renewed here",
		               STR_ARG(must));
	return 0;
}

int certs_want(struct certs_list *l, struct str name, struct str names,
               int64_t now_us, struct err *err)
{
	return change(l,
	              "INSERT INTO certificate (name, names, next_us)"
	              " VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE"
	              " SET names = excluded.names, next_us = excluded.next_us"
	              " WHERE certificate.names <> excluded.names",
	              DB_ARGS(DB_S(name), DB_S(names), DB_I(now_us)), STR(""),
	              err);
}

int certs_got(struct certs_list *l, struct str name, int64_t until_s,
              const char *ari, int64_t next_us, struct err *err)
{
	return change(l,
	              "UPDATE certificate SET until_s = $2, ari = $3,"
	              " next_us = $4, failures = 0, why = '' WHERE name = $1",
	              DB_ARGS(DB_S(name), DB_I(until_s), DB_S(str_z(ari)),
	                      DB_I(next_us)),
	              STR(""), err);
}

int certs_failed(struct certs_list *l, struct str name, int64_t next_us,
                 struct str why, struct err *err)
{
	return change(l,
	              "UPDATE certificate SET next_us = $2, why = $3,"
	              " failures = failures + 1 WHERE name = $1",
	              DB_ARGS(DB_S(name), DB_I(next_us), DB_S(why)), STR(""),
	              err);
}

int certs_put_off(struct certs_list *l, struct str name, int64_t next_us,
                  struct err *err)
{
	return change(l, "UPDATE certificate SET next_us = $2 WHERE name = $1",
	              DB_ARGS(DB_S(name), DB_I(next_us)), STR(""), err);
}

int certs_list_renew(struct certs_list *l, struct str name, struct err *err)
{
	/* Without the name before, an authority cannot say "not yet". */
	return change(l,
	              "UPDATE certificate SET next_us = 0, ari = '',"
	              " until_s = 0 WHERE name = $1",
	              DB_ARGS(DB_S(name)), name, err);
}

int certs_list_forget(struct certs_list *l, struct str name, struct err *err)
{
	return change(l, "DELETE FROM certificate WHERE name = $1",
	              DB_ARGS(DB_S(name)), name, err);
}

/* ---- reading ---- */

int certs_has(struct certs_list *l, struct str name, bool *out, struct err *err)
{
	struct db *db;
	int64_t one;
	int rc;

	if (db_group_read(l->db, &db, err) < 0)
		return -1;
	rc = db_number(db, &one, "SELECT 1 FROM certificate WHERE name = $1",
	               DB_ARGS(DB_S(name)), err);
	db_group_done(l->db, &db);
	*out = rc > 0;
	return rc < 0 ? -1 : 0;
}

int certs_due(struct certs_list *l, int64_t now_us, struct arena *a,
              struct cert_due *out, struct err *err)
{
	struct db_stmt *st;
	struct db *db;
	int rc;

	if (db_group_read(l->db, &db, err) < 0)
		return -1;
	rc = db_row(db, &st,
	            "SELECT name, names, ari, until_s, failures FROM"
	            " certificate WHERE next_us <= $1 ORDER BY next_us LIMIT 1",
	            DB_ARGS(DB_I(now_us)), err);
	if (rc > 0) {
		*out = (struct cert_due){
			.name = arena_dup(a, db_text(st, 0)),
			.names = arena_dup(a, db_text(st, 1)),
			.ari = arena_dup(a, db_text(st, 2)),
			.until_s = db_i64(st, 3),
			.failures = (unsigned)db_i64(st, 4),
		};
		db_done(&st);
	}
	db_group_done(l->db, &db);
	return rc;
}

int certs_list_each(struct certs_list *l,
                    bool (*each)(void *arg, const struct cert_row *row),
                    void *arg, struct err *err)
{
	struct db_stmt *st;
	struct db *db;
	int rc;

	if (db_group_read(l->db, &db, err) < 0)
		return -1;
	rc = db_query(db, &st,
	              "SELECT name, names, until_s, next_us, failures, why"
	              " FROM certificate ORDER BY name",
	              DB_NO_ARGS, err);
	while (rc >= 0 && (rc = db_next(st, err)) > 0) {
		struct cert_row row = {
			.name = db_text(st, 0),
			.names = db_text(st, 1),
			.until_s = db_i64(st, 2),
			.next_us = db_i64(st, 3),
			.failures = (unsigned)db_i64(st, 4),
			.why = db_text(st, 5),
		};

		row.state = row.failures  ? CERT_FAILED
		            : row.until_s ? CERT_VALID
		                          : CERT_WANTED;
		if (!each(arg, &row))
			break;
	}
	db_done(&st);
	db_group_done(l->db, &db);
	return rc < 0 ? -1 : 0;
}
