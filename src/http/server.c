#include "http/server.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "config/config.h"
#include "http/internal.h"
#include "os/clock.h"
#include "wire/http/response.h"

#define IDLE_US US_PER_MIN        /* between two requests, unless told */
#define HEAD_US (20 * US_PER_SEC) /* from its first byte to its last */

/* Bytes after a request's body are the next request: one buffer holds a
 * whole head. */
#define INPUT_MAX ((size_t)16384 + 64)

static const struct http_limits limits = HTTP_LIMITS_INIT;

static void opened(struct net_session *s)
{
	const struct http_context *site = net_context(s);

	net_timeout(s, site->config ? config_us(site->config, OPT_HTTP_IDLE)
	                            : IDLE_US);
	net_min_rate(s, HTTP_RATE_MIN);
	net_deadline(s, HEAD_US);
}

/* An answer to what could not even be read as a request. */
static void refuse(struct net_session *s, int status)
{
	const char *reason = http_reason(status);

	net_fmt(s,
	        "HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\n"
	        "Content-Length: %zu\r\nConnection: close\r\n\r\n%d %s\n",
	        status, reason, strlen(reason) + 5, status, reason);
	net_close(s);
}

/* ---- the answer ---- */

void http_answer(struct http_exchange *x)
{
	struct err err;

	if (x->body && spool_seal(x->body, &err) < 0) {
		x->keep_alive = false;
		http_fail(x, 503);
	} else {
		x->route->handle(x);
	}
	if (!x->status)
		http_fail(x, 500); /* the handler forgot */
	/* A source goes on, and finishes the exchange when it is dropped. */
	if (!x->sending)
		http_finish(x);
}

/* ---- bodies ---- */

static void give_up(struct http_exchange *x, int status)
{
	net_set_input(x->s, NULL, 0);
	x->keep_alive = false;
	http_fail(x, status);
	http_finish(x);
}

/* False: it was refused and the exchange is gone. */
static bool keep(struct http_exchange *x, struct str piece)
{
	struct err err;

	if (spool_size(x->body) + piece.n > x->route->body_max) {
		give_up(x, 413);
		return false;
	}
	if (spool_add(x->body, piece, &err) < 0) {
		give_up(x, err.kind == ERR_NO_SPACE ? 507 : 503);
		return false;
	}
	return true;
}

static void whole(struct http_exchange *x)
{
	net_set_input(x->s, NULL, 0);
	http_answer(x);
}

static void take_length(struct net_session *s)
{
	struct http_conn *c = net_state(s);
	struct http_exchange *x = c->x;
	struct str in = net_input(s);

	if (in.n > x->body_left)
		in.n = (size_t)x->body_left;
	net_consume(s, in.n);
	x->body_left -= in.n;
	if (keep(x, in) && x->body_left == 0)
		whole(x);
}

static void take_chunks(struct net_session *s)
{
	struct http_conn *c = net_state(s);
	struct http_exchange *x = c->x;
	struct str all = net_input(s), in = all, piece;
	enum http_parse r;

	do {
		r = http_chunks_next(&x->chunks, &in, &piece);
		if (piece.n > 0 && !keep(x, piece))
			return;
	} while (r == HTTP_MORE && in.n > 0);
	net_consume(s, all.n - in.n);
	if (r == HTTP_BAD)
		give_up(x, 400);
	else if (r == HTTP_DONE)
		whole(x);
}

static void begin_body(struct http_exchange *x)
{
	x->body = spool_new(x->site->spools, x->route->body_max);
	if (x->head.expect_continue)
		net_write(x->s, STR("HTTP/1.1 100 Continue\r\n\r\n"));
	x->body_left = x->head.length;
	http_chunks_init(&x->chunks);
	net_set_input(x->s,
	              x->head.body == HTTP_BODY_CHUNKED ? take_chunks
	                                                : take_length,
	              64 * 1024);
}

/* ---- requests ---- */

/* To the same place over TLS. */
static void redirect(struct http_exchange *x)
{
	struct str host = x->head.host;
	size_t colon = str_rchr(host, ':'), bracket = str_rchr(host, ']');
	struct buf b;

	if (colon != STR_NPOS && (bracket == STR_NPOS || bracket < colon))
		host = str_to(host, colon);
	if (host.n == 0) {
		http_fail(x, 400);
		return;
	}
	buf_init(&b, 16384);
	buf_fmt(&b, "https://%.*s", STR_ARG(host));
	if (x->site->redirect_port != 443)
		buf_fmt(&b, ":%u", x->site->redirect_port);
	buf_add(&b, x->head.path);
	if (x->head.query.n > 0)
		buf_fmt(&b, "?%.*s", STR_ARG(x->head.query));
	http_redirect(x, 308, buf_str(&b));
	buf_deinit(&b);
}

