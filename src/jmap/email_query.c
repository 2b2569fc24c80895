/* Email/query and /queryChanges (RFC 8621, 4.4 and 4.5), Email/changes. */
#include <stdlib.h>
#include <string.h>

#include "jmap/criteria.h"
#include "jmap/email.h"
#include "jmap/filter.h"
#include "jmap/methods.h"
#include "store/emails.h"

#define SORTS_MAX 10

struct results {
	const struct emails *set;
	const struct emails_row **rows; /* in order */
	size_t n;
	bool collapse, by_thread;
};

/* ---- sort ---- */

static const struct {
	const char *name;
	enum emails_sort by;
	bool keyword;
} sorts[] = {
	{ "receivedAt", EMAILS_RECEIVED, false },
	{ "sentAt", EMAILS_SENT, false },
	{ "size", EMAILS_SIZE, false },
	{ "from", EMAILS_FROM, false },
	{ "to", EMAILS_TO, false },
	{ "subject", EMAILS_SUBJECT, false },
	{ "hasKeyword", EMAILS_FLAGS, true },
	{ "allInThreadHaveKeyword", EMAILS_THREAD_ALL, true },
	{ "someInThreadHaveKeyword", EMAILS_THREAD_ANY, true },
};

#define SORTS_N (sizeof(sorts) / sizeof(sorts[0]))

static int read_keyword(struct jmap_call *c, struct json v, uint64_t *bit)
{
	struct err err = ERR_INIT;
	struct str name;

	if (!jmap_keyword_parse(json_as_str(v), &name))
		return jmap_error(c, "invalidArguments", "no keyword");
	return flags_bits(c->store, c->account, &name, 1, false, bit, &err) < 0
	               ? jmap_fail(c, &err)
	               : 0;
}

static int read_one_sort(struct jmap_call *c, struct json v,
                         struct emails_order *out, bool *by_thread)
{
	struct json name, keyword, collation;
	bool descending;
	size_t i = 0;

	if (!json_get(v, "property", &name) ||
	    json_kind(name) != JSON_IS_STRING)
		return jmap_error(c, "invalidArguments",
		                  "a sort has a property");
	if (!jmap_criteria_descending(v, &descending))
		return jmap_error(c, "invalidArguments",
		                  "isAscending is true or false");
	while (i < SORTS_N && !str_eq(json_as_str(name), str_z(sorts[i].name)))
		i++;
	if (i == SORTS_N)
		return jmap_error(c, "unsupportedSort", "\"%.*s\"",
		                  STR_ARG(json_as_str(name)));
	if (json_get(v, "collation", &collation) &&
	    !str_eq(json_as_str(collation), STR("i;unicode-casemap")))
		return jmap_error(c, "unsupportedSort", "no such collation");
	*out = (struct emails_order){ .by = sorts[i].by,
		                      .descending = descending };
	*by_thread |= sorts[i].by == EMAILS_THREAD_ALL ||
	              sorts[i].by == EMAILS_THREAD_ANY;
	if (!sorts[i].keyword)
		return 0;
	if (!json_get(v, "keyword", &keyword))
		return jmap_error(c, "invalidArguments",
		                  "a sort lacks keyword");
	return read_keyword(c, keyword, &out->flags);
}

static int read_sort(struct jmap_call *c, struct emails_order *out, size_t *n,
                     bool *by_thread)
{
	struct json list;

	/* What the client leaves open: the newest first. */
	out[0] = (struct emails_order){ .by = EMAILS_RECEIVED,
		                        .descending = true };
	*n = 1;
	if (!jmap_arg(c, "sort", &list))
		return 0;
	if (json_kind(list) != JSON_IS_ARRAY)
		return jmap_error(c, "invalidArguments", "a sort is a list");
	if (json_count(list) > SORTS_MAX)
		return jmap_error(c, "unsupportedSort", "too many");
	if (json_count(list) == 0)
		return 0;
	*n = json_count(list);
	for (size_t i = 0; i < *n; i++)
		if (read_one_sort(c, json_at(list, i), &out[i], by_thread) < 0)
			return -1;
	return 0;
}

/* ---- run ---- */

struct asking {
	struct query *q;
	struct emails_order order[SORTS_MAX];
	size_t order_n;
	size_t max; /* so many are looked at */
};

static int read_query(struct jmap_call *c, struct asking *a, bool *by_thread)
{
	struct jmap_texts texts = { .n = 0 };
	struct json filter = { NULL };

	(void)jmap_arg(c, "filter", &filter);
	if (jmap_filter_read(c, filter, &a->q, &texts) < 0 ||
	    read_sort(c, a->order, &a->order_n, by_thread) < 0)
		return -1;
	*by_thread |= texts.by_thread;
	return 0;
}

