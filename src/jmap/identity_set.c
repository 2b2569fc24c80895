/* Identity/set (RFC 8621, 6.3). */
#include "directory/directory.h"
#include "jmap/identity.h"
#include "jmap/methods.h"
#include "jmap/pointer.h"
#include "wire/smtp/path.h"

#define ADDRESSES_MAX 50
#define NAME_MAX      500

static int wrong(struct jmap_set *s, struct str name, const char *why)
{
	return jmap_set_refuse(s, "invalidProperties",
	                       arena_strz(s->c->arena, name), "%s", why);
}

/* It stands in a header field: one line. */
static bool is_line(struct str s, size_t max)
{
	if (s.n > max)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return false;
	return true;
}

static int read_string(struct jmap_set *s, struct str name, struct json v,
                       size_t max, bool line, struct str *out)
{
	struct str text = json_as_str(v);

	if (json_kind(v) != JSON_IS_STRING)
		return wrong(s, name, "not a string");
	if (line ? !is_line(text, max) : text.n > max)
		return wrong(s, name, "too long, or more than a line");
	*out = text;
	return 0;
}

static int check_address(struct jmap_set *s, struct str name, struct json v)
{
	struct json_members m = { .object = v };
	struct smtp_path path;
	struct str key;
	struct json value;
	bool has_email = false;

	while (json_member_next(&m, &key, &value)) {
		bool null = json_kind(value) == JSON_IS_NULL;

		if (str_eq(key, STR("email")) &&
		    smtp_address_parse(json_as_str(value), s->c->arena, &path))
			has_email = true;
		else if (!str_eq(key, STR("name")) ||
		         !(null || (json_kind(value) == JSON_IS_STRING &&
		                    is_line(json_as_str(value), NAME_MAX))))
			return wrong(s, name, "not an address");
	}
	return has_email ? 0 : wrong(s, name, "an address has an email");
}

/* A list of EmailAddress, or null. */
static int read_addresses(struct jmap_set *s, struct str name, struct json v,
                          struct str *out)
{
	struct json_writer w;
	struct buf b;

	if (json_kind(v) != JSON_IS_NULL &&
	    (json_kind(v) != JSON_IS_ARRAY || json_count(v) > ADDRESSES_MAX))
		return wrong(s, name, "not a list of addresses");
	for (size_t i = 0; i < json_count(v); i++)
		if (check_address(s, name, json_at(v, i)) < 0)
			return -1;
	buf_init(&b, JMAP_SIGNATURE_MAX);
	w = json_writer(&b);
	json_copy(&w, v);
	*out = arena_dup(s->c->arena, buf_str(&b));
	buf_deinit(&b);
	return 0;
}

/* One property that may change. */
static int read_property(struct jmap_set *s, struct str name, struct json v,
                         struct jmap_identity *it)
{
	if (str_eq(name, STR("name")))
		return read_string(s, name, v, NAME_MAX, true, &it->name);
	if (str_eq(name, STR("textSignature")))
		return read_string(s, name, v, JMAP_SIGNATURE_MAX, false,
		                   &it->text_signature);
	if (str_eq(name, STR("htmlSignature")))
		return read_string(s, name, v, JMAP_SIGNATURE_MAX, false,
		                   &it->html_signature);
	if (str_eq(name, STR("replyTo")))
		return read_addresses(s, name, v, &it->reply_to);
	if (str_eq(name, STR("bcc")))
		return read_addresses(s, name, v, &it->bcc);
	/* It may be told again as it is (RFC 8620, 5.3). */
	if (str_eq(name, STR("email")) && str_eq(json_as_str(v), it->email))
		return 0;
	return wrong(s, name, "unknown, or the server sets it");
}

static int read_email(struct jmap_set *s, struct json v, struct str *out)
{
	struct smtp_path p;
	struct err err = ERR_INIT;
	bool ok = false;

	if (json_kind(v) != JSON_IS_STRING ||
	    !smtp_address_parse(json_as_str(v), s->c->arena, &p) || p.null)
		return wrong(s, STR("email"), "not an address");
	if (directory_may_send_as(s->c->req->server->ctx.directory,
	                          s->c->account.id, p.local, p.domain, &ok,
	                          &err) < 0)
		return jmap_set_fail(s, &err);
	if (!ok)
		return jmap_set_refuse(s, "forbiddenFrom", "email",
		                       "you may not send from this address");
	*out = json_as_str(v);
	return 0;
}

