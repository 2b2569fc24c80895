/* Mailbox/query and /queryChanges (RFC 8621, 2.3). */
#include <stdlib.h>
#include <string.h>

#include "jmap/mailbox.h"
#include "jmap/methods.h"
#include "text/nfc.h"

#define FILTER_DEPTH_MAX 20
#define SORTS_MAX        8

/* ---- filter ---- */

static int unsupported(struct jmap_call *c, struct str name)
{
	return jmap_error(c, "unsupportedFilter", "\"%.*s\"", STR_ARG(name));
}

static bool is_string(struct json v)
{
	return json_kind(v) == JSON_IS_STRING;
}

static bool name_has(struct jmap_call *c, struct str name, struct str part)
{
	return str_find(text_casemap_key(c->arena, name),
	                text_casemap_key(c->arena, part)) != STR_NPOS;
}

/* 1, 0, or -1 and an error. */
static int condition(struct jmap_call *c, const struct jmap_mailbox *b,
                     struct str name, struct json v)
{
	bool is_null = json_kind(v) == JSON_IS_NULL;
	const char *role = jmap_role_name(b->m->use);

	if (str_eq(name, STR("parentId")) && is_null)
		return !b->parent;
	if (str_eq(name, STR("parentId")) && is_string(v))
		return b->parent && b->parent->no == jmap_no(c, json_as_str(v),
		                                             STORE_ID_MAILBOX);
	if (str_eq(name, STR("name")) && is_string(v))
		return name_has(c, b->name, json_as_str(v));
	if (str_eq(name, STR("role")) && is_null)
		return !role;
	if (str_eq(name, STR("role")) && is_string(v))
		return role && str_eq(json_as_str(v), str_z(role));
	if (str_eq(name, STR("hasAnyRole")) && json_kind(v) == JSON_IS_BOOL)
		return (role != NULL) == json_as_bool(v);
	if (str_eq(name, STR("isSubscribed")) && json_kind(v) == JSON_IS_BOOL)
		return b->m->subscribed == json_as_bool(v);
	return unsupported(c, name);
}

static int matches(struct jmap_call *c, const struct jmap_mailbox *b,
                   struct json filter, int depth);

static int operator_of(struct jmap_call *c, const struct jmap_mailbox *b,
                       struct json filter, struct str op, int depth)
{
	bool is_and = str_eq(op, STR("AND")), any = false, all = true;
	struct json list;

	if (!json_get(filter, "conditions", &list) ||
	    json_kind(list) != JSON_IS_ARRAY || depth > FILTER_DEPTH_MAX ||
	    (!is_and && !str_eq(op, STR("OR")) && !str_eq(op, STR("NOT"))))
		return unsupported(c, STR("operator"));
	for (size_t i = 0; i < json_count(list); i++) {
		int rc = matches(c, b, json_at(list, i), depth + 1);

		if (rc < 0)
			return -1;
		any |= rc > 0;
		all &= rc > 0;
	}
	if (is_and)
		return all;
	return str_eq(op, STR("OR")) ? any : !any;
}

static int matches(struct jmap_call *c, const struct jmap_mailbox *b,
                   struct json filter, int depth)
{
	struct json_members m = { .object = filter };
	struct str name;
	struct json v;
	int yes = 1;

	if (json_kind(filter) != JSON_IS_OBJECT)
		return jmap_error(c, "invalidArguments",
		                  "a filter is an object");
	if (json_get(filter, "operator", &v))
		return operator_of(c, b, filter, json_as_str(v), depth);
	while (json_member_next(&m, &name, &v)) {
		int rc = condition(c, b, name, v);

		if (rc < 0)
			return -1;
		yes &= rc;
	}
	return yes;
}

/* ---- order ---- */

enum by { BY_ORDER, BY_NAME, BY_PARENT };

struct order {
	enum by by;
	bool descending;
};

struct item {
	const struct jmap_mailbox *b;
	struct str key;
	const struct order *orders;
	size_t orders_n;
};

static int read_sort(struct jmap_call *c, struct order *out, size_t *n)
{
	static const char *const names[] = { "sortOrder", "name", "parentId" };
	struct json list, v;

	*n = 0;
	if (!jmap_arg(c, "sort", &list))
		return 0;
	if (json_kind(list) != JSON_IS_ARRAY || json_count(list) > SORTS_MAX)
		return jmap_error(c, "unsupportedSort", "no such sort");
	for (size_t i = 0; i < json_count(list); i++) {
		struct str name = { NULL, 0 };
		int by = -1;

		if (json_get(json_at(list, i), "property", &v))
			name = json_as_str(v);
		for (int k = 0; k < 3; k++)
			if (str_eq(name, str_z(names[k])))
				by = k;
		if (by < 0)
			return jmap_error(c, "unsupportedSort", "\"%.*s\"",
			                  STR_ARG(name));
		out[*n].by = (enum by)by;
		out[*n].descending =
			json_get(json_at(list, i), "isAscending", &v) &&
			json_kind(v) == JSON_IS_BOOL && !json_as_bool(v);
		(*n)++;
	}
	return 0;
}

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
                                          const struct order *orders,
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

static int filter(struct jmap_call *c, const struct jmap_mailboxes *l,
                  const struct jmap_mailbox **list, bool tree, uint64_t *out,
                  size_t *n)
{
	bool *in = arena_zalloc(c->arena, l->n + 1);
	struct json f;

	*n = 0;
	for (size_t i = 0; i < l->n; i++) {
		int rc = jmap_arg(c, "filter", &f)
		                 ? matches(c, &l->list[i], f, 1)
		                 : 1;

		if (rc < 0)
			return -1;
		in[i] = rc > 0;
	}
	for (size_t i = 0; i < l->n; i++)
		if (in[list[i] - l->list] &&
		    (!tree || parents_in(l, in, list[i])))
			out[(*n)++] = list[i]->m->no;
	return 0;
}

int jmap_mailbox_query(struct jmap_call *c)
{
	static const char *const known[] = {
		"accountId",  "filter",       "sort",  "position",
		"anchor",     "anchorOffset", "limit", "calculateTotal",
		"sortAsTree", "filterAsTree", NULL
	};
	const struct jmap_mailbox **list;
	struct order orders[SORTS_MAX];
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
	    read_sort(c, orders, &orders_n) < 0 ||
	    jmap_state(c, CHANGE_MAILBOX, &state) < 0 ||
	    jmap_mailboxes_read(c, false, &l) < 0)
		return -1;
	list = sorted(c, &l, orders, orders_n, sort_tree);
	numbers = arena_array(c->arena, l.n + 1, sizeof(*numbers));
	if (filter(c, &l, list, filter_tree, numbers, &n) < 0)
		return -1;
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
	struct str since = { NULL, 0 };
	struct change_state state;

	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0 ||
	    jmap_arg_str(c, "sinceQueryState", &since) < 0 ||
	    jmap_state(c, CHANGE_MAILBOX, &state) < 0)
		return -1;
	if (!since.p)
		return jmap_error(c, "invalidArguments", "no sinceQueryState");
	if (!str_eq(since, jmap_state_text(c->arena, state)))
		return jmap_error(c, "cannotCalculateChanges",
		                  "ask Mailbox/query again");
	jmap_write_account(c);
	json_member_str(&c->w, "oldQueryState", since);
	json_member_str(&c->w, "newQueryState", since);
	json_key(&c->w, STR("removed"));
	json_array(&c->w);
	json_end(&c->w);
	json_key(&c->w, STR("added"));
	json_array(&c->w);
	json_end(&c->w);
	return 0;
}
