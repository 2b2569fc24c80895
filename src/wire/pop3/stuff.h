/*
 * wire/pop3/stuff.h - a message as a multi-line answer (RFC 1939, 3).
 *
 * Each line that begins with a dot gets one more, and a line with a dot alone
 * ends it.  The message comes in pieces cut anywhere.  A dot behind a bare LF
 * is doubled too: some clients end lines there, and a message must not be able
 * to end its own answer.
 *
 *	struct pop3_stuff st;
 *
 *	pop3_stuff_init(&st);
 *	while (... more ...)
 *		pop3_stuff_add(&st, piece, &out);
 *	pop3_stuff_end(&st, &out);
 *
 * For TOP, pop3_stuff_init_top() takes the header and so many lines of the
 * body; pop3_stuff_add() then says false when it has them all.
 */
#ifndef WIRE_POP3_STUFF_H
#define WIRE_POP3_STUFF_H

#include "base/buf.h"

struct pop3_stuff {
	/* private */
	bool line_start; /* the next byte begins a line */
	bool cr;         /* the last byte was CR */
	bool crlf;       /* the last two were CRLF */
	bool top, in_body, blank;
	uint32_t lines_left;
};

void pop3_stuff_init(struct pop3_stuff *st);
void pop3_stuff_init_top(struct pop3_stuff *st, uint32_t lines);

/* A piece of n bytes adds at most 2n.  False: no more is wanted. */
bool pop3_stuff_add(struct pop3_stuff *st, struct str in, struct buf *out);

/* The CRLF that the last line lacks, and the dot. */
void pop3_stuff_end(struct pop3_stuff *st, struct buf *out);

#endif
