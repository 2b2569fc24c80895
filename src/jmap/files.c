/* Uploads and downloads (RFC 8620, 6). */
#include <string.h>

#include "base/mem.h"
#include "config/config.h"
#include "jmap/blob.h"
#include "store/upload.h"
#include "wire/http/range.h"
#include "wire/json/write.h"

#define TYPE_MAX 200

bool jmap_take_account(const struct jmap_user *u, struct str *path)
{
	struct str account;

	return str_cut(path, '/', &account) &&
	       str_eq(account, str_z(jmap_account_id(u).z));
}

/* ---- upload ---- */

static bool type_ok(struct str type)
{
	if (type.n > TYPE_MAX || str_chr(type, '/') == STR_NPOS)
		return false;
	for (size_t i = 0; i < type.n; i++)
		if (type.p[i] < ' ' || type.p[i] > '~')
			return false;
	return true;
}

static void uploaded(struct http_exchange *x, const struct jmap_user *u,
                     const char *id, struct str bytes)
{
	struct str type = http_head_get(http_request(x), "Content-Type");
	struct json_writer w;
	struct buf b;

	buf_init(&b, 8192);
	w = json_writer(&b);
	json_object(&w);
	json_member_z(&w, "accountId", jmap_account_id(u).z);
	json_member_z(&w, "blobId", id);
	json_member_str(&w, "type",
	                type_ok(type) ? type : STR("application/octet-stream"));
	json_member_u64(&w, "size", bytes.n);
	json_end(&w);
	http_reply(x, 201, "application/json", buf_str(&b));
	buf_deinit(&b);
}

static void upload(struct jmap_server *j, struct http_exchange *x,
                   const struct jmap_user *u)
{
	char id[UPLOAD_ID_MAX];
	struct err err = ERR_INIT;
	struct str bytes;

	if (http_body(x, &bytes, &err) < 0) {
		jmap_trouble(x, &err);
		return;
	}
	if (bytes.n > config_u64(j->ctx.config, OPT_LIMITS_MESSAGE_BYTES)) {
		jmap_problem_limit(x, "maxSizeUpload");
		return;
	}
	if (upload_put(j->ctx.store, u->account, bytes, id, &err) == 0)
		uploaded(x, u, id, bytes);
	else if (err.kind == ERR_OVER_QUOTA)
		jmap_problem(x, 413, NULL, "Too much is uploaded and not used");
	else
		jmap_trouble(x, &err);
}

void jmap_serve_upload(struct http_exchange *x)
{
	struct str rest = http_path_rest(x);
	struct jmap_server *j = http_arg(x);
	struct jmap_user u = { .change = 0 };
	struct arena a;

	arena_init(&a);
	if (!jmap_login(j, x, &a, &u)) {
		/* answered */
	} else if (!jmap_take_account(&u, &rest)) {
		jmap_problem(x, 404, NULL, "No such account");
	} else if (!jmap_seat_take(j->seats, u.account.id, JMAP_SEAT_UPLOAD,
	                           JMAP_CONCURRENT_UPLOAD)) {
		jmap_problem_limit(x, "maxConcurrentUpload");
	} else {
		upload(j, x, &u);
		jmap_seat_give(j->seats, u.account.id, JMAP_SEAT_UPLOAD);
	}
	arena_deinit(&a);
}

/* ---- download ---- */

struct download {
	struct jmap_blob blob;
	uint64_t at, end; /* of prefix and bytes together */
};

static bool send_piece(struct http_exchange *x, void *arg)
{
	struct download *d = arg;
	struct str from = d->blob.prefix;
	uint64_t at = d->at;

	if (at >= from.n) {
		at -= from.n;
		from = d->blob.bytes;
	}
	from = str_from(from, (size_t)at);
	if (from.n > NET_PIECE)
		from.n = NET_PIECE;
	if (from.n > d->end - d->at)
		from.n = (size_t)(d->end - d->at);
	http_write(x, from);
	d->at += from.n;
	return d->at < d->end;
}

static void drop(void *arg)
{
	struct download *d = arg;

	jmap_blob_close(&d->blob);
	mem_free(d);
}

/* The type that the client wants it shown as; nothing is shown here, it is
 * saved (and may not run anything if some program shows it all the same). */
static struct str wanted_type(struct http_exchange *x, struct arena *a)
{
	struct str query = http_request(x)->query, name, value;

	while (http_query_next(&query, &name, &value)) {
		char *z = arena_alloc(a, value.n + 1);
		size_t n;

		if (!str_eq(name, STR("type")) ||
		    !http_query_decode(value, z, &n))
			continue;
		if (type_ok((struct str){ z, n }))
			return (struct str){ z, n };
	}
	return STR("application/octet-stream");
}

static void set_disposition(struct http_exchange *x, const char *how,
                            struct str name)
{
	struct buf b;

