/*
 * wire/smtp/xtext.h - xtext of RFC 3461, section 4.
 *
 * Printable ASCII as it is, but "+" and "=" and all else as +XX.
 */
#ifndef WIRE_SMTP_XTEXT_H
#define WIRE_SMTP_XTEXT_H

#include "base/arena.h"
#include "base/buf.h"

/* False when `s` is no xtext. */
bool xtext_decode(struct str s, struct arena *a, struct str *out) ATTR_MUST_USE;

/* utf-8-addr-xtext of RFC 6533, section 3: \x{HEX} stands for a character;
 * plain UTF-8 is taken as it is.  False when it is neither. */
bool xtext_utf8_decode(struct str s, struct arena *a, struct str *out)
	ATTR_MUST_USE;

void xtext_encode(struct buf *out, struct str s);

#endif
