#include "push/push.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "base/mem.h"
#include "db/group.h"
#include "os/clock.h"
#include "os/random.h"

#define SCHEMA_VERSION 1

static const char schema[] =
	"CREATE TABLE subscription ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" account BIGINT NOT NULL,"
	" by_kind BIGINT NOT NULL, by_id BIGINT NOT NULL,"
	" by_as_of BIGINT NOT NULL,"
	" device TEXT NOT NULL, url TEXT NOT NULL,"
	" p256dh BLOB NOT NULL, auth BLOB NOT NULL,"
	" all_types BIGINT NOT NULL, types TEXT NOT NULL,"
	" created_us BIGINT NOT NULL, expires_us BIGINT NOT NULL,"
	" code TEXT NOT NULL, verified BIGINT NOT NULL,"
	" code_sent BIGINT NOT NULL, told TEXT NOT NULL);"
	"CREATE INDEX subscription_account ON subscription (account);"
	/* How many an account made on which day. */
	"CREATE TABLE made ("
	" account BIGINT PRIMARY KEY, day BIGINT NOT NULL,"
	" n BIGINT NOT NULL);"
	"CREATE TABLE revoked (seq BIGINT NOT NULL);";

struct push_book {
	struct db_group *group;
};

static int migrate(struct db *db, uint32_t version, struct err *err)
{
	return version >= 1 ? 0 : db_exec(db, schema, err);
}

int push_open(struct push_book **out, const char *dir, struct err *err)
{
	struct push_book *b = mem_zalloc(sizeof(*b));
	char path[PATH_MAX];
	struct db_group_options o = { .db = { .path = path, .create = true },
		                      .schema_version = SCHEMA_VERSION,
		                      .migrate = migrate,
		                      .readers = 2 };

	(void)snprintf(path, sizeof(path), "%s/push.db", dir);
	if (db_group_open(&b->group, &o, err) < 0) {
		push_close(&b);
		return err_prefix(err, "push");
	}
	*out = b;
	return 0;
}

void push_close(struct push_book **bp)
{
	struct push_book *b = *bp;

	if (!b)
		return;
	if (b->group)
		db_group_close(&b->group);
	mem_free(b);
	*bp = NULL;
}

/* ---- adding ---- */

struct adding {
	struct push_subscription *s;
	unsigned max;
};

static int check_limits(struct db *db, const struct adding *a, struct err *err)
{
	int64_t account = a->s->account, n = 0;
	int64_t day = a->s->created_us / (US_PER_HOUR * 24);

	if (db_number(db, &n,
	              "SELECT count(*) FROM subscription WHERE account = $1",
	              DB_ARGS(DB_I(account)), err) < 0)
		return -1;
	if (n >= (int64_t)a->max)
		return err_set(err, ERR_TOO_BIG,
		               "there are %lld subscriptions already",
		               (long long)n);
	n = 0;
	if (db_number(db, &n,
	              "INSERT INTO made (account, day, n) VALUES ($1, $2, 1)"
	              " ON CONFLICT (account) DO UPDATE SET"
	              " n = CASE WHEN made.day = $2 THEN made.n + 1 ELSE 1 END,"
	              " day = $2 RETURNING n",
	              DB_ARGS(DB_I(account), DB_I(day)), err) < 0)
		return -1;
	if (n > PUSH_ADDS_IN_DAY)
		return err_set(err, ERR_DENIED,
		               "too many subscriptions were made today");
	return 0;
}

