/* /start/TOKEN: the owner of a new account chooses the first password.
 *
 * The token is all the proof there is: whoever has the link is taken for the
 * owner, once, and for half an hour (gate/access.h).  GET changes nothing, so
 * that a program that looks at links uses none up.  The form needs no Origin:
 * a page that wants to send it would have to know the token. */
#include "base/mem.h"
#include "directory/role.h"
#include "log/log.h"
#include "weblogin/private.h"
#include "weblogin/words.h"
#include "wire/http/request.h"
#include "wire/xml/read.h"

#define HEAD                                                        \
	"<!doctype html>\n<html lang=\"%s\">\n<head>\n"             \
	"<meta charset=\"utf-8\">\n"                                \
	"<meta name=\"viewport\" content=\"width=device-width\">\n" \
	"<title>Posthus</title>\n"                                  \
	"<link rel=\"stylesheet\" href=\"/help/help.css\">\n"       \
	"</head>\n<body>\n<main>\n"
#define FOOT "</main>\n</body>\n</html>\n"

static const struct weblogin_words *words_of(struct http_exchange *x)
{
	return weblogin_words(
		http_head_get(http_request(x), "Accept-Language"));
}

static void answer(struct http_exchange *x, int status, const char *title,
                   struct str rest)
{
	const char *language = words_of(x)->language;
	struct buf b;

	buf_init(&b, 65536);
	buf_fmt(&b, HEAD "<h1>%s</h1>\n%.*s" FOOT, language, title,
	        STR_ARG(rest));
	http_set(x, "Vary", STR("Accept-Language"));
	http_set(x, "Content-Language", str_z(language));
	http_reply(x, status, "text/html; charset=utf-8", buf_str(&b));
	buf_deinit(&b);
}

static void answer_text(struct http_exchange *x, int status, const char *title,
                        const char *text)
{
	struct buf b;

	buf_init(&b, 4096);
	buf_fmt(&b, "<p>%s</p>\n", text);
	answer(x, status, title, buf_str(&b));
	buf_deinit(&b);
}

static void answer_failure(struct http_exchange *x, const struct err *err)
{
	const struct weblogin_words *w = words_of(x);

	if (err->kind == ERR_NOT_FOUND) {
		answer_text(x, 404, w->over, w->over_text);
		return;
	}
	log_fail(LOG_ERROR, "http.start.trouble", err);
	answer_text(x, 503, w->trouble, w->trouble_text);
}

static void password_field(struct buf *b, const char *name, const char *more,
                           const char *label)
{
	buf_fmt(b,
	        "<input name=\"%s\" type=\"password\" required %s"
	        "autocomplete=\"new-password\" aria-label=\"%s\" "
	        "placeholder=\"%s\">\n",
	        name, more, label, label);
}

/* `why` is what was wrong with the last try, or NULL. */
static void show_form(struct http_exchange *x, struct str address,
                      const char *why)
{
	const struct weblogin_words *w = words_of(x);
	struct buf b;

	buf_init(&b, 16384);
	if (why)
		buf_fmt(&b, "<p role=\"alert\"><b>%s.</b></p>\n", why);
	buf_fmt(&b, "<p>%s <b>", w->who_before);
	xml_add(&b, address);
	buf_fmt(&b,
	        "</b>%s</p>\n<form method=\"post\">\n"
	        "<input name=\"username\" type=\"email\" readonly "
	        "autocomplete=\"username\" aria-label=\"%s\" value=\"",
	        w->who_after, w->user_name);
	xml_add(&b, address);
	buf_add_z(&b, "\">\n");
	password_field(&b, "password",
	               "minlength=\"8\" maxlength=\"1000\" autofocus ",
	               w->password);
	password_field(&b, "again", "", w->again);
	buf_fmt(&b, "<button type=\"submit\">%s</button>\n</form>\n<p>%s</p>\n",
	        w->choose, w->rule);
	answer(x, why ? 400 : 200, w->title, buf_str(&b));
	buf_deinit(&b);
}

/* Whose link it is; false: it was answered. */
static bool find(struct http_exchange *x, struct arena *a,
                 struct directory_account *out)
{
	const struct weblogin *w = http_arg(x);
	struct err err = ERR_INIT;
	int64_t account = 0;

