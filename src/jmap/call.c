#include "jmap/call.h"

#include <stdarg.h>
#include <string.h>

#include "log/log.h"

int jmap_error(struct jmap_call *c, const char *type, const char *fmt, ...)
{
	struct buf b;
	va_list ap;

	buf_init(&b, 4096);
	va_start(ap, fmt);
	buf_vfmt(&b, fmt, ap);
	va_end(ap);
	c->error = type;
	c->description = arena_dup(c->arena, buf_str(&b));
	buf_deinit(&b);
	return -1;
}

int jmap_fail(struct jmap_call *c, const struct err *err)
{
	struct log_line l;

	switch (err->kind) {
	case ERR_NOT_FOUND:
		return jmap_error(c, "invalidArguments", "not found");
	case ERR_TOO_BIG:
		return jmap_error(c, "requestTooLarge", "over a limit");
	case ERR_INVALID: return jmap_error(c, "invalidArguments", "invalid");
	case ERR_DENIED: return jmap_error(c, "forbidden", "not allowed");
	default: break;
	}
	log_begin(&l, LOG_ERROR, "jmap.trouble");
	log_u64(&l, "account", (uint64_t)c->account.id);
	log_err(&l, err);
	log_end(&l);
	if (err->kind == ERR_CORRUPT)
		return jmap_error(c, "serverFail", "stored data is damaged");
	return jmap_error(c, "serverUnavailable", "temporary failure");
}

int jmap_args_known(struct jmap_call *c, const char *const *known)
{
	struct json_members m = { .object = c->args };
	struct str name;
	struct json v;

	while (json_member_next(&m, &name, &v)) {
		size_t i = 0;

		while (known[i] && !str_eq(name, str_z(known[i])))
			i++;
		if (!known[i])
			return jmap_error(c, "invalidArguments",
			                  "unknown argument \"%.*s\"",
			                  STR_ARG(name));
	}
	return 0;
}

bool jmap_arg(const struct jmap_call *c, const char *name, struct json *out)
{
	return json_get(c->args, name, out) && json_kind(*out) != JSON_IS_NULL;
}

static int wrong(struct jmap_call *c, const char *name)
{
	return jmap_error(c, "invalidArguments",
	                  "\"%s\" is of the wrong type or out of range", name);
}

int jmap_args_account(struct jmap_call *c)
{
	struct json v;

	if (!jmap_arg(c, "accountId", &v) || json_kind(v) != JSON_IS_STRING)
		return wrong(c, "accountId");
	if (!str_eq(json_as_str(v), str_z(jmap_account_id(c->req->user).z)))
		return jmap_error(c, "accountNotFound", "no such account");
	return 0;
}

int jmap_arg_bool(struct jmap_call *c, const char *name, bool *out)
{
	struct json v;

	if (!jmap_arg(c, name, &v))
		return 0;
	if (json_kind(v) != JSON_IS_BOOL)
		return wrong(c, name);
	*out = json_as_bool(v);
	return 0;
}

int jmap_arg_u64(struct jmap_call *c, const char *name, uint64_t *out)
{
	struct json v;

	if (!jmap_arg(c, name, &v))
		return 0;
	return json_as_u64(v, out) ? 0 : wrong(c, name);
}

int jmap_arg_i64(struct jmap_call *c, const char *name, int64_t *out)
{
	struct json v;

	if (!jmap_arg(c, name, &v))
		return 0;
	return json_as_i64(v, out) ? 0 : wrong(c, name);
}

int jmap_arg_str(struct jmap_call *c, const char *name, struct str *out)
{
	struct json v;

	if (!jmap_arg(c, name, &v))
		return 0;
	if (json_kind(v) != JSON_IS_STRING)
		return wrong(c, name);
	*out = json_as_str(v);
	return 0;
}

/* ---- ids ---- */

struct str jmap_id(const struct jmap_call *c, struct str written)
{
	const struct str *real;

	if (written.n == 0 || written.p[0] != '#')
		return written;
	real = map_get(&c->req->created, str_from(written, 1));
	return real ? *real : (struct str){ NULL, 0 };
}

uint64_t jmap_no(const struct jmap_call *c, struct str written, char letter)
{
	uint64_t no;

	return store_id_parse(jmap_id(c, written), letter, &no) ? no : 0;
}

void jmap_created(struct jmap_request *r, struct str creation_id, struct str id)
{
	struct str *real = arena_alloc(&r->arena, sizeof(*real));

	*real = arena_dup(&r->arena, id);
	(void)map_put(&r->created, creation_id, real);
}

void jmap_write_id(struct json_writer *w, char letter, uint64_t no)
{
	json_z(w, store_id(letter, no).z);
}

/* ---- states ---- */

struct str jmap_state_text(struct arena *a, struct change_state s)
{
	return arena_fmt(a, "%u-%llu", s.epoch, (unsigned long long)s.modseq);
}

bool jmap_state_parse(struct str s, struct change_state *out)
{
	struct str epoch;
	struct change_state st;

	if (str_chr(s, '-') == STR_NPOS || !str_cut(&s, '-', &epoch) ||
	    !str_to_u32(epoch, &st.epoch) ||
	    !str_to_u64(s, INT64_MAX, &st.modseq))
		return false;
	*out = st;
	return true;
}

int jmap_state(struct jmap_call *c, enum change_type type,
               struct change_state *out)
{
	struct change_state all[CHANGE_TYPES];
	struct err err = ERR_INIT;

	if (change_states(c->store, c->account, all, &err) < 0)
		return jmap_fail(c, &err);
	*out = all[type];
	return 0;
}

void jmap_write_state(struct jmap_call *c, const char *member,
                      struct change_state s)
{
	json_member_str(&c->w, member, jmap_state_text(c->arena, s));
}
