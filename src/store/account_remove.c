#include "store/index.h"
#include "store/shard.h"
#include "store/upload.h"

#define PIECE 500

struct removal {
	int64_t account;
	int64_t ids[PIECE];
	size_t n; /* 0: nothing is left of this kind */
};

static int read_emails(struct db *db, struct removal *r, struct err *err)
{
	struct db_stmt *q;
	int rc;

	r->n = 0;
	if (db_query(db, &q, "SELECT id FROM email WHERE account = $1 LIMIT $2",
	             DB_ARGS(DB_I(r->account), DB_I(PIECE)), err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0 && r->n < PIECE)
		r->ids[r->n++] = db_i64(q, 0);
	db_done(&q);
	return rc < 0 ? -1 : 0;
}

static int write_emails(struct db *db, void *arg, struct err *err)
{
	struct removal *r = arg;

	if (read_emails(db, r, err) < 0)
		return -1;
	for (size_t i = 0; i < r->n; i++)
		if (db_run(db, "DELETE FROM message WHERE email = $1",
		           DB_ARGS(DB_I(r->ids[i])), err) < 0 ||
		    email_drop(db, r->ids[i], err) < 0)
			return -1;
	return 0;
}

static int write_ids(struct db *db, void *arg, struct err *err)
{
	struct removal *r = arg;

	if (db_run(db,
	           "DELETE FROM msgid WHERE account = $1 AND hash IN"
	           " (SELECT hash FROM msgid WHERE account = $1 LIMIT 5000)",
	           DB_ARGS(DB_I(r->account)), err) < 0)
		return -1;
	r->n = (size_t)db_changes(db);
	return 0;
}

static int write_rest(struct db *db, void *arg, struct err *err)
{
	static const char *const sql[] = {
		"DELETE FROM run WHERE mailbox IN"
		" (SELECT id FROM mailbox WHERE account = $1)",
		"DELETE FROM vanished WHERE mailbox IN"
		" (SELECT id FROM mailbox WHERE account = $1)",
		"DELETE FROM flaglog WHERE mailbox IN"
		" (SELECT id FROM mailbox WHERE account = $1)",
		"DELETE FROM mailbox WHERE account = $1",
		"DELETE FROM subscription WHERE account = $1",
		"DELETE FROM keyword WHERE account = $1",
		"DELETE FROM changed WHERE account = $1",
		"DELETE FROM script WHERE account = $1",
		"DELETE FROM vacation WHERE account = $1",
		"DELETE FROM remembered WHERE account = $1",
		"DELETE FROM learn WHERE account = $1",
		"DELETE FROM report WHERE account = $1",
		"DELETE FROM object WHERE account = $1",
		"DELETE FROM object_type WHERE account = $1",
		"DELETE FROM metadata WHERE account = $1",
		"DELETE FROM account WHERE id = $1",
	};
	struct removal *r = arg;

	/* A delivery may have come meanwhile. */
	if (write_emails(db, arg, err) < 0 || r->n == PIECE)
		return r->n == PIECE ? 0 : -1;
	for (size_t i = 0; i < sizeof(sql) / sizeof(sql[0]); i++)
		if (db_run(db, sql[i], DB_ARGS(DB_I(r->account)), err) < 0)
			return -1;
	r->n = 0;
	return 0;
}

int store_account_remove(struct store *s, struct store_account a,
                         struct err *err)
{
	static const db_write_fn steps[] = { write_emails, write_ids,
		                             write_rest };
	struct removal r = { .account = a.id };
	struct shard *sh;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		do
			if (shard_write(s, a, steps[i], &r, err) < 0)
				return -1;
		while (r.n > 0);
	if (store_shard(s, a, &sh, err) < 0)
		return -1;
	index_drop(sh, a.id);
	upload_remove_all(s, a);
	return 0;
}
