#include <stdlib.h>

#include "base/mem.h"
#include "os/clock.h"
#include "pack/zstd.h"
#include "store/digest.h"
#include "store/fetch.h"
#include "store/query_run.h"
#include "wire/message/field.h"

/* How long a connection is kept before others may have it.  It is one view of
 * the database: a transaction for each row would cost more than the row. */
#define TURN_US INT64_C(200000)
/* What may have been kept (DIGEST_TEXT_MAX was larger once). */
#define TEXT_MAX ((size_t)2 * 1024 * 1024)
/* Of one message, when all its text is read. */
#define ALL_TEXT_MAX ((size_t)96 * 1024 * 1024)

struct hit {
	int64_t received_s, email; /* a row id; at last its number */
};

struct hits {
	struct hit *p;
	size_t n, cap;
};

int query_take_turn(struct run *r, struct err *err)
{
	int64_t now = clock_steady_us();

	if (now > r->deadline)
		return err_set(err, ERR_TIMEOUT, "the search took too long");
	if (r->db && now < r->turn_end)
		return 0;
	db_group_done(r->shard->group, &r->db);
	r->turn_end = now + TURN_US;
	if (db_group_read(r->shard->group, &r->db, err) < 0)
		return -1;
	return db_begin_read(r->db, err);
}

/* 0 when the message is gone. */
static int read_meta(struct run *r, struct subject *s, struct err *err)
{
	struct db_stmt *q;
	int rc = db_row(r->db, &q,
	                "SELECT e.no, e.thread, e.prefix, b.id, b.text_cut,"
	                " b.meta FROM email e JOIN body b ON b.id = e.body"
	                " WHERE e.id = $1",
	                DB_ARGS(DB_I(s->m.email)), err);

	if (rc <= 0)
		return rc;
	s->email = db_i64(q, 0);
	s->thread = db_i64(q, 1);
	s->prefix = arena_dup(&r->arena, db_blob(q, 2));
	s->body = db_i64(q, 3);
	s->text_cut = db_i64(q, 4) != 0;
	s->meta = arena_dup(&r->arena, db_blob(q, 5));
	s->has_sort = meta_sort_get(s->meta, &s->sort);
	s->known = KNOWN_META;
	db_done(&q);
	return 1;
}

static int read_text(struct run *r, struct subject *s, struct err *err)
{
	struct db_stmt *q;
	int rc = db_row(r->db, &q, "SELECT data FROM body_text WHERE id = $1",
	                DB_ARGS(DB_I(s->body)), err);

	buf_reset(&r->text);
	if (rc > 0) {
		rc = unpack_zstd(db_blob(q, 0), TEXT_MAX, &r->text, err);
		db_done(&q);
	} else if (rc == 0) {
		s->text_cut = true; /* then from the message itself */
	}
	if (rc < 0)
		return -1;
	s->text = buf_str(&r->text);
	s->known = KNOWN_TEXT;
	return 1;
}

static int read_all(struct run *r, struct subject *s, struct err *err)
{
	struct str prefix, message;
	struct body *b;

	db_group_done(r->shard->group, &r->db);
	r->turn_end = 0;
	if (body_open_email(&b, r->store, r->account, (uint64_t)s->email, err) <
	    0)
		return err->kind == ERR_NOT_FOUND ? 0 : -1;
	if (body_view(b, &prefix, &message, err) < 0) {
		body_close(&b);
		return -1;
	}
	s->header = arena_dup(&r->arena,
	                      str_to(message, field_header_length(message)));
	buf_reset(&r->text);
	(void)digest_text(message, ALL_TEXT_MAX, &r->text);
	body_close(&b);
	s->text = buf_str(&r->text);
	s->known = KNOWN_ALL;
	return query_take_turn(r, err) < 0 ? -1 : 1;
}

