#include "store/copy.h"

#include <string.h>

#include "base/mem.h"
#include "os/clock.h"
#include "store/change.h"
#include "store/expunge.h"
#include "store/learn.h"
#include "store/shard.h"

#define PIECE (CHUNK_MAX / 4)

void copy_result_deinit(struct copy_result *r)
{
	if (!r)
		return;
	mem_free(r->pairs);
	*r = (struct copy_result){ .pairs = NULL };
}

struct piece {
	struct store_account account;
	uint64_t from, to;
	const struct uidset *uids;
	uint32_t from_uid;
	bool move;
	/* Set anew by each run. */
	struct copy_pair pairs[PIECE];
	size_t n;
	uint32_t next; /* 0: that was all */
	uint32_t uidvalidity;
	uint64_t modseq;
};

static int note_moved(struct db *db, const struct account_row *row,
                      int64_t email, struct err *err)
{
	int64_t no;
	int rc = db_number(db, &no, "SELECT no FROM email WHERE id = $1",
	                   DB_ARGS(DB_I(email)), err);

	if (rc <= 0)
		return rc;
	return account_note(db, row, CHANGE_EMAIL, no, CHANGE_UPDATED, err);
}

/* `src` and `dst` may be the same. */
static int take_rows(struct db *db, struct piece *p, struct account_row *row,
                     struct folder *src, struct folder *dst,
                     const struct member *m, size_t n, struct err *err)
{
	int64_t now = clock_wall_us() / US_PER_SEC;
	int want;

	if (learn_of_move(db, src->id, dst->id, &want, err) < 0)
		return -1;

	for (size_t i = 0; i < n; i++) {
		struct member copy = m[i];

		copy.saved_s = now;
		if (folder_add(db, dst, row, &copy, err) < 0)
			return -1;
		if (p->move ? folder_remove(db, src, row, &m[i], err) < 0 ||
		                      note_moved(db, row, m[i].email, err) < 0
		            : email_enter(db, row, m[i].email, err) < 0)
			return -1;
		if (i < LEARN_AT_ONCE &&
		    learn_note(db, row, m[i].email, want, err) < 0)
			return -1;
		p->pairs[p->n++] = (struct copy_pair){ m[i].uid, copy.uid };
	}
	return 0;
}

static int64_t bytes_of(const struct member *m, size_t n)
{
	int64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += m[i].size;
	return sum;
}

static int vanish(struct db *db, struct piece *p, struct folder *src,
                  int64_t modseq, struct err *err)
{
	struct uidset gone = UIDSET_EMPTY;
	int rc;

	for (size_t i = 0; i < p->n; i++)
		uidset_add(&gone, p->pairs[i].from, p->pairs[i].from);
	rc = folder_vanished(db, src, modseq, &gone, err);
	uidset_deinit(&gone);
	return rc;
}

static int save(struct db *db, struct piece *p, struct account_row *row,
                struct folder *src, struct folder *dst, struct err *err)
{
	if (p->move && vanish(db, p, src, row->modseq, err) < 0)
		return -1;
	if ((src != dst && folder_save(db, src, err) < 0) ||
	    folder_save(db, dst, err) < 0)
		return -1;
	p->modseq = (uint64_t)row->modseq;
	return account_save(db, row, err);
}

static int write_piece(struct db *db, void *arg, struct err *err)
{
	struct piece *p = arg;
	struct account_row row;
	struct folder src, other, *dst = &other;
	struct member *m;
	size_t n;
	int rc = 0;

	p->n = 0;
	p->next = 0;
	p->modseq = 0;
	if (account_take(db, p->account, &row, err) < 0 ||
	    folder_need(db, row.id, (int64_t)p->from, &src, err) < 0 ||
	    folder_need(db, row.id, (int64_t)p->to, &other, err) < 0)
		return -1;
	if (src.id == other.id)
		dst = &src;
	p->uidvalidity = (uint32_t)dst->uidvalidity;
	if (folder_members(db, src.id, p->uids, p->from_uid, PIECE, &m, &n,
	                   err) < 0)
		return -1;
	if (!p->move)
		rc = account_room(&row, p->account, bytes_of(m, n), err);
	if (rc == 0)
		rc = take_rows(db, p, &row, &src, dst, m, n, err);
	if (n == PIECE && m[n - 1].uid < UINT32_MAX)
		p->next = m[n - 1].uid + 1;
	mem_free(m);
	if (rc == 0 && n)
		rc = save(db, p, &row, &src, dst, err);
	return rc;
}

