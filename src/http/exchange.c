#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "http/internal.h"
#include "log/metric.h"
#include "os/clock.h"
#include "wire/http/response.h"

#define FIELDS_MAX ((size_t)16384)

struct http_exchange *http_exchange_new(struct net_session *s,
                                        const struct http_context *site,
                                        struct str head_bytes,
                                        const struct http_limits *limits)
{
	struct http_exchange *x = mem_zalloc(sizeof(*x));
	size_t used;
	int status;

	x->s = s;
	x->site = site;
	x->began_us = clock_steady_us();
	buf_init(&x->fields, FIELDS_MAX);
	/* The input is overwritten while the body comes: the head is read
	 * again from a copy. */
	x->head_bytes = mem_dup(head_bytes.p, head_bytes.n);
	if (http_head_parse((struct str){ x->head_bytes, head_bytes.n }, limits,
	                    &x->head, &used, &status) != HTTP_DONE)
		err_die("a request parses once, but not twice");
	x->keep_alive = x->head.keep_alive;
	x->is_head = str_eq(x->head.method, STR("HEAD"));
	x->path = mem_alloc(x->head.path.n + 1);
	return x;
}

void http_exchange_free(struct http_exchange **xp)
{
	struct http_exchange *x = *xp;

	if (!x)
		return;
	if (x->source && x->drop)
		x->drop(x->source_arg);
	spool_free(&x->body);
	buf_deinit(&x->fields);
	mem_free(x->head_bytes);
	mem_free(x->path);
	mem_free(x);
	*xp = NULL;
}

/* ---- the request ---- */

void *http_app(struct http_exchange *x)
{
	return x->site->app;
}

void *http_arg(struct http_exchange *x)
{
	return x->route ? x->route->arg : NULL;
}

struct net_session *http_session(struct http_exchange *x)
{
	return x->s;
}

const struct http_head *http_request(struct http_exchange *x)
{
	return &x->head;
}

struct str http_path(struct http_exchange *x)
{
	return (struct str){ x->path, x->path_n };
}

struct str http_path_rest(struct http_exchange *x)
{
	struct str row = str_z(x->route ? x->route->path : "");
	struct str path = http_path(x);

	if (!str_ends(row, STR("/*")))
		return str_from(path, path.n);
	return str_from(path, row.n - 1);
}

int http_body(struct http_exchange *x, struct str *out, struct err *err)
{
	if (!x->body) {
		*out = (struct str){ "", 0 };
		return 0;
	}
	return spool_view(x->body, out, err);
}

bool http_is_secure(struct http_exchange *x)
{
	return net_is_tls(x->s) || net_addr_is_loopback(net_peer(x->s));
}

bool http_is_head(struct http_exchange *x)
{
	return x->is_head;
}

/* ---- the fields of the answer ---- */

static const char page_policy[] =
	"default-src 'none'; script-src 'self'; style-src 'self'; "
	"img-src 'self' data: blob:; connect-src 'self'; frame-src 'self'; "
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
static const char data_policy[] = "default-src 'none'; frame-ancestors 'none'";

