#include "store/view.h"

#include <string.h>

#include "base/mem.h"
#include "store/shard.h"

struct view {
	struct store *store;
	struct store_account account;
	uint64_t mailbox;
	int64_t folder; /* row id */
	uint32_t uidvalidity, uidnext;
	uint64_t modseq;
	struct uidset uids;    /* what has a sequence number */
	struct uidset removed; /* of those, gone but not told yet */
	uint32_t *before;      /* members before each range of `uids` */
	uint32_t count;
	int64_t unseen_from;
	struct own *own; /* changed by the session itself, and told */
	size_t own_n;
};

struct own {
	struct uidset uids;
	uint64_t modseq;
};

/* The sums that make sequence numbers quick. */
static void number(struct view *v)
{
	uint32_t sum = 0;

	v->before = mem_realloc(v->before,
	                        (v->uids.n ? v->uids.n : 1) * sizeof(uint32_t));
	for (size_t i = 0; i < v->uids.n; i++) {
		v->before[i] = sum;
		sum += v->uids.p[i].last - v->uids.p[i].first + 1;
	}
	v->count = sum;
}

static int load(struct view *v, struct db *db, struct err *err)
{
	struct folder f;

	if (folder_need(db, v->account.id, (int64_t)v->mailbox, &f, err) < 0 ||
	    folder_uids(db, &f, 1, &v->uids, err) < 0)
		return -1;
	v->folder = f.id;
	v->uidvalidity = (uint32_t)f.uidvalidity;
	v->uidnext = (uint32_t)f.uidnext;
	v->modseq = (uint64_t)f.modseq;
	v->unseen_from = f.unseen ? f.unseen_from : 0;
	number(v);
	return 0;
}

int view_open(struct view **out, struct store *s, struct store_account a,
              uint64_t mailbox, struct err *err)
{
	struct view *v;
	struct shard *sh;
	struct db *db;
	int rc;

	if (shard_read(s, a, &sh, &db, err) < 0)
		return -1;
	v = mem_zalloc(sizeof(*v));
	v->store = s;
	v->account = a;
	v->mailbox = mailbox;
	rc = db_begin_read(db, err);
	if (rc == 0)
		rc = load(v, db, err);
	db_group_done(sh->group, &db);
	if (rc < 0)
		view_close(&v);
	else
		*out = v;
	return rc;
}

static void forget_own(struct view *v)
{
	for (size_t i = 0; i < v->own_n; i++)
		uidset_deinit(&v->own[i].uids);
	v->own_n = 0;
}

void view_close(struct view **vp)
{
	struct view *v = *vp;

	if (!v)
		return;
	uidset_deinit(&v->uids);
	uidset_deinit(&v->removed);
	forget_own(v);
	mem_free(v->own);
	mem_free(v->before);
	mem_free(v);
	*vp = NULL;
}

uint64_t view_mailbox(const struct view *v)
{
	return v->mailbox;
}

struct store_account view_account(const struct view *v)
{
	return v->account;
}

uint32_t view_count(const struct view *v)
{
	return v->count;
}

uint32_t view_uidvalidity(const struct view *v)
{
	return v->uidvalidity;
}

uint32_t view_uidnext(const struct view *v)
{
	return v->uidnext;
}

uint64_t view_modseq(const struct view *v)
{
	return v->modseq;
}

const struct uidset *view_uids(const struct view *v)
{
	return &v->uids;
}

/* ---- sequence numbers ---- */

uint32_t view_seq(const struct view *v, uint32_t uid)
{
	size_t lo = 0, hi = v->uids.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (v->uids.p[mid].last < uid)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == v->uids.n || v->uids.p[lo].first > uid)
		return 0;
	return v->before[lo] + (uid - v->uids.p[lo].first) + 1;
}

