#include "base/mem.h"
#include "os/clock.h"
#include "store/change.h"
#include "store/shard.h"

/* Ranges remembered of what vanished or was flagged, per mailbox; when there
 * are more, the older half is forgotten and older clients resynchronise. */
#define LOG_MAX 20000

#define COLUMNS                                                           \
	"id, account, no, uidvalidity, uidnext, total, unseen, deleted, " \
	"bytes, deleted_bytes, modseq, tail_first, tail_count, "          \
	"gone_floor, gone_n, log_floor, log_n, unseen_from"

static void read_row(struct db_stmt *q, struct folder *out)
{
	*out = (struct folder){
		.id = db_i64(q, 0),
		.account = db_i64(q, 1),
		.no = db_i64(q, 2),
		.uidvalidity = db_i64(q, 3),
		.uidnext = db_i64(q, 4),
		.total = db_i64(q, 5),
		.unseen = db_i64(q, 6),
		.deleted = db_i64(q, 7),
		.bytes = db_i64(q, 8),
		.deleted_bytes = db_i64(q, 9),
		.modseq = db_i64(q, 10),
		.tail_first = db_i64(q, 11),
		.tail_count = db_i64(q, 12),
		.gone_floor = db_i64(q, 13),
		.gone_n = db_i64(q, 14),
		.log_floor = db_i64(q, 15),
		.log_n = db_i64(q, 16),
		.unseen_from = db_i64(q, 17),
	};
}

int folder_load(struct db *db, int64_t account, int64_t no, struct folder *out,
                struct err *err)
{
	struct db_stmt *q;
	int rc = db_row(db, &q,
	                "SELECT " COLUMNS " FROM mailbox"
	                " WHERE account = $1 AND no = $2",
	                DB_ARGS(DB_I(account), DB_I(no)), err);

	if (rc > 0) {
		read_row(q, out);
		db_done(&q);
	}
	return rc;
}

int folder_load_id(struct db *db, int64_t id, struct folder *out,
                   struct err *err)
{
	struct db_stmt *q;
	int rc = db_row(db, &q, "SELECT " COLUMNS " FROM mailbox WHERE id = $1",
	                DB_ARGS(DB_I(id)), err);

	if (rc > 0) {
		read_row(q, out);
		db_done(&q);
	}
	return rc;
}

int folder_need(struct db *db, int64_t account, int64_t no, struct folder *out,
                struct err *err)
{
	int rc = folder_load(db, account, no, out, err);

	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "no mailbox M%lld",
		               (long long)no);
	return rc < 0 ? -1 : 0;
}

int folder_save(struct db *db, const struct folder *f, struct err *err)
{
	return db_run(db,
	              "UPDATE mailbox SET uidvalidity = $2, uidnext = $3,"
	              " total = $4, unseen = $5, deleted = $6, bytes = $7,"
	              " deleted_bytes = $8, modseq = $9, tail_first = $10,"
	              " tail_count = $11, gone_floor = $12, gone_n = $13,"
	              " log_floor = $14, log_n = $15, unseen_from = $16"
	              " WHERE id = $1",
	              DB_ARGS(DB_I(f->id), DB_I(f->uidvalidity),
	                      DB_I(f->uidnext), DB_I(f->total), DB_I(f->unseen),
	                      DB_I(f->deleted), DB_I(f->bytes),
	                      DB_I(f->deleted_bytes), DB_I(f->modseq),
	                      DB_I(f->tail_first), DB_I(f->tail_count),
	                      DB_I(f->gone_floor), DB_I(f->gone_n),
	                      DB_I(f->log_floor), DB_I(f->log_n),
	                      DB_I(f->unseen_from)),
	              err);
}

/* ---- counters ---- */

static void count(struct folder *f, uint64_t flags, int64_t size, int sign)
{
	f->total += sign;
	f->bytes += sign * size;
	if (!(flags & FLAG_SEEN))
		f->unseen += sign;
	if (flags & FLAG_DELETED) {
		f->deleted += sign;
		f->deleted_bytes += sign * size;
	}
}

/* ---- runs ---- */

static int put_run(struct db *db, int64_t folder, int64_t first, int64_t last,
                   struct err *err)
{
	if (first > last)
		return 0;
	return db_run(db,
	              "INSERT INTO run (mailbox, first, last)"
	              " VALUES ($1, $2, $3)",
	              DB_ARGS(DB_I(folder), DB_I(first), DB_I(last)), err);
}

