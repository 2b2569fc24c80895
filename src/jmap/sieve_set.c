/* SieveScript/set (RFC 9661, 2.4). */
#include "config/config.h"
#include "deliver/script.h"
#include "jmap/methods.h"
#include "jmap/object.h"
#include "jmap/sieve.h"

struct wish {
	struct str name; /* p NULL: not named */
	struct str text; /* p NULL: as it is */
};

struct sieve_set {
	struct str activate;
	bool deactivate;
	bool changed; /* deliveries are to be told */
};

static struct script_limits limits_of(const struct jmap_call *c)
{
	const struct config *cfg = c->req->server->ctx.config;

	return (struct script_limits){
		.scripts = config_u64(cfg, OPT_SIEVE_SCRIPTS_MAX),
		.bytes = config_u64(cfg, OPT_SIEVE_SCRIPT_BYTES),
	};
}

int jmap_script_tell(struct jmap_call *c)
{
	struct err err = ERR_INIT;

	return deliver_script_tell(c->store, c->req->server->ctx.directory,
	                           c->account, &err) < 0
	               ? jmap_fail(c, &err)
	               : 0;
}

/* ---- what is asked for ---- */

static int read_name(struct jmap_set *s, struct json v, struct wish *w)
{
	struct err err = ERR_INIT;

	if (json_kind(v) == JSON_IS_NULL)
		return 0;
	w->name = json_as_str(v);
	if (json_kind(v) != JSON_IS_STRING ||
	    script_name_check(w->name, &err) < 0)
		return jmap_set_refuse(s, "invalidProperties", "name", "%s",
		                       err.text[0] ? err.text
		                                   : "a name is a string");
	return 0;
}

static int read_text(struct jmap_set *s, struct json v, struct wish *w)
{
	struct str id = json_as_str(v);
	struct err err = ERR_INIT;

	if (json_kind(v) != JSON_IS_STRING)
		return jmap_set_refuse(s, "invalidProperties", "blobId",
		                       "the id of a blob is a string");
	if (jmap_script_text(s->c, id, &w->text, &err) < 0) {
		if (err.kind != ERR_NOT_FOUND)
			return jmap_set_fail(s, &err);
		s->blob_missing = id;
		return jmap_set_refuse(s, "blobNotFound", NULL,
		                       "there is no such blob");
	}
	if (deliver_script_check(w->text, &err) < 0)
		return jmap_set_refuse(s, "invalidSieve", NULL, "%s", err.text);
	return 0;
}

/* `old` is NULL for a new one. */
static int read_wish(struct jmap_set *s, struct json o,
                     const struct script *old, struct wish *w)
{
	struct json_members m = { .object = o };
	struct str name;
	struct json v;
	int rc = 0;

	*w = (struct wish){ .name = { NULL, 0 } };
	while (rc == 0 && json_member_next(&m, &name, &v)) {
		bool active = old && old->active;

		if (str_eq(name, STR("name")))
			rc = read_name(s, v, w);
		else if (str_eq(name, STR("blobId")))
			rc = read_text(s, v, w);
		else if ((str_eq(name, STR("isActive")) &&
		          json_kind(v) == JSON_IS_BOOL &&
		          json_as_bool(v) == active) ||
		         (old && str_eq(name, STR("id")) &&
		          str_eq(json_as_str(v),
		                 str_z(store_id(JMAP_ID_SCRIPT, old->no).z))))
			continue; /* clients send back what they were given */
		else
			rc = jmap_set_refuse(s, "invalidProperties",
			                     arena_strz(s->c->arena, name),
			                     "unknown, or not to be set");
	}
	return rc;
}

/* ---- create, update, destroy ---- */

static int failed(struct jmap_set *s, const struct script_write *w,
                  const struct err *err)
{
	if (err->kind == ERR_EXISTS) {
		s->existing =
			arena_dup(s->c->arena,
		                  str_z(store_id(JMAP_ID_SCRIPT, w->other).z));
		return jmap_set_refuse(s, "alreadyExists", NULL,
		                       "another script has this name");
	}
	if (err->kind == ERR_TOO_BIG && w->count)
		return jmap_set_refuse(s, "overQuota", NULL, "%s", err->text);
	return jmap_set_fail(s, err);
}

static int write_script(struct jmap_set *s, struct script_write *w)
{
	struct script_limits max = limits_of(s->c);
	struct sieve_set *arg = s->arg;
	struct err err = ERR_INIT;

	if (script_write(s->c->store, s->c->account, w, &max, &err) < 0)
		return failed(s, w, &err);
	arg->changed = true;
	return 0;
}

