/*
 * text/charset.h - bytes of any charset to UTF-8.
 *
 * Labels are read as browsers do (latin1 is windows-1252, gb2312 is gb18030,
 * ...), with the aliases and mistakes seen in mail.  An unknown label, none,
 * "us-ascii" with 8-bit bytes and "utf-8" that is not are guessed: UTF-8 when
 * the bytes are, else windows-1252.  Bytes that a charset does not have
 * become U+FFFD; nothing ever fails.
 *
 *	struct text_decoder d;
 *
 *	text_decoder_init(&d, label);
 *	text_decode(&d, piece, &out);	(any number of times, cut anywhere)
 *	text_decode_end(&d, &out);
 *
 * Converters of ICU are kept per thread; a decoder stays on one thread.
 */
#ifndef TEXT_CHARSET_H
#define TEXT_CHARSET_H

#include "base/buf.h"
#include "base/str.h"

struct text_decoder {
	/* all private */
	int kind;
	uint32_t (*table)(unsigned char c);
	void *converter; /* ICU's */
	char name[44];
	char held[4]; /* a UTF-8 character cut in two */
	uint8_t held_n;
	uint16_t lead; /* half of a surrogate pair */
};

/* Is the label known?  Those that are not are guessed. */
bool text_charset_known(struct str label);

void text_decoder_init(struct text_decoder *d, struct str label);
void text_decode(struct text_decoder *d, struct str in, struct buf *out);
/* Must be called: it gives the converter back. */
void text_decode_end(struct text_decoder *d, struct buf *out);

/* All at once. */
void text_to_utf8(struct buf *out, struct str label, struct str bytes);

#endif
