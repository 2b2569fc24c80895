#include "store/fetch.h"

#include <string.h>

#include "base/mem.h"
#include "store/shard.h"

/* Rows read at a time: so that a batch is some 200 KB. */
#define BATCH_NARROW 2000
#define BATCH_WIDE   100

struct fetch {
	struct store *store;
	struct store_account account;
	int64_t folder;
	struct uidset uids;
	size_t range;  /* which range comes next, */
	uint32_t from; /* and from which UID of it */
	unsigned want;
	uint64_t changed_since;
	struct fetch_row *rows;
	size_t n, at, max;
	struct arena arena; /* of a batch's meta */
};

#define NARROW "m.uid, m.flags, m.modseq, m.received, m.saved, m.size"
#define WHERE                                                        \
	" WHERE m.mailbox = $1 AND m.uid >= $2 AND m.uid <= $3 AND " \
	"m.modseq > $4 ORDER BY m.uid LIMIT $5"

static const char sql_narrow[] = "SELECT " NARROW " FROM message m" WHERE;
static const char sql_ids[] = "SELECT " NARROW ", e.no, e.thread FROM message m"
			      " JOIN email e ON e.id = m.email" WHERE;
static const char sql_meta[] =
	"SELECT " NARROW ", e.no, e.thread, b.meta, e.prefix FROM message m"
	" JOIN email e ON e.id = m.email JOIN body b ON b.id = e.body" WHERE;

static void read_row(struct db_stmt *q, unsigned want, struct arena *arena,
                     struct fetch_row *out)
{
	memset(out, 0, sizeof(*out));
	out->uid = (uint32_t)db_i64(q, 0);
	out->flags = (uint64_t)db_i64(q, 1);
	out->modseq = (uint64_t)db_i64(q, 2);
	out->internaldate_s = db_i64(q, 3);
	out->saved_s = db_i64(q, 4);
	out->size = (uint64_t)db_i64(q, 5);
	if (!(want & (FETCH_IDS | FETCH_META)))
		return;
	out->email = (uint64_t)db_i64(q, 6);
	out->thread = (uint64_t)db_i64(q, 7);
	if (!(want & FETCH_META))
		return;
	out->meta = arena_dup(arena, db_blob(q, 8));
	out->prefix = arena_dup(arena, db_blob(q, 9));
}

int fetch_open(struct fetch **out, struct store *s, struct store_account a,
               uint64_t mailbox, const struct uidset *uids, unsigned want,
               uint64_t changed_since, struct err *err)
{
	struct folder folder;
	struct shard *sh;
	struct fetch *f;
	struct db *db;
	int rc;

	if (shard_read(s, a, &sh, &db, err) < 0)
		return -1;
	rc = folder_need(db, a.id, (int64_t)mailbox, &folder, err);
	db_group_done(sh->group, &db);
	if (rc < 0)
		return -1;
	f = mem_zalloc(sizeof(*f));
	f->store = s;
	f->account = a;
	f->folder = folder.id;
	f->want = want;
	f->changed_since = changed_since;
	f->max = want & FETCH_META ? BATCH_WIDE : BATCH_NARROW;
	uidset_copy(&f->uids, uids);
	arena_init(&f->arena);
	*out = f;
	return 0;
}

void fetch_close(struct fetch **fp)
{
	struct fetch *f = *fp;

	if (!f)
		return;
	uidset_deinit(&f->uids);
	arena_deinit(&f->arena);
	mem_free(f->rows);
	mem_free(f);
	*fp = NULL;
}

/* What is left of one range, as far as the batch has room. */
static int read_range(struct fetch *f, struct db *db, struct err *err)
{
	struct uid_range r = f->uids.p[f->range];
	const char *sql = f->want & FETCH_META  ? sql_meta
	                  : f->want & FETCH_IDS ? sql_ids
	                                        : sql_narrow;
	size_t room = f->max - f->n, got = 0;
	struct db_stmt *q;
	int rc;

	if (f->from > r.first)
		r.first = f->from;
	if (db_query(db, &q, sql,
	             DB_ARGS(DB_I(f->folder), DB_I(r.first), DB_I(r.last),
	                     DB_I(f->changed_since), DB_I(room)),
	             err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0) {
		read_row(q, f->want, &f->arena, &f->rows[f->n++]);
		got++;
	}
	db_done(&q);
	if (rc < 0)
		return -1;
	if (got == room && f->rows[f->n - 1].uid < r.last) {
		f->from = f->rows[f->n - 1].uid + 1;
	} else {
		f->range++;
		f->from = 0;
	}
	return 0;
}

static int read_batch(struct fetch *f, struct err *err)
{
	struct shard *sh;
	struct db *db;
	int rc;

	f->n = f->at = 0;
	arena_reset(&f->arena);
	if (f->range == f->uids.n)
		return 0;
	if (!f->rows) {
		/* A single message is the common case. */
		uint64_t want = uidset_count(&f->uids);

		if (want < f->max)
			f->max = (size_t)want;
		f->rows = mem_array(f->max, sizeof(*f->rows));
	}
	if (shard_read(f->store, f->account, &sh, &db, err) < 0)
		return -1;
	rc = db_begin_read(db, err);
	while (rc == 0 && f->n < f->max && f->range < f->uids.n)
		rc = read_range(f, db, err);
	db_group_done(sh->group, &db);
	return rc;
}

int fetch_next(struct fetch *f, struct fetch_row *out, struct err *err)
{
	if (f->at == f->n && read_batch(f, err) < 0)
		return -1;
	if (f->at == f->n)
		return 0;
	*out = f->rows[f->at++];
	return 1;
}

int fetch_one(struct store *s, struct store_account a, uint64_t mailbox,
              uint32_t uid, unsigned want, struct arena *arena,
              struct fetch_row *out, struct err *err)
{
	struct uid_range r = { uid, uid };
	struct uidset one = { .p = &r, .n = 1 };
	struct fetch *f;
	int rc;

	if (fetch_open(&f, s, a, mailbox, &one, want, 0, err) < 0)
		return -1;
	rc = fetch_next(f, out, err);
	if (rc > 0) {
		out->meta = arena_dup(arena, out->meta);
		out->prefix = arena_dup(arena, out->prefix);
	}
	fetch_close(&f);
	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "no message %u", uid);
	return rc < 0 ? -1 : 0;
}

