/* POST /login, GET /login, POST /logout. */
#include <string.h>

#include "base/mem.h"
#include "log/log.h"
#include "weblogin/private.h"
#include "wire/json/read.h"
#include "wire/json/write.h"

static void reply_user(struct http_exchange *x, struct str address)
{
	struct json_writer w;
	struct buf b;

	buf_init(&b, 2048);
	w = json_writer(&b);
	json_object(&w);
	json_member_str(&w, "username", address);
	json_end(&w);
	http_reply(x, 200, "application/json", buf_str(&b));
	buf_deinit(&b);
}

static bool is_json(struct http_exchange *x)
{
	struct str type = http_head_get(http_request(x), "Content-Type");
	struct str first;

	return str_cut(&type, ';', &first) &&
	       str_eq_case(str_trim(first), STR("application/json"));
}

/* A string of the object; false when it is something else.  One that is not
 * there, or null, is empty. */
static bool get_str(struct json root, const char *name, struct str *out)
{
	struct json v;

	*out = STR("");
	if (!json_get(root, name, &v) || json_kind(v) == JSON_IS_NULL)
		return true;
	*out = json_as_str(v);
	return json_kind(v) == JSON_IS_STRING;
}

static bool read_request(struct json root, struct gate_web_request *out)
{
	struct json v;

	if (json_kind(root) != JSON_IS_OBJECT ||
	    !get_str(root, "username", &out->login.user) ||
	    !get_str(root, "password", &out->login.secret) ||
	    !get_str(root, "totp", &out->code))
		return false;
	out->remember = json_get(root, "remember", &v) && json_as_bool(v);
	return true;
}

static void log_in(const struct weblogin *w, struct http_exchange *x,
                   struct gate_web_request *req)
{
	struct gate_login_result res = { .verdict = GATE_TEMP };
	char token[GATE_TOKEN_MAX] = "";
	struct err err = ERR_INIT;

	req->login.protocol = GATE_WEB;
	req->login.peer = *net_peer(http_session(x));
	req->agent = http_head_get(http_request(x), "User-Agent");
	if (gate_web_login(w->gate, req, &res, token, &err) < 0)
		log_fail(LOG_ERROR, "http.login.trouble", &err);
	weblogin_log(x, req->login.user, &res);
	if (res.verdict == GATE_OK) {
		weblogin_set_cookie(x, str_z(token), req->remember);
		reply_user(x, str_z(res.address));
	} else {
		weblogin_judge(x, &res, true);
	}
	mem_wipe(token, sizeof(token));
}

void weblogin_serve_login(struct http_exchange *x)
{
	const struct weblogin *w = http_arg(x);
	struct json_limits limits = { WEBLOGIN_BODY_MAX, 4, 20 };
	struct gate_web_request req = { .remember = false };
	struct json_doc *doc = NULL;
	struct err err = ERR_INIT;
	struct str body;

	if (!http_is_secure(x))
		weblogin_refuse(x, 403, "insecure", "Only over TLS", NULL);
	else if (!weblogin_is_own_page(x) &&
	         (http_head_get(http_request(x), "Origin").p ||
	          http_head_get(http_request(x), "Sec-Fetch-Site").p))
		weblogin_refuse(x, 403, "foreign",
		                "This page is not of this host", NULL);
	else if (!is_json(x) || http_body(x, &body, &err) < 0 ||
	         json_parse(&doc, body, &limits, &err) < 0 ||
	         !read_request(json_root(doc), &req))
		weblogin_refuse(x, 400, "malformed",
		                "A JSON object with username and password is "
		                "expected",
		                NULL);
	else
		log_in(w, x, &req);
	json_free(&doc);
}

void weblogin_serve_who(struct http_exchange *x)
{
	const struct weblogin *w = http_arg(x);
	struct weblogin_user u;
	struct arena a;

	arena_init(&a);
	if (weblogin_user(w, x, &a, &u))
		reply_user(x, u.account.address);
	arena_deinit(&a);
}

/* Also of a session that is over already. */
void weblogin_serve_logout(struct http_exchange *x)
{
	const struct weblogin *w = http_arg(x);
	struct str token = weblogin_token(x);
	struct err err = ERR_INIT;
	struct gate_session s;

	if (token.n && !weblogin_is_own_page(x)) {
		weblogin_problem(x, 403, "This page is not of this host");
		return;
	}
	if (token.n &&
	    (gate_session_check(w->gate, token, net_peer(http_session(x)), &s,
	                        &err) < 0 ||
	     gate_session_end(w->gate, s.account, s.id, 0, &err) < 0) &&
	    err.kind != ERR_NOT_FOUND) {
		weblogin_trouble(x, &err);
		return;
	}
	if (token.n)
		weblogin_set_cookie(x, STR(""), false);
	http_reply_empty(x, 204);
}

static const struct http_route rows[WEBLOGIN_ROUTES_N] = {
	{ .method = "POST",
	  .path = "/login",
	  .handle = weblogin_serve_login,
	  .body_max = WEBLOGIN_BODY_MAX },
	{ .method = "GET", .path = "/login", .handle = weblogin_serve_who },
	{ .method = "POST",
	  .path = "/logout",
	  .handle = weblogin_serve_logout,
	  .body_max = WEBLOGIN_BODY_MAX },
	{ .method = "GET", .path = "/start/*", .handle = weblogin_serve_start },
	{ .method = "POST",
	  .path = "/start/*",
	  .handle = weblogin_serve_start,
	  .body_max = WEBLOGIN_BODY_MAX },
};

void weblogin_routes(struct weblogin *w,
                     struct http_route out[WEBLOGIN_ROUTES_N])
{
	memcpy(out, rows, sizeof(rows));
	for (size_t i = 0; i < WEBLOGIN_ROUTES_N; i++)
		out[i].arg = w;
}
