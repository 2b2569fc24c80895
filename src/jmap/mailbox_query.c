/* Mailbox/query and /queryChanges (RFC 8621, 2.3). */
#include <stdlib.h>
#include <string.h>

#include "jmap/criteria.h"
#include "jmap/mailbox.h"
#include "jmap/methods.h"
#include "text/nfc.h"

/* ---- filter ---- */

static bool parent_is(struct jmap_call *c, const void *object, struct json v,
                      const struct jmap_condition *row)
{
	const struct jmap_mailbox *b = object;

	(void)row;
	if (json_kind(v) == JSON_IS_NULL)
		return !b->parent;
	return b->parent &&
	       b->parent->no == jmap_no(c, json_as_str(v), STORE_ID_MAILBOX);
}

static bool has_name(struct jmap_call *c, const void *object, struct json v,
                     const struct jmap_condition *row)
{
	const struct jmap_mailbox *b = object;

	(void)row;
	return str_find(text_casemap_key(c->arena, b->name),
	                text_casemap_key(c->arena, json_as_str(v))) != STR_NPOS;
}

static bool role_is(struct jmap_call *c, const void *object, struct json v,
                    const struct jmap_condition *row)
{
	const struct jmap_mailbox *b = object;
	const char *role = jmap_role_name(b->m->use);

	(void)c;
	(void)row;
	if (json_kind(v) == JSON_IS_NULL)
		return !role;
	return role && str_eq(json_as_str(v), str_z(role));
}

static bool has_any_role(struct jmap_call *c, const void *object, struct json v,
                         const struct jmap_condition *row)
{
	const struct jmap_mailbox *b = object;

	(void)c;
	(void)row;
	return (jmap_role_name(b->m->use) != NULL) == json_as_bool(v);
}

static bool is_subscribed(struct jmap_call *c, const void *object,
                          struct json v, const struct jmap_condition *row)
{
	const struct jmap_mailbox *b = object;

	(void)c;
	(void)row;
	return b->m->subscribed == json_as_bool(v);
}

static const struct jmap_condition conditions[] = {
	{ "parentId", JMAP_IS_STRING_OR_NULL, parent_is },
	{ "name", JMAP_IS_STRING, has_name },
	{ "role", JMAP_IS_STRING_OR_NULL, role_is },
	{ "hasAnyRole", JMAP_IS_BOOL, has_any_role },
	{ "isSubscribed", JMAP_IS_BOOL, is_subscribed },
};

/* ---- order ---- */

enum { BY_ORDER, BY_NAME, BY_PARENT };

static const char *const sorts[] = {
	[BY_ORDER] = "sortOrder", [BY_NAME] = "name", [BY_PARENT] = "parentId"
};

static const struct jmap_criteria criteria = {
	conditions,
	sizeof(conditions) / sizeof(conditions[0]),
	sorts,
	sizeof(sorts) / sizeof(sorts[0]),
};

struct item {
	const struct jmap_mailbox *b;
	struct str key;
	const struct jmap_order *orders;
	size_t orders_n;
};

static uint64_t parent_no(const struct item *it)
{
	return it->b->parent ? it->b->parent->no : 0;
}

