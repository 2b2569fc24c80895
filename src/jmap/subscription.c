/* PushSubscription/get and /set (RFC 8620, 7.2). */
#include "base/base64.h"
#include "config/config.h"
#include "crypto/hash.h"
#include "jmap/header.h"
#include "jmap/methods.h"
#include "jmap/object.h"
#include "jmap/push.h"
#include "jmap/pusher.h"
#include "news/news.h"
#include "os/clock.h"
#include "push/post.h"

static struct push_book *book_of(const struct jmap_call *c)
{
	return c->req->server->ctx.push;
}

/* Those of the login that asks. */
static int list_own(struct jmap_call *c, struct push_subscription **out,
                    size_t *n_out, struct err *err)
{
	size_t n = 0, all;

	*n_out = 0;
	if (!book_of(c))
		return 0;
	if (push_list(book_of(c), c->account.id, c->arena, out, &all, err) < 0)
		return -1;
	for (size_t i = 0; i < all; i++)
		if (push_is_same_login(&(*out)[i].by, &c->req->user->by) &&
		    !push_is_over(&(*out)[i], clock_wall_us()))
			(*out)[n++] = (*out)[i];
	*n_out = n;
	return 0;
}

/* ---- /get ---- */

static void write_id(struct jmap_call *c, const void *object)
{
	const struct push_subscription *s = object;

	jmap_write_id(&c->w, JMAP_ID_PUSH, (uint64_t)s->id);
}

static void write_device(struct jmap_call *c, const void *object)
{
	const struct push_subscription *s = object;

	json_str(&c->w, s->device);
}

static void write_code(struct jmap_call *c, const void *object)
{
	const struct push_subscription *s = object;

	json_z(&c->w, s->verified ? s->code : NULL);
}

static void write_expires(struct jmap_call *c, const void *object)
{
	const struct push_subscription *s = object;

	jmap_write_utc(&c->w, s->expires_us / US_PER_SEC);
}

static void write_types(struct jmap_call *c, const void *object)
{
	const struct push_subscription *s = object;
	struct str list = s->types, name;

	if (s->all_types) {
		json_null(&c->w);
		return;
	}
	json_array(&c->w);
	while (str_cut(&list, ',', &name))
		json_str(&c->w, name);
	json_end(&c->w);
}

static const struct jmap_property rows[] = {
	{ "id", JMAP_SERVER_SET, write_id },
	{ "deviceClientId", JMAP_IMMUTABLE, write_device },
	{ "verificationCode", 0, write_code },
	{ "expires", 0, write_expires },
	{ "types", 0, write_types },
};
#define ROWS_N (sizeof(rows) / sizeof(rows[0]))

/* They are never told again: who has them can push. */
static bool is_secret(struct str name)
{
	return str_eq(name, STR("url")) || str_eq(name, STR("keys"));
}

static int read_wanted(struct jmap_call *c, uint64_t *wanted)
{
	struct str *names;
	size_t n;

	*wanted = 1;
	if (jmap_read_ids(c, "properties", 100, &names, &n) < 0)
		return -1;
	if (!names)
		*wanted = (UINT64_C(1) << ROWS_N) - 1;
	for (size_t i = 0; names && i < n; i++) {
		const struct jmap_property *p =
			jmap_property_find(rows, ROWS_N, names[i]);

		if (is_secret(names[i]))
			return jmap_error(c, "forbidden",
			                  "\"%.*s\" is not told",
			                  STR_ARG(names[i]));
		if (!p)
			return jmap_error(c, "invalidArguments",
			                  "no property \"%.*s\"",
			                  STR_ARG(names[i]));
		*wanted |= UINT64_C(1) << (p - rows);
	}
	return 0;
}

static const struct push_subscription *find_no(
	const struct push_subscription *list, size_t n, uint64_t no)
{
	for (size_t i = 0; i < n; i++)
		if ((uint64_t)list[i].id == no)
			return &list[i];
	return NULL;
}

static void write_one(struct jmap_call *c, uint64_t wanted,
                      const struct push_subscription *s)
{
	json_object(&c->w);
	jmap_get_write(c, rows, ROWS_N, wanted, s);
	json_end(&c->w);
}

int jmap_subscription_get(struct jmap_call *c)
{
	static const char *const known[] = { "ids", "properties", NULL };
	struct push_subscription *list = NULL;
	struct err err = ERR_INIT;
	struct str *ids, *missing;
	size_t n, ids_n, missing_n = 0;
	uint64_t wanted;

	if (jmap_args_known(c, known) < 0 || read_wanted(c, &wanted) < 0 ||
	    jmap_read_ids(c, "ids", JMAP_OBJECTS_IN_GET, &ids, &ids_n) < 0)
		return -1;
	if (list_own(c, &list, &n, &err) < 0)
		return jmap_fail(c, &err);
	missing = arena_array(c->arena, ids_n + 1, sizeof(*missing));
	json_key(&c->w, STR("list"));
	json_array(&c->w);
	for (size_t i = 0; !ids && i < n; i++)
		write_one(c, wanted, &list[i]);
	for (size_t i = 0; ids && i < ids_n; i++) {
		const struct push_subscription *s =
			find_no(list, n, jmap_no(c, ids[i], JMAP_ID_PUSH));

		if (s)
			write_one(c, wanted, s);
		else
			missing[missing_n++] = ids[i];
	}
	jmap_get_end(c, missing, missing_n);
	return 0;
}

