#include <string.h>

#include "base/mem.h"
#include "http/http2.h"
#include "os/clock.h"

#define NV_MAX 64

static const struct http_limits limits = HTTP_LIMITS_INIT;

struct http2_stream *http2_stream_new(struct http2 *h, int32_t id)
{
	struct http2_stream *st = mem_zalloc(sizeof(*st));

	st->h = h;
	st->id = id;
	st->began_us = clock_steady_us();
	buf_init(&st->method, 64);
	buf_init(&st->path, 8192);
	buf_init(&st->authority, 1024);
	buf_init(&st->fields, HTTP2_FIELDS_MAX);
	buf_init(&st->out, 2 * NET_PIECE);
	st->next = h->streams;
	if (st->next)
		st->next->prev = st;
	h->streams = st;
	h->streams_n++;
	return st;
}

static void free_request(struct http2_stream *st)
{
	buf_deinit(&st->method);
	buf_deinit(&st->path);
	buf_deinit(&st->authority);
	buf_deinit(&st->fields);
}

void http2_stream_free(struct http2_stream *st)
{
	struct http2 *h = st->h;

	if (st->x && st->x->status)
		http_finish(st->x);
	else
		http_exchange_free(&st->x); /* it never came to an answer */
	free_request(st);
	buf_deinit(&st->out);
	if (st->prev)
		st->prev->next = st->next;
	else
		h->streams = st->next;
	if (st->next)
		st->next->prev = st->prev;
	h->streams_n--;
	mem_free(st);
}

/* ---- the request ---- */

/* What has a place of its own in a request line or field must fit there. */
static bool is_visible(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] == 127)
			return false;
	return true;
}

static void pseudo(struct http2_stream *st, struct str name, struct str value)
{
	struct buf *b = str_eq(name, STR(":method"))      ? &st->method
	                : str_eq(name, STR(":path"))      ? &st->path
	                : str_eq(name, STR(":authority")) ? &st->authority
	                                                  : NULL;

	if (!b)
		return; /* :scheme is ours to know */
	st->malformed = st->malformed || !is_visible(value);
	buf_add(b, value);
	st->too_long = st->too_long || buf_overflow(b);
}

void http2_stream_field(struct http2_stream *st, struct str name,
                        struct str value)
{
	if (st->x || st->too_long)
		return; /* a trailer, or too late */
	if (name.n > 0 && name.p[0] == ':') {
		pseudo(st, name, value);
		return;
	}
	/* RFC 9113, 8.3.1: :authority stands for it. */
	if (str_eq(name, STR("host")) && st->authority.n > 0) {
		st->malformed = st->malformed ||
		                !str_eq_case(value, buf_str(&st->authority));
		return;
	}
	buf_add(&st->fields, name);
	buf_add(&st->fields, STR(": "));
	buf_add(&st->fields, value);
	buf_add(&st->fields, STR("\r\n"));
	st->too_long = st->too_long || buf_overflow(&st->fields);
}

static void write_request(struct http2_stream *st, struct buf *out)
{
	buf_add(out, buf_str(&st->method));
	buf_add_c(out, ' ');
	buf_add(out, buf_str(&st->path));
	buf_add_z(out, " HTTP/1.1\r\n");
	if (st->authority.n > 0) {
		buf_add_z(out, "Host: ");
		buf_add(out, buf_str(&st->authority));
		buf_add_z(out, "\r\n");
	}
	buf_add(out, buf_str(&st->fields));
	buf_add_z(out, "\r\n");
}

/* A request that cannot be read has no exchange: the answer is by hand. */
static void refuse(struct http2_stream *st, int status)
{
	st->done = true;
	http2_head(st, status, STR(""), false);
}

/* The answer is given already.  RFC 9113, 8.1, would have the stream reset then,
 * for which some clients throw the answer away; so its window stays shut, and
 * only who does not give up is reset in the end. */
static void end_receiving(struct http2_stream *st)
{
	st->unwanted = st->receiving;
	st->receiving = false;
}

static void finish(struct http2_stream *st)
{
	struct http_exchange *x = st->x;

	st->x = NULL;
	st->done = true;
	http_finish(x);
}

/* The handler runs; what it answers lies in `out`, or comes from its source. */
static void run(struct http2_stream *st)
{
	struct http_exchange *x = st->x;
	struct err err = ERR_INIT;

	if (x->body && spool_seal(x->body, &err) < 0)
		http_fail(x, 503);
	else
		x->route->handle(x);
	if (!x->status)
		http_fail(x, 500); /* the handler forgot */
	if (!x->sending)
		finish(st);
}

static bool expects(const struct http_head *h, bool more)
{
	return more && h->expect_continue;
}

static void say_continue(struct http2_stream *st)
{
	static uint8_t name[] = ":status", value[] = "100";
	nghttp2_nv nv = { name, value, 7, 3, NGHTTP2_NV_FLAG_NONE };

	(void)nghttp2_submit_headers(st->h->ng, NGHTTP2_FLAG_NONE, st->id, NULL,
	                             &nv, 1, NULL);
}

static void start(struct http2_stream *st, struct str head_bytes, bool more)
{
	struct http_exchange *x =
		http_exchange_new(st->h->s, st->h->site, head_bytes, &limits);

	st->x = x;
	x->stream = st;
	if (!more)
		x->head.body = HTTP_BODY_NONE;
	else if (x->head.body == HTTP_BODY_NONE)
		x->head.body = HTTP_BODY_CHUNKED; /* of a length to be seen */
	st->receiving = more;
	if (!http_may_begin(x)) {
		finish(st);
		end_receiving(st);
	} else if (!more) {
		run(st);
	} else {
		x->body = spool_new(x->site->spools, x->route->body_max);
		if (expects(&x->head, more))
			say_continue(st);
	}
}