/* ---- Emails ---- */

static int read_places(struct db *db, int64_t email, struct arena *arena,
                       struct fetch_email *out, struct err *err)
{
	struct db_stmt *q;
	int64_t max = 0;
	int rc;

	if (db_number(db, &max, "SELECT count(*) FROM message WHERE email = $1",
	              DB_ARGS(DB_I(email)), err) < 0)
		return -1;
	out->places = arena_array(arena, (size_t)max + 1, sizeof(*out->places));
	out->places_n = 0;
	if (db_query(db, &q,
	             "SELECT b.no, m.uid, m.flags FROM message m"
	             " JOIN mailbox b ON b.id = m.mailbox"
	             " WHERE m.email = $1 ORDER BY b.no, m.uid",
	             DB_ARGS(DB_I(email)), err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0 && out->places_n < (size_t)max)
		out->places[out->places_n++] = (struct fetch_place){
			.mailbox = (uint64_t)db_i64(q, 0),
			.uid = (uint32_t)db_i64(q, 1),
			.flags = (uint64_t)db_i64(q, 2),
		};
	db_done(&q);
	return rc < 0 ? -1 : 0;
}

static int read_email(struct db *db, int64_t account, uint64_t no,
                      unsigned want, struct arena *arena,
                      struct fetch_email *out, struct err *err)
{
	struct db_stmt *q;
	int64_t id;
	int rc = db_row(db, &q,
	                "SELECT " NARROW ", e.no, e.thread, b.meta, e.prefix,"
	                " e.created, e.id FROM email e"
	                " JOIN message m ON m.email = e.id"
	                " JOIN body b ON b.id = e.body"
	                " WHERE e.account = $1 AND e.no = $2"
	                " ORDER BY m.mailbox, m.uid LIMIT 1",
	                DB_ARGS(DB_I(account), DB_I(no)), err);

	if (rc == 0)
		return err_set(err, ERR_NOT_FOUND, "no email E%llu",
		               (unsigned long long)no);
	if (rc < 0)
		return -1;
	memset(out, 0, sizeof(*out));
	read_row(q, want, arena, &out->row);
	out->email = (uint64_t)db_i64(q, 6);
	out->thread = (uint64_t)db_i64(q, 7);
	out->created_modseq = (uint64_t)db_i64(q, 10);
	id = db_i64(q, 11);
	db_done(&q);
	return read_places(db, id, arena, out, err);
}

int fetch_email(struct store *s, struct store_account a, uint64_t email,
                unsigned want, struct arena *arena, struct fetch_email *out,
                struct err *err)
{
	struct shard *sh;
	struct db *db;
	int rc;

	if (shard_read(s, a, &sh, &db, err) < 0)
		return -1;
	rc = db_begin_read(db, err);
	if (rc == 0)
		rc = read_email(db, a.id, email, want, arena, out, err);
	db_group_done(sh->group, &db);
	return rc;
}

static int read_thread(struct db *db, int64_t account, uint64_t thread,
                       struct arena *arena, uint64_t **out, size_t *n_out,
                       struct err *err)
{
	size_t max = 16, n = 0;
	uint64_t *list = arena_array(arena, max, sizeof(*list));
	struct db_stmt *q;
	int rc;

	if (db_query(db, &q,
	             "SELECT no, received FROM email WHERE account = $1"
	             " AND thread = $2 AND thread <> no AND purged IS NULL"
	             " UNION SELECT no, received FROM email WHERE account = $1"
	             " AND no = $2 AND thread = no AND purged IS NULL"
	             " ORDER BY 2, 1",
	             DB_ARGS(DB_I(account), DB_I(thread)), err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0) {
		if (n == max) {
			uint64_t *more =
				arena_array(arena, max * 2, sizeof(*more));

			memcpy(more, list, n * sizeof(*more));
			list = more;
			max *= 2;
		}
		list[n++] = (uint64_t)db_i64(q, 0);
	}
	db_done(&q);
	*out = list;
	*n_out = n;
	return rc;
}

int fetch_thread(struct store *s, struct store_account a, uint64_t thread,
                 struct arena *arena, uint64_t **out, size_t *n_out,
                 struct err *err)
{
	struct shard *sh;
	struct db *db;
	int rc;

	if (shard_read(s, a, &sh, &db, err) < 0)
		return -1;
	rc = read_thread(db, a.id, thread, arena, out, n_out, err);
	db_group_done(sh->group, &db);
	if (rc == 0 && *n_out == 0)
		return err_set(err, ERR_NOT_FOUND, "no thread T%llu",
		               (unsigned long long)thread);
	return rc;
}
