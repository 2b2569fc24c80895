/* Targets of forwards that wait for a yes from there. */
#include "directory/private.h"
#include "os/clock.h"

static void take_row(struct db_stmt *q, struct arena *a,
                     struct directory_proposal *out)
{
	*out = (struct directory_proposal){
		.account_id = db_i64(q, 0),
		.address = arena_dup(a, db_text(q, 1)),
		.target = directory_join(a, db_text(q, 2), db_text(q, 3)),
		.token = arena_dup(a, db_text(q, 4)),
		.confirmed_us = db_i64(q, 5),
	};
}

#define COLUMNS                                              \
	"SELECT t.owner, c.address, t.local, t.domain,"      \
	" t.token, t.confirmed FROM target t JOIN account c" \
	" ON c.id = t.owner WHERE c.removed = 0 AND "

int directory_proposal_find(struct directory *dir, struct str token,
                            struct arena *a, struct directory_proposal *out,
                            struct err *err)
{
	struct db_stmt *q;
	struct db *db;
	int rc = 0;

	if (token.n != DIRECTORY_PROPOSAL_TOKEN)
		return err_set(err, ERR_NOT_FOUND, "there is no such token");
	if (db_group_read(dir->group, &db, err) < 0)
		return -1;
	rc = db_row(db, &q, COLUMNS "t.token = $1", DB_ARGS(DB_S(token)), err);
	if (rc > 0) {
		take_row(q, a, out);
		db_done(&q);
	}
	db_group_done(dir->group, &db);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "there is no such token");
	return rc < 0 ? -1 : 0;
}

int directory_proposal_list(struct directory *dir, int64_t account_id,
                            struct arena *a, struct directory_proposal **out,
                            size_t *n_out, struct err *err)
{
	struct directory_proposal *v =
		arena_array(a, DIRECTORY_TARGETS_MAX, sizeof(*v));
	struct db_stmt *q;
	struct db *db;
	size_t n = 0;
	int rc;

	if (db_group_read(dir->group, &db, err) < 0)
		return -1;
	rc = db_query(db, &q, COLUMNS "t.owner = $1 ORDER BY t.place",
	              DB_ARGS(DB_I(account_id)), err);
	while (rc >= 0 && n < DIRECTORY_TARGETS_MAX &&
	       (rc = db_next(q, err)) > 0)
		take_row(q, a, &v[n++]);
	db_done(&q);
	db_group_done(dir->group, &db);
	*out = v;
	*n_out = n;
	return rc < 0 ? -1 : 0;
}

struct confirmation {
	struct str token;
	int64_t now_us;
};

static int confirm(struct db *db, void *arg, struct err *err)
{
	const struct confirmation *c = arg;
	int64_t change;

	if (directory_next(db, &change, err) < 0 ||
	    db_run(db,
	           "UPDATE target SET confirmed = $2, change = $3"
	           " WHERE token = $1 AND confirmed = 0",
	           DB_ARGS(DB_S(c->token), DB_I(c->now_us), DB_I(change)),
	           err) < 0)
		return -1;
	return 0;
}

int directory_proposal_confirm(struct directory *dir, struct str token,
                               struct err *err)
{
	struct confirmation c = { .token = token, .now_us = clock_wall_us() };
	struct directory_proposal p;
	struct arena a;
	int rc;

	arena_init(&a);
	rc = directory_proposal_find(dir, token, &a, &p, err);
	if (rc == 0 && p.confirmed_us == 0)
		rc = directory_write(dir, confirm, &c, err);
	arena_deinit(&a);
	return rc;
}
