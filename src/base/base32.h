/*
 * base/base32.h - base32 (RFC 4648, 6), as authenticator programs take secrets.
 */
#ifndef BASE_BASE32_H
#define BASE_BASE32_H

#include "base/buf.h"

/* In capitals, without padding. */
void base32_encode(struct buf *b, struct str bytes);

#endif
