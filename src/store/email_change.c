#include "store/email_change.h"

#include "store/flags.h"
#include "store/shard.h"

struct batch {
	struct store_account account;
	struct email_change *list;
	size_t n;
};

static int set_flags(struct db *db, struct account_row *row, uint64_t email,
                     enum flags_op op, uint64_t flags, bool *changed,
                     struct err *err)
{
	struct flags_change c = { .op = op,
		                  .flags = flags,
		                  .unchanged_since = UINT64_MAX };

	return flags ? email_flags_in(db, row, email, &c, changed, err) : 0;
}

static int change(struct db *db, struct store_account a,
                  struct account_row *row, const struct email_change *c,
                  bool *changed, struct err *err)
{
	if (c->destroy) {
		*changed = true;
		return email_gone_in(db, row, c->email, false, err);
	}
	if (c->n) {
		*changed = true;
		if (email_move_in(db, a, row, c->email, c->mailboxes, c->n,
		                  err) < 0)
			return -1;
	}
	return set_flags(db, row, c->email, FLAGS_ADD, c->add, changed, err) <
	                               0 ||
	                       set_flags(db, row, c->email, FLAGS_REMOVE,
	                                 c->remove, changed, err) < 0
	               ? -1
	               : 0;
}

/* What is wrong with one Email, and not with the database. */
static bool is_its_own(enum err_kind kind)
{
	return kind == ERR_NOT_FOUND || kind == ERR_OVER_QUOTA ||
	       kind == ERR_TOO_BIG;
}

static int change_one(struct db *db, struct batch *b, struct account_row *row,
                      struct email_change *c, bool *changed, struct err *err)
{
	struct account_row before = *row;
	bool was = *changed;

	c->failed = ERR_NONE;
	if (db_savepoint(db, err) < 0)
		return -1;
	if (change(db, b->account, row, c, changed, err) == 0)
		return db_savepoint_keep(db, err);
	if (!is_its_own(err->kind))
		return -1;
	c->failed = err->kind;
	*row = before;
	*changed = was;
	return db_savepoint_undo(db, err);
}

static int write_batch(struct db *db, void *arg, struct err *err)
{
	struct batch *b = arg;
	struct account_row row;
	bool changed = false;

	if (account_take(db, b->account, &row, err) < 0)
		return -1;
	for (size_t i = 0; i < b->n; i++)
		if (change_one(db, b, &row, &b->list[i], &changed, err) < 0)
			return -1;
	if (!changed)
		return 0;
	if (email_trim(db, &row, b->account.quota_bytes, err) < 0)
		return -1;
	return account_save(db, &row, err);
}

int email_change_all(struct store *s, struct store_account a,
                     struct email_change *list, size_t n, struct err *err)
{
	struct batch b = { a, list, n };

	if (n > EMAIL_CHANGES_MAX)
		return err_set(err, ERR_TOO_BIG, "over %d changes at once",
		               EMAIL_CHANGES_MAX);
	return n ? shard_write(s, a, write_batch, &b, err) : 0;
}
