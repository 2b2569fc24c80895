#include "directory/token.h"

#include "directory/private.h"
#include "os/clock.h"

/* `used` is for people: a minute more or less does not matter. */
#define USED_STEP_US US_PER_MIN

struct change {
	const struct directory_token *t;
	struct str digest;
	int64_t account, id, now_us;
};

static int add(struct db *db, void *arg, struct err *err)
{
	struct change *c = arg;
	int64_t n = 0;

	if (db_number(db, &n, "SELECT COUNT(*) FROM token WHERE account = $1",
	              DB_ARGS(DB_I(c->t->account)), err) < 0)
		return -1;
	if (n >= DIRECTORY_TOKENS_MAX)
		return err_set(err, ERR_TOO_BIG,
		               "the account has %d tokens, the most there may "
		               "be",
		               DIRECTORY_TOKENS_MAX);
	if (directory_next(db, &c->id, err) < 0)
		return -1;
	return db_run(db,
	              "INSERT INTO token (id, account, name, digest, scopes,"
	              " created, expires, used, change)"
	              " VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $1)",
	              DB_ARGS(DB_I(c->id), DB_I(c->t->account),
	                      DB_S(c->t->name), DB_B(c->digest),
	                      DB_I(c->t->scopes), DB_I(clock_wall_us()),
	                      DB_I(c->t->expires_us)),
	              err);
}

int directory_token_add(struct directory *dir, const struct directory_token *t,
                        const unsigned char digest[DIRECTORY_TOKEN_DIGEST],
                        int64_t *id_out, struct err *err)
{
	struct change c = { .t = t,
		            .digest = { (const char *)digest,
		                        DIRECTORY_TOKEN_DIGEST } };

	if (!t->name.n || t->name.n > DIRECTORY_TOKEN_NAME)
		return err_set(err, ERR_INVALID,
		               "the name of a token has 1 to %d bytes",
		               DIRECTORY_TOKEN_NAME);
	if (directory_write(dir, add, &c, err) < 0)
		return -1;
	*id_out = c.id;
	return 0;
}

static int drop(struct db *db, void *arg, struct err *err)
{
	const struct change *c = arg;
	int64_t change;

	if (directory_next(db, &change, err) < 0 ||
	    db_run(db,
	           "DELETE FROM token WHERE id = $1"
	           " AND (account = $2 OR $2 = 0)",
	           DB_ARGS(DB_I(c->id), DB_I(c->account)), err) < 0)
		return -1;
	if (db_changes(db) == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such token");
	return 0;
}

int directory_token_remove(struct directory *dir, int64_t account, int64_t id,
                           struct err *err)
{
	struct change c = { .account = account, .id = id };

	return directory_write(dir, drop, &c, err);
}

#define COLUMNS                                                \
	"SELECT t.id, t.account, a.address, t.name, t.scopes," \
	" t.created, t.expires, t.used FROM token t"           \
	" JOIN account a ON a.id = t.account AND a.removed = 0 "

static void take_row(struct db_stmt *q, struct directory_token *t)
{
	*t = (struct directory_token){
		.id = db_i64(q, 0),
		.account = db_i64(q, 1),
		.address = db_text(q, 2),
		.name = db_text(q, 3),
		.scopes = (uint64_t)db_i64(q, 4),
		.created_us = db_i64(q, 5),
		.expires_us = db_i64(q, 6),
		.used_us = db_i64(q, 7),
	};
}

static int set_used(struct db *db, void *arg, struct err *err)
{
	const struct change *c = arg;

	return db_run(db, "UPDATE token SET used = $1 WHERE id = $2",
	              DB_ARGS(DB_I(c->now_us), DB_I(c->id)), err);
}

int directory_token_use(struct directory *dir,
                        const unsigned char digest[DIRECTORY_TOKEN_DIGEST],
                        int64_t now_us, struct arena *a,
                        struct directory_token *out, struct err *err)
{
	struct change c = { .now_us = now_us,
		            .digest = { (const char *)digest,
		                        DIRECTORY_TOKEN_DIGEST } };
	struct directory_token t;
	struct db_stmt *q;
	struct db *db;
	int rc;

	if (db_group_read(dir->group, &db, err) < 0)
		return -1;
	rc = db_row(db, &q, COLUMNS "WHERE t.digest = $1",
	            DB_ARGS(DB_B(c.digest)), err);
	if (rc > 0) {
		take_row(q, &t);
		t.address = arena_dup(a, t.address);
		t.name = arena_dup(a, t.name);
		db_done(&q);
	}
	db_group_done(dir->group, &db);
	if (rc < 0)
		return -1;
	if (rc == 0 || (t.expires_us && t.expires_us <= now_us))
		return err_set(err, ERR_NOT_FOUND, "there is no such token");
	c.id = t.id;
	if (now_us - t.used_us >= USED_STEP_US &&
	    db_group_write(dir->group, set_used, &c, NULL, 0, err) < 0)
		return -1;
	*out = t;
	return 0;
}

int directory_token_each(struct directory *dir, int64_t account,
                         bool (*each)(void *arg,
                                      const struct directory_token *t),
                         void *arg, struct err *err)
{
	struct db_stmt *q = NULL;
	struct directory_token t;
	struct db *db;
	int rc;

	if (db_group_read(dir->group, &db, err) < 0)
		return -1;
	if (account)
		rc = db_query(db, &q,
		              COLUMNS "WHERE t.account = $1 ORDER BY t.id",
		              DB_ARGS(DB_I(account)), err);
	else
		rc = db_query(db, &q, COLUMNS "ORDER BY t.id", DB_NO_ARGS, err);
	while (rc >= 0 && (rc = db_next(q, err)) > 0) {
		take_row(q, &t);
		if (!each(arg, &t))
			break;
	}
	db_done(&q);
	db_group_done(dir->group, &db);
	return rc < 0 ? -1 : 0;
}
