/* The account itself: password, sessions, attempts. */
#include "webmail/account.h"

#include <string.h>

#include "base/mem.h"
#include "webmail/call.h"
#include "webmail/private.h"

static void show_account(struct http_exchange *x)
{
	struct err err = ERR_INIT;
	struct webmail_call c;
	struct gate_totp t;

	if (!webmail_call_begin(&c, x))
		return;
	if (gate_totp_get(c.gate, c.user.account.id, &t, &err) < 0) {
		webmail_fail(&c, &err);
	} else {
		json_object(&c.w);
		json_member_str(&c.w, "username", c.user.account.address);
		json_member_str(&c.w, "name", c.user.account.name);
		json_member_i64(&c.w, "session", c.user.session);
		json_key(&c.w, STR("totp"));
		json_object(&c.w);
		json_member_bool(&c.w, "on", t.on);
		json_member_time(&c.w, "since", t.since_us);
		json_member_u64(&c.w, "recoveryLeft", t.recovery_left);
		json_end(&c.w);
		json_end(&c.w);
		webmail_reply(&c);
	}
	webmail_call_end(&c);
}

/* ---- the password ---- */

static void set_password(struct webmail_call *c, struct str next)
{
	struct err err = ERR_INIT;

	if (gate_password_change(c->gate, c->user.account.id,
	                         c->user.account.address, next, c->user.session,
	                         &err) < 0)
		webmail_fail(c, &err);
	else
		webmail_done(c, SECURITY_PASSWORD);
}

static void change_password(struct http_exchange *x)
{
	struct str next = { NULL, 0 };
	struct webmail_call c;
	const char *why;

	if (!webmail_call_begin(&c, x))
		return;
	if (webmail_arg_str(&c, "new", &next)) {
		why = weblogin_objection(next);
		if (why)
			weblogin_refuse(x, 400, "weak", why, NULL);
		else if (webmail_again(&c))
			set_password(&c, next);
	}
	webmail_call_end(&c);
}

/* ---- sessions ---- */

static void write_session(struct webmail_call *c, const struct gate_session *s)
{
	json_object(&c->w);
	json_member_i64(&c->w, "id", s->id);
	json_member_bool(&c->w, "current", s->id == c->user.session);
	json_member_bool(&c->w, "remember", s->remember);
	json_member_time(&c->w, "created", s->created_us);
	json_member_time(&c->w, "seen", s->seen_us);
	json_member_time(&c->w, "expires", s->expires_us);
	json_member_z(&c->w, "agent", s->agent);
	json_member_z(&c->w, "ip", s->ip);
	json_end(&c->w);
}

static void list_sessions(struct http_exchange *x)
{
	struct gate_session *all;
	struct err err = ERR_INIT;
	struct webmail_call c;
	size_t n;

	if (!webmail_call_begin(&c, x))
		return;
	all = mem_array(GATE_SESSIONS_MAX, sizeof(*all));
	if (gate_session_list(c.gate, c.user.account.id, all, &n, &err) < 0) {
		webmail_fail(&c, &err);
	} else {
		json_object(&c.w);
		json_key(&c.w, STR("sessions"));
		json_array(&c.w);
		for (size_t i = 0; i < n; i++)
			write_session(&c, &all[i]);
		json_end(&c.w);
		json_end(&c.w);
		webmail_reply(&c);
	}
	mem_free(all);
	webmail_call_end(&c);
}

static void end_session(struct http_exchange *x)
{
	struct err err = ERR_INIT;
	struct webmail_call c;
	int64_t id = 0;
	struct json v;

	if (!webmail_call_begin(&c, x))
		return;
	if ((json_get(c.args, "others", &v) && json_as_bool(v)) ||
	    webmail_arg_id(&c, &id)) {
		if (gate_session_end(c.gate, c.user.account.id, id,
		                     c.user.session, &err) < 0)
			webmail_fail(&c, &err);
		else
			webmail_ended(&c);
	}
	webmail_call_end(&c);
}

