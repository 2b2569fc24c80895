/* http/internal.h - between the files of http/. */
#ifndef HTTP_INTERNAL_H
#define HTTP_INTERNAL_H

#include "base/buf.h"
#include "http/server.h"

struct http_socket;
struct http2;
struct http2_stream;

/* The session's own bytes. */
struct http_conn {
	struct http_exchange *x;    /* while a request is being handled */
	bool in_head;               /* some bytes of the next one are here */
	struct http_socket *socket; /* since an upgrade: it is one of those */
	struct http2 *h2;           /* since the preface: it speaks HTTP/2 */
	bool begun;                 /* something was read on it */
};

/* One request; freed when its answer is written. */
struct http_exchange {
	struct net_session *s;
	struct http2_stream *stream; /* NULL: HTTP/1, the connection is its */
	const struct http_context *site;
	const struct http_route *route;
	char *head_bytes; /* what `head` points into */
	struct http_head head;
	char *path; /* decoded */
	size_t path_n;
	int64_t began_us;

	struct spool *body;
	struct http_chunks chunks;
	uint64_t body_left; /* with a length */

	struct buf fields; /* http_set() */
	uint32_t replaced; /* which of the server's own fields are in it */
	int status;        /* 0: no answer yet */
	bool keep_alive, is_head, chunked;
	bool may_compress;
	bool sending;          /* the engine has the source */
	bool broken;           /* http_break() */
	uint64_t length, sent; /* of a body that is sent in pieces */
	http_source source;
	void (*drop)(void *arg);
	void *source_arg;
};

struct http_exchange *http_exchange_new(struct net_session *s,
                                        const struct http_context *site,
                                        struct str head_bytes,
                                        const struct http_limits *limits);
void http_exchange_free(struct http_exchange **x);

/* The answer that says an error in words, of any kind. */
void http_fail(struct http_exchange *x, int status);
/* ---- server.c ---- */

/* False: it was refused, before its body is read, and answered. */
bool http_may_begin(struct http_exchange *x);
/* The request is whole: have it answered, and finish unless a source goes on. */
void http_answer(struct http_exchange *x);

/* ---- exchange.c ---- */

/* Ask the source once; false when all is written. */
bool http_pump(struct http_exchange *x);

/* ---- http2.c ---- */

/* The connection speaks HTTP/2 from its next byte on; false: it cannot. */
bool http2_begin(struct net_session *s);
void http2_woken(struct http2 *h);
void http2_alarm(struct http2 *h);
void http2_going(struct http2 *h, bool at_once);
void http2_free(struct http2 **h);
/* Of an exchange: its head, as lines without the first; bytes of its body;
 * the body ended before its length. */
void http2_head(struct http2_stream *st, int status, struct str fields,
                bool has_body);
void http2_bytes(struct http2_stream *st, struct str bytes);
void http2_short(struct http2_stream *st);

/* ---- socket.c: what befalls the connection of a WebSocket ---- */

#define HTTP_RATE_MIN 1000 /* bytes a second, of bodies and answers */

void http_socket_woken(struct http_socket *ws);
void http_socket_alarm(struct http_socket *ws);
void http_socket_going(struct http_socket *ws);
void http_socket_free(struct http_socket **wp);

/* ---- compress.c ---- */

/* True: the answer was given, or is on its way, packed. */
bool http_reply_packed(struct http_exchange *x, int status, const char *type,
                       struct str body);

/* The answer is out, or on its way: the connection goes on or closes. */
void http_finish(struct http_exchange *x);

enum http_found { HTTP_FOUND, HTTP_NO_PATH, HTTP_NO_METHOD };

/* *allow is filled for HTTP_NO_METHOD. */
enum http_found http_route_find(const struct http_context *site,
                                struct str method, struct str path,
                                const struct http_route **out,
                                struct buf *allow);

#endif