static int add(struct db *db, void *arg, struct err *err)
{
	const struct adding *a = arg;
	struct push_subscription *s = a->s;
	struct str point = { (const char *)s->keys.p256dh,
		             s->has_keys ? sizeof(s->keys.p256dh) : 0 };
	struct str auth = { (const char *)s->keys.auth,
		            s->has_keys ? sizeof(s->keys.auth) : 0 };

	if (check_limits(db, a, err) < 0)
		return -1;
	return db_number(db, &s->id,
	                 "INSERT INTO subscription (account, by_kind, by_id,"
	                 " by_as_of, device, url, p256dh, auth, all_types,"
	                 " types, created_us, expires_us, code, verified,"
	                 " code_sent, told) VALUES ($1, $2, $3, $4, $5, $6,"
	                 " $7, $8, $9, $10, $11, $12, $13, 0, 0, '')"
	                 " RETURNING id",
	                 DB_ARGS(DB_I(s->account), DB_I(s->by.kind),
	                         DB_I(s->by.id), DB_I(s->by.as_of),
	                         DB_S(s->device), DB_S(s->url), DB_B(point),
	                         DB_B(auth), DB_I(s->all_types), DB_S(s->types),
	                         DB_I(s->created_us), DB_I(s->expires_us),
	                         DB_S(str_z(s->code))),
	                 err) < 0
	               ? -1
	               : 0;
}

int push_add(struct push_book *b, struct push_subscription *s, unsigned max,
             int64_t now_us, struct err *err)
{
	struct adding a = { .s = s, .max = max };
	unsigned char code[16];
	struct buf text;

	random_bytes(code, sizeof(code));
	buf_init(&text, PUSH_CODE_SIZE);
	base64_encode_url(&text, (struct str){ (char *)code, sizeof(code) });
	(void)snprintf(s->code, sizeof(s->code), "%.*s",
	               STR_ARG(buf_str(&text)));
	buf_deinit(&text);
	s->created_us = now_us;
	return db_group_write(b->group, add, &a, NULL, 0, err);
}

/* ---- reading ---- */

static void take(struct db_stmt *q, struct arena *a,
                 struct push_subscription *s)
{
	struct str point = db_blob(q, 7), auth = db_blob(q, 8);

	*s = (struct push_subscription){
		.id = db_i64(q, 0),
		.account = db_i64(q, 1),
		.by = { .kind = (enum gate_credential_kind)db_i64(q, 2),
		        .id = db_i64(q, 3),
		        .as_of = db_i64(q, 4) },
		.device = arena_dup(a, db_text(q, 5)),
		.url = arena_dup(a, db_text(q, 6)),
		.has_keys = point.n == sizeof(s->keys.p256dh) &&
		            auth.n == sizeof(s->keys.auth),
		.all_types = db_i64(q, 9) != 0,
		.types = arena_dup(a, db_text(q, 10)),
		.created_us = db_i64(q, 11),
		.expires_us = db_i64(q, 12),
		.verified = db_i64(q, 14) != 0,
		.code_sent = db_i64(q, 15) != 0,
		.told = arena_dup(a, db_text(q, 16)),
	};
	if (s->has_keys) {
		memcpy(s->keys.p256dh, point.p, point.n);
		memcpy(s->keys.auth, auth.p, auth.n);
	}
	(void)snprintf(s->code, sizeof(s->code), "%.*s",
	               STR_ARG(db_text(q, 13)));
}

int push_list(struct push_book *b, int64_t account, struct arena *a,
              struct push_subscription **out, size_t *n_out, struct err *err)
{
	struct push_subscription *v = NULL;
	size_t n = 0, cap = 0;
	struct db_stmt *q = NULL;
	struct db *db;
	int rc;

	if (db_group_read(b->group, &db, err) < 0)
		return -1;
	rc = db_query(db, &q,
	              "SELECT id, account, by_kind, by_id, by_as_of, device,"
	              " url, p256dh, auth, all_types, types, created_us,"
	              " expires_us, code, verified, code_sent, told"
	              " FROM subscription WHERE $1 = 0 OR account = $1"
	              " ORDER BY id",
	              DB_ARGS(DB_I(account)), err);
	while (rc >= 0 && (rc = db_next(q, err)) > 0) {
		if (n == cap) {
			struct push_subscription *more;

			cap = cap ? cap * 2 : 16;
			more = arena_array(a, cap, sizeof(*more));
			for (size_t i = 0; i < n; i++)
				more[i] = v[i];
			v = more;
		}
		take(q, a, &v[n++]);
	}
	db_done(&q);
	db_group_done(b->group, &db);
	*out = v;
	*n_out = n;
	return rc < 0 ? -1 : 0;
}

