#include "base/utf8.h"
#include "directory/private.h"
#include "os/clock.h"
#include "text/nfc.h"

#define NAME_MAX_BYTES 200

static int no_account(struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "there is no such account");
}

static void take_row(const struct directory *dir, struct db_stmt *q,
                     struct arena *a, struct directory_account *out)
{
	*out = (struct directory_account){
		.id = db_i64(q, 0),
		.domain_id = db_i64(q, 1),
		.address = arena_dup(a, db_text(q, 2)),
		.name = arena_dup(a, db_text(q, 3)),
		.shard = (uint32_t)db_i64(q, 4),
		.own_flags = (unsigned)db_i64(q, 5),
		.flags = (unsigned)(db_i64(q, 5) | db_i64(q, 10)),
		.own_quota = (uint64_t)db_i64(q, 6),
		.quota_bytes = directory_quota(dir, (uint64_t)db_i64(q, 6)),
		.keep = db_i64(q, 7) != 0,
		.created_us = db_i64(q, 8),
		.removed_us = db_i64(q, 9),
		.forwards = (size_t)db_i64(q, 11),
		.script = db_i64(q, 12),
		.forwarded_us = db_i64(q, 13),
	};
}

#define COLUMNS                                                                \
	"SELECT c.id, c.domain, c.address, c.name, c.shard, c.flags, c.quota," \
	" c.keep, c.created, c.removed, d.flags,"                              \
	" (SELECT COUNT(*) FROM target WHERE owner = c.id), c.script,"         \
	" c.forwarded"                                                         \
	" FROM account c LEFT JOIN domain d ON d.id = c.domain "

int directory_account_in(struct directory *dir, struct db *db, int64_t id,
                         bool removed_too, struct arena *a,
                         struct directory_account *out, struct err *err)
{
	struct db_stmt *q;
	int rc = db_row(db, &q, COLUMNS "WHERE c.id = $1", DB_ARGS(DB_I(id)),
	                err);

	if (rc < 0)
		return -1;
	if (rc == 0)
		return no_account(err);
	take_row(dir, q, a, out);
	db_done(&q);
	return out->removed_us && !removed_too ? no_account(err) : 0;
}

int directory_account_get(struct directory *dir, int64_t id, struct arena *a,
                          struct directory_account *out, struct err *err)
{
	struct db *db;
	int rc;

	if (db_group_read(dir->group, &db, err) < 0)
		return -1;
	rc = directory_account_in(dir, db, id, true, a, out, err);
	db_group_done(dir->group, &db);
	return rc;
}

/* Typed with capitals somewhere (R6). */
static bool has_capitals(struct arena *a, struct str user)
{
	for (size_t i = 0; i < user.n; i++)
		if (user.p[i] >= 'A' && user.p[i] <= 'Z')
			return true;
	if (utf8_is_ascii(user) || !utf8_is_valid(user))
		return false;
	return !str_eq(text_lower(a, user), text_utf8_repair(a, user));
}

int directory_login(struct directory *dir, struct str user, struct arena *a,
                    struct directory_account *out, struct err *err)
{
	struct directory_resolved r;
	size_t at = str_rchr(user, '@');

	if (at == STR_NPOS || at == 0 || at + 1 == user.n)
		return no_account(err);
	if (directory_address_resolve(dir, str_to(user, at),
	                              str_from(user, at + 1), a, &r, err) < 0)
		return -1;
	if (r.kind != DIRECTORY_ACCOUNT || r.role || r.detail.n ||
	    !str_eq(r.asked, r.address))
		return no_account(err);
	if (directory_account_get(dir, r.account_id, a, out, err) < 0)
		return -1;
	if (out->removed_us)
		return no_account(err);
	out->flags |= r.flags; /* of a domain alias too */
	out->case_differs = has_capitals(a, user);
	return 0;
}

/* ---- changes ---- */

struct account_change {
	int64_t id, shard;
	struct str local, domain, name;
	unsigned flags;
	uint64_t quota;
};

