#include "directory/role.h"

#include "directory/private.h"
#include "os/clock.h"

struct change {
	int64_t account, domain;
};

static int add(struct db *db, void *arg, struct err *err)
{
	const struct change *c = arg;
	int64_t change, n;
	int rc = db_number(db, &n,
	                   "SELECT COUNT(*) FROM role WHERE account = $1",
	                   DB_ARGS(DB_I(c->account)), err);

	if (rc >= 0 && n >= DIRECTORY_ROLES_MAX)
		return err_set(err, ERR_TOO_BIG,
		               "one account administers at most %d domains",
		               DIRECTORY_ROLES_MAX);
	if (rc < 0 || directory_next(db, &change, err) < 0)
		return -1;
	rc = db_number(db, &n,
	               "SELECT id FROM account"
	               " WHERE id = $1 AND removed = 0",
	               DB_ARGS(DB_I(c->account)), err);
	if (rc == 0)
		err_set(err, ERR_NOT_FOUND, "there is no such account");
	if (rc <= 0)
		return -1;
	return db_run(db,
	              "INSERT INTO role (account, domain, created, change)"
	              " VALUES ($1, $2, $3, $4)"
	              " ON CONFLICT (account, domain) DO NOTHING",
	              DB_ARGS(DB_I(c->account), DB_I(c->domain),
	                      DB_I(clock_wall_us()), DB_I(change)),
	              err);
}

int directory_role_add(struct directory *dir, int64_t account, int64_t domain,
                       struct err *err)
{
	struct change c = { account, domain };

	return directory_write(dir, add, &c, err);
}

static int drop(struct db *db, void *arg, struct err *err)
{
	const struct change *c = arg;
	int64_t change;

	if (directory_next(db, &change, err) < 0)
		return -1;
	/* -1: all of them */
	if (db_run(db,
	           "DELETE FROM role WHERE account = $1"
	           " AND (domain = $2 OR $2 < 0)",
	           DB_ARGS(DB_I(c->account), DB_I(c->domain)), err) < 0)
		return -1;
	if (db_changes(db) == 0)
		return err_set(err, ERR_NOT_FOUND,
		               "the account has no such role");
	return 0;
}

int directory_role_remove(struct directory *dir, int64_t account,
                          int64_t domain, struct err *err)
{
	struct change c = { account, domain };

	return directory_write(dir, drop, &c, err);
}

int directory_role_remove_all(struct directory *dir, int64_t account,
                              struct err *err)
{
	struct change c = { account, -1 };

	return directory_write(dir, drop, &c, err);
}

#define COLUMNS                                                    \
	"SELECT r.account, a.address, r.domain, d.name, r.created" \
	" FROM role r JOIN account a ON a.id = r.account"          \
	" LEFT JOIN domain d ON d.id = r.domain "
#define ORDER " ORDER BY a.address, d.name"

int directory_role_each(struct directory *dir, int64_t account,
                        bool (*each)(void *arg, const struct directory_role *r),
                        void *arg, struct err *err)
{
	struct db_stmt *q = NULL;
	struct db *db;
	int rc;

	if (db_group_read(dir->group, &db, err) < 0)
		return -1;
	if (account)
		rc = db_query(db, &q, COLUMNS "WHERE r.account = $1" ORDER,
		              DB_ARGS(DB_I(account)), err);
	else
		rc = db_query(db, &q, COLUMNS ORDER, DB_NO_ARGS, err);
	while (rc >= 0 && (rc = db_next(q, err)) > 0) {
		struct directory_role r = { .account = db_i64(q, 0),
			                    .address = db_text(q, 1),
			                    .domain = db_i64(q, 2),
			                    .domain_name = db_text(q, 3),
			                    .created_us = db_i64(q, 4) };

		if (!each(arg, &r))
			break;
	}
	db_done(&q);
	db_group_done(dir->group, &db);
	return rc < 0 ? -1 : 0;
}