/* ---- /set: reading ---- */

static int wrong(struct jmap_set *s, struct str name, const char *why)
{
	return jmap_set_refuse(s, "invalidProperties",
	                       arena_strz(s->c->arena, name), "%s", why);
}

static int read_expires(struct jmap_set *s, struct str name, struct json v,
                        struct push_subscription *out)
{
	int64_t latest = clock_wall_us() + PUSH_LIFE_US;
	int zone;

	out->expires_us = latest;
	if (json_kind(v) == JSON_IS_NULL)
		return 0;
	if (json_kind(v) != JSON_IS_STRING ||
	    !jmap_date_parse(json_as_str(v), &out->expires_us, &zone))
		return wrong(s, name, "a date is 2026-12-24T00:00:00Z");
	if (out->expires_us <= clock_wall_us())
		return wrong(s, name, "this time is over");
	if (out->expires_us > latest)
		out->expires_us = latest;
	return 0;
}

static int read_types(struct jmap_set *s, struct str name, struct json v,
                      struct push_subscription *out)
{
	struct buf b;
	bool ok = json_kind(v) == JSON_IS_ARRAY && json_count(v) > 0;

	out->all_types = json_kind(v) == JSON_IS_NULL;
	out->types = STR("");
	if (out->all_types)
		return 0;
	buf_init(&b, PUSH_TYPES_MAX);
	for (size_t i = 0; ok && i < json_count(v); i++) {
		struct str type = json_as_str(json_at(v, i));

		ok = json_kind(json_at(v, i)) == JSON_IS_STRING && type.n > 0;
		/* Types of others are kept, and never pushed. */
		for (size_t k = 0; k < type.n; k++)
			ok = ok && (ascii_is_alpha(type.p[k]) ||
			            ascii_is_digit(type.p[k]));
		if (i > 0)
			buf_add_c(&b, ',');
		buf_add(&b, type);
	}
	ok = ok && !buf_overflow(&b);
	out->types = arena_dup(s->c->arena, buf_str(&b));
	buf_deinit(&b);
	return ok ? 0 : wrong(s, name, "a list of names of types, or null");
}

static bool decode(struct json keys, const char *name, unsigned char *out,
                   size_t n)
{
	struct json v = { NULL };
	struct str text;
	struct buf b;
	bool ok;

	(void)json_get(keys, name, &v);
	text = json_as_str(v);
	/* Some write the padding of the other form. */
	while (text.n && text.p[text.n - 1] == '=')
		text.n--;
	buf_init(&b, 256);
	ok = base64_decode_url(&b, text) && b.n == n;
	for (size_t i = 0; ok && i < n; i++)
		out[i] = (unsigned char)b.p[i];
	buf_deinit(&b);
	return ok;
}

static int read_keys(struct jmap_set *s, struct str name, struct json v,
                     struct push_subscription *out)
{
	out->has_keys = json_kind(v) != JSON_IS_NULL;
	if (!out->has_keys)
		return 0;
	if (!decode(v, "p256dh", out->keys.p256dh, sizeof(out->keys.p256dh)) ||
	    !webpush_point_is_good(out->keys.p256dh))
		return wrong(s, name, "p256dh is no key of P-256 (RFC 8291)");
	if (!decode(v, "auth", out->keys.auth, sizeof(out->keys.auth)))
		return wrong(s, name, "auth is no 16 bytes in base64url");
	return 0;
}

static int read_member(struct jmap_set *s, struct str name, struct json v,
                       struct push_subscription *out)
{
	struct str text = json_as_str(v);

	if (str_eq(name, STR("deviceClientId"))) {
		out->device = text;
		return text.n && text.n <= PUSH_DEVICE_MAX
		               ? 0
		               : wrong(s, name, "a string of 1 to 255 bytes");
	}
	if (str_eq(name, STR("url"))) {
		out->url = text;
		return push_url_is_good(text)
		               ? 0
		               : wrong(s, name, "not a URL with https");
	}
	if (str_eq(name, STR("keys")))
		return read_keys(s, name, v, out);
	if (str_eq(name, STR("expires")))
		return read_expires(s, name, v, out);
	if (str_eq(name, STR("types")))
		return read_types(s, name, v, out);
	if (str_eq(name, STR("verificationCode")) &&
	    json_kind(v) == JSON_IS_NULL)
		return 0;
	return wrong(s, name, "unknown, or the server sets it");
}

/* ---- /set: doing ---- */

static int refuse_add(struct jmap_set *s, const struct err *err)
{
	if (err->kind == ERR_TOO_BIG)
		return jmap_set_refuse(s, "overQuota", NULL, "%s", err->text);
	if (err->kind == ERR_DENIED)
		return jmap_set_refuse(s, "rateLimit", NULL, "%s", err->text);
	return jmap_set_fail(s, err);
}