	if (!http_is_secure(x)) {
		weblogin_refuse(x, 403, "insecure", "Only over TLS", NULL);
		return false;
	}
	if (gate_start_find(w->gate, http_path_rest(x), &account, &err) == 0 &&
	    directory_account_get(w->directory, account, a, out, &err) == 0)
		return true;
	answer_failure(x, &err);
	return false;
}

static void serve_form(struct http_exchange *x)
{
	struct directory_account acc;
	struct arena a;

	arena_init(&a);
	if (find(x, &a, &acc))
		show_form(x, acc.address, NULL);
	arena_deinit(&a);
}

/* A field of the form, decoded into `text`; empty when it is not there. */
static struct str field(struct str form, const char *wanted, char *text)
{
	struct str name, value;
	size_t n;

	while (http_query_next(&form, &name, &value))
		if (str_eq(name, str_z(wanted)) &&
		    http_query_decode(value, text, &n))
			return (struct str){ text, n };
	return STR("");
}

static bool is_admin(void *arg, const struct directory_role *r)
{
	(void)r;
	*(bool *)arg = true;
	return false;
}

/* In with the new password at once; a second factor, if there is one, is asked
 * for by the page that follows. */
static void enter(struct http_exchange *x, const struct directory_account *acc,
                  struct str password)
{
	const struct weblogin *w = http_arg(x);
	struct gate_web_request req = {
		.login = { .protocol = GATE_WEB,
		           .user = acc->address,
		           .secret = password,
		           .peer = *net_peer(http_session(x)) },
		.agent = http_head_get(http_request(x), "User-Agent"),
	};
	struct gate_login_result res;
	char token[GATE_TOKEN_MAX] = "";
	struct err err = ERR_INIT;
	bool admin = false;

	if (gate_web_login(w->gate, &req, &res, token, &err) < 0)
		log_fail(LOG_WARN, "http.start.login", &err);
	else if (res.verdict == GATE_OK)
		weblogin_set_cookie(x, str_z(token), false);
	mem_wipe(token, sizeof(token));
	if (directory_role_each(w->directory, acc->id, is_admin, &admin, &err) <
	    0)
		log_fail(LOG_WARN, "http.start.role", &err);
	http_redirect(x, 303, admin ? STR("/admin/#in") : STR("/mail/#in"));
}

static void use(struct http_exchange *x, const struct directory_account *acc,
                struct str password)
{
	const struct weblogin *w = http_arg(x);
	struct weblogin_chosen chosen;
	char ip[NET_ADDR_TEXT_MAX];
	struct err err = ERR_INIT;
	struct log_line l;

	if (gate_start_use(w->gate, http_path_rest(x), acc->id, acc->address,
	                   password, &err) < 0) {
		answer_failure(x, &err);
		return;
	}
	log_begin(&l, LOG_INFO, "http.start.used");
	log_str(&l, "login", acc->address);
	log_z(&l, "ip", net_addr_text(net_peer(http_session(x)), ip));
	log_end(&l);
	chosen = (struct weblogin_chosen){
		.address = acc->address,
		.ip = str_z(ip),
		.agent = http_head_get(http_request(x), "User-Agent"),
	};
	if (w->chosen)
		w->chosen(w->chosen_arg, &chosen);
	enter(x, acc, password);
}

static void serve_choice(struct http_exchange *x)
{
	const struct weblogin_words *w = words_of(x);
	char one[WEBLOGIN_BODY_MAX], two[WEBLOGIN_BODY_MAX];
	struct str form, password, again;
	struct directory_account acc;
	struct err err = ERR_INIT;
	const char *why;
	struct arena a;

	arena_init(&a);
	if (find(x, &a, &acc)) {
		if (http_body(x, &form, &err) < 0) {
			answer_failure(x, &err);
		} else {
			password = field(form, "password", one);
			again = field(form, "again", two);
			why = w->wrong[weblogin_wrong(password)];
			if (!why && !str_eq(password, again))
				why = w->unlike;
			if (why)
				show_form(x, acc.address, why);
			else
				use(x, &acc, password);
		}
		mem_wipe(one, sizeof(one));
		mem_wipe(two, sizeof(two));
	}
	arena_deinit(&a);
}

void weblogin_serve_start(struct http_exchange *x)
{
	if (str_eq(http_request(x)->method, STR("POST")))
		serve_choice(x);
	else
		serve_form(x);
}
