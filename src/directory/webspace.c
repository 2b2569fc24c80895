/* Which domains the web space of a Unix user has (R43). */
#include "directory/private.h"

struct change {
	uint32_t uid;
	int64_t domain; /* 0: all */
};

static int add(struct db *db, void *arg, struct err *err)
{
	struct change *c = arg;
	int64_t change;

	if (directory_next(db, &change, err) < 0)
		return -1;
	if (db_run(db,
	           "INSERT INTO webspace (uid, domain, change)"
	           " VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
	           DB_ARGS(DB_I(c->uid), DB_I(c->domain), DB_I(change)),
	           err) < 0)
		return -1;
	if (db_changes(db) == 0)
		return err_set(err, ERR_EXISTS,
		               "the web space has this domain already");
	return 0;
}

static int drop(struct db *db, void *arg, struct err *err)
{
	struct change *c = arg;
	int64_t change;

	if (directory_next(db, &change, err) < 0)
		return -1;
	if (db_run(db,
	           "DELETE FROM webspace"
	           " WHERE uid = $1 AND (domain = $2 OR $2 = 0)",
	           DB_ARGS(DB_I(c->uid), DB_I(c->domain)), err) < 0)
		return -1;
	if (db_changes(db) == 0)
		return err_set(err, ERR_NOT_FOUND,
		               c->domain ? "the web space does not have this "
		                           "domain"
		                         : "there is no such web space");
	return 0;
}

int directory_webspace_add(struct directory *dir, uint32_t uid,
                           int64_t domain_id, struct err *err)
{
	struct change c = { uid, domain_id };

	return directory_write(dir, add, &c, err);
}

int directory_webspace_remove(struct directory *dir, uint32_t uid,
                              int64_t domain_id, struct err *err)
{
	struct change c = { uid, domain_id };

	return directory_write(dir, drop, &c, err);
}

int directory_webspace_each(struct directory *dir,
                            bool (*each)(void *arg, uint32_t uid,
                                         struct str domain),
                            void *arg, struct err *err)
{
	struct db_stmt *q = NULL;
	struct db *db;
	int rc;

	if (db_group_read(dir->group, &db, err) < 0)
		return -1;
	rc = db_query(db, &q,
	              "SELECT w.uid, d.name FROM webspace w"
	              " JOIN domain d ON d.id = w.domain"
	              " ORDER BY w.uid, w.change",
	              DB_NO_ARGS, err);
	while (rc >= 0 && (rc = db_next(q, err)) > 0)
		if (!each(arg, (uint32_t)db_i64(q, 0), db_text(q, 1)))
			break;
	db_done(&q);
	db_group_done(dir->group, &db);
	return rc < 0 ? -1 : 0;
}

int directory_webspace_domains(struct directory *dir, uint32_t uid,
                               int64_t *out, size_t max, size_t *n_out,
                               struct err *err)
{
	struct db_stmt *q = NULL;
	struct db *db;
	size_t n = 0;
	int rc;

	if (db_group_read(dir->group, &db, err) < 0)
		return -1;
	rc = db_query(db, &q,
	              "SELECT CASE WHEN d.alias_of > 0 THEN d.alias_of"
	              " ELSE d.id END FROM webspace w"
	              " JOIN domain d ON d.id = w.domain"
	              " WHERE w.uid = $1 ORDER BY w.change",
	              DB_ARGS(DB_I(uid)), err);
	while (rc >= 0 && n < max && (rc = db_next(q, err)) > 0)
		out[n++] = db_i64(q, 0);
	db_done(&q);
	db_group_done(dir->group, &db);
	*n_out = n;
	return rc < 0 ? -1 : 0;
}