/* The range that has sequence number `seq`, which is there. */
static size_t range_of(const struct view *v, uint32_t seq)
{
	size_t lo = 0, hi = v->uids.n;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (v->before[mid] < seq)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

uint32_t view_uid(const struct view *v, uint32_t seq)
{
	size_t i;

	if (seq == 0 || seq > v->count)
		return 0;
	i = range_of(v, seq);
	return v->uids.p[i].first + (seq - v->before[i] - 1);
}

static void add_seqs(const struct view *v, uint32_t first, uint32_t last,
                     struct uidset *out)
{
	for (size_t i = range_of(v, first); i < v->uids.n; i++) {
		struct uid_range r = v->uids.p[i];
		uint32_t from = v->before[i] + 1;
		uint32_t to = v->before[i] + (r.last - r.first + 1);

		if (from > last)
			break;
		uidset_add(out, r.first + (first > from ? first - from : 0),
		           r.last - (to > last ? to - last : 0));
	}
}

bool view_take_seqs(const struct view *v, const struct uid_range *in, size_t n,
                    struct uidset *out)
{
	bool all = true;

	uidset_reset(out);
	for (size_t i = 0; i < n; i++) {
		uint32_t a = in[i].first, b = in[i].last;

		if (a == UINT32_MAX)
			a = v->count;
		if (b == UINT32_MAX)
			b = v->count;
		if (a > b) {
			uint32_t swap = a;

			a = b;
			b = swap;
		}
		if (a == 0 || b > v->count)
			all = false;
		if (a == 0)
			a = 1;
		if (b > v->count)
			b = v->count;
		if (a <= b)
			add_seqs(v, a, b, out);
	}
	return all;
}

void view_take_uids(const struct view *v, const struct uid_range *in, size_t n,
                    struct uidset *out)
{
	uint32_t last = v->uids.n ? v->uids.p[v->uids.n - 1].last : 0;

	uidset_reset(out);
	for (size_t i = 0; i < n; i++) {
		uint32_t a = in[i].first == UINT32_MAX ? last : in[i].first;
		uint32_t b = in[i].last == UINT32_MAX ? last : in[i].last;

		if (last)
			uidset_add(out, a, b);
	}
	uidset_keep_set(out, &v->uids);
}

int view_first_unseen(struct view *v, uint32_t *seq_out, struct err *err)
{
	struct shard *sh;
	struct db *db;
	int64_t uid = 0;
	int rc = 0;

	*seq_out = 0;
	if (!v->unseen_from)
		return 0;
	if (shard_read(v->store, v->account, &sh, &db, err) < 0)
		return -1;
	/* Below unseen_from all are seen, so this is mostly one row. */
	rc = db_number(db, &uid,
	               "SELECT uid FROM message WHERE mailbox = $1"
	               " AND uid >= $2 AND flags & 1 = 0"
	               " ORDER BY uid LIMIT 1",
	               DB_ARGS(DB_I(v->folder), DB_I(v->unseen_from)), err);
	db_group_done(sh->group, &db);
	if (rc > 0)
		*seq_out = view_seq(v, (uint32_t)uid);
	return rc < 0 ? -1 : 0;
}

/* ---- what changed ---- */

void view_news_deinit(struct view_news *n)
{
	if (n)
		uidset_deinit(&n->expunged);
}

/* Ranges of a log since a modseq. */
static int read_log(struct db *db, const char *sql, int64_t folder,
                    uint64_t modseq, struct uidset *out, struct err *err)
{
	struct db_stmt *q;
	int rc;

	if (db_query(db, &q, sql, DB_ARGS(DB_I(folder), DB_I(modseq)), err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0)
		uidset_add(out, (uint32_t)db_i64(q, 0), (uint32_t)db_i64(q, 1));
	db_done(&q);
	return rc;
}

static int read_vanished(struct db *db, int64_t folder, uint64_t modseq,
                         struct uidset *out, struct err *err)
{
	return read_log(db,
	                "SELECT first, last FROM vanished WHERE mailbox = $1"
	                " AND modseq > $2",
	                folder, modseq, out, err);
}

static int find_removed(struct view *v, struct db *db, const struct folder *f,
                        struct err *err)
{
	struct uidset gone = UIDSET_EMPTY, now = UIDSET_EMPTY;
	int rc;

	if (v->modseq >= (uint64_t)f->gone_floor) {
		rc = read_vanished(db, v->folder, v->modseq, &gone, err);
		uidset_keep_set(&gone, &v->uids);
	} else {
		/* Further back than is remembered: compare. */
		rc = folder_uids(db, f, 1, &now, err);
		uidset_copy(&gone, &v->uids);
		uidset_remove_set(&gone, &now);
	}
	if (rc == 0)
		uidset_add_set(&v->removed, &gone);
	uidset_deinit(&gone);
	uidset_deinit(&now);
	return rc;
}

static int find_new(struct view *v, struct db *db, const struct folder *f,
                    struct view_news *out, struct err *err)
{
	struct uidset fresh = UIDSET_EMPTY;
	int rc;

	if ((uint32_t)f->uidnext <= v->uidnext)
		return 0;
	rc = folder_uids(db, f, v->uidnext, &fresh, err);
	if (rc == 0 && fresh.n) {
		out->first_new_uid = fresh.p[0].first;
		uidset_add_set(&v->uids, &fresh);
	}
	uidset_deinit(&fresh);
	return rc;
}

/* Whether a row is news for the session. */
static bool is_news(const struct view *v, const struct member *m)
{
	if ((uint64_t)m->modseq <= v->modseq)
		return false;
	for (size_t i = 0; i < v->own_n; i++)
		if (v->own[i].modseq == (uint64_t)m->modseq &&
		    uidset_has(&v->own[i].uids, m->uid))
			return false;
	return true;
}

static int add_flags(struct view *v, struct db *db, const struct uidset *which,
                     struct arena *arena, struct view_news *out,
                     struct err *err)
{
	size_t max = 0, n;
	uint32_t from = 1;

	for (;;) {
		struct member *m;

		if (folder_members(db, v->folder, which, from, CHUNK_MAX, &m,
		                   &n, err) < 0)
			return -1;
		for (size_t i = 0; i < n; i++) {
			struct view_flags *list = out->flags;

			if (!is_news(v, &m[i]))
				continue;
			if (out->flags_n == max) {
				max = max ? max * 2 : 16;
				list = arena_array(arena, max, sizeof(*list));
				if (out->flags_n)
					memcpy(list, out->flags,
					       out->flags_n * sizeof(*list));
				out->flags = list;
			}
			list[out->flags_n++] = (struct view_flags){
				.uid = m[i].uid,
				.flags = m[i].flags,
				.modseq = (uint64_t)m[i].modseq,
			};
		}
		from = n ? m[n - 1].uid + 1 : 0;
		mem_free(m);
		if (n < CHUNK_MAX)
			return 0;
	}
}

static int find_flags(struct view *v, struct db *db, const struct folder *f,
                      struct arena *arena, struct view_news *out,
                      struct err *err)
{
	struct uidset which = UIDSET_EMPTY;
	int rc = 0;

	if (v->modseq >= (uint64_t)f->log_floor)
		rc = read_log(db,
		              "SELECT first, last FROM flaglog"
		              " WHERE mailbox = $1 AND modseq > $2",
		              v->folder, v->modseq, &which, err);
	else
		uidset_add(&which, 1, UINT32_MAX);
	/* Those that are new are not told: the client asks for them. */
	if (v->uidnext > 1)
		uidset_remove(&which, v->uidnext, UINT32_MAX);
	else
		uidset_reset(&which);
	if (rc == 0 && which.n)
		rc = add_flags(v, db, &which, arena, out, err);
	uidset_deinit(&which);
	return rc;
}

/* As EXPUNGE lines want them: each number counts those before it as gone. */
static void tell_removed(struct view *v, struct arena *arena,
                         struct view_news *out)
{
	uint64_t n = uidset_count(&v->removed);
	uint32_t done = 0;

	out->expunged_seqs =
		arena_array(arena, (size_t)n + 1, sizeof(*out->expunged_seqs));
	for (size_t i = 0; i < v->removed.n; i++)
		for (uint64_t uid = v->removed.p[i].first;
		     uid <= v->removed.p[i].last; uid++) {
			uint32_t seq = view_seq(v, (uint32_t)uid);

			out->expunged_seqs[out->expunged_n++] = seq - done;
			done++;
		}
	uidset_copy(&out->expunged, &v->removed);
	uidset_remove_set(&v->uids, &v->removed);
	uidset_reset(&v->removed);
}

static int poll_in(struct view *v, struct db *db, unsigned flags,
                   struct arena *arena, struct view_news *out, struct err *err)
{
	struct folder f;
	int rc = folder_load_id(db, v->folder, &f, err);

	if (rc < 0)
		return -1;
	if (rc == 0 || (uint32_t)f.uidvalidity != v->uidvalidity) {
		out->gone = true;
		return 0;
	}
	if ((uint64_t)f.modseq != v->modseq) {
		if (find_removed(v, db, &f, err) < 0 ||
		    find_flags(v, db, &f, arena, out, err) < 0)
			return -1;
	}
	if ((flags & VIEW_EXPUNGE) && v->removed.n)
		tell_removed(v, arena, out);
	if ((uint64_t)f.modseq != v->modseq &&
	    find_new(v, db, &f, out, err) < 0)
		return -1;
	v->modseq = (uint64_t)f.modseq;
	if ((uint32_t)f.uidnext > v->uidnext)
		v->uidnext = (uint32_t)f.uidnext;
	v->unseen_from = f.unseen ? f.unseen_from : 0;
	return 0;
}

static void finish(struct view *v, uint32_t old_count, struct view_news *out)
{
	size_t n = 0;

	number(v);
	out->count = v->count;
	out->count_changed = out->first_new_uid != 0 ||
	                     v->count != old_count - out->expunged_n;
	out->modseq = v->modseq;
	for (size_t i = 0; i < out->flags_n; i++) {
		struct view_flags *f = &out->flags[i];

		f->seq = view_seq(v, f->uid);
		if (f->seq)
			out->flags[n++] = *f;
	}
	out->flags_n = n;
}

int view_poll(struct view *v, unsigned flags, struct arena *arena,
              struct view_news *out, struct err *err)
{
	uint32_t old_count = v->count;
	struct shard *sh;
	struct db *db;
	int rc;

	memset(out, 0, sizeof(*out));
	if (shard_read(v->store, v->account, &sh, &db, err) < 0)
		return -1;
	rc = db_begin_read(db, err);
	if (rc == 0)
		rc = poll_in(v, db, flags, arena, out, err);
	db_group_done(sh->group, &db);
	if (rc < 0) {
		view_news_deinit(out);
		number(v);
		return -1;
	}
	finish(v, old_count, out);
	forget_own(v);
	return 0;
}

void view_own_change(struct view *v, const struct uidset *uids, uint64_t modseq)
{
	struct own *o;

	v->own = mem_realloc(v->own, (v->own_n + 1) * sizeof(*v->own));
	o = &v->own[v->own_n++];
	uidset_init(&o->uids);
	uidset_copy(&o->uids, uids);
	o->modseq = modseq;
}

int view_vanished(struct view *v, uint64_t modseq, const struct uidset *known,
                  struct uidset *out, struct err *err)
{
	struct uid_range all = { 1, v->uidnext > 1 ? v->uidnext - 1 : 1 };
	struct uidset everything = { .p = &all, .n = 1 };
	struct shard *sh;
	struct folder f;
	struct db *db;
	int rc;

	uidset_reset(out);
	if (v->uidnext <= 1)
		return 0;
	if (shard_read(v->store, v->account, &sh, &db, err) < 0)
		return -1;
	rc = db_begin_read(db, err);
	if (rc == 0)
		rc = folder_need(db, v->account.id, (int64_t)v->mailbox, &f,
		                 err);
	if (rc == 0 && modseq >= (uint64_t)f.gone_floor)
		rc = read_vanished(db, f.id, modseq, out, err);
	else if (rc == 0)
		uidset_copy(out, &everything);
	db_group_done(sh->group, &db);
	if (rc < 0)
		return -1;
	uidset_remove_set(out, &v->uids);
	uidset_keep_set(out, known ? known : &everything);
	return 0;
}