/* Read as little of the message as it takes. */
int query_ask(struct run *r, struct subject *s, struct err *err)
{
	enum answer a;
	int rc = 1;

	arena_reset(&r->arena);
	s->known = KNOWN_ROW;
	a = cond_ask(r->cond, s, &r->arena);
	while (a == ANSWER_UNKNOWN && rc > 0) {
		if (query_take_turn(r, err) < 0)
			return -1;
		switch (s->known) {
		case KNOWN_ROW: rc = read_meta(r, s, err); break;
		case KNOWN_META: rc = read_text(r, s, err); break;
		case KNOWN_TEXT: rc = read_all(r, s, err); break;
		case KNOWN_ALL: rc = 0; break;
		}
		if (rc > 0)
			a = cond_ask(r->cond, s, &r->arena);
	}
	if (rc < 0)
		return -1;
	return a == ANSWER_YES ? r->found(r, s, err) : 0;
}

static int ask_one(struct run *r, const struct member *m, struct err *err)
{
	struct subject s = { .m = *m };

	return query_ask(r, &s, err);
}

/* The UIDs that a query names at its top, so that the others are not read. */
static void narrow(const struct cond *c, struct uidset *set)
{
	if (c->q->op == QUERY_UIDS)
		uidset_keep_set(set, c->q->uids);
	if (c->q->op == QUERY_AND)
		for (const struct cond *kid = c->kids; kid; kid = kid->next)
			narrow(kid, set);
}

static int run_folder(struct run *r, const struct folder *f, struct err *err)
{
	struct uidset set = UIDSET_EMPTY;
	uint32_t from = 1;
	size_t n = CHUNK_MAX;
	int rc = 0;

	uidset_add(&set, 1, UINT32_MAX);
	narrow(r->cond, &set);
	while (rc == 0 && n == CHUNK_MAX) {
		struct member *m;

		rc = query_take_turn(r, err);
		if (rc < 0)
			break;
		rc = folder_members(r->db, f->id, &set, from, CHUNK_MAX, &m, &n,
		                    err);
		if (rc < 0)
			break;
		for (size_t i = 0; rc == 0 && i < n; i++)
			if (index_may_match(&r->may, m[i].email))
				rc = ask_one(r, &m[i], err);
		if (n)
			from = m[n - 1].uid + 1;
		mem_free(m);
		if (from == 0)
			break;
	}
	uidset_deinit(&set);
	return rc;
}

int query_start(struct run *r, struct store *s, struct store_account a,
                const struct query_limits *limits, struct err *err)
{
	int64_t us =
		limits && limits->time_us ? limits->time_us : 60 * US_PER_SEC;

	r->store = s;
	r->account = a;
	r->deadline = clock_steady_us() + us;
	r->turn_end = clock_steady_us() + TURN_US;
	arena_init(&r->arena);
	buf_init(&r->text, ALL_TEXT_MAX);
	if (shard_read(s, a, &r->shard, &r->db, err) < 0)
		return -1;
	if (!r->without_index)
		query_use_index(r);
	return db_begin_read(r->db, err);
}

void query_use_index(struct run *r)
{
	r->without_index = false;
	if (r->cond)
		index_candidates(r->shard, r->account.id, r->cond, &r->may);
	r->turn_end = 0; /* that may have taken long */
}

void query_stop(struct run *r)
{
	if (r->db)
		db_group_done(r->shard->group, &r->db);
	index_candidates_deinit(&r->may);
	arena_deinit(&r->arena);
	buf_deinit(&r->text);
}

static int found_uid(struct run *r, const struct subject *s, struct err *err)
{
	(void)err;
	uidset_add(r->arg, s->m.uid, s->m.uid);
	return 0;
}

int query_run(struct store *s, struct store_account a, uint64_t mailbox,
              const struct query *q, const struct query_limits *limits,
              struct uidset *out, struct err *err)
{
	struct run r = { .found = found_uid, .arg = out };
	struct arena arena;
	struct cond *cond;
	struct folder f;
	int rc;