static int by_number(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare(const void *pa, const void *pb)
{
	const struct item *a = pa, *b = pb;

	for (size_t i = 0; i < a->orders_n; i++) {
		int c = 0;

		switch (a->orders[i].by) {
		case BY_ORDER:
			c = by_number(jmap_role_order(a->b->m->use),
			              jmap_role_order(b->b->m->use));
			break;
		case BY_NAME: c = str_cmp(a->key, b->key); break;
		case BY_PARENT:
			c = by_number(parent_no(a), parent_no(b));
			break;
		}
		if (c)
			return a->orders[i].descending ? -c : c;
	}
	return by_number(a->b->m->no, b->b->m->no);
}

/* Each with its children behind it (RFC 8621, 2.3: sortAsTree). */
static size_t as_tree(const struct item *all, size_t n, uint64_t parent,
                      const struct jmap_mailbox **out, size_t at)
{
	for (size_t i = 0; i < n; i++)
		if (parent_no(&all[i]) == parent) {
			out[at++] = all[i].b;
			at = as_tree(all, n, all[i].b->m->no, out, at);
		}
	return at;
}

static const struct jmap_mailbox **sorted(struct jmap_call *c,
                                          const struct jmap_mailboxes *l,
                                          const struct jmap_order *orders,
                                          size_t orders_n, bool tree)
{
	struct item *items = arena_array(c->arena, l->n + 1, sizeof(*items));
	const struct jmap_mailbox **out =
		arena_array(c->arena, l->n + 1, sizeof(struct jmap_mailbox *));

	for (size_t i = 0; i < l->n; i++)
		items[i] = (struct item){
			.b = &l->list[i],
			.key = text_casemap_key(c->arena, l->list[i].name),
			.orders = orders,
			.orders_n = orders_n,
		};
	qsort(items, l->n, sizeof(*items), compare);
	if (tree) {
		(void)as_tree(items, l->n, 0, out, 0);
		return out;
	}
	for (size_t i = 0; i < l->n; i++)
		out[i] = items[i].b;
	return out;
}

/* ---- the call ---- */

/* filterAsTree: one is in only when all above it are. */
static bool parents_in(const struct jmap_mailboxes *l, const bool *in,
                       const struct jmap_mailbox *b)
{
	while (b->parent) {
		b = jmap_mailboxes_find(l, b->parent->no);
		if (!b || !in[b - l->list])
			return false;
	}
	return true;
}

static size_t filter(struct jmap_call *c, const struct jmap_mailboxes *l,
                     const struct jmap_mailbox **list, bool tree, uint64_t *out)
{
	bool *in = arena_zalloc(c->arena, l->n + 1);
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		in[i] = jmap_criteria_match(c, &criteria, &l->list[i]);
	for (size_t i = 0; i < l->n; i++)
		if (in[list[i] - l->list] &&
		    (!tree || parents_in(l, in, list[i])))
			out[n++] = list[i]->m->no;
	return n;
}

int jmap_mailbox_query(struct jmap_call *c)
{
	static const char *const known[] = {
		"accountId",  "filter",       "sort",  "position",
		"anchor",     "anchorOffset", "limit", "calculateTotal",
		"sortAsTree", "filterAsTree", NULL
	};
	const struct jmap_mailbox **list;
	struct jmap_order orders[JMAP_SORTS_MAX];
	bool sort_tree = false, filter_tree = false;
	struct change_state state;
	struct jmap_mailboxes l;
	struct jmap_window w;
	size_t orders_n, n;
	uint64_t *numbers;

	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0 ||
	    jmap_window_read(c, STORE_ID_MAILBOX, &w) < 0 ||
	    jmap_arg_bool(c, "sortAsTree", &sort_tree) < 0 ||
	    jmap_arg_bool(c, "filterAsTree", &filter_tree) < 0 ||
	    jmap_criteria_read(c, &criteria, orders, &orders_n) < 0 ||
	    jmap_state(c, CHANGE_MAILBOX, &state) < 0 ||
	    jmap_mailboxes_read(c, false, &l) < 0)
		return -1;
	list = sorted(c, &l, orders, orders_n, sort_tree);
	numbers = arena_array(c->arena, l.n + 1, sizeof(*numbers));
	n = filter(c, &l, list, filter_tree, numbers);
	return jmap_window_write(c, &w, STORE_ID_MAILBOX,
	                         jmap_state_text(c->arena, state), false,
	                         numbers, n);
}

/* Not calculated (canCalculateChanges is false), but that nothing changed is
 * known. */
int jmap_mailbox_query_changes(struct jmap_call *c)
{
	static const char *const known[] = {
		"accountId",    "filter", "sort",           "sinceQueryState",
		"maxChanges",   "upToId", "calculateTotal", "sortAsTree",
		"filterAsTree", NULL
	};
	struct jmap_order orders[JMAP_SORTS_MAX];
	struct str since = { NULL, 0 };
	struct change_state state;
	bool tree = false;
	size_t n;

	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0 ||
	    jmap_arg_str(c, "sinceQueryState", &since) < 0 ||
	    jmap_arg_bool(c, "sortAsTree", &tree) < 0 ||
	    jmap_arg_bool(c, "filterAsTree", &tree) < 0 ||
	    jmap_criteria_read(c, &criteria, orders, &n) < 0 ||
	    jmap_state(c, CHANGE_MAILBOX, &state) < 0)
		return -1;
	return jmap_query_same(c, since, jmap_state_text(c->arena, state));
}