static int check_free(struct db *db, int64_t domain,
                      const struct account_change *c, struct err *err)
{
	int64_t kind;
	int rc = db_number(db, &kind,
	                   "SELECT kind FROM address"
	                   " WHERE domain = $1 AND local = $2",
	                   DB_ARGS(DB_I(domain), DB_S(c->local)), err);

	if (rc > 0)
		return err_set(err, ERR_EXISTS,
		               "%.*s@%.*s is there already, as %s",
		               STR_ARG(c->local), STR_ARG(c->domain),
		               kind == ROW_ACCOUNT ? "an account" : "an alias");
	return rc;
}

static int find_domain(struct db *db, struct str domain, struct arena *a,
                       struct directory_host *out, struct err *err)
{
	int rc = directory_host_find(db, domain, a, out, err);

	if (rc == 0)
		err_set(err, ERR_NOT_FOUND,
		        "the domain %.*s is not hosted here", STR_ARG(domain));
	return rc > 0 ? 0 : -1;
}

static int add_address(struct db *db, int64_t id, int64_t domain,
                       struct str local, int64_t change, struct err *err)
{
	return db_run(db,
	              "INSERT INTO address (id, domain, local, kind, created,"
	              " change) VALUES ($1, $2, $3, $4, $5, $6)",
	              DB_ARGS(DB_I(id), DB_I(domain), DB_S(local),
	                      DB_I(ROW_ACCOUNT), DB_I(clock_wall_us()),
	                      DB_I(change)),
	              err);
}

static int insert_account(struct db *db, const struct account_change *c,
                          const struct directory_host *host, struct arena *a,
                          int64_t id, struct err *err)
{
	struct str address = directory_join(a, c->local, host->name);
	int64_t shard;
	int rc;

	rc = db_number(db, &shard,
	               "SELECT id FROM shard WHERE open = 1"
	               " ORDER BY id DESC LIMIT 1",
	               DB_NO_ARGS, err);
	if (rc == 0)
		err_set(err, ERR_CORRUPT, "no shard takes new accounts");
	if (rc <= 0 || add_address(db, id, host->id, c->local, id, err) < 0)
		return -1;
	return db_run(db,
	              "INSERT INTO account (id, domain, address, name, shard,"
	              " flags, quota, keep, created, removed, change)"
	              " VALUES ($1, $2, $3, $4, $5, 0, 0, 1, $6, 0, $1)",
	              DB_ARGS(DB_I(id), DB_I(host->id), DB_S(address),
	                      DB_S(c->name), DB_I(shard),
	                      DB_I(clock_wall_us())),
	              err);
}

static int add(struct db *db, void *arg, struct err *err)
{
	struct account_change *c = arg;
	struct directory_host host;
	struct arena a;
	int64_t id;
	int rc = -1;

	arena_init(&a);
	if (find_domain(db, c->domain, &a, &host, err) == 0 &&
	    check_free(db, host.id, c, err) == 0 &&
	    directory_next(db, &id, err) == 0) {
		c->id = id;
		rc = insert_account(db, c, &host, &a, id, err);
	}
	arena_deinit(&a);
	return rc;
}

/* A person's name: one line, no control characters. */
static int check_name(struct arena *a, struct str name, struct str *out,
                      struct err *err)
{
	name = str_trim(name);
	if (name.n > NAME_MAX_BYTES)
		return err_set(err, ERR_TOO_BIG,
		               "a name holds at most %d bytes", NAME_MAX_BYTES);
	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] < ' ' || name.p[i] == 127)
			return err_set(err, ERR_INVALID,
			               "a name holds no control characters");
	if (text_nfc(a, name, out, err) < 0)
		return err_prefix(err, "the name");
	return 0;
}

int directory_account_add(struct directory *dir, struct str address,
                          struct str name, int64_t *id_out, struct err *err)
{
	struct account_change c = { .id = 0 };
	struct arena a;
	int rc;

	arena_init(&a);
	rc = directory_address_parse(address, &a, &c.local, &c.domain, err);
	if (rc == 0)
		rc = check_name(&a, name, &c.name, err);
	if (rc == 0)
		rc = directory_write(dir, add, &c, err);
	if (rc == 0 && id_out)
		*id_out = c.id;
	arena_deinit(&a);
	return rc;
}

