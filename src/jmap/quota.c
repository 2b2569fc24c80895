/* Quota/get and /changes (RFC 9425). */
#include "store/quota.h"

#include "jmap/methods.h"
#include "jmap/object.h"

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
