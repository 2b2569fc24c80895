/*
 * text/nfc.h - canonical composition, checks and order of names.
 *
 * Names that people give (mailboxes, accounts) are kept in NFC, so that the
 * same name typed on two systems is one name (RFC 5198, RFC 9051, 5.1).
 */
#ifndef TEXT_NFC_H
#define TEXT_NFC_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* NFC of `s`; ERR_INVALID when it is not UTF-8.  *out is `s` itself when
 * nothing had to be done, else in the arena. */
int text_nfc(struct arena *a, struct str s, struct str *out, struct err *err)
	ATTR_MUST_USE;

/* UTF-8 as far as possible: what is none becomes U+FFFD.  `s` itself when it
 * is UTF-8 already. */
struct str text_utf8_repair(struct arena *a, struct str s);

/* Lower case of all scripts, locale-free, then NFC. */
struct str text_lower(struct arena *a, struct str s);

/* The first `chars` characters of UTF-8, never cutting one, and not between
 * a letter and its marks. */
struct str text_cut(struct str s, size_t chars);

/* i;unicode-casemap (RFC 5051): keys whose bytes compare in its order. */
struct str text_casemap_key(struct arena *a, struct str s);
int text_casemap_cmp(struct str a, struct str b);

#endif
