/*
 * wire/html/html.h - plain text out of HTML.
 *
 * For previews and search: not a browser.  A tokenizer reads UTF-8 in pieces
 * cut anywhere, in linear time and with a fixed state, and adds the text a
 * reader would see: entities are decoded, scripts, styles, templates and
 * titles left out, blocks and line breaks become LF, cells a blank, runs of
 * blanks one blank.  Style is not looked at: hidden text comes too, so that
 * search misses nothing.  Hostile input can only give wrong text.
 *
 *	struct html_text h;
 *
 *	html_text_init(&h, &out);
 *	html_text_add(&h, piece);	(any number of times)
 *	html_text_end(&h);
 */
#ifndef WIRE_HTML_HTML_H
#define WIRE_HTML_HTML_H

#include "base/buf.h"

/* Bytes of a tag's name, and of an entity's, that are looked at. */
#define HTML_TAG_MAX 40

struct html_text {
	struct buf *out;
	/* private */
	uint8_t state;
	uint8_t quote;  /* in a tag: the open quote, or '=' just behind one */
	uint8_t dashes; /* in a comment: hyphens just seen */
	bool space;     /* a blank waits for the next character */
	bool line;      /* a line end waits, and takes the blank's place */
	bool begun;
	uint16_t n;    /* bytes in `held` */
	char skip[12]; /* the element being skipped, "" when none */
	char held[HTML_TAG_MAX];
};

void html_text_init(struct html_text *h, struct buf *out);
void html_text_add(struct html_text *h, struct str utf8);
void html_text_end(struct html_text *h);

/* All at once. */
void html_to_text(struct buf *out, struct str utf8);

/* Does it look like HTML?  For text parts with a wrong label. */
bool html_is_likely(struct str s);

/* The character of an entity ("amp", "#x2014", no '&' and ';'), or 0. */
uint32_t html_entity(struct str name);

#endif
