#include <stdio.h>

#include "log/log.h"
#include "policy/replies.h"
#include "weblogin/private.h"
#include "wire/json/write.h"

void weblogin_log(struct http_exchange *x, struct str user,
                  const struct gate_login_result *r)
{
	const struct net_session *s = http_session(x);
	char ip[NET_ADDR_TEXT_MAX];
	struct log_line l;

	/* Programs log in with each request: those that are remembered are no
	 * news. */
	log_begin(&l, r->verdict == GATE_OK ? LOG_DEBUG : LOG_INFO,
	          r->verdict == GATE_OK ? "http.login" : "http.login.refused");
	log_u64(&l, "sid", net_session_id(s));
	log_str(&l, "addr", user);
	log_z(&l, "ip", net_addr_text(net_peer(s), ip));
	log_u64(&l, "tls", net_is_tls(s));
	if (r->why[0])
		log_z(&l, "why", r->why);
	log_end(&l);
}

static void answer(struct http_exchange *x, int status, const char *media,
                   const char *type, const char *detail, const char *reference)
{
	struct json_writer w;
	struct buf b;

	buf_init(&b, 4096);
	w = json_writer(&b);
	json_object(&w);
	json_member_z(&w, "type", type);
	json_member_i64(&w, "status", status);
	json_member_z(&w, "detail", detail);
	if (reference)
		json_member_z(&w, "reference", reference);
	json_end(&w);
	http_reply(x, status, media, buf_str(&b));
	buf_deinit(&b);
}

void weblogin_refuse(struct http_exchange *x, int status, const char *type,
                     const char *detail, const char *reference)
{
	answer(x, status, "application/json", type, detail, reference);
}

void weblogin_problem(struct http_exchange *x, int status, const char *detail)
{
	answer(x, status, "application/problem+json", "about:blank", detail,
	       NULL);
}

void weblogin_trouble(struct http_exchange *x, const struct err *err)
{
	log_fail(LOG_ERROR, "http.login.trouble", err);
	weblogin_problem(x, 503, "Temporary failure, try later");
}

/* A browser asks the person itself when it is told so: never for the page, which
 * has a form. */
static void challenge(struct http_exchange *x)
{
	if (!http_head_get(http_request(x), "Sec-Fetch-Site").p &&
	    !weblogin_token(x).n)
		http_set(x, "WWW-Authenticate",
		         STR("Basic realm=\"Posthus\", charset=\"UTF-8\""));
}

void weblogin_ask(struct http_exchange *x)
{
	challenge(x);
	weblogin_problem(x, 401, "Log in with user name and password");
}

static void say(struct http_exchange *x, bool typed, int status,
                const char *type, const char *detail, enum policy_ref ref)
{
	if (status == 401 && !typed)
		challenge(x);
	if (typed)
		weblogin_refuse(x, status, type, detail,
		                ref ? policy_reply(ref)->ref : NULL);
	else
		weblogin_problem(x, status, detail);
}

void weblogin_judge(struct http_exchange *x, const struct gate_login_result *r,
                    bool typed)
{
	char seconds[16];

	switch (r->verdict) {
	case GATE_OK: return;
	case GATE_WRONG:
		say(x, typed, 401, "wrong", "Wrong user name or password",
		    REF_WRONG);
		return;
	case GATE_CASE: /* R6 */
		say(x, typed, 401, "wrong", "write the user name in lowercase",
		    REF_CASE);
		return;
	case GATE_CODE:
		say(x, typed, 401, "totp", "A code is needed", REF_NONE);
		return;
	case GATE_APP_ONLY:
		say(x, typed, 401, "app-password",
		    "Two-step login is on: use an app password", REF_APP_ONLY);
		return;
	case GATE_LOCKED: /* R25 */
		(void)snprintf(seconds, sizeof(seconds), "%u", r->retry_s);
		http_set(x, "Retry-After", str_z(seconds));
		say(x, typed, 429, "throttled",
		    "Too many failed logins, try again later", REF_LOCKED);
		return;
	case GATE_SUSPENDED:
		say(x, typed, 403, "suspended",
		    "This account may not log in at present", REF_LOGIN_OFF);
		return;
	case GATE_TEMP: break;
	}
	say(x, typed, 503, "temporary", "Temporary failure, try later",
	    REF_NONE);
}