/* The first of each thread alone (RFC 8621, 4.4.3). */
static void collapse(struct jmap_call *c, const struct emails *set,
                     uint32_t *list, size_t *n)
{
	bool *seen = arena_zalloc(c->arena, set->threads_n + 1);
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++) {
		uint32_t thread = set->rows[list[i]].thread_at;

		if (!seen[thread]) {
			seen[thread] = true;
			list[kept++] = list[i];
		}
	}
	*n = kept;
}

static int search(struct jmap_call *c, const struct asking *a,
                  struct results *r, uint32_t **list, struct err *err)
{
	struct emails_page page = { .ascending = !a->order[0].descending,
		                    .collapse = r->collapse,
		                    .max = a->max };

	/* The order that is kept. */
	if (a->order_n == 1 && a->order[0].by == EMAILS_RECEIVED)
		return emails_query_page(c->store, c->account, r->set, a->q,
		                         NULL, &page, c->arena, list, &r->n,
		                         err);
	if (emails_query(c->store, c->account, r->set, a->q, NULL, c->arena,
	                 list, &r->n, err) < 0 ||
	    emails_sort(c->store, c->account, r->set, a->order, a->order_n,
	                *list, r->n, err) < 0)
		return -1;
	if (r->collapse)
		collapse(c, r->set, *list, &r->n);
	return 0;
}

/* What is asked for; refused before anything is looked at. */
static int read_asking(struct jmap_call *c, struct results *r,
                       struct asking **out)
{
	*out = arena_alloc(c->arena, sizeof(**out));
	*r = (struct results){ .set = NULL };
	return jmap_arg_bool(c, "collapseThreads", &r->collapse) < 0
	               ? -1
	               : read_query(c, *out, &r->by_thread);
}

static int run(struct jmap_call *c, struct asking *a, struct results *r,
               size_t max)
{
	struct err err = ERR_INIT;
	uint32_t *list;

	a->max = max;
	if (emails_open(&r->set, c->store, c->account, &err) < 0)
		return jmap_fail(c, &err);
	if (search(c, a, r, &list, &err) < 0)
		return err.kind == ERR_TOO_BIG
		               ? jmap_error(c, "unsupportedFilter", "too long")
		               : jmap_fail(c, &err);
	r->rows = arena_array(c->arena, r->n + 1, sizeof(struct emails_row *));
	for (size_t i = 0; i < r->n; i++)
		r->rows[i] = &r->set->rows[list[i]];
	return 0;
}

/* How many results decide about the window. */
static size_t wanted(const struct jmap_window *w)
{
	if (!w->has_limit || w->has_anchor || w->calculate_total ||
	    w->position < 0 || w->limit > SIZE_MAX / 2)
		return SIZE_MAX;
	return (size_t)w->position + (size_t)w->limit;
}

int jmap_email_query(struct jmap_call *c)
{
	static const char *const known[] = {
		"accountId", "filter",         "sort",
		"position",  "anchor",         "anchorOffset",
		"limit",     "calculateTotal", "collapseThreads",
		NULL
	};
	struct change_state state;
	struct results r;
	struct jmap_window w;
	struct asking *a;
	uint64_t *numbers;
	int rc;

	/* The state first: what comes meanwhile is told again later. */
	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0 ||
	    jmap_window_read(c, STORE_ID_EMAIL, &w) < 0 ||
	    read_asking(c, &r, &a) < 0 ||
	    jmap_state(c, CHANGE_EMAIL, &state) < 0)
		return -1;
	rc = run(c, a, &r, wanted(&w));
	if (rc == 0) {
		numbers = arena_array(c->arena, r.n + 1, sizeof(*numbers));
		for (size_t i = 0; i < r.n; i++)
			numbers[i] = r.rows[i]->email;
		rc = jmap_window_write(c, &w, STORE_ID_EMAIL,
		                       jmap_state_text(c->arena, state), true,
		                       numbers, r.n);
		if (rc == 0)
			json_member_bool(&c->w, "collapseThreads", r.collapse);
	}
	emails_close(&r.set);
	return rc;
}

/* ---- /changes ---- */

/* Those that wait for an EXPUNGE are gone for the client. */
static int hide(struct jmap_call *c, struct change_list *list)
{
	size_t total = list->updated_n + list->destroyed_n, n = 0;
	uint64_t *gone = arena_array(c->arena, total + 1, sizeof(*gone));
	const struct emails *set;
	struct err err = ERR_INIT;

	if (list->created_n + list->updated_n == 0)
		return 0;
	if (emails_open(&set, c->store, c->account, &err) < 0)
		return jmap_fail(c, &err);
	if (list->destroyed_n)
		memcpy(gone, list->destroyed,
		       list->destroyed_n * sizeof(*gone));
	for (size_t i = 0; i < list->created_n; i++)
		if (emails_find(set, list->created[i]))
			list->created[n++] = list->created[i];
	list->created_n = n;
	n = 0;
	for (size_t i = 0; i < list->updated_n; i++)
		if (emails_find(set, list->updated[i]))
			list->updated[n++] = list->updated[i];
		else
			gone[list->destroyed_n++] = list->updated[i];
	list->updated_n = n;
	list->destroyed = gone;
	emails_close(&set);
	return 0;
}

