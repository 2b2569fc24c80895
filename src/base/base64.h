/*
 * base/base64.h - base64 and its form for URLs (RFC 4648, 4 and 5).
 *
 * For whole values: SASL, tokens, ids.  The decoders are strict: nothing
 * but the alphabet, right padding, no bits left over, so that one value has
 * one spelling.  Bodies of mail, which are neither whole nor strict, are
 * wire/mime's.
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/buf.h"
#include "base/str.h"

/* Characters that `n` bytes become with padding. */
static inline size_t base64_length(size_t n)
{
	return (n + 2) / 3 * 4;
}

void base64_encode(struct buf *b, struct str bytes);     /* with padding */
void base64_encode_url(struct buf *b, struct str bytes); /* "-_", without */

/* Add the bytes; false, and *b as it was, when the text is not right or the
 * buffer overflows (then buf_overflow() says so). */
bool base64_decode(struct buf *b, struct str text) ATTR_MUST_USE;
bool base64_decode_url(struct buf *b, struct str text) ATTR_MUST_USE;

#endif