static void add_pairs(struct copy_result *out, size_t *cap,
                      const struct piece *p)
{
	if (out->n + p->n > *cap) {
		*cap = (out->n + p->n) * 2;
		out->pairs =
			mem_realloc(out->pairs, *cap * sizeof(*out->pairs));
	}
	if (p->n)
		memcpy(out->pairs + out->n, p->pairs,
		       p->n * sizeof(*out->pairs));
	out->n += p->n;
	out->uidvalidity = p->uidvalidity;
	if (p->modseq)
		out->modseq = p->modseq;
}

/* The set as it is now: what is added to the same mailbox meanwhile must not
 * be copied again. */
static int fix_set(struct store *s, struct store_account a, uint64_t from,
                   const struct uidset *uids, struct uidset *out,
                   struct err *err)
{
	struct shard *sh;
	struct folder f;
	struct db *db;
	int rc;

	if (shard_read(s, a, &sh, &db, err) < 0)
		return -1;
	rc = db_begin_read(db, err);
	if (rc == 0)
		rc = folder_need(db, a.id, (int64_t)from, &f, err);
	if (rc == 0)
		rc = folder_uids(db, &f, 1, out, err);
	db_group_done(sh->group, &db);
	if (rc == 0)
		uidset_keep_set(out, uids);
	return rc;
}

/* A copy that failed half way leaves nothing behind (RFC 9051, 6.4.7). */
static void take_back(struct store *s, struct store_account a, uint64_t to,
                      const struct copy_result *r)
{
	struct uidset made = UIDSET_EMPTY;
	struct err err;

	for (size_t i = 0; i < r->n; i++)
		uidset_add(&made, r->pairs[i].to, r->pairs[i].to);
	if (made.n)
		err_drop(expunge_uids(s, a, to, &made, NULL, NULL,
		                      &err)); /* the first error is told */
	uidset_deinit(&made);
}

static int run(struct store *s, struct store_account a, uint64_t from,
               const struct uidset *uids, uint64_t to, bool move,
               struct copy_result *out, struct err *err)
{
	struct piece *p = mem_zalloc(sizeof(*p));
	struct uidset fixed = UIDSET_EMPTY;
	size_t cap = 0;
	int rc;

	*out = (struct copy_result){ .pairs = NULL };
	*p = (struct piece){ .account = a,
		             .from = from,
		             .to = to,
		             .uids = &fixed,
		             .move = move };
	rc = fix_set(s, a, from, uids, &fixed, err);
	while (rc == 0) {
		rc = shard_write(s, a, write_piece, p, err);
		if (rc < 0)
			break;
		add_pairs(out, &cap, p);
		p->from_uid = p->next;
		if (!p->next)
			break;
	}
	if (rc < 0 && !move)
		take_back(s, a, to, out);
	if (rc < 0)
		copy_result_deinit(out);
	uidset_deinit(&fixed);
	mem_free(p);
	return rc;
}

int copy_messages(struct store *s, struct store_account a, uint64_t from,
                  const struct uidset *uids, uint64_t to,
                  struct copy_result *out, struct err *err)
{
	return run(s, a, from, uids, to, false, out, err);
}

int move_messages(struct store *s, struct store_account a, uint64_t from,
                  const struct uidset *uids, uint64_t to,
                  struct copy_result *out, struct err *err)
{
	return run(s, a, from, uids, to, true, out, err);
}