/* Take away what hung on an account's being there. */
static int clear_account(struct db *db, int64_t id, int64_t change,
                         struct err *err)
{
	static const char *const drop[] = {
		"DELETE FROM address WHERE id = $1",
		"DELETE FROM target WHERE owner = $1",
		"DELETE FROM sender WHERE account = $1",
		"DELETE FROM own_limit WHERE owner = $1",
		"DELETE FROM role WHERE account = $1",
		"DELETE FROM token WHERE account = $1",
	};
	static const char *const unset[] = {
		"UPDATE domain SET catchall = 0, change = $2"
		" WHERE catchall = $1",
		"UPDATE domain SET admin = 0, change = $2 WHERE admin = $1",
	};

	for (size_t i = 0; i < sizeof(drop) / sizeof(drop[0]); i++)
		if (db_run(db, drop[i], DB_ARGS(DB_I(id)), err) < 0)
			return -1;
	for (size_t i = 0; i < sizeof(unset) / sizeof(unset[0]); i++)
		if (db_run(db, unset[i], DB_ARGS(DB_I(id), DB_I(change)), err) <
		    0)
			return -1;
	return 0;
}

static int remove_account(struct db *db, void *arg, struct err *err)
{
	const struct account_change *c = arg;
	int64_t change;

	if (directory_next(db, &change, err) < 0 ||
	    db_run(db,
	           "UPDATE account SET removed = $1, keep = 1, change = $2"
	           " WHERE id = $3 AND removed = 0",
	           DB_ARGS(DB_I(clock_wall_us()), DB_I(change), DB_I(c->id)),
	           err) < 0)
		return -1;
	if (db_changes(db) == 0)
		return no_account(err);
	return clear_account(db, c->id, change, err);
}

int directory_account_remove(struct directory *dir, int64_t id, struct err *err)
{
	struct account_change c = { .id = id };

	return directory_write(dir, remove_account, &c, err);
}

static int restore_in(struct directory *dir, struct db *db, int64_t id,
                      struct arena *a, struct err *err)
{
	struct account_change c = { .id = id };
	struct directory_account acc;
	struct directory_host host;
	int64_t change;
	size_t at;

	if (directory_account_in(dir, db, id, true, a, &acc, err) < 0)
		return -1;
	if (!acc.removed_us)
		return err_set(err, ERR_EXISTS, "the account is not removed");
	at = str_rchr(acc.address, '@');
	c.local = str_to(acc.address, at);
	c.domain = str_from(acc.address, at + 1);
	if (find_domain(db, c.domain, a, &host, err) < 0 ||
	    check_free(db, host.id, &c, err) != 0 ||
	    directory_next(db, &change, err) < 0 ||
	    add_address(db, id, host.id, c.local, change, err) < 0)
		return -1;
	return db_run(db,
	              "UPDATE account SET removed = 0, domain = $1,"
	              " change = $2 WHERE id = $3",
	              DB_ARGS(DB_I(host.id), DB_I(change), DB_I(id)), err);
}

struct restore {
	struct directory *dir;
	int64_t id;
};

static int restore(struct db *db, void *arg, struct err *err)
{
	const struct restore *r = arg;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = restore_in(r->dir, db, r->id, &a, err);
	arena_deinit(&a);
	return rc;
}

int directory_account_restore(struct directory *dir, int64_t id,
                              struct err *err)
{
	struct restore r = { dir, id };

	return directory_write(dir, restore, &r, err);
}

static int forget(struct db *db, void *arg, struct err *err)
{
	const struct account_change *c = arg;

	if (db_run(db, "DELETE FROM account WHERE id = $1 AND removed > 0",
	           DB_ARGS(DB_I(c->id)), err) < 0)
		return -1;
	if (db_changes(db) == 0)
		return no_account(err);
	return directory_gone(db, ROW_ACCOUNT, c->id, err);
}

int directory_account_forget(struct directory *dir, int64_t id, struct err *err)
{
	struct account_change c = { .id = id };

	return directory_write(dir, forget, &c, err);
}

