/* Queries over a set of Emails, and its orders. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/emails.h"
#include "store/query_eval.h"
#include "store/query_run.h"

/* Of a word that stands in every tenth message the first page is found sooner
 * by reading the first messages than by asking the index, which names all of
 * them.  So many are read before it is asked, and more while some match. */
#define READ_FIRST     64
#define READ_FOR_FOUND 16

struct wanted {
	const struct emails *set;
	const struct emails_page *page; /* NULL: all, in their order */
	bool *seen;                     /* of each thread; NULL: no matter */
	uint32_t at;
	uint32_t *list;
	size_t n;
};

static int found(struct run *r, const struct subject *s, struct err *err)
{
	struct wanted *w = r->arg;

	(void)s;
	(void)err;
	w->list[w->n++] = w->at;
	if (w->seen)
		w->seen[w->set->rows[w->at].thread_at] = true;
	return 0;
}

static uint32_t nth(const struct wanted *w, size_t i)
{
	if (!w->page)
		return (uint32_t)i;
	return w->set->by_received[w->page->ascending ? w->set->n - 1 - i : i];
}

static int ask_all(struct run *r, struct wanted *w, struct err *err)
{
	const struct emails *set = w->set;
	size_t max = w->page ? w->page->max : SIZE_MAX;
	struct subject s = { .known = KNOWN_ROW };
	size_t read = 0;

	for (size_t i = 0; i < set->n && w->n < max; i++) {
		const struct emails_row *row = &set->rows[nth(w, i)];
		const struct emails_thread *t = &set->threads[row->thread_at];

		/* The clock is read now and then alone. */
		if (i % 256 == 0 && query_take_turn(r, err) < 0)
			return -1;
		if ((w->seen && w->seen[row->thread_at]) ||
		    !index_may_match(&r->may, row->id))
			continue;
		s.m.email = row->id;
		s.m.flags = row->flags;
		s.m.size = (int64_t)row->size;
		s.m.received_s = row->received_s;
		s.places = set->places + row->place;
		s.places_n = row->places_n;
		s.thread_all = t->flags_all;
		s.thread_any = t->flags_any;
		w->at = (uint32_t)(row - set->rows);
		if (query_ask(r, &s, err) < 0)
			return -1;
		read += s.known > KNOWN_ROW;
		if (r->without_index &&
		    read > READ_FIRST + READ_FOR_FOUND * w->n)
			query_use_index(r);
	}
	return 0;
}

static int run_query(struct store *s, struct store_account a,
                     const struct query *q, const struct query_limits *limits,
                     struct wanted *w, struct err *err)
{
	struct run r = { .without_index = w->page && w->page->max < w->set->n,
		         .found = found,
		         .arg = w };
	struct arena own;
	struct cond *cond;
	int rc;

	arena_init(&own);
	rc = cond_make(&own, q, &cond, err);
	if (rc == 0) {
		r.cond = cond;
		rc = query_start(&r, s, a, limits, err);
		if (rc == 0)
			rc = ask_all(&r, w, err);
		query_stop(&r);
	}
	arena_deinit(&own);
	return rc;
}

int emails_query(struct store *s, struct store_account a,
                 const struct emails *set, const struct query *q,
                 const struct query_limits *limits, struct arena *arena,
                 uint32_t **out, size_t *n_out, struct err *err)
{
	struct wanted w = { .set = set };
	int rc;

	w.list = arena_array(arena, set->n + 1, sizeof(*w.list));
	rc = run_query(s, a, q, limits, &w, err);
	*out = w.list;
	*n_out = w.n;
	return rc;
}

int emails_query_page(struct store *s, struct store_account a,
                      const struct emails *set, const struct query *q,
                      const struct query_limits *limits,
                      const struct emails_page *page, struct arena *arena,
                      uint32_t **out, size_t *n_out, struct err *err)
{
	struct wanted w = { .set = set, .page = page };
	size_t max = page->max < set->n ? page->max : set->n;
	int rc;

	w.list = arena_array(arena, max + 1, sizeof(*w.list));
	if (page->collapse)
		w.seen = arena_zalloc(arena, set->threads_n + 1);
	rc = run_query(s, a, q, limits, &w, err);
	*out = w.list;
	*n_out = w.n;
	return rc;
}

/* ---- orders ---- */

struct key {
	const char *p; /* texts lie in the arena */
	size_t n;
	int64_t number;
};

struct sorted {
	uint32_t at;
	const struct key *keys; /* one for each order */
	const struct emails_order *order;
	size_t order_n;
};