	uidset_reset(out);
	arena_init(&arena);
	rc = cond_make(&arena, q, &cond, err);
	if (rc == 0) {
		r.cond = cond;
		rc = query_start(&r, s, a, limits, err);
		if (rc == 0)
			rc = folder_need(r.db, a.id, (int64_t)mailbox, &f, err);
		if (rc == 0)
			rc = run_folder(&r, &f, err);
		query_stop(&r);
	}
	arena_deinit(&arena);
	return rc;
}

/* ---- over an account ---- */

static int found_email(struct run *r, const struct subject *s, struct err *err)
{
	struct hits *h = r->arg;

	(void)err;
	h->p = mem_grow(h->p, h->n, &h->cap, sizeof(*h->p));
	h->p[h->n++] = (struct hit){ s->m.received_s, s->m.email };
	return 0;
}

static int newest_first(const void *pa, const void *pb)
{
	const struct hit *a = pa, *b = pb;

	if (a->received_s != b->received_s)
		return a->received_s < b->received_s ? 1 : -1;
	return a->email < b->email ? 1 : a->email > b->email ? -1 : 0;
}

static int run_account(struct run *r, uint64_t mailbox, struct err *err)
{
	int64_t after = 0;

	for (;;) {
		struct folder f;
		int64_t no = (int64_t)mailbox;
		int rc = 1;

		if (query_take_turn(r, err) < 0)
			return -1;
		if (!mailbox)
			rc = db_number(r->db, &no,
			               "SELECT no FROM mailbox WHERE account ="
			               " $1 AND no > $2 ORDER BY no LIMIT 1",
			               DB_ARGS(DB_I(r->account.id),
			                       DB_I(after)),
			               err);
		if (rc <= 0)
			return rc;
		rc = folder_need(r->db, r->account.id, no, &f, err);
		if (rc < 0 && (mailbox || err->kind != ERR_NOT_FOUND))
			return -1;
		if (rc == 0 && run_folder(r, &f, err) < 0)
			return -1;
		after = no;
		if (mailbox)
			return 0;
	}
}

static int number_hits(struct run *r, struct arena *arena, size_t max,
                       uint64_t **out, size_t *n_out, struct err *err)
{
	const struct hits *h = r->arg;
	uint64_t *list;
	size_t n = 0;

	if (h->n)
		qsort(h->p, h->n, sizeof(*h->p), newest_first);
	list = arena_array(arena, (h->n < max ? h->n : max) + 1, sizeof(*list));
	for (size_t i = 0; i < h->n && n < max; i++) {
		int64_t no;
		int rc;

		if (i && h->p[i].email == h->p[i - 1].email)
			continue;
		if (query_take_turn(r, err) < 0)
			return -1;
		rc = db_number(r->db, &no, "SELECT no FROM email WHERE id = $1",
		               DB_ARGS(DB_I(h->p[i].email)), err);
		if (rc < 0)
			return -1;
		if (rc > 0)
			list[n++] = (uint64_t)no;
	}
	*out = list;
	*n_out = n;
	return 0;
}

int query_emails(struct store *s, struct store_account a, uint64_t mailbox,
                 const struct query *q, const struct query_limits *limits,
                 struct arena *arena, size_t max, uint64_t **out, size_t *n_out,
                 struct err *err)
{
	struct hits hits = { .p = NULL };
	struct run r = { .found = found_email, .arg = &hits };
	struct arena own;
	struct cond *cond;
	int rc;

	arena_init(&own);
	rc = cond_make(&own, q, &cond, err);
	if (rc == 0) {
		r.cond = cond;
		rc = query_start(&r, s, a, limits, err);
		if (rc == 0)
			rc = run_account(&r, mailbox, err);
		if (rc == 0)
			rc = number_hits(&r, arena, max, out, n_out, err);
		query_stop(&r);
	}
	mem_free(hits.p);
	arena_deinit(&own);
	return rc;
}
