/*
 * wire/http/response.h - write HTTP/1.1 answers (RFC 9112).
 *
 *	http_write_status(&b, 200);
 *	http_write_field(&b, STR("Content-Type"), STR("text/plain"));
 *	http_write_length(&b, body.n);
 *	http_write_end(&b);
 */
#ifndef WIRE_HTTP_RESPONSE_H
#define WIRE_HTTP_RESPONSE_H

#include "base/buf.h"

const char *http_reason(int status); /* "Not Found"; "" when unknown */

void http_write_status(struct buf *b, int status); /* the status line */
/* Control characters in the value (a header cannot be split) become '?'. */
void http_write_field(struct buf *b, struct str name, struct str value);
void http_write_length(struct buf *b, uint64_t n);
void http_write_end(struct buf *b); /* the empty line */

/* Seconds since 1970 as "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, 5.6.7);
 * years 1970 to 9999. */
#define HTTP_DATE_SIZE 30
void http_date(int64_t seconds, char out[HTTP_DATE_SIZE]);

/* One chunk; http_write_last_chunk() ends the body. */
void http_write_chunk(struct buf *b, struct str piece);
void http_write_last_chunk(struct buf *b);

#endif