static bool must_redirect(struct http_exchange *x)
{
	return x->site->redirect_port && !http_is_secure(x) &&
	       !(x->route && x->route->in_clear);
}

/* The status that refuses the request before its body is read; 0: go on. */
static int check(struct http_exchange *x)
{
	struct buf allow;
	int status = 0;

	if (!http_path_decode(x->head.path, x->path, &x->path_n))
		return 400;
	buf_init(&allow, 256);
	switch (http_route_find(x->site, x->head.method, http_path(x),
	                        &x->route, &allow)) {
	case HTTP_FOUND: break;
	case HTTP_NO_PATH: status = 404; break;
	case HTTP_NO_METHOD:
		http_set(x, "Allow", buf_str(&allow));
		status = 405;
		break;
	}
	buf_deinit(&allow);
	if (status || x->head.body == HTTP_BODY_NONE)
		return status;
	if (!x->site->spools || x->route->body_max == 0 ||
	    x->head.length > x->route->body_max)
		return 413;
	return 0;
}

bool http_may_begin(struct http_exchange *x)
{
	int status = check(x);

	if (must_redirect(x))
		redirect(x);
	else if (status)
		http_fail(x, status);
	return x->status == 0;
}

static void handle(struct net_session *s, struct str head_bytes)
{
	struct http_conn *c = net_state(s);
	struct http_exchange *x =
		http_exchange_new(s, net_context(s), head_bytes, &limits);

	c->x = x;
	if (!http_may_begin(x)) {
		http_finish(x);
		return;
	}
	if (x->head.body == HTTP_BODY_NONE)
		http_answer(x);
	else
		begin_body(x);
}

static void took(struct net_session *s, size_t n)
{
	struct http_conn *c = net_state(s);

	net_consume(s, n);
	c->in_head = false;
	net_deadline(s, 0);
}

/* RFC 9113, 3.4.  Browsers agree on it by ALPN, others may know it before. */
static const struct str preface = STR_INIT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

static void input(struct net_session *s)
{
	struct http_conn *c = net_state(s);
	struct str in = net_input(s);
	struct http_head head;
	size_t used = 0;
	int status;

	if (!c->begun && in.n < preface.n && str_starts(preface, in))
		return; /* one or the other: more will tell */
	if (!c->begun && str_starts(in, preface)) {
		c->begun = true;
		if (!http2_begin(s))
			net_close(s);
		return;
	}
	c->begun = true;

	switch (http_head_parse(in, &limits, &head, &used, &status)) {
	case HTTP_MORE:
		if (!c->in_head)
			net_deadline(s, HEAD_US);
		c->in_head = true;
		return;
	case HTTP_BAD: refuse(s, status); return;
	case HTTP_DONE: break;
	}
	took(s, used);
	/* `in` stays good until this call ends. */
	handle(s, str_to(in, used));
}

static void timed_out(struct net_session *s)
{
	struct http_conn *c = net_state(s);

	if (c->socket)
		http_socket_going(c->socket);
	else if (c->h2)
		http2_going(c->h2, true);
	else if (c->in_head || c->x)
		refuse(s, 408);
}

static void woken(struct net_session *s)
{
	struct http_conn *c = net_state(s);

	if (c->socket)
		http_socket_woken(c->socket);
	else if (c->h2)
		http2_woken(c->h2);
}

static void rang(struct net_session *s)
{
	struct http_conn *c = net_state(s);

	if (c->socket)
		http_socket_alarm(c->socket);
	else if (c->h2)
		http2_alarm(c->h2);
}

static void drained(struct net_session *s)
{
	struct http_conn *c = net_state(s);

	if (c->socket)
		http_socket_going(c->socket);
	else if (c->h2)
		http2_going(c->h2, false);
	else if (!c->x && !c->in_head)
		net_close(s);
}

static void closed(struct net_session *s, enum net_end why)
{
	struct http_conn *c = net_state(s);

	(void)why;
	http_exchange_free(&c->x);
	http_socket_free(&c->socket);
	http2_free(&c->h2);
}

const struct net_service http_service = {
	.name = "http",
	.state_size = sizeof(struct http_conn),
	.input_max = INPUT_MAX,
	.open = opened,
	.input = input,
	.wake = woken,
	.alarm = rang,
	.timeout = timed_out,
	.drain = drained,
	.closed = closed,
};