int jmap_email_changes(struct jmap_call *c)
{
	static const struct jmap_changes type = { .type = CHANGE_EMAIL,
		                                  .letter = STORE_ID_EMAIL,
		                                  .after = hide };

	return jmap_changes_run(c, &type);
}

/* ---- /queryChanges ---- */

/* All that may have come, gone or moved: what changed, and with
 * collapseThreads or conditions on threads the rest of their threads. */
static void touch(struct map *m, const struct results *r, const uint64_t *list,
                  size_t n)
{
	bool threads = r->collapse || r->by_thread;

	for (size_t i = 0; i < n; i++) {
		const struct emails_row *row = emails_find(r->set, list[i]);
		const struct emails_thread *t;

		(void)map_put_u64(m, list[i], m);
		if (!row || !threads)
			continue;
		t = &r->set->threads[row->thread_at];
		for (uint32_t k = 0; k < t->n; k++)
			(void)map_put_u64(
				m,
				r->set->rows[r->set->by_thread[t->first + k]]
					.email,
				m);
	}
}

static int write_changes(struct jmap_call *c, const struct results *r,
                         const struct map *touched, uint64_t max)
{
	struct map_entry e;
	size_t at = 0, added = 0;

	for (size_t i = 0; i < r->n; i++)
		added += map_get_u64(touched, r->rows[i]->email) != NULL;
	if (max && touched->n + added > max)
		return jmap_error(c, "tooManyChanges", "over maxChanges");
	json_key(&c->w, STR("removed"));
	json_array(&c->w);
	while (map_next(touched, &at, &e))
		jmap_write_id(&c->w, STORE_ID_EMAIL, e.number);
	json_end(&c->w);
	json_key(&c->w, STR("added"));
	json_array(&c->w);
	for (size_t i = 0; i < r->n; i++) {
		if (!map_get_u64(touched, r->rows[i]->email))
			continue;
		json_object(&c->w);
		json_member_z(&c->w, "id",
		              store_id(STORE_ID_EMAIL, r->rows[i]->email).z);
		json_member_u64(&c->w, "index", i);
		json_end(&c->w);
	}
	json_end(&c->w);
	return 0;
}

static int write_query_changes(struct jmap_call *c, const struct results *r,
                               const struct change_list *l, struct str since,
                               uint64_t max, bool total)
{
	struct map touched;
	int rc;

	/* Which thread it was in is not known any more. */
	if (l->destroyed_n && (r->collapse || r->by_thread))
		return jmap_error(c, "cannotCalculateChanges",
		                  "Emails of threads are gone");
	map_init(&touched, 0);
	touch(&touched, r, l->created, l->created_n);
	touch(&touched, r, l->updated, l->updated_n);
	touch(&touched, r, l->destroyed, l->destroyed_n);
	jmap_write_account(c);
	json_member_str(&c->w, "oldQueryState", since);
	jmap_write_state(c, "newQueryState", l->state);
	if (total)
		json_member_u64(&c->w, "total", r->n);
	rc = write_changes(c, r, &touched, max);
	map_deinit(&touched);
	return rc;
}

int jmap_email_query_changes(struct jmap_call *c)
{
	static const char *const known[] = {
		"accountId",       "filter",          "sort",
		"sinceQueryState", "maxChanges",      "upToId",
		"calculateTotal",  "collapseThreads", NULL
	};
	struct results r;
	struct asking *a;
	struct str since = { NULL, 0 };
	struct change_state state;
	struct change_list l;
	struct err err = ERR_INIT;
	bool total = false;
	uint64_t max = 0;
	int rc;

	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0 ||
	    jmap_arg_str(c, "sinceQueryState", &since) < 0 ||
	    jmap_arg_u64(c, "maxChanges", &max) < 0 ||
	    jmap_arg_bool(c, "calculateTotal", &total) < 0 ||
	    read_asking(c, &r, &a) < 0)
		return -1;
	if (!since.p)
		return jmap_error(c, "invalidArguments", "no sinceQueryState");
	if (!jmap_state_parse(since, &state) ||
	    change_since(c->store, c->account, CHANGE_EMAIL, state, 0, c->arena,
	                 &l, &err) < 0)
		return err.kind == ERR_NONE || err.kind == ERR_NOT_FOUND
		               ? jmap_error(c, "cannotCalculateChanges",
		                            "the state is not known")
		               : jmap_fail(c, &err);
	if (l.more)
		return jmap_error(c, "tooManyChanges", "ask Email/query again");
	rc = run(c, a, &r, SIZE_MAX);
	if (rc == 0)
		rc = write_query_changes(c, &r, &l, since, max, total);
	emails_close(&r.set);
	return rc;
}
