#include "directory/private.h"

/* The address in the form of the table: local part in the one form, the
 * domain itself and not an alias of it.  ERR_NOT_FOUND when not hosted. */
static int sender_form(struct db *db, struct str local, struct str domain,
                       struct arena *a, struct directory_host *host,
                       struct str *out, struct err *err)
{
	struct str name;
	int rc;

	if (directory_domain(a, domain, &name, err) < 0)
		return -1;
	rc = directory_host_find(db, name, a, host, err);
	if (rc == 0)
		err_set(err, ERR_NOT_FOUND,
		        "the domain %.*s is not hosted here", STR_ARG(domain));
	if (rc <= 0)
		return -1;
	*out = directory_join(a, directory_local(a, local), host->name);
	return 0;
}

static int is_granted(struct db *db, int64_t account_id, struct str address,
                      struct str domain, struct arena *a, struct err *err)
{
	struct str all = directory_join(a, STR("*"), domain);
	int64_t n;

	return db_number(db, &n,
	                 "SELECT 1 FROM sender WHERE account = $1"
	                 " AND address IN ($2, $3) LIMIT 1",
	                 DB_ARGS(DB_I(account_id), DB_S(address), DB_S(all)),
	                 err);
}

static struct str without_detail(struct str local)
{
	size_t plus = str_chr(local, '+');

	return plus == STR_NPOS || plus == 0 ? local : str_to(local, plus);
}

/* 1, 0, -1 */
static int may_send_as(struct directory *dir, struct db *db, int64_t account_id,
                       struct str local, struct str domain, struct arena *a,
                       struct err *err)
{
	struct str base = without_detail(local), address;
	struct directory_account acc;
	struct directory_host host;
	int rc;

	if (directory_account_in(dir, db, account_id, false, a, &acc, err) <
	            0 ||
	    sender_form(db, base, domain, a, &host, &address, err) < 0) {
		bool trouble =
			err->kind != ERR_NOT_FOUND && err->kind != ERR_INVALID;

		return trouble ? -1 : 0;
	}
	if (str_eq(address, acc.address))
		return 1;
	rc = is_granted(db, account_id, address, host.name, a, err);
	return rc;
}

int directory_may_send_as(struct directory *dir, int64_t account_id,
                          struct str local, struct str domain, bool *out,
                          struct err *err)
{
	struct arena a;
	struct db *db;
	int rc;

	if (db_group_read(dir->group, &db, err) < 0)
		return -1;
	arena_init(&a);
	rc = may_send_as(dir, db, account_id, local, domain, &a, err);
	arena_deinit(&a);
	db_group_done(dir->group, &db);
	if (rc < 0)
		return -1;
	*out = rc > 0;
	return 0;
}

struct grant_change {
	struct directory *dir;
	int64_t account_id;
	struct str text;
	bool remove;
};

static int change_grant(struct db *db, const struct grant_change *c,
                        struct arena *a, struct err *err)
{
	struct directory_account acc;
	struct directory_host host;
	struct str local, domain, address;
	int64_t change;

	if (directory_account_in(c->dir, db, c->account_id, false, a, &acc,
	                         err) < 0 ||
	    directory_target_parse(a, c->text, &local, &domain, err) < 0 ||
	    sender_form(db, local, domain, a, &host, &address, err) < 0 ||
	    directory_next(db, &change, err) < 0)
		return -1;
	if (c->remove) {
		if (db_run(db,
		           "DELETE FROM sender WHERE account = $1"
		           " AND address = $2",
		           DB_ARGS(DB_I(acc.id), DB_S(address)), err) < 0)
			return -1;
		if (db_changes(db) == 0)
			return err_set(err, ERR_NOT_FOUND,
			               "%.*s is not granted to %.*s",
			               STR_ARG(address), STR_ARG(acc.address));
	} else if (db_run(db,
	                  "INSERT INTO sender (account, address, change)"
	                  " VALUES ($1, $2, $3)"
	                  " ON CONFLICT (account, address) DO NOTHING",
	                  DB_ARGS(DB_I(acc.id), DB_S(address), DB_I(change)),
	                  err) < 0) {
		return -1;
	}
	return db_run(db, "UPDATE account SET change = $1 WHERE id = $2",
	              DB_ARGS(DB_I(change), DB_I(acc.id)), err);
}

static int change_grant_write(struct db *db, void *arg, struct err *err)
{
	struct arena a;
	int rc;

	arena_init(&a);
	rc = change_grant(db, arg, &a, err);
	arena_deinit(&a);
	return rc;
}

int directory_grant_add(struct directory *dir, int64_t account_id,
                        struct str address, struct err *err)
{
	struct grant_change c = { dir, account_id, address, false };

	return directory_write(dir, change_grant_write, &c, err);
}

int directory_grant_remove(struct directory *dir, int64_t account_id,
                           struct str address, struct err *err)
{
	struct grant_change c = { dir, account_id, address, true };

	return directory_write(dir, change_grant_write, &c, err);
}

int directory_grant_each(struct directory *dir, int64_t account_id,
                         bool (*each)(void *arg, struct str address), void *arg,
                         struct err *err)
{
	struct db_stmt *q;
	struct db *db;
	int rc;

	if (db_group_read(dir->group, &db, err) < 0)
		return -1;
	rc = db_query(db, &q,
	              "SELECT address FROM sender WHERE account = $1"
	              " ORDER BY address",
	              DB_ARGS(DB_I(account_id)), err);
	while (rc == 0 && (rc = db_next(q, err)) > 0)
		rc = each(arg, db_text(q, 0)) ? 0 : 1;
	db_done(&q);
	db_group_done(dir->group, &db);
	return rc < 0 ? -1 : 0;
}
