#include "directory/setting.h"

#include "directory/private.h"

int directory_setting_get(struct directory *dir, struct str key,
                          struct arena *a, struct str *out, struct err *err)
{
	struct db_stmt *q;
	struct db *db;
	int rc;

	if (db_group_read(dir->group, &db, err) < 0)
		return -1;
	rc = db_row(db, &q, "SELECT value FROM setting WHERE key = $1",
	            DB_ARGS(DB_S(key)), err);
	if (rc >= 0)
		*out = (struct str){ NULL, 0 };
	if (rc > 0) {
		*out = arena_dup(a, db_text(q, 0));
		db_done(&q);
	}
	db_group_done(dir->group, &db);
	return rc < 0 ? -1 : 0;
}

struct change {
	const struct directory_setting *v;
	size_t n;
};

static int set_one(struct db *db, const struct directory_setting *s,
                   int64_t change, struct err *err)
{
	if (!s->value.n)
		return db_run(db, "DELETE FROM setting WHERE key = $1",
		              DB_ARGS(DB_S(s->key)), err);
	return db_run(db,
	              "INSERT INTO setting (key, value, change)"
	              " VALUES ($1, $2, $3) ON CONFLICT (key) DO UPDATE SET"
	              " value = excluded.value, change = excluded.change",
	              DB_ARGS(DB_S(s->key), DB_S(s->value), DB_I(change)), err);
}

static int set(struct db *db, void *arg, struct err *err)
{
	const struct change *c = arg;
	int64_t change;

	if (directory_next(db, &change, err) < 0)
		return -1;
	for (size_t i = 0; i < c->n; i++)
		if (set_one(db, &c->v[i], change, err) < 0)
			return -1;
	return 0;
}

int directory_setting_set(struct directory *dir,
                          const struct directory_setting *v, size_t n,
                          struct err *err)
{
	struct change c = { v, n };

	return directory_write(dir, set, &c, err);
}
