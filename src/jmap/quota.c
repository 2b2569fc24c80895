/* Quota/get, /changes, /query and /queryChanges (RFC 9425).  An account has
 * one, with the id "storage", or none. */
#include "store/quota.h"

#include "jmap/criteria.h"
#include "jmap/methods.h"
#include "jmap/object.h"
#include "text/nfc.h"

static void write_id(struct jmap_call *c, const void *o)
{
	(void)o;
	json_z(&c->w, "storage");
}

static void write_type(struct jmap_call *c, const void *o)
{
	(void)o;
	json_z(&c->w, "octets");
}

static void write_used(struct jmap_call *c, const void *o)
{
	const struct quota *q = o;

	json_u64(&c->w, q->used_bytes);
}

static void write_limit(struct jmap_call *c, const void *o)
{
	const struct quota *q = o;

	json_u64(&c->w, q->limit_bytes);
}

static void write_scope(struct jmap_call *c, const void *o)
{
	(void)o;
	json_z(&c->w, "account");
}

static void write_name(struct jmap_call *c, const void *o)
{
	(void)o;
	json_str(&c->w, c->req->user->address);
}

static void write_types(struct jmap_call *c, const void *o)
{
	(void)o;
	json_array(&c->w);
	json_z(&c->w, "Mail");
	json_end(&c->w);
}

static void write_null(struct jmap_call *c, const void *o)
{
	(void)o;
	json_null(&c->w);
}

static const struct jmap_property rows[] = {
	{ "id", JMAP_SERVER_SET, write_id },
	{ "resourceType", JMAP_SERVER_SET, write_type },
	{ "used", JMAP_SERVER_SET, write_used },
	{ "hardLimit", JMAP_SERVER_SET, write_limit },
	{ "scope", JMAP_SERVER_SET, write_scope },
	{ "name", JMAP_SERVER_SET, write_name },
	{ "types", JMAP_SERVER_SET, write_types },
	{ "warnLimit", JMAP_SERVER_SET, write_null },
	{ "softLimit", JMAP_SERVER_SET, write_null },
	{ "description", JMAP_SERVER_SET, write_null },
};

#define ROWS_N (sizeof(rows) / sizeof(rows[0]))

/* The numbers themselves are the state. */
static struct str state_of(struct jmap_call *c, const struct quota *q)
{
	return arena_fmt(c->arena, "%llu-%llu",
	                 (unsigned long long)q->used_bytes,
	                 (unsigned long long)q->limit_bytes);
}

int jmap_quota_get(struct jmap_call *c)
{
	static const char *const known[] = { "accountId", "ids", "properties",
		                             NULL };
	struct err err = ERR_INIT;
	struct jmap_get g;
	struct str *missing;
	struct quota q;
	size_t n = 0;
	bool wanted;

	if (jmap_args_known(c, known) < 0 ||
	    jmap_get_read(c, rows, ROWS_N, NULL, NULL, &g) < 0)
		return -1;
	if (quota_get(c->store, c->account, &q, &err) < 0)
		return jmap_fail(c, &err);
	missing = arena_array(c->arena, g.ids_n + 1, sizeof(*missing));
	wanted = g.all;
	for (size_t i = 0; i < g.ids_n; i++)
		if (str_eq(g.ids[i], STR("storage")))
			wanted = true;
		else
			missing[n++] = g.ids[i];
	/* An account without a limit has no quota. */
	if (q.limit_bytes == STORE_QUOTA_NONE) {
		if (wanted && !g.all)
			missing[n++] = STR("storage");
		wanted = false;
	}
	jmap_get_begin(c, state_of(c, &q));
	if (wanted) {
		json_object(&c->w);
		jmap_get_write(c, rows, ROWS_N, g.wanted, &q);
		json_end(&c->w);
	}
	jmap_get_end(c, missing, n);
	return 0;
}

