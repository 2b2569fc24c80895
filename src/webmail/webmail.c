#include "webmail/webmail.h"

#include <string.h>

#include "webmail/private.h"

static void to_below(struct http_exchange *x)
{
	struct str path = http_path(x);
	struct buf b;

	buf_init(&b, 100);
	buf_fmt(&b, "%.*s/", STR_ARG(path));
	http_redirect(x, 308, buf_str(&b));
	buf_deinit(&b);
}

static void to_mail(struct http_exchange *x)
{
	http_redirect(x, 302, STR("/mail/"));
}

static const struct http_route rows[WEBMAIL_ROUTES_N] = {
	{ .method = "GET", .path = "/", .handle = to_mail },
	{ .method = "GET", .path = "/mail", .handle = to_below },
	{ .method = "GET", .path = "/mail/*", .handle = webmail_serve_shell },
	{ .method = "GET", .path = "/settings", .handle = to_below },
	{ .method = "GET",
	  .path = "/settings/*",
	  .handle = webmail_serve_shell },
	{ .method = "GET", .path = "/admin", .handle = to_below },
	{ .method = "GET", .path = "/admin/*", .handle = webmail_serve_shell },
	{ .method = "GET", .path = "/assets/*", .handle = webmail_serve_asset },
	{ .method = "GET",
	  .path = "/favicon.ico",
	  .handle = webmail_serve_icon },
	{ .method = "GET",
	  .path = "/apple-touch-icon.png",
	  .handle = webmail_serve_icon },
	{ .method = "GET",
	  .path = "/apple-touch-icon-precomposed.png",
	  .handle = webmail_serve_icon },
	{ .method = "GET", .path = "/sw.js", .handle = webmail_serve_worker },
	{ .method = "GET", .path = "/frame", .handle = webmail_serve_frame },
	{ .method = "GET", .path = "/index.html", .handle = to_mail },
};

void webmail_routes(struct http_route out[WEBMAIL_ROUTES_N])
{
	memcpy(out, rows, sizeof(rows));
}
