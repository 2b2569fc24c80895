#include "store/purged.h"

#include "store/change.h"
#include "store/shard.h"

static int read_list(struct db *db, int64_t account, int64_t before_s,
                     uint64_t before, size_t max, struct arena *arena,
                     struct purged *out, size_t *n_out, struct err *err)
{
	struct db_stmt *q;
	size_t n = 0;
	int rc;

	if (db_query(db, &q,
	             "SELECT e.no, e.purged, e.received, e.size,"
	             " e.purged_flags, e.purged_mailbox, b.meta, e.prefix"
	             " FROM email e JOIN body b ON b.id = e.body"
	             " WHERE e.account = $1 AND e.purged IS NOT NULL"
	             " AND (e.purged < $2 OR (e.purged = $2 AND e.no < $3))"
	             " ORDER BY e.purged DESC, e.no DESC LIMIT $4",
	             DB_ARGS(DB_I(account), DB_I(before_s), DB_I(before),
	                     DB_I(max)),
	             err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0 && n < max)
		out[n++] = (struct purged){
			.email = (uint64_t)db_i64(q, 0),
			.purged_s = db_i64(q, 1),
			.internaldate_s = db_i64(q, 2),
			.size = (uint64_t)db_i64(q, 3),
			.flags = (uint64_t)db_i64(q, 4),
			.mailbox = (uint64_t)db_i64(q, 5),
			.meta = arena_dup(arena, db_blob(q, 6)),
			.prefix = arena_dup(arena, db_blob(q, 7)),
		};
	db_done(&q);
	*n_out = n;
	return rc < 0 ? -1 : 0;
}

int purged_list(struct store *s, struct store_account a, uint64_t before,
                size_t max, struct arena *arena, struct purged **out,
                size_t *n_out, struct err *err)
{
	int64_t before_s = INT64_MAX;
	struct shard *sh;
	struct db *db;
	int rc = 1;

	if (max > 1000)
		max = 1000;
	if (shard_read(s, a, &sh, &db, err) < 0)
		return -1;
	if (before)
		rc = db_number(db, &before_s,
		               "SELECT purged FROM email WHERE account = $1"
		               " AND no = $2 AND purged IS NOT NULL",
		               DB_ARGS(DB_I(a.id), DB_I(before)), err);
	*out = arena_array(arena, max + 1, sizeof(**out));
	*n_out = 0;
	if (rc > 0)
		rc = read_list(db, a.id, before_s, before, max, arena, *out,
		               n_out, err);
	else if (rc == 0)
		rc = err_set(err, ERR_NOT_FOUND, "no purged email E%llu",
		             (unsigned long long)before);
	db_group_done(sh->group, &db);
	return rc;
}

struct restore {
	struct store_account account;
	uint64_t email, mailbox;
	uint32_t uid;
};

struct purged_row {
	int64_t id, size, received, flags, mailbox, thread;
};

static int load(struct db *db, int64_t account, uint64_t no,
                struct purged_row *out, struct err *err)
{
	struct db_stmt *q;
	int rc = db_row(db, &q,
	                "SELECT id, size, received, purged_flags,"
	                " purged_mailbox, thread FROM email"
	                " WHERE account = $1 AND no = $2"
	                " AND purged IS NOT NULL",
	                DB_ARGS(DB_I(account), DB_I(no)), err);

	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "no purged email E%llu",
		               (unsigned long long)no);
	if (rc < 0)
		return -1;
	*out = (struct purged_row){ db_i64(q, 0), db_i64(q, 1), db_i64(q, 2),
		                    db_i64(q, 3), db_i64(q, 4), db_i64(q, 5) };
	db_done(&q);
	return 0;
}

static int old_folder(struct db *db, int64_t account, int64_t no,
                      struct folder *out, struct err *err)
{
	int rc = folder_load(db, account, no, out, err);

	if (rc == 0)
		return folder_need(db, account, 1, out, err);
	return rc < 0 ? -1 : 0;
}