	buf_init(&b, 16384);
	buf_fmt(&b, "%s; filename*=UTF-8''", how);
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (ascii_is_alpha(c) || ascii_is_digit(c) ||
		    (c && str_chr(STR("-._~"), c) != STR_NPOS))
			buf_add_c(&b, c);
		else
			buf_fmt(&b, "%%%02X", (unsigned char)c);
	}
	http_set(x, "Content-Disposition", buf_str(&b));
	buf_deinit(&b);
}

void jmap_set_disposition(struct http_exchange *x, struct str name)
{
	set_disposition(x, "attachment", name);
}

/* What it is called counts for nothing: a browser that is told "PDF" must
 * find one. */
static bool is_pdf(const struct jmap_blob *b)
{
	return b->prefix.n == 0 && str_starts(b->bytes, STR("%PDF-"));
}

/* It is shown in a tab of its own by the browser's viewer, whose scripts must
 * run; but none of the document's, and of no origin, least of all ours. */
static const char *set_view(struct http_exchange *x, struct str name)
{
	set_disposition(x, "inline", name);
	http_set(x, "Content-Security-Policy",
	         STR("default-src 'none'; style-src 'unsafe-inline'; "
	             "sandbox allow-scripts allow-downloads allow-popups; "
	             "base-uri 'none'; form-action 'none'; "
	             "frame-ancestors 'none'"));
	return "application/pdf";
}

static const char *set_download(struct http_exchange *x, struct str name,
                                struct arena *a)
{
	jmap_set_disposition(x, name);
	http_set(x, "Content-Security-Policy",
	         STR("default-src 'none'; sandbox; frame-ancestors 'none'"));
	return arena_strz(a, wanted_type(x, a));
}

/* What of it is wanted: 200, 206 or 416.  So that a film can be shown from
 * its middle (RFC 9110, 14). */
static int choose_range(struct http_exchange *x, struct download *d,
                        struct str etag)
{
	const struct http_head *h = http_request(x);
	uint64_t size = d->blob.prefix.n + d->blob.bytes.n;
	enum http_range_result found = HTTP_RANGE_NONE;
	struct http_range r;
	struct buf b;

	d->end = size;
	/* RFC 9110, 14.2: of GET alone. */
	if (!http_is_head(x) &&
	    http_range_holds(http_head_get(h, "If-Range"), etag))
		found = http_range_parse(http_head_get(h, "Range"), size, &r);
	if (found == HTTP_RANGE_NONE)
		return 200;
	buf_init(&b, 100);
	http_range_write(&b, found == HTTP_RANGE_PART ? &r : NULL, size);
	http_set(x, "Content-Range", buf_str(&b));
	buf_deinit(&b);
	if (found == HTTP_RANGE_BAD)
		return 416;
	d->at = r.first;
	d->end = r.last + 1;
	return 206;
}

static void send_blob(struct http_exchange *x, struct download *d,
                      struct str id, struct str name, struct arena *a,
                      bool view)
{
	/* Ids name bytes that never change. */
	struct str etag = arena_fmt(a, "\"%.*s\"", STR_ARG(id));
	int status = choose_range(x, d, etag);
	const char *type;

	http_set(x, "Accept-Ranges", STR("bytes"));
	if (status == 416) {
		jmap_problem(x, 416, NULL, "Nothing is there");
		drop(d);
		return;
	}
	http_set(x, "ETag", etag);
	http_set(x, "Cache-Control",
	         STR("private, immutable, max-age=31536000"));
	type = view && is_pdf(&d->blob) ? set_view(x, name)
	                                : set_download(x, name, a);
	http_send(x, status, type, d->end - d->at, send_piece, drop, d);
}

static void download(struct jmap_server *j, struct http_exchange *x,
                     const struct jmap_user *u, struct str id, struct str name,
                     struct arena *a, bool view)
{
	struct download *d = mem_zalloc(sizeof(*d));
	struct err err = ERR_INIT;

	if (jmap_blob_open(&d->blob, j->ctx.store, u->account, id, &err) < 0) {
		mem_free(d);
		if (err.kind == ERR_NOT_FOUND)
			jmap_problem(x, 404, NULL, "No such blob");
		else
			jmap_trouble(x, &err);
		return;
	}
	send_blob(x, d, id, name, a, view);
}

static void serve_blob(struct http_exchange *x, bool view)
{
	struct str rest = http_path_rest(x), id;
	struct jmap_server *j = http_arg(x);
	struct jmap_user u = { .change = 0 };
	struct arena a;

	arena_init(&a);
	if (jmap_login(j, x, &a, &u)) {
		if (!jmap_take_account(&u, &rest))
			jmap_problem(x, 404, NULL, "No such account");
		else if (!str_cut(&rest, '/', &id) || rest.n == 0)
			jmap_problem(x, 404, NULL, "No such blob");
		else
			download(j, x, &u, id, rest, &a, view);
	}
	arena_deinit(&a);
}

void jmap_serve_download(struct http_exchange *x)
{
	serve_blob(x, false);
}

void jmap_serve_view(struct http_exchange *x)
{
	serve_blob(x, true);
}
