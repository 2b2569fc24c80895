/*
 * http/http2.h - private to http/: a connection that speaks HTTP/2 (RFC 9113).
 *
 * nghttp2 reads and writes the frames.  Each stream becomes an exchange: its
 * fields are written as an HTTP/1.1 head and read by the same strict parser,
 * so that both forms of HTTP refuse the same, and handlers see no difference.
 * What an exchange writes lies in its stream's buffer until the peer's window
 * lets it go; a source is asked for a piece only when that is empty.
 *
 * The engine gives input only while nothing is being sent.  The pump sends
 * what the windows allow and then ends, so that the frame which opens a window
 * can come in; it begins again behind each input and each wake.
 *
 * Limits: 32 streams at a time, 16 KiB of fields each, 16 CONTINUATION frames,
 * and for who keeps us busy in vain: 200 streams reset by the peer, or 2,000
 * frames that carry nothing, within ten seconds end the connection
 * (ENHANCE_YOUR_CALM).  A stream that moved less than the least rate in a
 * minute, while we wait for the peer, is reset.  A window opens again when the
 * bytes are in the spool.
 */
#ifndef HTTP_HTTP2_H
#define HTTP_HTTP2_H

#include <nghttp2/nghttp2.h>

#include "http/internal.h"

#define HTTP2_STREAMS_MAX 32
#define HTTP2_FIELDS_MAX  ((size_t)16384)
#define HTTP2_WINDOW      (256 * 1024)  /* of a stream, for uploads */
#define HTTP2_WINDOW_ALL  (1024 * 1024) /* of the connection */

struct http2 {
	nghttp2_session *ng;
	struct net_session *s;
	const struct http_context *site;
	struct http2_stream *streams;
	unsigned streams_n;
	bool pumping, going, bad;
	/* Of the present ten seconds. */
	int64_t since_us;
	unsigned idle_frames, resets;
	unsigned continuations; /* in a row */
};

struct http2_stream {
	struct http2 *h;
	int32_t id;
	struct http2_stream *prev, *next;
	/* The request, while its head comes. */
	struct buf method, path, authority, fields;
	bool too_long, malformed;
	/* The exchange, from then on. */
	struct http_exchange *x;
	bool receiving; /* its body is not whole */
	bool unwanted;  /* nor will it be: the answer is given already */
	/* The answer. */
	struct buf out;
	size_t out_at;
	bool done;      /* nothing comes behind `out` */
	bool cut;       /* and it is not all there should be */
	bool waiting;   /* its source has nothing now */
	uint64_t moved; /* bytes, either way, since the last look */
	int64_t began_us;
};

/* ---- http2_stream.c ---- */

struct http2_stream *http2_stream_new(struct http2 *h, int32_t id);
void http2_stream_free(struct http2_stream *st);
void http2_stream_field(struct http2_stream *st, struct str name,
                        struct str value);
/* The head is whole; `more`: a body follows. */
void http2_stream_begin(struct http2_stream *st, bool more);
void http2_stream_body(struct http2_stream *st, struct str bytes);
void http2_stream_whole(struct http2_stream *st);
/* For nghttp2: the next bytes of the answer. */
ssize_t http2_stream_read(nghttp2_session *ng, int32_t id, uint8_t *to,
                          size_t n, uint32_t *flags,
                          nghttp2_data_source *source, void *user);

#endif