void http2_stream_begin(struct http2_stream *st, bool more)
{
	struct http_head head;
	size_t used;
	int status = 400;
	struct buf b;

	buf_init(&b, HTTP2_FIELDS_MAX + 16384);
	write_request(st, &b);
	if (st->too_long)
		refuse(st, 431);
	else if (st->malformed || buf_overflow(&b))
		refuse(st, 400);
	else if (http_head_parse(buf_str(&b), &limits, &head, &used, &status) !=
	                 HTTP_DONE ||
	         used != b.n)
		refuse(st, status ? status : 400);
	else
		start(st, buf_str(&b), more);
	buf_deinit(&b);
	free_request(st);
}

void http2_stream_body(struct http2_stream *st, struct str bytes)
{
	struct err err = ERR_INIT;
	struct http_exchange *x = st->x;

	if (!x || !st->receiving)
		return;
	st->moved += bytes.n;
	if (spool_size(x->body) + bytes.n > x->route->body_max)
		http_fail(x, 413);
	else if (spool_add(x->body, bytes, &err) < 0)
		http_fail(x, err.kind == ERR_NO_SPACE ? 507 : 503);
	if (x->status) {
		finish(st);
		end_receiving(st);
	}
}

void http2_stream_whole(struct http2_stream *st)
{
	if (!st->receiving)
		return;
	st->receiving = false;
	if (st->x)
		run(st);
}

/* ---- the answer ---- */

static bool is_hop_by_hop(struct str name)
{
	return str_eq_case(name, STR("connection")) ||
	       str_eq_case(name, STR("upgrade")) ||
	       str_eq_case(name, STR("transfer-encoding")) ||
	       str_eq_case(name, STR("keep-alive"));
}

/* "Name: value" lines, in memory that is ours: names become lower case. */
static size_t read_fields(char *p, size_t n, nghttp2_nv *nv, size_t max)
{
	size_t count = 0;

	while (n > 0 && count < max) {
		char *end = memchr(p, '\r', n), *colon = memchr(p, ':', n);
		struct str name;

		if (!end || !colon || colon > end)
			break;
		name = (struct str){ p, (size_t)(colon - p) };
		if (!is_hop_by_hop(name)) {
			for (char *c = p; c < colon; c++)
				*c = ascii_lower(*c);
			nv[count++] = (nghttp2_nv){
				(uint8_t *)p, (uint8_t *)colon + 2, name.n,
				(size_t)(end - colon - 2), NGHTTP2_NV_FLAG_NONE
			};
		}
		n -= (size_t)(end - p) + 2;
		p = end + 2;
	}
	return count;
}

void http2_head(struct http2_stream *st, int status, struct str fields,
                bool has_body)
{
	static uint8_t name[] = ":status";
	nghttp2_data_provider body = { .read_callback = http2_stream_read };
	uint8_t digits[3] = { (uint8_t)('0' + status / 100 % 10),
		              (uint8_t)('0' + status / 10 % 10),
		              (uint8_t)('0' + status % 10) };
	nghttp2_nv nv[NV_MAX];
	char *copy = mem_dup(fields.n ? fields.p : "", fields.n);
	size_t n;

	body.source.ptr = st;
	nv[0] = (nghttp2_nv){ name, digits, 7, 3, NGHTTP2_NV_FLAG_NONE };
	n = read_fields(copy, fields.n, nv + 1, NV_MAX - 1);
	/* nghttp2 copies.  It fails when the stream is gone: then nobody
	 * waits. */
	if (nghttp2_submit_response(st->h->ng, st->id, nv, n + 1,
	                            has_body ? &body : NULL) != 0)
		(void)nghttp2_submit_rst_stream(st->h->ng, NGHTTP2_FLAG_NONE,
		                                st->id, NGHTTP2_INTERNAL_ERROR);
	mem_free(copy);
}

void http2_bytes(struct http2_stream *st, struct str bytes)
{
	buf_add(&st->out, bytes);
}

void http2_short(struct http2_stream *st)
{
	st->cut = true;
}

/* Ask the source when all is gone that it wrote. */
static void refill(struct http2_stream *st)
{
	if (st->done || st->out.n > st->out_at || !st->x)
		return;
	buf_reset(&st->out);
	st->out_at = 0;
	if (!http_pump(st->x))
		finish(st);
}

ssize_t http2_stream_read(nghttp2_session *ng, int32_t id, uint8_t *to,
                          size_t n, uint32_t *flags,
                          nghttp2_data_source *source, void *user)
{
	struct http2_stream *st = source->ptr;
	size_t left;

	(void)ng;
	(void)id;
	(void)user;
	refill(st);
	left = st->out.n - st->out_at;
	/* The stream is reset then: its end would say that this is all. */
	if (buf_overflow(&st->out) || (st->cut && left == 0))
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	st->waiting = left == 0 && !st->done;
	if (st->waiting)
		return NGHTTP2_ERR_DEFERRED;
	if (n > left)
		n = left;
	if (n)
		memcpy(to, st->out.p + st->out_at, n);
	st->out_at += n;
	st->moved += n;
	if (st->done && !st->cut && st->out_at == st->out.n)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)n;
}
