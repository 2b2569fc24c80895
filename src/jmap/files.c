/* Uploads and downloads (RFC 8620, 6). */
#include <string.h>

#include "base/mem.h"
#include "config/config.h"
#include "jmap/blob.h"
#include "store/upload.h"
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
	uint64_t at;
};

static bool send_piece(struct http_exchange *x, void *arg)
{
	struct download *d = arg;
	struct str from = d->blob.prefix;
	uint64_t at = d->at, total = d->blob.prefix.n + d->blob.bytes.n;

	if (at >= from.n) {
		at -= from.n;
		from = d->blob.bytes;
	}
	from = str_from(from, (size_t)at);
	if (from.n > NET_PIECE)
		from.n = NET_PIECE;
	http_write(x, from);
	d->at += from.n;
	return d->at < total;
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

static void download(struct jmap_server *j, struct http_exchange *x,
                     const struct jmap_user *u, struct str id, struct str name,
                     struct arena *a, bool view)
{
	struct download *d = mem_zalloc(sizeof(*d));
	struct err err = ERR_INIT;
	const char *type;

	if (jmap_blob_open(&d->blob, j->ctx.store, u->account, id, &err) < 0) {
		mem_free(d);
		if (err.kind == ERR_NOT_FOUND)
			jmap_problem(x, 404, NULL, "No such blob");
		else
			jmap_trouble(x, &err);
		return;
	}
	/* Ids name bytes that never change. */
	http_set(x, "Cache-Control",
	         STR("private, immutable, max-age=31536000"));
	type = view && is_pdf(&d->blob) ? set_view(x, name)
	                                : set_download(x, name, a);
	http_send(x, 200, type, d->blob.prefix.n + d->blob.bytes.n, send_piece,
	          drop, d);
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