static int create(struct jmap_set *s, struct json v)
{
	struct jmap_identity it = {
		.name = STR(""),
		.given = STR(""),
		.text_signature = STR(""),
		.html_signature = STR(""),
		.reply_to = STR("null"),
		.bcc = STR("null"),
	};
	struct object_write w = { .type = CHANGE_IDENTITY,
		                  .what = OBJECT_CREATE,
		                  .max = JMAP_IDENTITIES };
	struct json_members m = { .object = v };
	struct err err = ERR_INIT;
	struct str name;
	struct json value = { NULL };

	(void)json_get(v, "email", &value);
	if (read_email(s, value, &it.email) < 0)
		return -1;
	while (json_member_next(&m, &name, &value))
		if (!str_eq(name, STR("email")) &&
		    read_property(s, name, value, &it) < 0)
			return -1;
	w.object.content = jmap_identity_content(s->c->arena, &it);
	if (object_write(s->c->store, s->c->account, &w, 1, &err) < 0)
		return err.kind == ERR_TOO_BIG
		               ? jmap_set_refuse(s, "overQuota", NULL, "%s",
		                                 err.text)
		               : jmap_set_fail(s, &err);
	jmap_set_created(s, str_z(store_id(JMAP_ID_IDENTITY, w.object.no).z));
	json_member_bool(s->w, "mayDelete", true);
	return 0;
}

static int find(struct jmap_set *s, uint64_t no, struct jmap_identity *out)
{
	struct jmap_identity *list;
	size_t n;

	if (jmap_identities(s->c, &list, &n) < 0)
		return jmap_set_refuse(s, "serverFail", NULL,
		                       "temporary failure, try later");
	for (size_t i = 0; i < n; i++)
		if (list[i].o.no == no) {
			*out = list[i];
			return 0;
		}
	return jmap_set_refuse(s, "notFound", NULL, "no such identity");
}

static int update(struct jmap_set *s, uint64_t no, struct json patch)
{
	struct json_members m = { .object = patch };
	struct err err = ERR_INIT;
	struct jmap_identity it = { .o = { .no = 0 } };
	struct object_write w;
	struct str name;
	struct json v;

	if (find(s, no, &it) < 0)
		return -1;
	while (json_member_next(&m, &name, &v)) {
		/* Lists are replaced whole (RFC 8620, 5.3). */
		if (str_chr(name, '/') != STR_NPOS)
			return jmap_set_refuse(s, "invalidPatch", NULL,
			                       "\"%.*s\" leads into a list",
			                       STR_ARG(name));
		if (read_property(s, name, v, &it) < 0)
			return -1;
	}
	w = (struct object_write){ .type = CHANGE_IDENTITY,
		                   .what = OBJECT_UPDATE,
		                   .object = it.o };
	w.object.content = jmap_identity_content(s->c->arena, &it);
	return object_write(s->c->store, s->c->account, &w, 1, &err) < 0
	               ? jmap_set_fail(s, &err)
	               : 0;
}

static int destroy(struct jmap_set *s, uint64_t no)
{
	struct object_write w = { .type = CHANGE_IDENTITY,
		                  .what = OBJECT_DESTROY,
		                  .object = { .no = no } };
	struct err err = ERR_INIT;
	struct jmap_identity it = { .o = { .no = 0 } };

	if (find(s, no, &it) < 0)
		return -1;
	if (it.o.first)
		return jmap_set_refuse(s, "forbidden", NULL,
		                       "it goes with its address");
	return object_write(s->c->store, s->c->account, &w, 1, &err) < 0
	               ? jmap_set_fail(s, &err)
	               : 0;
}

int jmap_identity_set(struct jmap_call *c)
{
	static const struct jmap_set_type type = { .state = CHANGE_IDENTITY,
		                                   .letter = JMAP_ID_IDENTITY,
		                                   .create = create,
		                                   .update = update,
		                                   .destroy = destroy };
	struct jmap_identity *list;
	size_t n;

	/* What the directory changed belongs to the state before. */
	if (jmap_identities(c, &list, &n) < 0)
		return -1;
	return jmap_set_run(c, &type, NULL);
}
