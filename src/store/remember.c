#include "store/remember.h"

#include "crypto/hash.h"
#include "os/clock.h"
#include "store/shard.h"

/* Enough to tell names apart, small enough to keep many. */
#define HASH_BYTES 16

struct remember {
	struct store_account account;
	const struct remember_item *items;
	size_t n;
	enum remember_kind kind;
};

static struct str hash_of(struct str name, unsigned char out[32])
{
	hash_bytes(HASH_SHA256, name, out);
	return (struct str){ (const char *)out, HASH_BYTES };
}

int remember_has(struct store *s, struct store_account a,
                 enum remember_kind kind, struct str name, int64_t now_us,
                 bool *out, struct err *err)
{
	unsigned char hash[32];
	struct shard *sh;
	struct db *db;
	int64_t is;
	int rc;

	if (shard_read(s, a, &sh, &db, err) < 0)
		return -1;
	rc = db_number(db, &is,
	               "SELECT 1 FROM remembered WHERE account = $1"
	               " AND kind = $2 AND hash = $3 AND until > $4",
	               DB_ARGS(DB_I(a.id), DB_I(kind),
	                       DB_B(hash_of(name, hash)),
	                       DB_I(now_us / US_PER_SEC)),
	               err);
	db_group_done(sh->group, &db);
	if (rc < 0)
		return -1;
	*out = rc > 0;
	return 0;
}

static int write_add(struct db *db, void *arg, struct err *err)
{
	const struct remember *r = arg;
	unsigned char hash[32];
	int64_t n = 0;

	for (size_t i = 0; i < r->n; i++) {
		const struct remember_item *it = &r->items[i];

		/* Rounded up: what ends within this second is kept for it. */
		if (db_run(db,
		           "INSERT INTO remembered (account, kind, hash,"
		           " until) VALUES ($1, $2, $3, $4)"
		           " ON CONFLICT (account, kind, hash) DO UPDATE SET"
		           " until = CASE WHEN excluded.until > until"
		           " THEN excluded.until ELSE until END",
		           DB_ARGS(DB_I(r->account.id), DB_I(it->kind),
		                   DB_B(hash_of(it->name, hash)),
		                   DB_I((it->until_us + US_PER_SEC - 1) /
		                        US_PER_SEC)),
		           err) < 0)
			return -1;
	}
	if (db_number(db, &n,
	              "SELECT count(*) FROM remembered WHERE account = $1",
	              DB_ARGS(DB_I(r->account.id)), err) < 0)
		return -1;
	if (n <= REMEMBER_MAX)
		return 0;
	return db_run(db,
	              "DELETE FROM remembered WHERE account = $1"
	              " AND until <= (SELECT until FROM remembered"
	              " WHERE account = $1 ORDER BY until LIMIT 1 OFFSET $2)",
	              DB_ARGS(DB_I(r->account.id), DB_I(n - REMEMBER_MAX)),
	              err);
}

int remember_add(struct store *s, struct store_account a,
                 const struct remember_item *items, size_t n, struct err *err)
{
	struct remember r = { .account = a, .items = items, .n = n };

	return n ? shard_write(s, a, write_add, &r, err) : 0;
}

static int write_forget(struct db *db, void *arg, struct err *err)
{
	const struct remember *r = arg;

	return db_run(db,
	              "DELETE FROM remembered WHERE account = $1"
	              " AND kind = $2",
	              DB_ARGS(DB_I(r->account.id), DB_I(r->kind)), err);
}

int remember_forget(struct store *s, struct store_account a,
                    enum remember_kind kind, struct err *err)
{
	struct remember r = { .account = a, .kind = kind };

	return shard_write(s, a, write_forget, &r, err);
}
