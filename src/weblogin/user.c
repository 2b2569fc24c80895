#include "base/base64.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "log/log.h"
#include "weblogin/private.h"
#include "weblogin/words.h"

#define CREDENTIALS_MAX 1024

/* "Basic base64(user:password)"; the views lie in `b`. */
static bool read_basic(struct str value, struct buf *b, struct str *user,
                       struct str *secret)
{
	struct str all;
	size_t colon;

	if (!str_starts_case(value, STR("Basic ")))
		return false;
	value = str_trim(str_from(value, 6));
	if (!base64_decode(b, value))
		return false;
	all = buf_str(b);
	colon = str_chr(all, ':');
	if (colon == STR_NPOS || !utf8_is_valid(all))
		return false;
	*user = str_to(all, colon);
	*secret = str_from(all, colon + 1);
	return true;
}

static bool changes(struct http_exchange *x)
{
	struct str method = http_request(x)->method;

	return !str_eq(method, STR("GET")) && !str_eq(method, STR("HEAD"));
}

/* What the browser remembers of Basic it sends for any page too. */
static bool is_foreign(struct http_exchange *x)
{
	const struct http_head *h = http_request(x);

	return (http_head_get(h, "Sec-Fetch-Site").p ||
	        http_head_get(h, "Origin").p) &&
	       changes(x) && !weblogin_is_own_page(x);
}

static bool find(const struct weblogin *w, struct http_exchange *x, int64_t id,
                 struct arena *a, struct weblogin_user *out)
{
	struct err err = ERR_INIT;

	if (directory_change(w->directory, &out->change, &err) < 0 ||
	    directory_account_get(w->directory, id, a, &out->account, &err) <
	            0) {
		weblogin_trouble(x, &err);
		return false;
	}
	out->account.address = arena_dup(a, out->account.address);
	out->account.name = arena_dup(a, out->account.name);
	return true;
}

static bool by_password(const struct weblogin *w, struct http_exchange *x,
                        struct str user, struct str secret, struct arena *a,
                        struct weblogin_user *out)
{
	struct gate_login_request req = { .protocol = GATE_HTTP,
		                          .user = user,
		                          .secret = secret,
		                          .peer = *net_peer(http_session(x)) };
	struct gate_login_result res = { .verdict = GATE_TEMP };
	struct err err = ERR_INIT;

	if (gate_login(w->gate, &req, &res, &err) < 0)
		log_fail(LOG_ERROR, "http.login.trouble", &err);
	weblogin_log(x, user, &res);
	weblogin_judge(x, &res, false);
	out->by = res.credential;
	out->session = 0;
	return res.verdict == GATE_OK && find(w, x, res.account, a, out);
}

static bool by_basic(const struct weblogin *w, struct http_exchange *x,
                     struct str value, struct arena *a,
                     struct weblogin_user *out)
{
	struct str user, secret;
	struct buf b;
	bool ok = false;

	buf_init(&b, CREDENTIALS_MAX);
	if (is_foreign(x))
		weblogin_problem(x, 403, "This page is not of this host");
	else if (!read_basic(value, &b, &user, &secret))
		weblogin_ask(x);
	else
		ok = by_password(w, x, user, secret, a, out);
	if (b.n)
		mem_wipe(b.p, b.n);
	buf_deinit(&b);
	return ok;
}

static bool by_session(const struct weblogin *w, struct http_exchange *x,
                       struct str token, struct arena *a,
                       struct weblogin_user *out)
{
	struct gate_session s;
	struct err err = ERR_INIT;

	if (gate_session_check(w->gate, token, net_peer(http_session(x)), &s,
	                       &err) < 0) {
		if (err.kind == ERR_NOT_FOUND)
			weblogin_problem(x, 401, "The session is over");
		else
			weblogin_trouble(x, &err);
		return false;
	}
	if (changes(x) && !weblogin_is_own_page(x)) {
		weblogin_problem(x, 403, "This page is not of this host");
		return false;
	}
	if (!find(w, x, s.account, a, out))
		return false;
	if (out->account.flags & DIRECTORY_NO_LOGIN) {
		weblogin_problem(x, 403,
		                 "This account may not log in at present");
		return false;
	}
	out->session = s.id;
	out->by = (struct gate_credential){ .kind = GATE_BY_SESSION,
		                            .id = s.id,
		                            .as_of = s.as_of };
	return true;
}

bool weblogin_user(const struct weblogin *w, struct http_exchange *x,
                   struct arena *a, struct weblogin_user *out)
{
	struct str value = http_head_get(http_request(x), "Authorization");
	struct str token = weblogin_token(x);

	if (!http_is_secure(x)) {
		weblogin_problem(x, 403, "Only over TLS");
		return false;
	}
	if (value.p)
		return by_basic(w, x, value, a, out);
	if (token.n)
		return by_session(w, x, token, a, out);
	weblogin_ask(x);
	return false;
}

bool weblogin_again(const struct weblogin *w, struct http_exchange *x,
                    const struct weblogin_user *u, struct str password)
{
	struct gate_login_request req = { .protocol = GATE_WEB,
		                          .user = u->account.address,
		                          .secret = password,
		                          .peer = *net_peer(http_session(x)) };
	struct gate_login_result res = { .verdict = GATE_TEMP };
	struct err err = ERR_INIT;

	if (gate_login(w->gate, &req, &res, &err) < 0)
		log_fail(LOG_ERROR, "http.login.trouble", &err);
	weblogin_log(x, req.user, &res);
	if (res.verdict == GATE_WRONG)
		weblogin_refuse(x, 401, "wrong", "The password is wrong", NULL);
	else
		weblogin_judge(x, &res, true);
	return res.verdict == GATE_OK;
}

enum weblogin_wrong weblogin_wrong(struct str password)
{
	if (password.n < 8)
		return WEBLOGIN_SHORT;
	if (password.n > 1000)
		return WEBLOGIN_LONG;
	if (!utf8_is_valid(password))
		return WEBLOGIN_NO_TEXT;
	for (size_t i = 0; i < password.n; i++)
		if ((unsigned char)password.p[i] < ' ' || password.p[i] == 127)
			return WEBLOGIN_CONTROL;
	return WEBLOGIN_GOOD;
}

const char *weblogin_objection(struct str password)
{
	return weblogin_words(STR(""))->wrong[weblogin_wrong(password)];
}
