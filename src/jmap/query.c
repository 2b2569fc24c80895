#include "jmap/query.h"

#include <stdlib.h>

/* What qsort compares: an item, and how. */
struct placed {
	struct jmap_query_item item;
	const struct jmap_query_type *type;
	const struct jmap_order *orders;
	size_t orders_n;
};

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

/* Those that match stand in front; how many. */
static size_t filter(struct jmap_call *c, const struct jmap_query_type *t,
                     struct jmap_query_item *items, size_t n)
{
	size_t kept = 0;

	if (t->filtered)
		return n;
	for (size_t i = 0; i < n; i++)
		if (jmap_criteria_match(c, t->criteria, items[i].object))
			items[kept++] = items[i];
	return kept;
}

/* The numbers of what matches, in order. */
static int run(struct jmap_call *c, const struct jmap_query_type *t,
               const struct jmap_order *orders, size_t orders_n, uint64_t **out,
               size_t *n)
{
	struct jmap_query_item *items = NULL;
	struct placed *placed;

	if (t->read(c, &items, n) < 0)
		return -1;
	*n = filter(c, t, items, *n);
	placed = arena_array(c->arena, *n + 1, sizeof(*placed));
	for (size_t i = 0; i < *n; i++)
		placed[i] = (struct placed){ items[i], t, orders, orders_n };
	qsort(placed, *n, sizeof(*placed), compare);
	*out = arena_array(c->arena, *n + 1, sizeof(**out));
	for (size_t i = 0; i < *n; i++)
		(*out)[i] = placed[i].item.no;
	return 0;
}

int jmap_query_run(struct jmap_call *c, const struct jmap_query_type *t)
{
	static const char *const known[] = { "accountId", "filter",
		                             "sort",      "position",
		                             "anchor",    "anchorOffset",
		                             "limit",     "calculateTotal",
		                             NULL };
	struct jmap_order orders[JMAP_SORTS_MAX];
	struct change_state state;
	struct jmap_window w;
	size_t orders_n, n;
	uint64_t *numbers;

	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0 ||
	    jmap_window_read(c, t->letter, &w) < 0 ||
	    jmap_criteria_read(c, t->criteria, orders, &orders_n) < 0 ||
	    jmap_state(c, t->type, &state) < 0 ||
	    run(c, t, orders, orders_n, &numbers, &n) < 0)
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

int jmap_query_changes_run(struct jmap_call *c, const struct jmap_query_type *t)
{
	static const char *const known[] = {
		"accountId",       "filter", "sort",           "maxChanges",
		"sinceQueryState", "upToId", "calculateTotal", NULL
	};
	struct str text = { NULL, 0 };
	struct change_list l = { .created = NULL };
	struct map touched;
	struct jmap_order orders[JMAP_SORTS_MAX];
	uint64_t max = 0, *now = NULL;
	size_t orders_n, n;
	bool total = false;
	int rc;

	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0 ||
	    jmap_arg_str(c, "sinceQueryState", &text) < 0 ||
	    jmap_arg_u64(c, "maxChanges", &max) < 0 ||
	    jmap_arg_bool(c, "calculateTotal", &total) < 0 ||
	    jmap_criteria_read(c, t->criteria, orders, &orders_n) < 0 ||
	    since(c, t, text, &l) < 0 ||
	    run(c, t, orders, orders_n, &now, &n) < 0)
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
