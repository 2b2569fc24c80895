/*
 * wire/http/request.h - read HTTP/1.1 requests (RFC 9110, RFC 9112), strictly.
 *
 * What two parsers could read in two ways is refused, so that no request is
 * smuggled behind another: bare LF, folded fields, space before the colon,
 * two lengths, a length beside chunks, any coding but chunked, fields with
 * control characters.
 *
 * The head is parsed in one piece when it is whole; nothing is copied, all
 * views point into the bytes given.
 *
 *	switch (http_head_parse(in, &limits, &head, &used, &status)) {
 *	case HTTP_MORE: wait for more, then again from the start
 *	case HTTP_BAD:  answer `status` and close
 *	case HTTP_DONE: the body begins at in + used
 *	}
 */
#ifndef WIRE_HTTP_REQUEST_H
#define WIRE_HTTP_REQUEST_H

#include "base/str.h"

#define HTTP_FIELDS_MAX 100

struct http_limits {
	size_t line_max;   /* the request line: else 414 */
	size_t head_max;   /* line and fields: else 431 */
	size_t fields_max; /* at most HTTP_FIELDS_MAX: else 431 */
};

#define HTTP_LIMITS_INIT                                              \
	{                                                             \
		.line_max = 8192, .head_max = 16384, .fields_max = 64 \
	}

enum http_parse { HTTP_MORE, HTTP_DONE, HTTP_BAD };

struct http_field {
	struct str name;  /* compare without case */
	struct str value; /* without blanks around it */
};

enum http_body { HTTP_BODY_NONE, HTTP_BODY_LENGTH, HTTP_BODY_CHUNKED };

struct http_head {
	struct str method; /* "GET": case matters */
	struct str target; /* as sent */
	struct str path;   /* of the target: begins with '/', still escaped; or
	                    * "*" */
	struct str query;  /* behind '?', still escaped; may be empty */
	struct str host;   /* of the target, else of Host; with its port */
	int minor;         /* of HTTP/1.x: 0 or 1 */
	enum http_body body;
	uint64_t length;      /* with HTTP_BODY_LENGTH */
	bool keep_alive;      /* RFC 9112, 9.3 */
	bool expect_continue; /* 100-continue is waited for */
	bool upgrade;         /* Connection: upgrade */
	struct http_field fields[HTTP_FIELDS_MAX];
	size_t fields_n;
};

/* *status on HTTP_BAD: 400, 414, 417, 431, 501 or 505. */
enum http_parse http_head_parse(struct str in, const struct http_limits *limits,
                                struct http_head *out, size_t *used,
                                int *status);

/* The value of the first such field, or an empty view with p == NULL. */
struct str http_head_get(const struct http_head *h, const char *name);

/* Does a comma list ("Connection", "Accept-Encoding") hold the token? */
bool http_list_has(struct str list, const char *token);

/* The chunked coding (RFC 9112, 7.1), incremental.  Extensions and trailer
 * fields are passed over, within HTTP_CHUNK_LINE_MAX a line and
 * HTTP_TRAILER_MAX all together. */
#define HTTP_CHUNK_LINE_MAX ((size_t)256)
#define HTTP_TRAILER_MAX    ((size_t)8192)

struct http_chunks {
	int state;            /* private */
	uint64_t left;        /* private: of the present chunk */
	size_t line, trailer; /* private */
	bool extension;       /* private */
};

void http_chunks_init(struct http_chunks *c);

/* Take from the front of *in.  HTTP_MORE with piece->n > 0: body bytes, call
 * again; HTTP_MORE with none: *in is used up; HTTP_DONE: the body is whole
 * and *in is what follows it; HTTP_BAD: refuse and close. */
enum http_parse http_chunks_next(struct http_chunks *c, struct str *in,
                                 struct str *piece);

/* Undo %XX of a path into `out` (room for path.n bytes).  False when it is
 * malformed, holds NUL, an escaped slash, a backslash, or "." or ".." as a
 * step. */
bool http_path_decode(struct str path, char *out, size_t *n_out);

/* The next name=value of a query or a form, still escaped; false at the end. */
bool http_query_next(struct str *query, struct str *name, struct str *value);
/* Undo %XX and '+'; room for s.n bytes.  False when malformed. */
bool http_query_decode(struct str s, char *out, size_t *n_out);

#endif
