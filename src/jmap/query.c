#include "jmap/query.h"

#include <stdlib.h>

struct order {
	size_t by;
	bool descending;
};

/* What qsort compares: an item, and how. */
struct placed {
	struct jmap_query_item item;
	const struct jmap_query_type *type;
	const struct order *orders;
	size_t orders_n;
};

/* ---- filter ---- */

int jmap_query_unsupported(struct jmap_call *c, struct str name)
{
	return jmap_error(c, "unsupportedFilter", "\"%.*s\"", STR_ARG(name));
}

static int matches(struct jmap_call *c, const struct jmap_query_type *t,
                   const void *object, struct json filter, int depth);

static int operator_of(struct jmap_call *c, const struct jmap_query_type *t,
                       const void *object, struct json filter, struct str op,
                       int depth)
{
	bool is_and = str_eq(op, STR("AND")), any = false, all = true;
	struct json list;

	if (!json_get(filter, "conditions", &list) ||
	    json_kind(list) != JSON_IS_ARRAY || depth > JMAP_FILTER_DEPTH_MAX ||
	    (!is_and && !str_eq(op, STR("OR")) && !str_eq(op, STR("NOT"))))
		return jmap_query_unsupported(c, STR("operator"));
	for (size_t i = 0; i < json_count(list); i++) {
		int rc = matches(c, t, object, json_at(list, i), depth + 1);

		if (rc < 0)
			return -1;
		any |= rc > 0;
		all &= rc > 0;
	}
	if (is_and)
		return all;
	return str_eq(op, STR("OR")) ? any : !any;
}

static int matches(struct jmap_call *c, const struct jmap_query_type *t,
                   const void *object, struct json filter, int depth)
{
	struct json_members m = { .object = filter };
	struct str name;
	struct json v;
	int yes = 1;

	if (json_kind(filter) != JSON_IS_OBJECT)
		return jmap_error(c, "invalidArguments",
		                  "a filter is an object");
	if (json_get(filter, "operator", &v))
		return operator_of(c, t, object, filter, json_as_str(v), depth);
	while (json_member_next(&m, &name, &v)) {
		int rc = t->condition(c, object, name, v);

		if (rc < 0)
			return -1;
		yes &= rc;
	}
	return yes;
}

int jmap_query_matches(struct jmap_call *c, const struct jmap_query_type *t,
                       const void *object)
{
	struct json f;

	return jmap_arg(c, "filter", &f) ? matches(c, t, object, f, 1) : 1;
}

/* Those that match stand in front; how many. */
static int filter(struct jmap_call *c, const struct jmap_query_type *t,
                  struct jmap_query_item *items, size_t *n)
{
	size_t kept = 0;
	struct json f;

	if (t->filtered || !jmap_arg(c, "filter", &f))
		return 0;
	for (size_t i = 0; i < *n; i++) {
		int rc = matches(c, t, items[i].object, f, 1);

		if (rc < 0)
			return -1;
		if (rc > 0)
			items[kept++] = items[i];
	}
	*n = kept;
	return 0;
}

/* ---- sort ---- */

static int read_sort(struct jmap_call *c, const struct jmap_query_type *t,
                     struct order *out, size_t *n)
{
	struct json list, v;

	*n = 0;
	if (!jmap_arg(c, "sort", &list))
		return 0;
	if (json_kind(list) != JSON_IS_ARRAY ||
	    json_count(list) > JMAP_SORTS_MAX)
		return jmap_error(c, "unsupportedSort", "no list, or too long");
	for (size_t i = 0; i < json_count(list); i++) {
		struct str name = { NULL, 0 };
		size_t k = 0;

		if (json_get(json_at(list, i), "property", &v))
			name = json_as_str(v);
		while (k < t->sorts_n && !str_eq(name, str_z(t->sorts[k])))
			k++;
		if (k == t->sorts_n)
			return jmap_error(c, "unsupportedSort", "\"%.*s\"",
			                  STR_ARG(name));
		out[(*n)++] = (struct order){
			.by = k,
			.descending =
				json_get(json_at(list, i), "isAscending", &v) &&
				json_kind(v) == JSON_IS_BOOL &&
				!json_as_bool(v),
		};
	}
	return 0;
}

static int compare(const void *pa, const void *pb)
{
	const struct placed *a = pa, *b = pb;

	for (size_t i = 0; i < a->orders_n; i++) {
		int c = a->type->compare(a->item.object, b->item.object,
		                         a->orders[i].by);

		if (c)
			return a->orders[i].descending ? -c : c;
	}
	return a->item.no < b->item.no ? -1 : a->item.no > b->item.no;
}

/* The numbers of what matches, in order. */
static int run(struct jmap_call *c, const struct jmap_query_type *t,
               struct jmap_query_item *items, size_t *n, uint64_t **out)
{
	struct order orders[JMAP_SORTS_MAX];
	struct placed *placed;
	size_t orders_n;

