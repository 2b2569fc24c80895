/* Answers as gzip. */
#include <stdatomic.h>

#include "base/mem.h"
#include "http/internal.h"
#include "pack/gzip.h"
#include "wire/http/fields.h"

#define SMALL       ((size_t)1024) /* not worth it */
#define STEP        ((size_t)64 * 1024)
#define STREAMS_MAX 64 /* each has a packer of 100 KB while it is sent */

static atomic_uint streams;

struct packed {
	char *p;
	size_t n, at;
	struct gzip *z;
};

static bool packed_source(struct http_exchange *x, void *arg)
{
	struct packed *c = arg;
	bool last = false;
	struct buf out;

	buf_init(&out, gzip_bound(STEP));
	/* A source that writes nothing is taken for one that waits. */
	while (out.n == 0 && !last) {
		size_t n = c->n - c->at < STEP ? c->n - c->at : STEP;

		last = c->at + n == c->n;
		gzip_add(c->z, (struct str){ c->p + c->at, n }, last, &out);
		c->at += n;
	}
	http_write(x, buf_str(&out));
	buf_deinit(&out);
	return !last;
}

static void packed_drop(void *arg)
{
	struct packed *c = arg;

	gzip_free(&c->z);
	mem_free(c->p);
	mem_free(c);
	(void)atomic_fetch_sub(&streams, 1);
}

static void reply_stream(struct http_exchange *x, int status, const char *type,
                         struct str body)
{
	struct packed *c = mem_zalloc(sizeof(*c));

	c->p = mem_dup(body.p, body.n);
	c->n = body.n;
	c->z = gzip_new();
	http_send(x, status, type, UINT64_MAX, packed_source, packed_drop, c);
}

static void reply_whole(struct http_exchange *x, int status, const char *type,
                        struct str body)
{
	struct gzip *z = gzip_new();
	struct buf out;

	buf_init(&out, gzip_bound(body.n));
	gzip_add(z, body, true, &out);
	gzip_free(&z);
	x->may_compress = false;
	http_reply(x, status, type, buf_str(&out));
	buf_deinit(&out);
}

void http_compress(struct http_exchange *x)
{
	if (x->may_compress)
		return;
	x->may_compress = true;
	http_set(x, "Vary", STR("Accept-Encoding"));
}

bool http_reply_packed(struct http_exchange *x, int status, const char *type,
                       struct str body)
{
	struct str takes = http_head_get(&x->head, "Accept-Encoding");

	if (body.n <= SMALL || x->is_head || !http_accepts(takes, "gzip"))
		return false;
	if (body.n <= STEP) {
		http_set(x, "Content-Encoding", STR("gzip"));
		reply_whole(x, status, type, body);
		return true;
	}
	/* In chunks, which HTTP/1.0 has not. */
	if (x->head.minor == 0)
		return false;
	if (atomic_fetch_add(&streams, 1) >= STREAMS_MAX) {
		(void)atomic_fetch_sub(&streams, 1);
		return false;
	}
	http_set(x, "Content-Encoding", STR("gzip"));
	reply_stream(x, status, type, body);
	return true;
}
