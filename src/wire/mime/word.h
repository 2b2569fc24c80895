/*
 * wire/mime/word.h - encoded words in headers (RFC 2047).
 *
 * The reader cuts a value into pieces: plain text and words with their
 * charset.  Blanks between two words are left out (RFC 2047, 6.2), and words
 * of the same charset that stand side by side come as one piece, since
 * programs cut characters in two.  Charsets are text/'s concern.
 *
 *	struct word_reader r = word_reader(raw);
 *	struct word w;
 *
 *	while (word_next(&r, &arena, &w))
 *		...w.charset.n ? convert(w.charset, w.bytes) : w.bytes...
 *
 * Damage is common and read: blanks within words, words longer than 75,
 * words glued to text or in quotes, missing padding, "=?utf-8?Q?a b?=".
 */
#ifndef WIRE_MIME_WORD_H
#define WIRE_MIME_WORD_H

#include "base/arena.h"
#include "base/buf.h"

struct word_reader {
	struct str rest; /* private */
	bool after_word; /* private */
};

struct word {
	struct str charset; /* empty: plain text, raw bytes of the header */
	struct str bytes;   /* decoded; without CR, LF and NUL when plain */
};

/* `raw` is a field's value or a phrase, folded or not. */
struct word_reader word_reader(struct str raw);

/* The next piece; false at the end.  Linear over a whole value. */
bool word_next(struct word_reader *r, struct arena *a, struct word *out);

enum word_place {
	WORD_TEXT,   /* Subject, Comments: any character that Q allows */
	WORD_PHRASE, /* a display name: fewer (RFC 2047, 5 rule 3) */
};

/* True when `utf8` may stand as it is: printable ASCII without "=?". */
bool word_is_plain(struct str utf8);

/* Write UTF-8 as words of at most 75 characters with a blank between, Q or B,
 * whichever is shorter; no character is cut.  Plain text is written as it
 * is.  Fold the result with header_write(). */
void word_encode(struct buf *out, struct str utf8, enum word_place place);

#endif
