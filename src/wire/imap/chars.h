/*
 * wire/imap/chars.h - the character classes of IMAP (RFC 3501, 9).
 */
#ifndef WIRE_IMAP_CHARS_H
#define WIRE_IMAP_CHARS_H

#include <stdbool.h>

enum {
	IMAP_C_ATOM = 1,    /* ATOM-CHAR */
	IMAP_C_ASTRING = 2, /* ASTRING-CHAR: with "]" */
	IMAP_C_LIST = 4,    /* list-char: with "]", "%" and "*" */
	IMAP_C_TAG = 8,     /* ASTRING-CHAR without "+" */
	IMAP_C_DIGIT = 16,
	IMAP_C_QUOTABLE =
		32, /* fit for a quoted string, unescaped or escaped */
};

extern const unsigned char imap_chars[256];

static inline bool imap_is(char c, unsigned char class)
{
	return (imap_chars[(unsigned char)c] & class) != 0;
}

#endif
