/*
 * wire/http/range.h - a part of a body (RFC 9110, 14).
 *
 *	struct http_range r;
 *
 *	switch (http_range_parse(field, size, &r)) {
 *	case HTTP_RANGE_NONE: answer with the whole: 200
 *	case HTTP_RANGE_PART: with r.first to r.last: 206, Content-Range
 *	case HTTP_RANGE_BAD:  nothing of it is there: 416
 *	}
 *
 * One range of bytes is served.  Several at once, which nobody needs to show a
 * film and which cost more than they ask, other units and what cannot be read
 * are passed over, as RFC 9110, 14.2, allows: the answer is the whole.
 */
#ifndef WIRE_HTTP_RANGE_H
#define WIRE_HTTP_RANGE_H

#include "base/buf.h"

struct http_range {
	uint64_t first, last; /* first <= last < size */
};

enum http_range_result { HTTP_RANGE_NONE, HTTP_RANGE_PART, HTTP_RANGE_BAD };

/* The value of Range, empty when there is none, for a body of `size` bytes.
 * *out is set for HTTP_RANGE_PART alone. */
enum http_range_result http_range_parse(struct str field, uint64_t size,
                                        struct http_range *out);

/* If-Range (RFC 9110, 13.1.5): does the Range hold for what has this strong
 * entity tag, quotes included?  An empty field is none: it does.  A date never
 * does. */
bool http_range_holds(struct str if_range, struct str etag);

/* The value of Content-Range: of a part, or, NULL, of a 416. */
void http_range_write(struct buf *out, const struct http_range *r,
                      uint64_t size);

#endif
