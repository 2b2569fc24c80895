/*
 * base/utf8.h - read, check and write UTF-8 (RFC 3629).
 *
 * Only what Unicode calls well-formed is a character: no surrogates, nothing
 * over U+10FFFF, no form longer than needed.
 *
 *	while ((r = utf8_next(&s, &c)) != UTF8_END)
 *		use(r == UTF8_CHAR ? c : UTF8_REPLACEMENT);
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include "base/buf.h"
#include "base/str.h"

#define UTF8_REPLACEMENT 0xfffdu

enum utf8_result {
	UTF8_CHAR, /* *out is the next character */
	UTF8_BAD,  /* not UTF-8; *out untouched, the least wrong bytes passed */
	UTF8_END,  /* nothing left */
};

/* Step over the first character of *s.  Wrong bytes are passed as Unicode
 * advises (3.9, "maximal subparts"), so that each run of them that could
 * begin a character becomes one replacement. */
enum utf8_result utf8_next(struct str *s, uint32_t *out) ATTR_MUST_USE;

bool utf8_is_valid(struct str s);
bool utf8_is_ascii(struct str s);

/* Characters, each wrong run counted as one. */
size_t utf8_count(struct str s);

/* The longest head of at most `n` bytes that cuts no character in two. */
struct str utf8_head(struct str s, size_t n);

/* Write the character; its length 1..4, or 0 (nothing written) when `c` is
 * no character. */
size_t utf8_encode(uint32_t c, char out[4]);

/* Add the character, the replacement when it is none. */
void utf8_add(struct buf *b, uint32_t c);

/* Add `s` with wrong bytes replaced. */
void utf8_add_clean(struct buf *b, struct str s);

#endif