/* ---- JMAP mailboxIds ---- */

#define PLACES_MAX 1000

struct place {
	int64_t folder, no, uid;
	uint64_t flags;
	bool keep;
};

struct email_move {
	struct store_account account;
	uint64_t email;
	const uint64_t *mailboxes;
	size_t n;
	uint64_t modseq;
};

static int read_places(struct db *db, const struct email_move *w,
                       struct place *out, size_t *n_out, struct err *err)
{
	struct db_stmt *q;
	size_t n = 0;
	int rc;

	if (db_query(db, &q,
	             "SELECT m.mailbox, b.no, m.uid, m.flags FROM email e"
	             " JOIN message m ON m.email = e.id"
	             " JOIN mailbox b ON b.id = m.mailbox"
	             " WHERE e.account = $1 AND e.no = $2",
	             DB_ARGS(DB_I(w->account.id), DB_I(w->email)), err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0 && n < PLACES_MAX)
		out[n++] = (struct place){ db_i64(q, 0), db_i64(q, 1),
			                   db_i64(q, 2), (uint64_t)db_i64(q, 3),
			                   false };
	db_done(&q);
	if (rc < 0)
		return -1;
	if (rc > 0)
		return err_set(err, ERR_TOO_BIG,
		               "the email is in over %d places", PLACES_MAX);
	if (n == 0)
		return err_set(err, ERR_NOT_FOUND, "no email E%llu",
		               (unsigned long long)w->email);
	*n_out = n;
	return 0;
}

static int read_one(struct db *db, int64_t folder, int64_t uid,
                    struct member *out, struct err *err)
{
	struct uid_range r = { (uint32_t)uid, (uint32_t)uid };
	struct uidset one = { .p = &r, .n = 1 };
	struct member *m;
	size_t n;

	if (folder_members(db, folder, &one, 0, 1, &m, &n, err) < 0)
		return -1;
	if (n)
		*out = m[0];
	mem_free(m);
	return n ? 0 : err_set(err, ERR_CORRUPT, "a message row is missing");
}

int email_add_place(struct db *db, struct account_row *row, uint64_t mailbox,
                    struct member m, struct err *err)
{
	struct folder f;

	m.saved_s = clock_wall_us() / US_PER_SEC;
	if (folder_need(db, row->id, (int64_t)mailbox, &f, err) < 0 ||
	    folder_add(db, &f, row, &m, err) < 0 ||
	    email_enter(db, row, m.email, err) < 0)
		return -1;
	return folder_save(db, &f, err);
}

static int leave(struct db *db, struct account_row *row, const struct place *at,
                 struct err *err)
{
	struct uid_range r = { (uint32_t)at->uid, (uint32_t)at->uid };
	struct uidset one = { .p = &r, .n = 1 };
	struct member m;
	struct folder f;