static int write_restore(struct db *db, void *arg, struct err *err)
{
	struct restore *r = arg;
	struct account_row row;
	struct purged_row p = { 0 };
	struct member m;
	struct folder f;

	if (account_take(db, r->account, &row, err) < 0 ||
	    load(db, row.id, r->email, &p, err) < 0 ||
	    account_room(&row, r->account, p.size, err) < 0 ||
	    old_folder(db, row.id, p.mailbox, &f, err) < 0)
		return -1;
	m = (struct member){ .email = p.id,
		             .flags = (uint64_t)p.flags & ~FLAG_DELETED,
		             .size = p.size,
		             .received_s = p.received };
	m.saved_s = p.received;
	row.purged_bytes -= p.size;
	/* It counts as created again: for every client it was destroyed. */
	if (db_run(db,
	           "UPDATE email SET places = 1, purged = NULL,"
	           " purged_flags = NULL, purged_mailbox = NULL, created = $2"
	           " WHERE id = $1",
	           DB_ARGS(DB_I(p.id), DB_I(row.modseq)), err) < 0 ||
	    account_note(db, &row, CHANGE_EMAIL, (int64_t)r->email,
	                 CHANGE_UPDATED, err) < 0 ||
	    account_note(db, &row, CHANGE_THREAD, p.thread, CHANGE_UPDATED,
	                 err) < 0 ||
	    folder_add(db, &f, &row, &m, err) < 0 ||
	    folder_save(db, &f, err) < 0)
		return -1;
	r->mailbox = (uint64_t)f.no;
	r->uid = m.uid;
	return account_save(db, &row, err);
}

int purged_restore(struct store *s, struct store_account a, uint64_t email,
                   uint64_t *mailbox_out, uint32_t *uid_out, struct err *err)
{
	struct restore r = { .account = a, .email = email };

	if (shard_write(s, a, write_restore, &r, err) < 0)
		return -1;
	if (mailbox_out)
		*mailbox_out = r.mailbox;
	if (uid_out)
		*uid_out = r.uid;
	return 0;
}

struct erase {
	struct store_account account;
	uint64_t email; /* 0: all */
	uint64_t count;
};

#define ERASE_PIECE 500

static int read_some(struct db *db, const struct erase *e, int64_t *ids,
                     size_t *n_out, int64_t *bytes, struct err *err)
{
	struct db_stmt *q;
	size_t n = 0;
	int rc;

	if (db_query(db, &q,
	             "SELECT id, size FROM email WHERE account = $1"
	             " AND purged IS NOT NULL AND (no = $2 OR $2 = 0)"
	             " ORDER BY purged LIMIT $3",
	             DB_ARGS(DB_I(e->account.id), DB_I(e->email),
	                     DB_I(ERASE_PIECE)),
	             err) < 0)
		return -1;
	*bytes = 0;
	while ((rc = db_next(q, err)) > 0 && n < ERASE_PIECE) {
		ids[n++] = db_i64(q, 0);
		*bytes += db_i64(q, 1);
	}
	db_done(&q);
	*n_out = n;
	return rc < 0 ? -1 : 0;
}

static int write_erase(struct db *db, void *arg, struct err *err)
{
	struct erase *e = arg;
	struct account_row row;
	int64_t ids[ERASE_PIECE], bytes;
	size_t n;

	e->count = 0;
	if (account_take(db, e->account, &row, err) < 0 ||
	    read_some(db, e, ids, &n, &bytes, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (email_drop(db, ids[i], err) < 0)
			return -1;
	e->count = n;
	row.purged_bytes -= bytes;
	return n ? account_save(db, &row, err) : 0;
}

int purged_erase(struct store *s, struct store_account a, uint64_t email,
                 uint64_t *count_out, struct err *err)
{
	struct erase e = { .account = a, .email = email };
	uint64_t sum = 0;

	do {
		if (shard_write(s, a, write_erase, &e, err) < 0)
			return -1;
		sum += e.count;
	} while (e.count && !email);
	if (email && !sum)
		return err_set(err, ERR_NOT_FOUND, "no purged email E%llu",
		               (unsigned long long)email);
	if (count_out)
		*count_out = sum;
	return 0;
}
