/*
 * wire/dkim/canon.h - the canonical forms of RFC 6376, 3.4.
 *
 * The body comes in pieces of any size, as it is read, and goes out through
 * a callback in canonical form; only unfinished line ends and empty lines
 * are kept between pieces, as counts.  Bare CR and LF are ordinary bytes.
 */
#ifndef WIRE_DKIM_CANON_H
#define WIRE_DKIM_CANON_H

#include "base/buf.h"
#include "base/str.h"

enum dkim_canon { DKIM_SIMPLE, DKIM_RELAXED };

typedef void (*dkim_sink)(void *ctx, struct str bytes);

struct dkim_body {
	enum dkim_canon canon;
	dkim_sink sink;
	void *ctx;
	uint64_t limit; /* l=: bytes still to be given out; UINT64_MAX: all */
	/* private */
	uint64_t empty_lines;
	bool cr, space, in_line, any;
	size_t n;
	char gathered[2048]; /* so that the sink is not called for each word */
};

/* `limit` is the l= of a signature, or UINT64_MAX. */
void dkim_body_init(struct dkim_body *b, enum dkim_canon canon, uint64_t limit,
                    dkim_sink sink, void *ctx);
void dkim_body_add(struct dkim_body *b, struct str bytes);
void dkim_body_end(struct dkim_body *b);

/* One header field, `raw` being all of it from the name to its last CRLF (or
 * without it), in canonical form.  With `crlf` a CRLF follows: the signature
 * field itself is hashed without. */
void dkim_header_canon(enum dkim_canon canon, struct str raw, bool crlf,
                       struct buf *out);

/* The DKIM-Signature (or ARC) field with the value of its b= taken out, still
 * to be put through dkim_header_canon() (RFC 6376, 3.5, 3.7). */
void dkim_without_b(struct str raw, struct buf *out);

#endif
