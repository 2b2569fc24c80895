#include "store/flags.h"

#include <string.h>

#include "base/mem.h"
#include "store/learn.h"
#include "store/shard.h"

void flags_result_deinit(struct flags_result *r)
{
	if (!r)
		return;
	uidset_deinit(&r->changed);
	uidset_deinit(&r->modified);
}

static uint64_t apply(const struct flags_change *c, uint64_t old)
{
	switch (c->op) {
	case FLAGS_SET: return c->flags;
	case FLAGS_ADD: return old | c->flags;
	case FLAGS_REMOVE: return old & ~c->flags;
	}
	return old;
}

struct piece {
	struct store_account account;
	uint64_t mailbox;
	const struct uidset *uids;
	uint32_t from;
	const struct flags_change *change;
	/* Set anew by each run. */
	struct uidset changed, modified;
	uint32_t next; /* 0: that was all */
	uint64_t modseq;
};

static int change_rows(struct db *db, struct piece *p, struct folder *f,
                       const struct account_row *row, struct member *m,
                       size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t flags = apply(p->change, m[i].flags);

		if (p->change->unchanged_since != UINT64_MAX &&
		    (uint64_t)m[i].modseq > p->change->unchanged_since) {
			uidset_add(&p->modified, m[i].uid, m[i].uid);
			continue;
		}
		if (flags == m[i].flags)
			continue;
		uidset_add(&p->changed, m[i].uid, m[i].uid);
		if (folder_set_flags(db, f, &m[i], flags, row->modseq, err) < 0)
			return -1;
		if (i < LEARN_AT_ONCE &&
		    learn_note(db, row, m[i].email,
		               learn_of_flags(m[i].flags, flags), err) < 0)
			return -1;
	}
	return 0;
}

static int save(struct db *db, struct piece *p, struct folder *f,
                struct account_row *row, struct err *err)
{
	/* Unread counts are the mailbox's (RFC 8621, 2). */
	row->state_email = row->state_mailbox = row->modseq;
	p->modseq = (uint64_t)row->modseq;
	if (folder_flagged(db, f, row->modseq, &p->changed, err) < 0)
		return -1;
	return folder_save(db, f, err);
}

static int write_piece(struct db *db, void *arg, struct err *err)
{
	struct piece *p = arg;
	struct account_row row;
	struct member *m;
	struct folder f;
	size_t n;
	int rc;

	uidset_reset(&p->changed);
	uidset_reset(&p->modified);
	p->next = 0;
	p->modseq = 0;
	if (account_take(db, p->account, &row, err) < 0 ||
	    folder_need(db, row.id, (int64_t)p->mailbox, &f, err) < 0 ||
	    folder_members(db, f.id, p->uids, p->from, CHUNK_MAX, &m, &n, err) <
	            0)
		return -1;
	rc = change_rows(db, p, &f, &row, m, n, err);
	if (n == CHUNK_MAX && m[n - 1].uid < UINT32_MAX)
		p->next = m[n - 1].uid + 1;
	mem_free(m);
	if (rc == 0 && p->changed.n)
		rc = save(db, p, &f, &row, err) < 0
		             ? -1
		             : account_save(db, &row, err);
	return rc;
}

int flags_store(struct store *s, struct store_account a, uint64_t mailbox,
                const struct uidset *uids, const struct flags_change *c,
                struct flags_result *out, struct err *err)
{
	struct piece p = {
		.account = a, .mailbox = mailbox, .uids = uids, .change = c
	};
	int rc;

	memset(out, 0, sizeof(*out));
	do {
		rc = shard_write(s, a, write_piece, &p, err);
		if (rc < 0)
			break;
		uidset_add_set(&out->changed, &p.changed);
		uidset_add_set(&out->modified, &p.modified);
		if (p.modseq)
			out->modseq = p.modseq;
		p.from = p.next;
	} while (p.next);
	uidset_deinit(&p.changed);
	uidset_deinit(&p.modified);
	if (rc < 0)
		flags_result_deinit(out);
	return rc;
}

/* ---- an Email in all its places ---- */

struct email_flags {
	struct store_account account;
	uint64_t email;
	const struct flags_change *change;
	uint64_t modseq;
};

static int change_place(struct db *db, const struct flags_change *c,
                        struct account_row *row, int64_t folder, int64_t uid,
                        bool *changed, struct err *err)
{
	struct piece p = { .change = c };
	struct uid_range r = { (uint32_t)uid, (uint32_t)uid };
	struct uidset one = { .p = &r, .n = 1 };
	struct member *m;
	struct folder f;
	size_t n;
	int rc = folder_load_id(db, folder, &f, err);

	if (rc <= 0)
		return rc;
	if (folder_members(db, f.id, &one, 0, 1, &m, &n, err) < 0)
		return -1;
	rc = change_rows(db, &p, &f, row, m, n, err);
	mem_free(m);
	if (rc == 0 && p.modified.n)
		rc = err_set(err, ERR_EXISTS, "it was changed since");
	if (rc == 0 && p.changed.n) {
		rc = save(db, &p, &f, row, err);
		*changed = true;
	}
	uidset_deinit(&p.changed);
	uidset_deinit(&p.modified);
	return rc;
}

int email_flags_in(struct db *db, struct account_row *row, uint64_t email,
                   const struct flags_change *c, bool *changed_out,
                   struct err *err)
{
	struct db_stmt *q;
	bool any = false;
	int rc;

	if (db_query(db, &q,
	             "SELECT m.mailbox, m.uid FROM email e"
	             " JOIN message m ON m.email = e.id"
	             " WHERE e.account = $1 AND e.no = $2",
	             DB_ARGS(DB_I(row->id), DB_I(email)), err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0) {
		any = true;
		rc = change_place(db, c, row, db_i64(q, 0), db_i64(q, 1),
		                  changed_out, err);
		if (rc < 0)
			break;
	}
	db_done(&q);
	if (rc == 0 && !any)
		rc = err_set(err, ERR_NOT_FOUND, "no email E%llu",
		             (unsigned long long)email);
	return rc;
}

static int write_email(struct db *db, void *arg, struct err *err)
{
	struct email_flags *w = arg;
	struct account_row row;
	bool changed = false;

	w->modseq = 0;
	if (account_take(db, w->account, &row, err) < 0 ||
	    email_flags_in(db, &row, w->email, w->change, &changed, err) < 0)
		return -1;
	if (!changed)
		return 0;
	w->modseq = (uint64_t)row.modseq;
	return account_save(db, &row, err);
}

int flags_store_email(struct store *s, struct store_account a, uint64_t email,
                      const struct flags_change *c, uint64_t *modseq_out,
                      struct err *err)
{
	struct email_flags w = { .account = a, .email = email, .change = c };

	if (shard_write(s, a, write_email, &w, err) < 0)
		return -1;
	if (modseq_out)
		*modseq_out = w.modseq;
	return 0;
}
