/* The files of the web part. */
#include <string.h>

#include "pack/gzip.h"
#include "webmail/private.h"
#include "wire/http/fields.h"

/* The page may run and style what comes from here alone, and the one style
 * block that it was built with.  No text becomes HTML or a script's address
 * but by the two policies named: that of the sanitiser, and that of the
 * service worker's one address. */
#define SHELL_POLICY                                                   \
	"default-src 'none'; script-src 'self'; style-src 'self' %s; " \
	"img-src 'self' data: blob:; media-src blob:; "                \
	"connect-src 'self'; frame-src 'self'; form-action 'self'; "   \
	"base-uri 'none'; require-trusted-types-for 'script'; "        \
	"trusted-types dompurify posthus-worker; "                     \
	"frame-ancestors 'none'"

static const struct webmail_file *find(struct str path)
{
	size_t low = 0, high = webmail_files_n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = str_cmp(path, str_z(webmail_files[mid].path));

		if (order == 0)
			return &webmail_files[mid];
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

static void send_restored(struct http_exchange *x, const struct webmail_file *f,
                          struct str packed)
{
	struct err err = ERR_INIT;
	struct buf b;

	buf_init(&b, f->bytes);
	if (gunzip(packed, &b, &err) < 0)
		http_reply_empty(x, 500);
	else
		http_reply(x, 200, f->type, buf_str(&b));
	buf_deinit(&b);
}

static void send_file(struct http_exchange *x, const struct webmail_file *f)
{
	struct str packed = { (const char *)f->gzip, f->gzip_n };

	http_set(x, "Vary", STR("Accept-Encoding"));
	if (!http_accepts(http_head_get(http_request(x), "Accept-Encoding"),
	                  "gzip")) {
		send_restored(x, f, packed);
		return;
	}
	http_set(x, "Content-Encoding", STR("gzip"));
	http_reply(x, 200, f->type, packed);
}

static void serve(struct http_exchange *x, const char *keep)
{
	const struct webmail_file *f = find(http_path(x));

	if (!f) {
		http_reply(x, 404, "text/plain; charset=utf-8",
		           STR("There is no such file\n"));
		return;
	}
	http_set(x, "Cache-Control", str_z(keep));
	send_file(x, f);
}

void webmail_serve_asset(struct http_exchange *x)
{
	serve(x, "public, max-age=31536000, immutable");
}

/* Its name stays when it becomes another one. */
void webmail_serve_icon(struct http_exchange *x)
{
	serve(x, "public, max-age=86400");
}

/* The service worker, which is asked for again and again under its one name;
 * it talks with this server and loads nothing. */
void webmail_serve_worker(struct http_exchange *x)
{
	http_set(x, "Content-Security-Policy",
	         STR("default-src 'none'; connect-src 'self'; "
	             "require-trusted-types-for 'script'; "
	             "trusted-types 'none'; frame-ancestors 'none'"));
	serve(x, "no-cache");
}

/* ---- the page ---- */

static const char not_built[] =
	"<!doctype html>\n"
	"<html lang=\"en\">\n"
	"<head>\n"
	"<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, "
	"initial-scale=1\">\n"
	"<title>Posthus</title>\n"
	"<link rel=\"stylesheet\" href=\"/help/help.css\">\n"
	"</head>\n"
	"<body>\n"
	"<main>\n"
	"<h1>Posthus</h1>\n"
	"<p>This host receives, keeps and sends mail. Its webmail is not in "
	"this build.</p>\n"
	"<p>Mail programs work: the user name is the whole e-mail address, in "
	"lowercase. See <a href=\"/help/setup\">how to set one up</a>.</p>\n"
	"<p>To whoever runs this host: with node and npm installed, run "
	"<code>npm ci</code> and <code>npm run build</code> in the folder "
	"<code>web</code> of the source, and build the program again.</p>\n"
	"</main>\n"
	"</body>\n"
	"</html>\n";

static void set_policy(struct http_exchange *x)
{
	struct buf b;

	buf_init(&b, 1024);
	buf_fmt(&b, SHELL_POLICY, webmail_style);
	http_set(x, "Content-Security-Policy", buf_str(&b));
	buf_deinit(&b);
}

void webmail_serve_shell(struct http_exchange *x)
{
	struct str known = http_head_get(http_request(x), "If-None-Match");
	const struct webmail_file *f;
	struct buf tag;

	if (!webmail_shell) {
		http_reply(x, 200, "text/html; charset=utf-8",
		           str_z(not_built));
		return;
	}
	f = find(str_z(webmail_shell));
	set_policy(x);
	buf_init(&tag, 100);
	/* Weak: packed or not, it is the same page. */
	buf_fmt(&tag, "W/\"%s\"", f->tag);
	http_set(x, "ETag", buf_str(&tag));
	http_set(x, "Cache-Control", STR("no-cache"));
	if (http_etag_listed(known, str_from(buf_str(&tag), 2))) {
		http_set(x, "Vary", STR("Accept-Encoding"));
		http_reply_empty(x, 304);
	} else {
		send_file(x, f);
	}
	buf_deinit(&tag);
}

/* ---- the frame for the HTML of a message ---- */

static const char frame[] = "<!doctype html>\n"
			    "<html>\n"
			    "<head><meta charset=\"utf-8\"></head>\n"
			    "<body></body>\n"
			    "</html>\n";

void webmail_serve_frame(struct http_exchange *x)
{
	http_set(x, "Content-Security-Policy",
	         STR("sandbox allow-popups allow-popups-to-escape-sandbox "
	             "allow-same-origin; default-src 'none'; "
	             "img-src data: 'self'; style-src 'unsafe-inline'; "
	             "form-action 'none'; base-uri 'none'; "
	             "frame-ancestors 'self'"));
	http_set(x, "Cache-Control", STR("private, no-store"));
	http_reply(x, 200, "text/html; charset=utf-8", str_z(frame));
}
