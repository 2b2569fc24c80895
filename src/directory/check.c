/* The last look at each domain's records. */
#include "directory/private.h"
#include "directory/setting.h"

static int put(struct db *db, void *arg, struct err *err)
{
	const struct directory_check *c = arg;

	/* A domain that went meanwhile leaves nothing. */
	return db_run(db,
	              "INSERT INTO domain_check (domain, at, state, result)"
	              " SELECT id, $2, $3, $4 FROM domain WHERE id = $1"
	              " ON CONFLICT (domain) DO UPDATE SET at = excluded.at,"
	              " state = excluded.state, result = excluded.result",
	              DB_ARGS(DB_I(c->domain), DB_I(c->at_us), DB_S(c->state),
	                      DB_S(c->result)),
	              err);
}

int directory_check_put(struct directory *dir, const struct directory_check *c,
                        struct err *err)
{
	struct directory_check copy = *c;

	return db_group_write(dir->group, put, &copy, NULL, 0, err);
}

int directory_check_get(struct directory *dir, int64_t domain, struct arena *a,
                        struct directory_check *out, struct err *err)
{
	struct db_stmt *q;
	struct db *db;
	int rc;

	if (db_group_read(dir->group, &db, err) < 0)
		return -1;
	rc = db_row(db, &q,
	            "SELECT at, state, result FROM domain_check"
	            " WHERE domain = $1",
	            DB_ARGS(DB_I(domain)), err);
	if (rc > 0) {
		*out = (struct directory_check){
			.domain = domain,
			.at_us = db_i64(q, 0),
			.state = arena_dup(a, db_text(q, 1)),
			.result = arena_dup(a, db_text(q, 2)),
		};
		db_done(&q);
	}
	db_group_done(dir->group, &db);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "it was not checked yet");
	return rc < 0 ? -1 : 0;
}

int directory_check_due(struct directory *dir, int64_t before_us,
                        struct arena *a, struct str *name_out, struct err *err)
{
	struct db_stmt *q;
	struct db *db;
	int rc;

	if (db_group_read(dir->group, &db, err) < 0)
		return -1;
	rc = db_row(db, &q,
	            "SELECT d.name FROM domain d"
	            " LEFT JOIN domain_check c ON c.domain = d.id"
	            " WHERE COALESCE(c.at, 0) < $1"
	            " ORDER BY COALESCE(c.at, 0), d.id LIMIT 1",
	            DB_ARGS(DB_I(before_us)), err);
	if (rc > 0) {
		*name_out = arena_dup(a, db_text(q, 0));
		db_done(&q);
	}
	db_group_done(dir->group, &db);
	return rc;
}