/* ---- attempts ---- */

const char *webmail_protocol_name(enum gate_protocol p)
{
	static const char *const names[] = {
		[GATE_SMTP] = "smtp", [GATE_IMAP] = "imap",
		[GATE_POP3] = "pop3", [GATE_SIEVE] = "sieve",
		[GATE_HTTP] = "jmap", [GATE_WEB] = "web",
	};

	return names[p];
}

static void list_signins(struct http_exchange *x)
{
	static const char *const results[] = {
		[GATE_OK] = "ok",
		[GATE_WRONG] = "wrong",
		[GATE_LOCKED] = "throttled",
		[GATE_CASE] = "case",
		[GATE_SUSPENDED] = "suspended",
		[GATE_TEMP] = "temporary",
		[GATE_CODE] = "code-asked",
		[GATE_APP_ONLY] = "app-password-needed",
	};
	struct gate_signin *all;
	struct err err = ERR_INIT;
	struct webmail_call c;
	size_t n;

	if (!webmail_call_begin(&c, x))
		return;
	all = mem_array(GATE_SIGNINS_MAX, sizeof(*all));
	if (gate_signins(c.gate, c.user.account.address, all, &n, &err) < 0) {
		webmail_fail(&c, &err);
	} else {
		json_object(&c.w);
		json_key(&c.w, STR("signins"));
		json_array(&c.w);
		for (size_t i = 0; i < n; i++) {
			json_object(&c.w);
			json_member_z(&c.w, "protocol",
			              webmail_protocol_name(all[i].protocol));
			json_member_z(&c.w, "result", results[all[i].verdict]);
			json_member_z(&c.w, "why", all[i].why);
			json_member_z(&c.w, "ip", all[i].ip);
			json_member_time(&c.w, "first", all[i].first_us);
			json_member_time(&c.w, "last", all[i].last_us);
			json_member_u64(&c.w, "count", all[i].n);
			json_end(&c.w);
		}
		json_end(&c.w);
		json_end(&c.w);
		webmail_reply(&c);
	}
	mem_free(all);
	webmail_call_end(&c);
}

#define BODY 16384

static const struct http_route rows[WEBMAIL_ACCOUNT_ROUTES_N] = {
	{ .method = "GET", .path = "/account", .handle = show_account },
	{ .method = "POST",
	  .path = "/account/password",
	  .handle = change_password,
	  .body_max = BODY },
	{ .method = "GET",
	  .path = "/account/sessions",
	  .handle = list_sessions },
	{ .method = "POST",
	  .path = "/account/sessions/end",
	  .handle = end_session,
	  .body_max = BODY },
	{ .method = "GET", .path = "/account/signins", .handle = list_signins },
	{ .method = "POST",
	  .path = "/account/totp/begin",
	  .handle = webmail_totp_begin,
	  .body_max = BODY },
	{ .method = "POST",
	  .path = "/account/totp/confirm",
	  .handle = webmail_totp_confirm,
	  .body_max = BODY },
	{ .method = "POST",
	  .path = "/account/totp/off",
	  .handle = webmail_totp_off,
	  .body_max = BODY },
	{ .method = "GET",
	  .path = "/account/app-passwords",
	  .handle = webmail_app_list },
	{ .method = "POST",
	  .path = "/account/app-passwords",
	  .handle = webmail_app_add,
	  .body_max = BODY },
	{ .method = "POST",
	  .path = "/account/app-passwords/remove",
	  .handle = webmail_app_remove,
	  .body_max = BODY },
};

void webmail_account_routes(struct webmail_account *ac,
                            struct http_route out[WEBMAIL_ACCOUNT_ROUTES_N])
{
	memcpy(out, rows, sizeof(rows));
	for (size_t i = 0; i < WEBMAIL_ACCOUNT_ROUTES_N; i++)
		out[i].arg = ac;
}