static int extend_tail(struct db *db, struct folder *f, struct err *err)
{
	int64_t uid = f->uidnext;

	if (f->tail_count > 0 && f->tail_first + f->tail_count == uid) {
		f->tail_count++;
		return 0;
	}
	if (put_run(db, f->id, f->tail_first, f->tail_first + f->tail_count - 1,
	            err) < 0)
		return -1;
	f->tail_first = uid;
	f->tail_count = 1;
	return 0;
}

static int cut_tail(struct db *db, struct folder *f, int64_t first,
                    int64_t last, struct err *err)
{
	int64_t from = f->tail_first, to = f->tail_first + f->tail_count - 1;

	if (f->tail_count == 0 || last < from || first > to)
		return 0;
	if (last >= to) {
		f->tail_count = first > from ? first - from : 0;
		return 0;
	}
	if (put_run(db, f->id, from, first - 1, err) < 0)
		return -1;
	f->tail_first = last + 1;
	f->tail_count = to - last;
	return 0;
}

static int cut_rows(struct db *db, struct folder *f, int64_t first,
                    int64_t last, struct err *err)
{
	struct uidset old = UIDSET_EMPTY;
	struct db_stmt *q;
	int rc;

	if (db_query(db, &q,
	             "SELECT first, last FROM run WHERE mailbox = $1"
	             " AND first <= $3 AND first >= coalesce((SELECT"
	             " max(first) FROM run WHERE mailbox = $1 AND first <="
	             " $2), 0) ORDER BY first",
	             DB_ARGS(DB_I(f->id), DB_I(first), DB_I(last)), err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0)
		if (db_i64(q, 1) >= first)
			uidset_add(&old, (uint32_t)db_i64(q, 0),
			           (uint32_t)db_i64(q, 1));
	db_done(&q);
	for (size_t i = 0; rc == 0 && i < old.n; i++) {
		int64_t from = old.p[i].first, to = old.p[i].last;

		rc = db_run(db,
		            "DELETE FROM run WHERE mailbox = $1 AND"
		            " first >= $2 AND first <= $3",
		            DB_ARGS(DB_I(f->id), DB_I(from), DB_I(to)), err);
		if (rc == 0)
			rc = put_run(db, f->id, from,
			             to < first - 1 ? to : first - 1, err);
		if (rc == 0)
			rc = put_run(db, f->id,
			             from > last + 1 ? from : last + 1, to,
			             err);
	}
	uidset_deinit(&old);
	return rc;
}

int folder_uids(struct db *db, const struct folder *f, uint32_t from,
                struct uidset *out, struct err *err)
{
	struct db_stmt *q;
	int rc;

	uidset_reset(out);
	if (db_query(db, &q,
	             "SELECT first, last FROM run WHERE mailbox = $1"
	             " AND first >= coalesce((SELECT max(first) FROM run"
	             " WHERE mailbox = $1 AND first <= $2), 0)"
	             " ORDER BY first",
	             DB_ARGS(DB_I(f->id), DB_I(from)), err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0)
		uidset_add(out, (uint32_t)db_i64(q, 0), (uint32_t)db_i64(q, 1));
	db_done(&q);
	if (rc < 0)
		return -1;
	if (f->tail_count > 0)
		uidset_add(out, (uint32_t)f->tail_first,
		           (uint32_t)(f->tail_first + f->tail_count - 1));
	if (from > 1)
		uidset_remove(out, 1, from - 1);
	return 0;
}

/* ---- messages ---- */

int folder_add(struct db *db, struct folder *f, struct account_row *a,
               struct member *m, struct err *err)
{
	if (f->uidnext >= UINT32_MAX)
		return err_set(err, ERR_TOO_BIG, "the mailbox has no UID left");
	if (extend_tail(db, f, err) < 0)
		return -1;
	m->uid = (uint32_t)f->uidnext++;
	m->modseq = m->added = a->modseq;
	count(f, m->flags, m->size, 1);
	if (!(m->flags & FLAG_SEEN) && f->unseen_from > m->uid)
		f->unseen_from = m->uid;
	else if ((m->flags & FLAG_SEEN) && f->unseen_from == m->uid)
		f->unseen_from++;
	f->modseq = a->modseq;
	a->bytes += m->size;
	a->messages++;
	a->state_email = a->state_mailbox = a->state_thread = a->modseq;
	return db_run(db,
	              "INSERT INTO message (mailbox, uid, email, flags, modseq,"
	              " added, size, received, saved)"
	              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
	              DB_ARGS(DB_I(f->id), DB_I(m->uid), DB_I(m->email),
	                      DB_I(m->flags), DB_I(m->modseq), DB_I(m->added),
	                      DB_I(m->size), DB_I(m->received_s),
	                      DB_I(m->saved_s)),
	              err);
}

int folder_remove(struct db *db, struct folder *f, struct account_row *a,
                  const struct member *m, struct err *err)
{
	count(f, m->flags, m->size, -1);
	f->modseq = a->modseq;
	a->bytes -= m->size;
	a->messages--;
	a->state_email = a->state_mailbox = a->state_thread = a->modseq;
	return db_run(db, "DELETE FROM message WHERE mailbox = $1 AND uid = $2",
	              DB_ARGS(DB_I(f->id), DB_I(m->uid)), err);
}

int folder_set_flags(struct db *db, struct folder *f, const struct member *m,
                     uint64_t flags, int64_t modseq, struct err *err)
{
	count(f, m->flags, m->size, -1);
	count(f, flags, m->size, 1);
	if (!(flags & FLAG_SEEN) && f->unseen_from > m->uid)
		f->unseen_from = m->uid;
	else if ((flags & FLAG_SEEN) && f->unseen_from == m->uid)
		f->unseen_from++;
	f->modseq = modseq;
	return db_run(db,
	              "UPDATE message SET flags = $3, modseq = $4"
	              " WHERE mailbox = $1 AND uid = $2",
	              DB_ARGS(DB_I(f->id), DB_I(m->uid), DB_I(flags),
	                      DB_I(modseq)),
	              err);
}

/* The modseq up to which half of the log lies. */
static int middle(struct db *db, const char *sql, int64_t folder, int64_t *out,
                  struct err *err)
{
	return db_number(db, out, sql, DB_ARGS(DB_I(folder), DB_I(LOG_MAX / 2)),
	                 err);
}

int folder_vanished(struct db *db, struct folder *f, int64_t modseq,
                    const struct uidset *uids, struct err *err)
{
	for (size_t i = 0; i < uids->n; i++) {
		struct uid_range r = uids->p[i];

		if (cut_tail(db, f, r.first, r.last, err) < 0 ||
		    cut_rows(db, f, r.first, r.last, err) < 0 ||
		    db_run(db,
		           "INSERT INTO vanished (mailbox, modseq, first, last)"
		           " VALUES ($1, $2, $3, $4)",
		           DB_ARGS(DB_I(f->id), DB_I(modseq), DB_I(r.first),
		                   DB_I(r.last)),
		           err) < 0)
			return -1;
	}
	f->gone_n += (int64_t)uids->n;
	if (f->gone_n <= LOG_MAX)
		return 0;
	if (middle(db,
	           "SELECT modseq FROM vanished WHERE mailbox = $1"
	           " ORDER BY modseq LIMIT 1 OFFSET $2",
	           f->id, &f->gone_floor, err) < 0 ||
	    db_run(db,
	           "DELETE FROM vanished WHERE mailbox = $1 AND modseq <= $2",
	           DB_ARGS(DB_I(f->id), DB_I(f->gone_floor)), err) < 0)
		return -1;
	return db_number(db, &f->gone_n,
	                 "SELECT count(*) FROM vanished WHERE mailbox = $1",
	                 DB_ARGS(DB_I(f->id)), err) < 0
	               ? -1
	               : 0;
}

int folder_flagged(struct db *db, struct folder *f, int64_t modseq,
                   const struct uidset *uids, struct err *err)
{
	/* One transaction may change a message twice. */
	for (size_t i = 0; i < uids->n; i++)
		if (db_run(db,
		           "INSERT INTO flaglog (mailbox, modseq, first, last)"
		           " VALUES ($1, $2, $3, $4)"
		           " ON CONFLICT (mailbox, modseq, first) DO UPDATE"
		           " SET last = excluded.last"
		           " WHERE flaglog.last < excluded.last",
		           DB_ARGS(DB_I(f->id), DB_I(modseq),
		                   DB_I(uids->p[i].first),
		                   DB_I(uids->p[i].last)),
		           err) < 0)
			return -1;
	f->log_n += (int64_t)uids->n;
	if (f->log_n <= LOG_MAX)
		return 0;
	if (middle(db,
	           "SELECT modseq FROM flaglog WHERE mailbox = $1"
	           " ORDER BY modseq LIMIT 1 OFFSET $2",
	           f->id, &f->log_floor, err) < 0 ||
	    db_run(db,
	           "DELETE FROM flaglog WHERE mailbox = $1 AND modseq <= $2",
	           DB_ARGS(DB_I(f->id), DB_I(f->log_floor)), err) < 0)
		return -1;
	return db_number(db, &f->log_n,
	                 "SELECT count(*) FROM flaglog WHERE mailbox = $1",
	                 DB_ARGS(DB_I(f->id)), err) < 0
	               ? -1
	               : 0;
}

static int read_members(struct db *db, int64_t folder, struct uid_range r,
                        size_t max, struct member *out, size_t *n,
                        struct err *err)
{
	struct db_stmt *q;
	int rc;

	if (db_query(db, &q,
	             "SELECT uid, email, flags, modseq, added, size, received,"
	             " saved FROM message WHERE mailbox = $1 AND uid >= $2"
	             " AND uid <= $3 ORDER BY uid LIMIT $4",
	             DB_ARGS(DB_I(folder), DB_I(r.first), DB_I(r.last),
	                     DB_I(max)),
	             err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0)
		out[(*n)++] = (struct member){
			.uid = (uint32_t)db_i64(q, 0),
			.email = db_i64(q, 1),
			.flags = (uint64_t)db_i64(q, 2),
			.modseq = db_i64(q, 3),
			.added = db_i64(q, 4),
			.size = db_i64(q, 5),
			.received_s = db_i64(q, 6),
			.saved_s = db_i64(q, 7),
		};
	db_done(&q);
	return rc;
}

int folder_members(struct db *db, int64_t folder, const struct uidset *uids,
                   uint32_t from, size_t max, struct member **out, size_t *n,
                   struct err *err)
{
	*out = mem_array(max, sizeof(**out));
	*n = 0;
	for (size_t i = 0; i < uids->n && *n < max; i++) {
		struct uid_range r = uids->p[i];

		if (r.last < from)
			continue;
		if (r.first < from)
			r.first = from;
		if (read_members(db, folder, r, max - *n, *out, n, err) < 0) {
			mem_free(*out);
			*out = NULL;
			return -1;
		}
	}
	return 0;
}

/* ---- the mailboxes themselves ---- */

int folder_make(struct db *db, struct account_row *a, struct str name,
                enum mailbox_use use, int64_t *no_out, struct err *err)
{
	int64_t now = clock_wall_us() / US_PER_SEC;

	/* Never the same for two mailboxes of an account, nor for one that is
	 * made again under an old name (RFC 9051, 2.3.1.1). */
	a->uidvalidity = now > a->uidvalidity ? now : a->uidvalidity + 1;
	a->state_mailbox = a->modseq;
	*no_out = a->next_mailbox++;
	return db_run(db,
	              "INSERT INTO mailbox (account, no, name, use, created,"
	              " changed, uidvalidity, uidnext, total, unseen, deleted,"
	              " bytes, deleted_bytes, modseq, tail_first, tail_count,"
	              " gone_floor, gone_n, log_floor, log_n, unseen_from)"
	              " VALUES ($1, $2, $3, $4, $5, $5, $6, 1, 0, 0, 0, 0, 0,"
	              " $5, 1, 0, 0, 0, 0, 0, 1)",
	              DB_ARGS(DB_I(a->id), DB_I(*no_out), DB_S(name), DB_I(use),
	                      DB_I(a->modseq), DB_I(a->uidvalidity)),
	              err);
}

int folder_of_use(struct db *db, int64_t account, enum mailbox_use use,
                  int64_t *no_out, struct err *err)
{
	int rc = db_number(db, no_out,
	                   "SELECT no FROM mailbox WHERE account = $1 AND"
	                   " (use = $2 OR use = $3) ORDER BY use DESC LIMIT 1",
	                   DB_ARGS(DB_I(account),
	                           DB_I(use ? use : MAILBOX_USE_INBOX),
	                           DB_I(MAILBOX_USE_INBOX)),
	                   err);

	if (rc == 0)
		return err_set(err, ERR_CORRUPT, "account %lld has no INBOX",
		               (long long)account);
	return rc < 0 ? -1 : 0;
}