	if (read_sort(c, t, orders, &orders_n) < 0 ||
	    filter(c, t, items, n) < 0)
		return -1;
	placed = arena_array(c->arena, *n + 1, sizeof(*placed));
	for (size_t i = 0; i < *n; i++)
		placed[i] = (struct placed){ items[i], t, orders, orders_n };
	qsort(placed, *n, sizeof(*placed), compare);
	*out = arena_array(c->arena, *n + 1, sizeof(**out));
	for (size_t i = 0; i < *n; i++)
		(*out)[i] = placed[i].item.no;
	return 0;
}

int jmap_query_run(struct jmap_call *c, const struct jmap_query_type *t,
                   struct jmap_query_item *items, size_t n)
{
	static const char *const known[] = { "accountId", "filter",
		                             "sort",      "position",
		                             "anchor",    "anchorOffset",
		                             "limit",     "calculateTotal",
		                             NULL };
	struct change_state state;
	struct jmap_window w;
	uint64_t *numbers;

	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0 ||
	    jmap_window_read(c, t->letter, &w) < 0 ||
	    jmap_state(c, t->type, &state) < 0 ||
	    run(c, t, items, &n, &numbers) < 0)
		return -1;
	return jmap_window_write(c, &w, t->letter,
	                         jmap_state_text(c->arena, state), true,
	                         numbers, n);
}

/* ---- changes ---- */

static void touch(struct map *m, const uint64_t *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		(void)map_put_u64(m, list[i], m);
}

/* All that changed is removed, and what matches now is added. */
static int write_changes(struct jmap_call *c, char letter,
                         const struct map *touched, const uint64_t *now,
                         size_t n, uint64_t max)
{
	struct map_entry e;
	size_t at = 0, added = 0;

	for (size_t i = 0; i < n; i++)
		added += map_get_u64(touched, now[i]) != NULL;
	if (max && touched->n + added > max)
		return jmap_error(c, "tooManyChanges", "over maxChanges");
	json_key(&c->w, STR("removed"));
	json_array(&c->w);
	while (map_next(touched, &at, &e))
		jmap_write_id(&c->w, letter, e.number);
	json_end(&c->w);
	json_key(&c->w, STR("added"));
	json_array(&c->w);
	for (size_t i = 0; i < n; i++) {
		if (!map_get_u64(touched, now[i]))
			continue;
		json_object(&c->w);
		json_member_z(&c->w, "id", store_id(letter, now[i]).z);
		json_member_u64(&c->w, "index", i);
		json_end(&c->w);
	}
	json_end(&c->w);
	return 0;
}

static int since(struct jmap_call *c, const struct jmap_query_type *t,
                 struct str text, struct change_list *l)
{
	struct change_state state;
	struct err err = ERR_INIT;

	if (!text.p)
		return jmap_error(c, "invalidArguments", "no sinceQueryState");
	if (!jmap_state_parse(text, &state) ||
	    change_since(c->store, c->account, t->type, state, 0, c->arena, l,
	                 &err) < 0)
		return err.kind == ERR_NONE || err.kind == ERR_NOT_FOUND
		               ? jmap_error(c, "cannotCalculateChanges",
		                            "the state is not known")
		               : jmap_fail(c, &err);
	return l->more ? jmap_error(c, "tooManyChanges", "ask /query again")
	               : 0;
}

int jmap_query_changes_run(struct jmap_call *c, const struct jmap_query_type *t,
                           struct jmap_query_item *items, size_t n)
{
	static const char *const known[] = {
		"accountId",       "filter", "sort",           "maxChanges",
		"sinceQueryState", "upToId", "calculateTotal", NULL
	};
	struct str text = { NULL, 0 };
	struct change_list l = { .created = NULL };
	struct map touched;
	bool total = false;
	uint64_t max = 0, *now = NULL;
	int rc;

	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0 ||
	    jmap_arg_str(c, "sinceQueryState", &text) < 0 ||
	    jmap_arg_u64(c, "maxChanges", &max) < 0 ||
	    jmap_arg_bool(c, "calculateTotal", &total) < 0 ||
	    since(c, t, text, &l) < 0 || run(c, t, items, &n, &now) < 0)
		return -1;
	map_init(&touched, 0);
	touch(&touched, l.created, l.created_n);
	touch(&touched, l.updated, l.updated_n);
	touch(&touched, l.destroyed, l.destroyed_n);
	jmap_write_account(c);
	json_member_str(&c->w, "oldQueryState", text);
	jmap_write_state(c, "newQueryState", l.state);
	if (total)
		json_member_u64(&c->w, "total", n);
	rc = write_changes(c, t->letter, &touched, now, n, max);
	map_deinit(&touched);
	return rc;
}