	if (read_one(db, at->folder, at->uid, &m, err) < 0 ||
	    folder_need(db, row->id, at->no, &f, err) < 0 ||
	    folder_remove(db, &f, row, &m, err) < 0 ||
	    email_leave(db, row, &m, &f, false, err) < 0 ||
	    folder_vanished(db, &f, row->modseq, &one, err) < 0)
		return -1;
	return folder_save(db, &f, err);
}

/* Where it waited for an EXPUNGE and is wanted again. */
static int unhide(struct db *db, struct account_row *row,
                  const struct place *at, struct err *err)
{
	struct uid_range r = { (uint32_t)at->uid, (uint32_t)at->uid };
	struct uidset one = { .p = &r, .n = 1 };
	struct member m;
	struct folder f;

	if (read_one(db, at->folder, at->uid, &m, err) < 0 ||
	    folder_need(db, row->id, at->no, &f, err) < 0 ||
	    folder_set_flags(db, &f, &m, m.flags & ~FLAG_DELETED, row->modseq,
	                     err) < 0 ||
	    folder_flagged(db, &f, row->modseq, &one, err) < 0)
		return -1;
	row->state_email = row->state_mailbox = row->modseq;
	return folder_save(db, &f, err);
}

static bool mark_kept(struct place *at, size_t n, uint64_t mailbox)
{
	bool found = false;

	for (size_t i = 0; i < n; i++)
		if ((uint64_t)at[i].no == mailbox)
			found = at[i].keep = true;
	return found;
}

/* From where it is to where it goes, the strongest word counts. */
static int note_places(struct db *db, const struct email_move *w,
                       const struct account_row *row, const struct place *at,
                       size_t n, int64_t email, struct err *err)
{
	int all = LEARN_NOTHING, want;
	struct folder f;

	for (size_t i = 0; i < w->n && i < 10; i++)
		for (size_t j = 0; j < n && j < 10; j++) {
			if (at[j].keep)
				continue;
			if (folder_need(db, row->id, (int64_t)w->mailboxes[i],
			                &f, err) < 0 ||
			    learn_of_move(db, at[j].folder, f.id, &want, err) <
			            0)
				return -1;
			if (want == LEARN_SPAM || all == LEARN_NOTHING)
				all = want;
		}
	return learn_note(db, row, email, all, err);
}

/* Entering before leaving, so that it is never nowhere. */
static int change_places(struct db *db, const struct email_move *w,
                         struct account_row *row, struct place *at, size_t n,
                         struct err *err)
{
	struct member first;

	if (read_one(db, at[0].folder, at[0].uid, &first, err) < 0)
		return -1;
	first.flags &= ~FLAG_DELETED;
	for (size_t i = 0; i < w->n; i++) {
		if (mark_kept(at, n, w->mailboxes[i]))
			continue;
		if (email_add_place(db, row, w->mailboxes[i], first, err) < 0)
			return -1;
	}
	if (note_places(db, w, row, at, n, first.email, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (!at[i].keep ? leave(db, row, &at[i], err) < 0
		                : at[i].flags & FLAG_DELETED &&
		                          unhide(db, row, &at[i], err) < 0)
			return -1;
	return 0;
}

int email_move_in(struct db *db, struct store_account a,
                  struct account_row *row, uint64_t email,
                  const uint64_t *mailboxes, size_t n, struct err *err)
{
	struct email_move w = { a, email, mailboxes, n, 0 };
	struct place *at = mem_array(PLACES_MAX, sizeof(*at));
	int64_t before = row->bytes, after;
	size_t at_n = 0;
	int rc = read_places(db, &w, at, &at_n, err);

	if (rc == 0)
		rc = change_places(db, &w, row, at, at_n, err);
	mem_free(at);
	if (rc < 0)
		return -1;
	/* A quota that is full does not stop a move. */
	after = row->bytes;
	row->bytes = before;
	if (after > before && account_room(row, a, after - before, err) < 0)
		return -1;
	row->bytes = after;
	return 0;
}

static int write_email(struct db *db, void *arg, struct err *err)
{
	struct email_move *w = arg;
	struct account_row row;

	if (account_take(db, w->account, &row, err) < 0 ||
	    email_move_in(db, w->account, &row, w->email, w->mailboxes, w->n,
	                  err) < 0 ||
	    email_trim(db, &row, w->account.quota_bytes, err) < 0)
		return -1;
	w->modseq = (uint64_t)row.modseq;
	return account_save(db, &row, err);
}

int move_email(struct store *s, struct store_account a, uint64_t email,
               const uint64_t *mailboxes, size_t n, uint64_t *modseq_out,
               struct err *err)
{
	struct email_move w = { a, email, mailboxes, n, 0 };

	if (n == 0 || n > PLACES_MAX)
		return err_set(err, ERR_INVALID,
		               "an email is in 1 to %d mailboxes", PLACES_MAX);
	if (shard_write(s, a, write_email, &w, err) < 0)
		return -1;
	if (modseq_out)
		*modseq_out = w.modseq;
	return 0;
}
