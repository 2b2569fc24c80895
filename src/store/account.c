#include "store/shard.h"

int account_load(struct db *db, int64_t id, struct account_row *out,
                 struct err *err)
{
	struct db_stmt *q;
	int rc = db_row(db, &q,
	                "SELECT modseq, epoch, bytes, messages, purged_bytes,"
	                " next_mailbox, next_email, uidvalidity, state_email,"
	                " state_mailbox, state_thread, change_floor"
	                " FROM account WHERE id = $1",
	                DB_ARGS(DB_I(id)), err);

	if (rc <= 0)
		return rc;
	*out = (struct account_row){
		.id = id,
		.modseq = db_i64(q, 0),
		.epoch = db_i64(q, 1),
		.bytes = db_i64(q, 2),
		.messages = db_i64(q, 3),
		.purged_bytes = db_i64(q, 4),
		.next_mailbox = db_i64(q, 5),
		.next_email = db_i64(q, 6),
		.uidvalidity = db_i64(q, 7),
		.state_email = db_i64(q, 8),
		.state_mailbox = db_i64(q, 9),
		.state_thread = db_i64(q, 10),
		.change_floor = db_i64(q, 11),
	};
	db_done(&q);
	return 1;
}

/* With the folders that everybody has (R34). */
static int make(struct db *db, int64_t id, struct account_row *out,
                struct err *err)
{
	static const struct {
		struct str name;
		enum mailbox_use use;
	} folders[] = {
		{ STR_INIT("INBOX"), MAILBOX_USE_INBOX },
		{ STR_INIT("Drafts"), MAILBOX_USE_DRAFTS },
		{ STR_INIT("Sent"), MAILBOX_USE_SENT },
		{ STR_INIT("Archive"), MAILBOX_USE_ARCHIVE },
		{ STR_INIT("Spam"), MAILBOX_USE_JUNK },
		{ STR_INIT("Trash"), MAILBOX_USE_TRASH },
	};

	int64_t no;

	*out = (struct account_row){
		.id = id,
		.modseq = 1,
		.epoch = 1,
		.next_mailbox = 1,
		.next_email = 1,
		.made = true,
	};
	if (db_run(db,
	           "INSERT INTO account (id, epoch, modseq, bytes, messages,"
	           " purged_bytes, next_mailbox, next_email, uidvalidity,"
	           " state_email, state_mailbox, state_thread, change_floor)"
	           " VALUES ($1, 1, 1, 0, 0, 0, 1, 1, 0, 1, 1, 1, 0)",
	           DB_ARGS(DB_I(id)), err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		if (folder_make(db, out, folders[i].name, folders[i].use, &no,
		                err) < 0 ||
		    db_run(db,
		           "INSERT INTO subscription (account, name)"
		           " VALUES ($1, $2) ON CONFLICT DO NOTHING",
		           DB_ARGS(DB_I(id), DB_S(folders[i].name)), err) < 0)
			return -1;
	}
	return 0;
}

int account_take(struct db *db, struct store_account a, struct account_row *out,
                 struct err *err)
{
	int rc = account_load(db, a.id, out, err);

	if (rc < 0)
		return -1;
	if (rc == 0)
		return make(db, a.id, out, err);
	out->modseq++;
	return 0;
}

int account_save(struct db *db, const struct account_row *r, struct err *err)
{
	return db_run(
		db,
		"UPDATE account SET modseq = $2, epoch = $3, bytes = $4,"
		" messages = $5, purged_bytes = $6, next_mailbox = $7,"
		" next_email = $8, uidvalidity = $9, state_email = $10,"
		" state_mailbox = $11, state_thread = $12, change_floor = $13"
		" WHERE id = $1",
		DB_ARGS(DB_I(r->id), DB_I(r->modseq), DB_I(r->epoch),
	                DB_I(r->bytes), DB_I(r->messages),
	                DB_I(r->purged_bytes), DB_I(r->next_mailbox),
	                DB_I(r->next_email), DB_I(r->uidvalidity),
	                DB_I(r->state_email), DB_I(r->state_mailbox),
	                DB_I(r->state_thread), DB_I(r->change_floor)),
		err);
}

int account_room(const struct account_row *r, struct store_account a,
                 int64_t bytes, struct err *err)
{
	if (a.quota_bytes == STORE_QUOTA_NONE)
		return 0;
	if ((uint64_t)r->bytes <= a.quota_bytes &&
	    (uint64_t)bytes <= a.quota_bytes - (uint64_t)r->bytes)
		return 0;
	return err_set(err, ERR_OVER_QUOTA,
	               "account %lld uses %lld of %llu bytes", (long long)r->id,
	               (long long)r->bytes, (unsigned long long)a.quota_bytes);
}

int account_note(struct db *db, const struct account_row *r, int type,
                 int64_t no, enum change_what what, struct err *err)
{
	return db_run(db,
	              "INSERT INTO changed (account, modseq, type, no, what)"
	              " VALUES ($1, $2, $3, $4, $5)"
	              " ON CONFLICT (account, modseq, type, no)"
	              " DO UPDATE SET what = excluded.what",
	              DB_ARGS(DB_I(r->id), DB_I(r->modseq), DB_I(type),
	                      DB_I(no), DB_I(what)),
	              err);
}