int jmap_quota_changes(struct jmap_call *c)
{
	static const char *const known[] = { "accountId", "sinceState",
		                             "maxChanges", NULL };
	struct str since = { NULL, 0 }, now, limit;
	struct err err = ERR_INIT;
	struct quota q;
	bool changed;

	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0 ||
	    jmap_arg_str(c, "sinceState", &since) < 0)
		return -1;
	if (quota_get(c->store, c->account, &q, &err) < 0)
		return jmap_fail(c, &err);
	now = state_of(c, &q);
	changed = !str_eq(now, since);
	limit = str_from(now, str_chr(now, '-'));
	/* Whether it is the same quota is known; not, when there was none. */
	if (!since.p || str_chr(since, '-') == STR_NPOS)
		return jmap_error(c, "cannotCalculateChanges", "no such state");
	jmap_write_account(c);
	json_member_str(&c->w, "oldState", since);
	json_member_str(&c->w, "newState", now);
	json_member_bool(&c->w, "hasMoreChanges", false);
	json_key(&c->w, STR("created"));
	json_array(&c->w);
	json_end(&c->w);
	json_key(&c->w, STR("updated"));
	json_array(&c->w);
	if (changed && q.limit_bytes != STORE_QUOTA_NONE)
		json_z(&c->w, "storage");
	json_end(&c->w);
	json_key(&c->w, STR("destroyed"));
	json_array(&c->w);
	json_end(&c->w);
	json_key(&c->w, STR("updatedProperties"));
	if (changed && str_ends(since, limit)) {
		json_array(&c->w);
		json_z(&c->w, "used");
		json_end(&c->w);
	} else {
		json_null(&c->w);
	}
	return 0;
}

/* ---- /query ---- */

static bool has_name(struct jmap_call *c, const void *object, struct json v,
                     const struct jmap_condition *row)
{
	(void)object;
	(void)row;
	return str_find(text_casemap_key(c->arena, c->req->user->address),
	                text_casemap_key(c->arena, json_as_str(v))) != STR_NPOS;
}

/* What is the same for every quota here: its scope and type. */
static bool is_this(struct jmap_call *c, const void *object, struct json v,
                    const struct jmap_condition *row)
{
	const char *value = str_eq(str_z(row->name), STR("scope"))  ? "account"
	                    : str_eq(str_z(row->name), STR("type")) ? "Mail"
	                                                            : "octets";

	(void)c;
	(void)object;
	return str_eq(json_as_str(v), str_z(value));
}

/* RFC 9425, 4.3. */
static const struct jmap_condition conditions[] = {
	{ "name", JMAP_IS_STRING, has_name },
	{ "scope", JMAP_IS_STRING, is_this },
	{ "resourceType", JMAP_IS_STRING, is_this },
	{ "type", JMAP_IS_STRING, is_this },
};

static const char *const sorts[] = { "name", "used" };

static const struct jmap_criteria criteria = {
	conditions,
	sizeof(conditions) / sizeof(conditions[0]),
	sorts,
	sizeof(sorts) / sizeof(sorts[0]),
};

/* How many match: 1 or 0; or -1 after jmap_error(). */
static int find(struct jmap_call *c, struct quota *q)
{
	struct jmap_order orders[JMAP_SORTS_MAX];
	struct err err = ERR_INIT;
	size_t n;

	if (jmap_criteria_read(c, &criteria, orders, &n) < 0)
		return -1;
	if (quota_get(c->store, c->account, q, &err) < 0)
		return jmap_fail(c, &err);
	return q->limit_bytes != STORE_QUOTA_NONE &&
	       jmap_criteria_match(c, &criteria, q);
}

int jmap_quota_query(struct jmap_call *c)
{
	static const char *const known[] = { "accountId", "filter",
		                             "sort",      "position",
		                             "anchor",    "anchorOffset",
		                             "limit",     "calculateTotal",
		                             NULL };
	struct str anchor = { NULL, 0 };
	struct jmap_window w;
	size_t start, count;
	struct quota q;
	int n;

	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0 ||
	    jmap_window_read(c, 0, &w) < 0 ||
	    jmap_arg_str(c, "anchor", &anchor) < 0)
		return -1;
	n = find(c, &q);
	if (n < 0)
		return -1;
	w.anchor = str_eq(anchor, STR("storage"));
	if (jmap_window_begin(c, &w, state_of(c, &q), false,
	                      &(const uint64_t){ 1 }, (size_t)n, &start,
	                      &count) < 0)
		return -1;
	if (count)
		json_z(&c->w, "storage");
	json_end(&c->w);
	return 0;
}

/* Not calculated, but that nothing changed is known. */
int jmap_quota_query_changes(struct jmap_call *c)
{
	static const char *const known[] = {
		"accountId",       "filter", "sort",           "maxChanges",
		"sinceQueryState", "upToId", "calculateTotal", NULL
	};
	struct str since = { NULL, 0 };
	struct quota q;

	if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0 ||
	    jmap_arg_str(c, "sinceQueryState", &since) < 0 || find(c, &q) < 0)
		return -1;
	return jmap_query_same(c, since, state_of(c, &q));
}