/* ---- changing ---- */

static int one_changed(struct db *db, struct err *err)
{
	return db_changes(db)
	               ? 0
	               : err_set(err, ERR_NOT_FOUND, "no such subscription");
}

static int update(struct db *db, void *arg, struct err *err)
{
	const struct push_subscription *s = arg;

	if (db_run(db,
	           "UPDATE subscription SET all_types = $2, types = $3,"
	           " expires_us = $4, verified = $5, told = $6"
	           " WHERE id = $1",
	           DB_ARGS(DB_I(s->id), DB_I(s->all_types), DB_S(s->types),
	                   DB_I(s->expires_us), DB_I(s->verified),
	                   DB_S(s->told)),
	           err) < 0)
		return -1;
	return one_changed(db, err);
}

int push_update(struct push_book *b, const struct push_subscription *s,
                struct err *err)
{
	struct push_subscription copy = *s;

	return db_group_write(b->group, update, &copy, NULL, 0, err);
}

static int remove_one(struct db *db, void *arg, struct err *err)
{
	const int64_t *id = arg;

	if (db_run(db, "DELETE FROM subscription WHERE id = $1",
	           DB_ARGS(DB_I(*id)), err) < 0)
		return -1;
	return one_changed(db, err);
}

int push_remove(struct push_book *b, int64_t id, struct err *err)
{
	return db_group_write(b->group, remove_one, &id, NULL, 0, err);
}

static int note_code(struct db *db, void *arg, struct err *err)
{
	const int64_t *id = arg;

	return db_run(db, "UPDATE subscription SET code_sent = 1 WHERE id = $1",
	              DB_ARGS(DB_I(*id)), err);
}

int push_note_code(struct push_book *b, int64_t id, struct err *err)
{
	return db_group_write(b->group, note_code, &id, NULL, 0, err);
}

struct told {
	int64_t id;
	struct str told;
};

static int note_told(struct db *db, void *arg, struct err *err)
{
	const struct told *t = arg;

	return db_run(db, "UPDATE subscription SET told = $2 WHERE id = $1",
	              DB_ARGS(DB_I(t->id), DB_S(t->told)), err);
}

int push_note_told(struct push_book *b, int64_t id, struct str told,
                   struct err *err)
{
	struct told t = { id, told };

	return db_group_write(b->group, note_told, &t, NULL, 0, err);
}

/* ---- what was revoked ---- */

int push_revoked_get(struct push_book *b, int64_t *out, struct err *err)
{
	struct db *db;
	int rc;

	*out = -1;
	if (db_group_read(b->group, &db, err) < 0)
		return -1;
	rc = db_number(db, out, "SELECT seq FROM revoked", DB_NO_ARGS, err);
	db_group_done(b->group, &db);
	return rc < 0 ? -1 : 0;
}

static int set_revoked(struct db *db, void *arg, struct err *err)
{
	const int64_t *seq = arg;

	if (db_run(db, "DELETE FROM revoked", DB_NO_ARGS, err) < 0)
		return -1;
	return db_run(db, "INSERT INTO revoked (seq) VALUES ($1)",
	              DB_ARGS(DB_I(*seq)), err);
}

int push_revoked_set(struct push_book *b, int64_t seq, struct err *err)
{
	return db_group_write(b->group, set_revoked, &seq, NULL, 0, err);
}

bool push_is_same_login(const struct gate_credential *a,
                        const struct gate_credential *b)
{
	return a->kind == b->kind && a->id == b->id;
}

bool push_is_over(const struct push_subscription *s, int64_t now_us)
{
	return now_us >= s->expires_us ||
	       (!s->verified && now_us >= s->created_us + PUSH_UNVERIFIED_US);
}
