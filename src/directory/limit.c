/* Limits that a domain or an account has of its own. */
#include "directory/private.h"

struct change {
	int64_t owner;
	struct str key;
	uint64_t value;
	bool remove;
};

static int change_limit(struct db *db, void *arg, struct err *err)
{
	struct change *c = arg;
	int64_t change;

	if (directory_next(db, &change, err) < 0)
		return -1;
	if (c->remove)
		return db_run(db,
		              "DELETE FROM own_limit"
		              " WHERE owner = $1 AND key = $2",
		              DB_ARGS(DB_I(c->owner), DB_S(c->key)), err);
	return db_run(db,
	              "INSERT INTO own_limit (owner, key, value, change)"
	              " VALUES ($1, $2, $3, $4)"
	              " ON CONFLICT (owner, key) DO UPDATE SET"
	              " value = excluded.value, change = excluded.change",
	              DB_ARGS(DB_I(c->owner), DB_S(c->key), DB_I(c->value),
	                      DB_I(change)),
	              err);
}

int directory_limit_set(struct directory *dir, int64_t owner, struct str key,
                        uint64_t value, struct err *err)
{
	struct change c = { owner, key, value, false };

	return directory_write(dir, change_limit, &c, err);
}

int directory_limit_unset(struct directory *dir, int64_t owner, struct str key,
                          struct err *err)
{
	struct change c = { owner, key, 0, true };

	return directory_write(dir, change_limit, &c, err);
}

int directory_limits_of(struct directory *dir, int64_t owner,
                        bool (*each)(void *arg,
                                     const struct directory_limit *l),
                        void *arg, struct err *err)
{
	struct db_stmt *q = NULL;
	struct db *db;
	int rc;

	if (db_group_read(dir->group, &db, err) < 0)
		return -1;
	rc = db_query(db, &q,
	              "SELECT key, value FROM own_limit WHERE owner = $1"
	              " ORDER BY key",
	              DB_ARGS(DB_I(owner)), err);
	while (rc >= 0 && (rc = db_next(q, err)) > 0) {
		struct directory_limit l = { .key = db_text(q, 0),
			                     .value = (uint64_t)db_i64(q, 1) };

		if (!each(arg, &l))
			break;
	}
	db_done(&q);
	db_group_done(dir->group, &db);
	return rc < 0 ? -1 : 0;
}

int directory_limit_get(struct directory *dir, int64_t owner, struct str key,
                        uint64_t *out, struct err *err)
{
	struct db *db;
	int64_t value;
	int rc;

	if (db_group_read(dir->group, &db, err) < 0)
		return -1;
	rc = db_number(db, &value,
	               "SELECT value FROM own_limit"
	               " WHERE owner = $1 AND key = $2",
	               DB_ARGS(DB_I(owner), DB_S(key)), err);
	db_group_done(dir->group, &db);
	if (rc > 0)
		*out = (uint64_t)value;
	return rc < 0 ? -1 : 0;
}