int directory_removed_each(struct directory *dir,
                           bool (*each)(void *arg,
                                        const struct directory_account *acc),
                           void *arg, struct err *err)
{
	struct directory_account acc;
	struct db_stmt *q;
	struct arena a;
	struct db *db;
	int rc;

	if (db_group_read(dir->group, &db, err) < 0)
		return -1;
	arena_init(&a);
	rc = db_query(db, &q,
	              COLUMNS "WHERE c.removed > 0 ORDER BY c.removed, c.id",
	              DB_NO_ARGS, err);
	while (rc == 0 && (rc = db_next(q, err)) > 0) {
		arena_reset(&a);
		take_row(dir, q, &a, &acc);
		rc = each(arg, &acc) ? 0 : 1;
	}
	db_done(&q);
	arena_deinit(&a);
	db_group_done(dir->group, &db);
	return rc < 0 ? -1 : 0;
}

static int updated(struct db *db, int rc, struct err *err)
{
	return rc < 0 ? -1 : db_changes(db) ? 0 : no_account(err);
}

static int set_flags(struct db *db, void *arg, struct err *err)
{
	const struct account_change *c = arg;
	int64_t change;

	if (directory_next(db, &change, err) < 0)
		return -1;
	return updated(
		db,
		db_run(db,
	               "UPDATE account SET flags = $1, change = $2"
	               " WHERE id = $3 AND removed = 0",
	               DB_ARGS(DB_I(c->flags), DB_I(change), DB_I(c->id)), err),
		err);
}

int directory_account_set_flags(struct directory *dir, int64_t id,
                                unsigned flags, struct err *err)
{
	struct account_change c = { .id = id, .flags = flags };

	return directory_write(dir, set_flags, &c, err);
}

static int set_quota(struct db *db, void *arg, struct err *err)
{
	const struct account_change *c = arg;
	int64_t change;

	if (directory_next(db, &change, err) < 0)
		return -1;
	return updated(
		db,
		db_run(db,
	               "UPDATE account SET quota = $1, change = $2"
	               " WHERE id = $3 AND removed = 0",
	               DB_ARGS(DB_I(c->quota), DB_I(change), DB_I(c->id)), err),
		err);
}

int directory_account_set_quota(struct directory *dir, int64_t id,
                                uint64_t bytes, struct err *err)
{
	struct account_change c = { .id = id, .quota = bytes };

	if (bytes > INT64_MAX)
		return err_set(err, ERR_TOO_BIG, "the quota is too large");
	return directory_write(dir, set_quota, &c, err);
}

static int set_name(struct db *db, void *arg, struct err *err)
{
	const struct account_change *c = arg;
	int64_t change;

	if (directory_next(db, &change, err) < 0)
		return -1;
	return updated(db,
	               db_run(db,
	                      "UPDATE account SET name = $1, change = $2"
	                      " WHERE id = $3 AND removed = 0",
	                      DB_ARGS(DB_S(c->name), DB_I(change), DB_I(c->id)),
	                      err),
	               err);
}

int directory_account_set_name(struct directory *dir, int64_t id,
                               struct str name, struct err *err)
{
	struct account_change c = { .id = id };
	struct arena a;
	int rc;

	arena_init(&a);
	rc = check_name(&a, name, &c.name, err);
	if (rc == 0)
		rc = directory_write(dir, set_name, &c, err);
	arena_deinit(&a);
	return rc;
}

static int set_script(struct db *db, void *arg, struct err *err)
{
	const struct account_change *c = arg;
	int64_t change;

	if (directory_next(db, &change, err) < 0)
		return -1;
	return updated(db,
	               db_run(db,
	                      "UPDATE account SET script = $1, change = $2"
	                      " WHERE id = $3 AND removed = 0",
	                      DB_ARGS(DB_I(c->flags ? change : 0), DB_I(change),
	                              DB_I(c->id)),
	                      err),
	               err);
}

int directory_account_set_script(struct directory *dir, int64_t id, bool on,
                                 struct err *err)
{
	struct account_change c = { .id = id, .flags = on };

	return directory_write(dir, set_script, &c, err);
}
