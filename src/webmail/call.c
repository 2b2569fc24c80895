#include "webmail/call.h"

#include "log/log.h"
#include "os/clock.h"

static bool is_json(struct http_exchange *x)
{
	struct str type = http_head_get(http_request(x), "Content-Type");
	struct str first;

	return str_cut(&type, ';', &first) &&
	       str_eq_case(str_trim(first), STR("application/json"));
}

void webmail_bad(struct webmail_call *c, const char *detail)
{
	weblogin_refuse(c->x, 400, "malformed", detail, NULL);
}

static bool read_body(struct webmail_call *c)
{
	static const struct json_limits limits = { 16384, 6, 200 };
	struct err err = ERR_INIT;
	struct str body;

	if (!str_eq(http_request(c->x)->method, STR("POST")))
		return true;
	if (is_json(c->x) && http_body(c->x, &body, &err) == 0 &&
	    json_parse(&c->doc, body, &limits, &err) == 0) {
		c->args = json_root(c->doc);
		if (json_kind(c->args) == JSON_IS_OBJECT)
			return true;
	}
	webmail_bad(c, "A JSON object is expected");
	return false;
}

bool webmail_call_begin(struct webmail_call *c, struct http_exchange *x)
{
	const struct webmail_account *site = http_arg(x);

	*c = (struct webmail_call){ .x = x,
		                    .site = site,
		                    .gate = site->weblogin->gate };
	arena_init(&c->arena);
	buf_init(&c->out, 65536);
	c->w = json_writer(&c->out);
	if (weblogin_user(site->weblogin, x, &c->arena, &c->user)) {
		if (!c->user.session)
			weblogin_refuse(x, 403, "no-session",
			                "This is for browsers: log in at "
			                "/login",
			                NULL);
		else if (read_body(c))
			return true;
	}
	webmail_call_end(c);
	return false;
}

void webmail_call_end(struct webmail_call *c)
{
	json_free(&c->doc);
	buf_deinit(&c->out);
	arena_deinit(&c->arena);
}

bool webmail_arg_str(struct webmail_call *c, const char *name, struct str *out)
{
	struct json v;

	if (!json_get(c->args, name, &v) || json_kind(v) == JSON_IS_NULL)
		return true;
	if (json_kind(v) == JSON_IS_STRING) {
		*out = json_as_str(v);
		return true;
	}
	webmail_bad(c, "A string is expected");
	return false;
}

bool webmail_arg_id(struct webmail_call *c, int64_t *out)
{
	struct json v;

	if (json_get(c->args, "id", &v) && json_as_i64(v, out) && *out > 0)
		return true;
	webmail_bad(c, "An id is expected");
	return false;
}

bool webmail_again(struct webmail_call *c)
{
	struct str password = { NULL, 0 };

	if (!webmail_arg_str(c, "password", &password))
		return false;
	return weblogin_again(c->site->weblogin, c->x, &c->user, password);
}

void webmail_reply(struct webmail_call *c)
{
	http_reply(c->x, 200, "application/json", buf_str(&c->out));
}

static void note(struct webmail_call *c, const char *what)
{
	const struct net_session *s = http_session(c->x);
	char ip[NET_ADDR_TEXT_MAX];
	struct log_line l;

	log_begin(&l, LOG_INFO, "account.changed");
	log_u64(&l, "sid", net_session_id(s));
	log_str(&l, "addr", c->user.account.address);
	log_z(&l, "ip", net_addr_text(net_peer(s), ip));
	log_z(&l, "what", what);
	log_end(&l);
}

/* The change stands, whether the owner can be told of it or not. */
static void tell(struct webmail_call *c, enum security_change what)
{
	char ip[NET_ADDR_TEXT_MAX];
	struct security_note n = {
		.what = what,
		.address = c->user.account.address,
		.from = str_z(net_addr_text(net_peer(http_session(c->x)), ip)),
		.agent = http_head_get(http_request(c->x), "User-Agent"),
		.at_us = clock_wall_us(),
	};
	struct err err = ERR_INIT;

	if (security_tell(c->site->bounce, &n, &err) < 0)
		log_fail(LOG_ERROR, "account.changed.untold", &err);
}

void webmail_done(struct webmail_call *c, enum security_change what)
{
	static const char *const names[] = {
		[SECURITY_PASSWORD] = "password",
		[SECURITY_TOTP_ON] = "two-step login on",
		[SECURITY_TOTP_OFF] = "two-step login off",
		[SECURITY_APP_ADDED] = "app password added",
		[SECURITY_APP_REMOVED] = "app password removed",
	};

	note(c, names[what]);
	tell(c, what);
	if (c->out.n)
		webmail_reply(c);
	else
		http_reply_empty(c->x, 204);
}

void webmail_ended(struct webmail_call *c)
{
	note(c, "session ended");
	http_reply_empty(c->x, 204);
}

void webmail_fail(struct webmail_call *c, const struct err *err)
{
	static const struct {
		enum err_kind kind;
		int status;
		const char *type;
	} rows[] = {
		{ ERR_NOT_FOUND, 404, "not-found" },
		{ ERR_EXISTS, 409, "conflict" },
		{ ERR_TOO_BIG, 400, "too-many" },
		{ ERR_INVALID, 400, "malformed" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (err->kind == rows[i].kind) {
			weblogin_refuse(c->x, rows[i].status, rows[i].type,
			                err->text, NULL);
			return;
		}
	log_fail(LOG_ERROR, "account.trouble", err);
	weblogin_refuse(c->x, 503, "temporary", "Temporary failure, try later",
	                NULL);
}