/* In every answer, unless the handler sets its own. */
static const struct {
	const char *name, *value; /* no value: computed */
} own[] = {
	{ "Date", NULL },
	{ "Content-Security-Policy", NULL },
	{ "Strict-Transport-Security", NULL },
	{ "Cache-Control", "no-store" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
};

#define OWN_N (sizeof(own) / sizeof(own[0]))

void http_set(struct http_exchange *x, const char *name, struct str value)
{
	for (size_t i = 0; i < OWN_N; i++)
		if (str_eq_case(str_z(name), str_z(own[i].name)))
			x->replaced |= UINT32_C(1) << i;
	http_write_field(&x->fields, str_z(name), value);
}

static void write_own(struct http_exchange *x, size_t i, struct buf *b)
{
	char date[HTTP_DATE_SIZE];
	const char *value = own[i].value;

	switch (i) {
	case 0:
		http_date(clock_wall_us() / US_PER_SEC, date);
		value = date;
		break;
	case 1:
		value = x->site->policy == HTTP_POLICY_PAGE ? page_policy
		                                            : data_policy;
		break;
	case 2:
		if (!x->site->hsts || !net_is_tls(x->s))
			return;
		value = "max-age=31536000";
		break;
	default: break;
	}
	http_write_field(b, str_z(own[i].name), str_z(value));
}

static bool has_body(int status)
{
	return status >= 200 && status != 204 && status != 304;
}

/* `length` UINT64_MAX: not known. */
static void write_head(struct http_exchange *x, int status, const char *type,
                       uint64_t length)
{
	struct buf b;

	buf_init(&b, FIELDS_MAX + 4096);
	x->status = status;
	if (net_is_draining(x->s))
		x->keep_alive = false;
	if (length == UINT64_MAX && has_body(status) && !x->stream) {
		x->chunked = x->head.minor > 0;
		x->keep_alive = x->keep_alive && x->chunked;
	}
	if (!x->stream)
		http_write_status(&b, status);
	for (size_t i = 0; i < OWN_N; i++)
		if (!(x->replaced & UINT32_C(1) << i))
			write_own(x, i, &b);
	if (type)
		http_write_field(&b, STR("Content-Type"), str_z(type));
	buf_add(&b, buf_str(&x->fields));
	if (x->chunked)
		http_write_field(&b, STR("Transfer-Encoding"), STR("chunked"));
	else if (length != UINT64_MAX && has_body(status))
		http_write_length(&b, length);
	if (x->stream) {
		http2_head(x->stream, status, buf_str(&b),
		           has_body(status) && !x->is_head);
		buf_deinit(&b);
		return;
	}
	if (!x->keep_alive)
		http_write_field(&b, STR("Connection"), STR("close"));
	else if (x->head.minor == 0)
		http_write_field(&b, STR("Connection"), STR("keep-alive"));
	http_write_end(&b);
	net_write(x->s, buf_str(&b));
	buf_deinit(&b);
}

/* ---- the answer ---- */

static void count(int status)
{
	if (status < 300)
		metric_add(METRIC_HTTP_REQUESTS_2XX, 1);
	else if (status < 400)
		metric_add(METRIC_HTTP_REQUESTS_3XX, 1);
	else if (status < 500)
		metric_add(METRIC_HTTP_REQUESTS_4XX, 1);
	else
		metric_add(METRIC_HTTP_REQUESTS_5XX, 1);
}

void http_finish(struct http_exchange *x)
{
	struct http_conn *c = net_state(x->s);

	count(x->status ? x->status : 499);
	if (x->site->done)
		x->site->done(x, x->status, x->sent,
		              clock_steady_us() - x->began_us);
	if (!x->stream) {
		if (!x->keep_alive)
			net_close(x->s);
		c->x = NULL;
	}
	http_exchange_free(&x);
}

struct copy {
	char *p;
	size_t n, at;
};

static bool copy_source(struct http_exchange *x, void *arg)
{
	struct copy *c = arg;
	size_t n = c->n - c->at < NET_PIECE ? c->n - c->at : NET_PIECE;

	http_write(x, (struct str){ c->p + c->at, n });
	c->at += n;
	return c->at < c->n;
}

static void copy_drop(void *arg)
{
	struct copy *c = arg;

	mem_free(c->p);
	mem_free(c);
}

void http_reply(struct http_exchange *x, int status, const char *type,
                struct str body)
{
	struct copy *c;

	if (x->status)
		return; /* answered already */
	if (x->may_compress && http_reply_packed(x, status, type, body))
		return;
	if (body.n > NET_PIECE && !x->is_head && has_body(status)) {
		c = mem_zalloc(sizeof(*c));
		c->p = mem_dup(body.p, body.n);
		c->n = body.n;
		http_send(x, status, type, body.n, copy_source, copy_drop, c);
		return;
	}
	write_head(x, status, type, body.n);
	if (x->is_head || !has_body(status))
		return;
	x->sent = body.n;
	if (x->stream)
		http2_bytes(x->stream, body);
	else
		net_write(x->s, body);
}

void http_reply_empty(struct http_exchange *x, int status)
{
	http_reply(x, status, NULL, STR(""));
}

void http_redirect(struct http_exchange *x, int status, struct str location)
{
	if (x->status)
		return;
	http_set(x, "Location", location);
	http_reply_empty(x, status);
}

void http_fail(struct http_exchange *x, int status)
{
	char text[80];

	(void)snprintf(text, sizeof(text), "%d %s\n", status,
	               http_reason(status));
	http_reply(x, status, "text/plain; charset=utf-8", str_z(text));
}

bool http_pump(struct http_exchange *x)
{
	if (x->source(x, x->source_arg))
		return true;
	if (x->broken) {
		x->keep_alive = false;
		if (x->stream)
			http2_short(x->stream);
	} else if (x->chunked) {
		struct buf b;

		buf_init(&b, 16);
		http_write_last_chunk(&b);
		net_write(x->s, buf_str(&b));
		buf_deinit(&b);
	} else if (x->length != UINT64_MAX && x->sent != x->length) {
		/* The peer waits for more than there is: it must not take
		 * the next answer for it. */
		x->keep_alive = false;
		if (x->stream)
			http2_short(x->stream);
	}
	return false;
}

static bool pump(struct net_session *s, void *arg)
{
	(void)s;
	return http_pump(arg);
}

/* Called by the engine when the pump is done, and when the session ends
 * before; then the exchange is still the connection's. */
static void pump_drop(void *arg)
{
	struct http_exchange *x = arg;

	http_finish(x);
}

void http_send(struct http_exchange *x, int status, const char *type,
               uint64_t length, http_source source, void (*drop)(void *arg),
               void *arg)
{
	if (x->status) {
		if (drop)
			drop(arg);
		return;
	}
	write_head(x, status, type, length);
	x->length = length;
	x->source = source;
	x->drop = drop;
	x->source_arg = arg;
	if (x->is_head || !has_body(status))
		return; /* freed, and the source dropped, by http_finish() */
	x->sending = true;
	if (!x->stream)
		net_send(x->s, pump, pump_drop, x);
}

void http_write(struct http_exchange *x, struct str piece)
{
	struct buf b;

	if (x->length != UINT64_MAX && piece.n > x->length - x->sent)
		piece = str_to(piece, (size_t)(x->length - x->sent));
	x->sent += piece.n;
	if (x->stream) {
		http2_bytes(x->stream, piece);
		return;
	}
	if (!x->chunked) {
		net_write(x->s, piece);
		return;
	}
	buf_init(&b, piece.n + 32);
	http_write_chunk(&b, piece);
	net_write(x->s, buf_str(&b));
	buf_deinit(&b);
}

void http_break(struct http_exchange *x)
{
	x->broken = true;
}
