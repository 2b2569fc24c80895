/*
 * http/server.h - HTTP/1.1 and HTTP/2 on the session engine.
 *
 * A site is a table of routes.  The server reads a request with its body (to
 * memory, or above SPOOL_MEMORY_MAX to a spool file) while the session is
 * parked, then calls the route's function on a worker: straight-line code
 * that answers once.
 *
 *	static void hello(struct http_exchange *x)
 *	{
 *		http_reply(x, 200, "text/plain; charset=utf-8", STR("hi\n"));
 *	}
 *
 *	static const struct http_route routes[] = {
 *		{ "GET", "/hello", hello, .body_max = 0 },
 *	};
 *	static struct http_context site = {
 *		.routes = routes, .routes_n = 1, ...
 *	};
 *	listener.service = &http_service; listener.context = &site;
 *
 * HEAD is answered by the GET route without the body.  A path that ends in
 * "/" followed by "*" stands for everything below; the longest row wins.  An
 * unknown path is 404, a known one with another method 405 with Allow.
 *
 * A client that begins with the preface of HTTP/2 (browsers agree on it by
 * ALPN) speaks that; handlers see no difference.
 *
 * Nobody is waited for long: the head must be whole 20 s after its first
 * byte, a body has a least rate, an idle connection ends after http.idle.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "net/session.h"
#include "os/spool.h"
#include "wire/http/request.h"

extern const struct net_service http_service;

struct config;
struct http_exchange;

struct http_route {
	const char *method;
	const char *path;
	void (*handle)(struct http_exchange *x);
	uint64_t body_max; /* 0: none; more is answered 413 */
	void *arg;         /* http_arg() */
	bool in_clear;     /* answered without TLS too, see redirect_port */
	bool any_case; /* of the path: for programs that write it so and so */
};

enum http_policy {
	HTTP_POLICY_PAGE, /* the strict page policy of our own sites */
	HTTP_POLICY_DATA, /* for programs: default-src 'none' */
};

struct http_context {
	const struct http_route *routes;
	size_t routes_n;
	void *app;                   /* http_app() */
	const struct config *config; /* http.idle; NULL: a minute */
	struct spool_pool *spools;   /* NULL: no bodies are accepted */
	enum http_policy policy;
	/* A request that comes in clear, and not from this machine, is sent
	 * to https:// with this port, but for `in_clear` routes; 0: never. */
	uint16_t redirect_port;
	bool hsts; /* Strict-Transport-Security over TLS */
	/* Called after each answer, for the log; may be NULL. */
	void (*done)(struct http_exchange *x, int status, uint64_t bytes,
	             int64_t us);
};

/* ---- in a handler ---- */

void *http_app(struct http_exchange *x);
void *http_arg(struct http_exchange *x);
struct net_session *http_session(struct http_exchange *x);
const struct http_head *http_request(struct http_exchange *x);
struct str http_path(struct http_exchange *x); /* decoded */
/* What stood for the "*" of the route; decoded. */
struct str http_path_rest(struct http_exchange *x);
/* The whole body; valid until the handler returns. */
int http_body(struct http_exchange *x, struct str *out, struct err *err)
	ATTR_MUST_USE;
bool http_is_secure(struct http_exchange *x); /* TLS, or loopback */
bool http_is_head(struct http_exchange *x);

/* A field of the answer, before it is given.  Date, Content-Length,
 * Connection and the security fields are the server's; a field of the same
 * name as one of these replaces it. */
void http_set(struct http_exchange *x, const char *name, struct str value);

/* The answer may go out as gzip (RFC 9110, 8.4.1.3) when it is over a
 * kilobyte and the client takes that: for text of one owner, in which nobody
 * else can place words beside a secret.  Before http_reply(). */
void http_compress(struct http_exchange *x);

/* The whole answer.  Exactly one of these per request. */
void http_reply(struct http_exchange *x, int status, const char *type,
                struct str body);
void http_reply_empty(struct http_exchange *x, int status);
void http_redirect(struct http_exchange *x, int status, struct str location);

/* A body that comes in pieces: `source` (as net_send()'s) writes with
 * http_write(); with length UINT64_MAX it is not known and chunks are used.
 * One that waits for news writes something at least every 50 s, or the
 * connection ends as idle. */
typedef bool (*http_source)(struct http_exchange *x, void *arg);
void http_send(struct http_exchange *x, int status, const char *type,
               uint64_t length, http_source source, void (*drop)(void *arg),
               void *arg);
void http_write(struct http_exchange *x, struct str piece);
/* The source cannot go on and returns false: the peer is to see that what it
 * has is not all, and the connection (HTTP/2: the stream) is broken off. */
void http_break(struct http_exchange *x);

#endif
