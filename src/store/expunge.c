#include "store/expunge.h"

#include "base/mem.h"
#include "store/shard.h"

struct piece {
	struct store_account account;
	uint64_t mailbox;
	const struct uidset *uids;
	uint32_t from;
	bool deleted_only;
	int64_t saved_before; /* 0: whatever */
	/* Set anew by each run. */
	struct uidset gone;
	uint32_t next; /* 0: that was all */
	uint64_t modseq;
};

static bool is_meant(const struct piece *p, const struct member *m)
{
	if (p->deleted_only && !(m->flags & FLAG_DELETED))
		return false;
	return !p->saved_before || m->saved_s < p->saved_before;
}

static int remove_rows(struct db *db, struct piece *p, struct folder *f,
                       struct account_row *row, const struct member *m,
                       size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (!is_meant(p, &m[i]))
			continue;
		uidset_add(&p->gone, m[i].uid, m[i].uid);
		if (folder_remove(db, f, row, &m[i], err) < 0 ||
		    email_leave(db, row, &m[i], f, false, err) < 0)
			return -1;
	}
	return 0;
}

static int write_piece(struct db *db, void *arg, struct err *err)
{
	struct piece *p = arg;
	struct account_row row;
	struct member *m;
	struct folder f;
	size_t n;
	int rc;

	uidset_reset(&p->gone);
	p->next = 0;
	p->modseq = 0;
	if (account_take(db, p->account, &row, err) < 0 ||
	    folder_need(db, row.id, (int64_t)p->mailbox, &f, err) < 0)
		return -1;
	if (f.total == 0 || (p->deleted_only && f.deleted == 0))
		return 0;
	if (folder_members(db, f.id, p->uids, p->from, CHUNK_MAX / 4, &m, &n,
	                   err) < 0)
		return -1;
	rc = remove_rows(db, p, &f, &row, m, n, err);
	if (n == CHUNK_MAX / 4 && m[n - 1].uid < UINT32_MAX)
		p->next = m[n - 1].uid + 1;
	mem_free(m);
	if (rc < 0 || !p->gone.n)
		return rc;
	p->modseq = (uint64_t)row.modseq;
	if (folder_vanished(db, &f, row.modseq, &p->gone, err) < 0 ||
	    email_trim(db, &row, p->account.quota_bytes, err) < 0 ||
	    folder_save(db, &f, err) < 0)
		return -1;
	return account_save(db, &row, err);
}

static int run(struct store *s, struct piece *p, struct uidset *out,
               uint64_t *count_out, uint64_t *modseq_out, struct err *err)
{
	int rc;

	if (out)
		uidset_reset(out);
	do {
		rc = shard_write(s, p->account, write_piece, p, err);
		if (rc < 0)
			break;
		if (out)
			uidset_add_set(out, &p->gone);
		if (count_out)
			*count_out += uidset_count(&p->gone);
		if (modseq_out && p->modseq)
			*modseq_out = p->modseq;
		p->from = p->next;
	} while (p->next);
	uidset_deinit(&p->gone);
	return rc;
}

static struct uid_range all_range = { 1, UINT32_MAX };
static const struct uidset all = { .p = &all_range, .n = 1 };

int expunge_deleted(struct store *s, struct store_account a, uint64_t mailbox,
                    const struct uidset *uids, struct uidset *out,
                    uint64_t *modseq_out, struct err *err)
{
	struct piece p = { .account = a,
		           .mailbox = mailbox,
		           .uids = uids ? uids : &all,
		           .deleted_only = true };

	return run(s, &p, out, NULL, modseq_out, err);
}

int expunge_uids(struct store *s, struct store_account a, uint64_t mailbox,
                 const struct uidset *uids, struct uidset *out,
                 uint64_t *modseq_out, struct err *err)
{
	struct piece p = { .account = a, .mailbox = mailbox, .uids = uids };

	return run(s, &p, out, NULL, modseq_out, err);
}

int expunge_older(struct store *s, struct store_account a, uint64_t mailbox,
                  int64_t saved_s, uint64_t *count_out, struct err *err)
{
	struct piece p = { .account = a,
		           .mailbox = mailbox,
		           .uids = &all,
		           .saved_before = saved_s };

	if (count_out)
		*count_out = 0;
	return run(s, &p, NULL, count_out, NULL, err);
}

/* ---- an Email from all its places ---- */

struct email_gone {
	struct store_account account;
	uint64_t email;
	bool forever;
	uint64_t modseq;
};

static int leave_place(struct db *db, bool forever, struct account_row *row,
                       int64_t folder, uint32_t uid, struct err *err)
{
	struct uid_range r = { uid, uid };
	struct uidset one = { .p = &r, .n = 1 };
	struct member *m;
	struct folder f;
	size_t n;
	int rc = folder_load_id(db, folder, &f, err);

	if (rc <= 0)
		return rc;
	if (folder_members(db, f.id, &one, 0, 1, &m, &n, err) < 0)
		return -1;
	rc = n == 1 ? folder_remove(db, &f, row, m, err) : 0;
	if (rc == 0 && n == 1)
		rc = email_leave(db, row, m, &f, forever, err);
	mem_free(m);
	if (rc == 0)
		rc = folder_vanished(db, &f, row->modseq, &one, err);
	return rc < 0 ? -1 : folder_save(db, &f, err);
}

int email_gone_in(struct db *db, struct account_row *row, uint64_t email,
                  bool forever, struct err *err)
{
	bool any = false;
	int rc;

	for (;;) {
		int64_t folder, uid;
		struct db_stmt *q;

		rc = db_row(db, &q,
		            "SELECT m.mailbox, m.uid FROM email e"
		            " JOIN message m ON m.email = e.id"
		            " WHERE e.account = $1 AND e.no = $2 LIMIT 1",
		            DB_ARGS(DB_I(row->id), DB_I(email)), err);
		if (rc <= 0)
			break;
		folder = db_i64(q, 0);
		uid = db_i64(q, 1);
		db_done(&q);
		any = true;
		if (leave_place(db, forever, row, folder, (uint32_t)uid, err) <
		    0)
			return -1;
	}
	if (rc < 0)
		return -1;
	return any ? 0
	           : err_set(err, ERR_NOT_FOUND, "no email E%llu",
	                     (unsigned long long)email);
}

static int write_email(struct db *db, void *arg, struct err *err)
{
	struct email_gone *w = arg;
	struct account_row row;

	if (account_take(db, w->account, &row, err) < 0)
		return -1;
	w->modseq = (uint64_t)row.modseq;
	if (email_gone_in(db, &row, w->email, w->forever, err) < 0 ||
	    email_trim(db, &row, w->account.quota_bytes, err) < 0)
		return -1;
	return account_save(db, &row, err);
}

int expunge_email(struct store *s, struct store_account a, uint64_t email,
                  bool forever, uint64_t *modseq_out, struct err *err)
{
	struct email_gone w = { .account = a,
		                .email = email,
		                .forever = forever };

	if (shard_write(s, a, write_email, &w, err) < 0)
		return -1;
	if (modseq_out)
		*modseq_out = w.modseq;
	return 0;
}