/* RFC 9661, 2: without a name the server gives one. */
static int free_name(struct jmap_set *s, struct str *out)
{
	struct script *list;
	size_t n;

	if (jmap_scripts_read(s->c, &list, &n) < 0) {
		s->c->error = NULL;
		return jmap_set_refuse(s, "serverFail", NULL,
		                       "temporary failure");
	}
	for (size_t i = 1; i <= n + 1; i++) {
		bool taken = false;

		*out = arena_fmt(s->c->arena, "script-%zu", i);
		for (size_t k = 0; k < n; k++)
			taken |= str_eq(list[k].name, *out);
		if (!taken)
			break;
	}
	return 0;
}

static int create(struct jmap_set *s, struct json v)
{
	struct script_write w = { .no = 0 };
	struct wish wish;
	bool named;

	if (read_wish(s, v, NULL, &wish) < 0)
		return -1;
	if (!wish.text.p)
		return jmap_set_refuse(s, "invalidProperties", "blobId",
		                       "a script needs a text");
	named = wish.name.p != NULL;
	if (!named && free_name(s, &wish.name) < 0)
		return -1;
	w.name = wish.name;
	w.text = wish.text;
	if (write_script(s, &w) < 0)
		return -1;
	jmap_set_created(s, str_z(store_id(JMAP_ID_SCRIPT, w.no).z));
	if (!named)
		json_member_str(s->w, "name", wish.name);
	json_member_str(s->w, "blobId",
	                jmap_script_blob_id(s->c->arena, w.no, w.text));
	return 0;
}

static int update(struct jmap_set *s, uint64_t no, struct json patch)
{
	struct script_write w = { .no = no };
	struct err err = ERR_INIT;
	struct script old;
	struct wish wish;

	if (script_get_no(s->c->store, s->c->account, no, s->c->arena, &old,
	                  &err) < 0)
		return jmap_set_fail(s, &err);
	if (read_wish(s, patch, &old, &wish) < 0)
		return -1;
	w.name = wish.name;
	w.text = wish.text;
	if (!w.name.p && !w.text.p)
		return 0;
	if (write_script(s, &w) < 0)
		return -1;
	if (w.text.p)
		json_member_str(s->w, "blobId",
		                jmap_script_blob_id(s->c->arena, no, w.text));
	return 0;
}

static int destroy(struct jmap_set *s, uint64_t no)
{
	struct sieve_set *arg = s->arg;
	struct err err = ERR_INIT;

	if (script_remove_no(s->c->store, s->c->account, no, &err) == 0) {
		arg->changed = true;
		return 0;
	}
	if (err.kind == ERR_DENIED)
		return jmap_set_refuse(s, "sieveIsActive", NULL,
		                       "it is the active script");
	return jmap_set_fail(s, &err);
}

/* ---- which is active ---- */

static void tell(struct jmap_set *s, uint64_t no, bool active)
{
	struct str id =
		arena_dup(s->c->arena, str_z(store_id(JMAP_ID_SCRIPT, no).z));

	jmap_set_tell(s, id, "isActive", active);
}

/* 0: what should be active is no script, and so all stays as it is. */
static uint64_t wanted(struct jmap_set *s, const struct script *list, size_t n)
{
	const struct sieve_set *arg = s->arg;
	uint64_t no = jmap_no(s->c, arg->activate, JMAP_ID_SCRIPT);

	for (size_t i = 0; i < n; i++)
		if (list[i].no == no)
			return no;
	return 0;
}

static int set_active(struct jmap_set *s)
{
	struct sieve_set *arg = s->arg;
	struct err err = ERR_INIT;
	struct script *list;
	uint64_t before = 0, no;
	size_t n;

	if (jmap_scripts_read(s->c, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (list[i].active)
			before = list[i].no;
	no = arg->activate.p ? wanted(s, list, n) : 0;
	if (!no && (arg->activate.p || !before))
		return 0;
	if (no != before &&
	    script_activate_no(s->c->store, s->c->account, no, &err) < 0)
		return jmap_fail(s->c, &err);
	arg->changed = arg->changed || no != before;
	if (before && no != before)
		tell(s, before, false);
	if (no)
		tell(s, no, true);
	return 0;
}

static int finish(struct jmap_set *s, bool good)
{
	struct sieve_set *arg = s->arg;
	int rc = 0;

	if (good && (arg->activate.p || arg->deactivate))
		rc = set_active(s);
	return arg->changed && jmap_script_tell(s->c) < 0 ? -1 : rc;
}

int jmap_sieve_set(struct jmap_call *c)
{
	static const char *const args[] = { "onSuccessActivateScript",
		                            "onSuccessDeactivateScript", NULL };
	static const struct jmap_set_type type = {
		.state = CHANGE_SCRIPT,
		.letter = JMAP_ID_SCRIPT,
		.args = args,
		.create = create,
		.update = update,
		.destroy = destroy,
		.finish = finish,
	};
	struct sieve_set arg = { .changed = false };

	if (jmap_arg_str(c, "onSuccessActivateScript", &arg.activate) < 0 ||
	    jmap_arg_bool(c, "onSuccessDeactivateScript", &arg.deactivate) < 0)
		return -1;
	return jmap_set_run(c, &type, &arg);
}