static int compare(const void *pa, const void *pb)
{
	const struct sorted *a = pa, *b = pb;

	for (size_t i = 0; i < a->order_n; i++) {
		const struct key *x = &a->keys[i], *y = &b->keys[i];
		int c;

		if (x->p || y->p)
			c = str_cmp((struct str){ x->p, x->n },
			            (struct str){ y->p, y->n });
		else
			c = x->number < y->number ? -1 : x->number > y->number;
		if (c)
			return a->order[i].descending ? -c : c;
	}
	if (a->order_n && !a->order[0].descending)
		return a->at < b->at ? -1 : a->at > b->at;
	return a->at < b->at ? 1 : a->at > b->at ? -1 : 0;
}

static bool needs_meta(const struct emails_order *order, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (order[i].by >= EMAILS_SENT)
			return true;
	return false;
}

static struct key text_key(struct arena *arena, struct str s)
{
	s = arena_dup(arena, s);
	return (struct key){ .p = s.p, .n = s.n };
}

static struct key key_of(const struct emails *set, const struct emails_row *row,
                         const struct meta_sort *m,
                         const struct emails_order *o, struct arena *arena)
{
	const struct emails_thread *t = &set->threads[row->thread_at];
	int64_t number = 0;

	switch (o->by) {
	case EMAILS_RECEIVED: number = row->received_s; break;
	case EMAILS_SIZE: number = (int64_t)row->size; break;
	case EMAILS_FLAGS: number = (row->flags & o->flags) != 0; break;
	case EMAILS_THREAD_ALL: number = (t->flags_all & o->flags) != 0; break;
	case EMAILS_THREAD_ANY: number = (t->flags_any & o->flags) != 0; break;
	case EMAILS_SENT:
		number = m->has_sent ? m->sent_s : row->received_s;
		break;
	case EMAILS_FROM: return text_key(arena, m->from);
	case EMAILS_TO: return text_key(arena, m->to);
	case EMAILS_SUBJECT: return text_key(arena, m->subject);
	}
	return (struct key){ .number = number };
}

static int read_sort(struct run *r, int64_t id, struct arena *arena,
                     struct meta_sort *out, struct err *err)
{
	struct db_stmt *q;
	int rc;

	*out = (struct meta_sort){ .has_sent = false };
	if (query_take_turn(r, err) < 0)
		return -1;
	rc = db_row(r->db, &q,
	            "SELECT b.meta FROM email e JOIN body b ON b.id = e.body"
	            " WHERE e.id = $1",
	            DB_ARGS(DB_I(id)), err);
	if (rc <= 0)
		return rc; /* gone meanwhile: it sorts as empty */
	if (!meta_sort_get(arena_dup(arena, db_blob(q, 0)), out))
		*out = (struct meta_sort){ .has_sent = false };
	db_done(&q);
	return 0;
}

static int make_keys(struct run *r, const struct emails *set,
                     struct sorted *items, struct key *keys, size_t n,
                     bool meta, struct arena *arena, struct err *err)
{
	struct arena one;
	int rc = 0;

	arena_init(&one);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		const struct emails_row *row = &set->rows[items[i].at];
		struct meta_sort m = { .has_sent = false };

		arena_reset(&one);
		if (meta)
			rc = read_sort(r, row->id, &one, &m, err);
		for (size_t k = 0; rc == 0 && k < items[i].order_n; k++)
			keys[i * items[i].order_n + k] =
				key_of(set, row, &m, &items[i].order[k], arena);
	}
	arena_deinit(&one);
	return rc;
}

int emails_sort(struct store *s, struct store_account a,
                const struct emails *set, const struct emails_order *order,
                size_t order_n, uint32_t *list, size_t n, struct err *err)
{
	bool meta = needs_meta(order, order_n);
	struct sorted *items = mem_array(n + 1, sizeof(*items));
	struct key *keys = mem_array(n * order_n + 1, sizeof(*keys));
	struct run r = { .store = NULL };
	struct arena arena;
	int rc = 0;

	arena_init(&arena);
	for (size_t i = 0; i < n; i++)
		items[i] = (struct sorted){ list[i], keys + i * order_n, order,
			                    order_n };
	if (meta)
		rc = query_start(&r, s, a, NULL, err);
	if (rc == 0)
		rc = make_keys(&r, set, items, keys, n, meta, &arena, err);
	if (meta)
		query_stop(&r);
	if (rc == 0 && n)
		qsort(items, n, sizeof(*items), compare);
	for (size_t i = 0; rc == 0 && i < n; i++)
		list[i] = items[i].at;
	arena_deinit(&arena);
	mem_free(items);
	mem_free(keys);
	return rc;
}