static int create(struct jmap_set *s, struct json v)
{
	const struct jmap_context *ctx = &s->c->req->server->ctx;
	struct push_subscription sub = {
		.account = s->c->account.id,
		.by = s->c->req->user->by,
		.all_types = true,
		.types = STR(""),
		.expires_us = clock_wall_us() + PUSH_LIFE_US,
	};
	struct json_members m = { .object = v };
	struct err err = ERR_INIT;
	struct str name;
	struct json value;

	if (!ctx->push)
		return jmap_set_refuse(s, "forbidden", NULL,
		                       "nothing is pushed here");
	while (json_member_next(&m, &name, &value))
		if (read_member(s, name, value, &sub) < 0)
			return -1;
	if (!sub.device.n)
		return wrong(s, STR("deviceClientId"), "it is needed");
	if (!sub.url.n)
		return wrong(s, STR("url"), "it is needed");
	if (push_add(ctx->push, &sub,
	             (unsigned)config_u64(ctx->config, OPT_PUSH_PER_ACCOUNT),
	             clock_wall_us(), &err) < 0)
		return refuse_add(s, &err);
	news_publish(ctx->news, JMAP_NEWS_PUSH);
	jmap_set_created(s, str_z(store_id(JMAP_ID_PUSH, (uint64_t)sub.id).z));
	json_member_time(s->w, "expires", sub.expires_us);
	return 0;
}

static int find_own(struct jmap_set *s, uint64_t no,
                    struct push_subscription *out)
{
	const struct push_subscription *found;
	struct push_subscription *list = NULL;
	struct err err = ERR_INIT;
	size_t n;

	if (list_own(s->c, &list, &n, &err) < 0)
		return jmap_set_fail(s, &err);
	found = find_no(list, n, no);
	if (!found)
		return jmap_set_refuse(s, "notFound", NULL,
		                       "no such subscription");
	*out = *found;
	return 0;
}

/* The first message is of what changes from now on. */
static int verify(struct jmap_set *s, struct push_subscription *sub,
                  struct json v)
{
	struct change_state now[CHANGE_TYPES];
	char told[JMAP_PUSH_ID_MAX];
	struct err err = ERR_INIT;

	if (json_kind(v) != JSON_IS_STRING ||
	    !hash_equal_str(json_as_str(v), str_z(sub->code)))
		return wrong(s, STR("verificationCode"),
		             "this is not the code that was pushed");
	if (sub->verified)
		return 0;
	if (change_states(s->c->store, s->c->account, now, &err) < 0)
		return jmap_set_fail(s, &err);
	jmap_push_id(now, told);
	sub->told = arena_dup(s->c->arena, str_z(told));
	sub->verified = true;
	return 0;
}

static int read_change(struct jmap_set *s, struct str name, struct json v,
                       struct push_subscription *sub)
{
	if (str_eq(name, STR("verificationCode")))
		return verify(s, sub, v);
	if (str_eq(name, STR("expires")) || str_eq(name, STR("types")))
		return read_member(s, name, v, sub);
	if (str_chr(name, '/') != STR_NPOS)
		return jmap_set_refuse(s, "invalidPatch", NULL,
		                       "\"%.*s\" leads into a property",
		                       STR_ARG(name));
	return wrong(s, name, "it cannot be changed");
}

static int update(struct jmap_set *s, uint64_t no, struct json patch)
{
	const struct jmap_context *ctx = &s->c->req->server->ctx;
	struct json_members m = { .object = patch };
	struct push_subscription sub = { .id = 0 };
	struct err err = ERR_INIT;
	bool expires = false;
	struct str name;
	struct json v;

	if (find_own(s, no, &sub) < 0)
		return -1;
	while (json_member_next(&m, &name, &v)) {
		if (read_change(s, name, v, &sub) < 0)
			return -1;
		expires |= str_eq(name, STR("expires"));
	}
	if (push_update(ctx->push, &sub, &err) < 0)
		return jmap_set_fail(s, &err);
	news_publish(ctx->news, JMAP_NEWS_PUSH);
	/* It may be sooner than was asked for. */
	if (expires)
		json_member_time(s->w, "expires", sub.expires_us);
	return 0;
}

static int destroy(struct jmap_set *s, uint64_t no)
{
	const struct jmap_context *ctx = &s->c->req->server->ctx;
	struct push_subscription sub = { .id = 0 };
	struct err err = ERR_INIT;

	if (find_own(s, no, &sub) < 0)
		return -1;
	if (push_remove(ctx->push, sub.id, &err) < 0)
		return jmap_set_fail(s, &err);
	news_publish(ctx->news, JMAP_NEWS_PUSH);
	return 0;
}

int jmap_subscription_set(struct jmap_call *c)
{
	static const struct jmap_set_type type = { .no_account = true,
		                                   .letter = JMAP_ID_PUSH,
		                                   .create = create,
		                                   .update = update,
		                                   .destroy = destroy };

	return jmap_set_run(c, &type, NULL);
}
