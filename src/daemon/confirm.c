#include "daemon/confirm.h"

#include "base/buf.h"
#include "directory/directory.h"
#include "log/log.h"

#define HEAD                                                        \
	"<!doctype html>\n<html lang=\"en\">\n<head>\n"             \
	"<meta charset=\"utf-8\">\n"                                \
	"<meta name=\"viewport\" content=\"width=device-width\">\n" \
	"<title>Posthus</title>\n"                                  \
	"<link rel=\"stylesheet\" href=\"/help/help.css\">\n"       \
	"</head>\n<body>\n<main>\n"
#define FOOT "</main>\n</body>\n</html>\n"

static void add_html(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		switch (s.p[i]) {
		case '<': buf_add_z(out, "&lt;"); break;
		case '>': buf_add_z(out, "&gt;"); break;
		case '&': buf_add_z(out, "&amp;"); break;
		case '"': buf_add_z(out, "&quot;"); break;
		default: buf_add_c(out, s.p[i]);
		}
}

static void answer(struct http_exchange *x, int status, struct str title,
                   const struct directory_proposal *p, bool button)
{
	struct buf b;

	buf_init(&b, 65536);
	buf_fmt(&b, HEAD "<h1>%.*s</h1>\n", STR_ARG(title));
	if (p) {
		buf_add_z(&b, "<p>New mail of <b>");
		add_html(&b, p->address);
		buf_add_z(&b, button ? "</b> would be forwarded to <b>"
		                     : "</b> is forwarded to <b>");
		add_html(&b, p->target);
		buf_add_z(&b, "</b>.</p>\n");
	}
	if (button)
		buf_add_z(&b,
		          "<form method=\"post\"><button type=\"submit\">"
		          "Yes, forward it to me</button></form>\n"
		          "<p>If you do not want it, close this page.</p>\n");
	buf_add_z(&b, FOOT);
	http_set(x, "Cache-Control", STR("no-store"));
	http_reply(x, status, "text/html; charset=utf-8", buf_str(&b));
	buf_deinit(&b);
}

static void answer_failure(struct http_exchange *x, const struct err *err)
{
	if (err->kind == ERR_NOT_FOUND) {
		answer(x, 404,
		       STR("This link is not known, or the forward was "
		           "taken away."),
		       NULL, false);
		return;
	}
	log_fail(LOG_ERROR, "confirm.trouble", err);
	answer(x, 503, STR("This does not work at present. Try again later."),
	       NULL, false);
}

static void show(struct http_exchange *x)
{
	struct directory_proposal p;
	struct err err = ERR_INIT;
	struct arena a;

	arena_init(&a);
	if (directory_proposal_find(http_arg(x), http_path_rest(x), &a, &p,
	                            &err) < 0)
		answer_failure(x, &err);
	else if (p.confirmed_us)
		answer(x, 200, STR("Confirmed"), &p, false);
	else
		answer(x, 200, STR("Forward mail to you?"), &p, true);
	arena_deinit(&a);
}

static void say_yes(struct http_exchange *x)
{
	struct directory_proposal p;
	struct err err = ERR_INIT;
	struct arena a;
	struct log_line l;

	arena_init(&a);
	if (directory_proposal_confirm(http_arg(x), http_path_rest(x), &err) <
	            0 ||
	    directory_proposal_find(http_arg(x), http_path_rest(x), &a, &p,
	                            &err) < 0) {
		answer_failure(x, &err);
	} else {
		log_begin(&l, LOG_INFO, "forward.confirmed");
		log_str(&l, "login", p.address);
		log_str(&l, "addr", p.target);
		log_end(&l);
		answer(x, 200, STR("Confirmed"), &p, false);
	}
	arena_deinit(&a);
}

void confirm_routes(struct directory *dir,
                    struct http_route out[CONFIRM_ROUTES_N])
{
	out[0] = (struct http_route){ .method = "GET",
		                      .path = "/confirm/*",
		                      .handle = show,
		                      .arg = dir };
	out[1] = (struct http_route){ .method = "POST",
		                      .path = "/confirm/*",
		                      .handle = say_yes,
		                      .body_max = 1024,
		                      .arg = dir };
}
