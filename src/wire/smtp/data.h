/*
 * wire/smtp/data.h - the message as DATA sends it, piece by piece.
 *
 * Only CRLF "." CRLF ends the data, the dot that was put before a line that
 * begins with one is taken off (RFC 5321, 4.5.2).  A CR or LF that stands
 * alone never ends anything: peers that disagree about that can be made to
 * read two messages where we read one ("smuggling"), so the message is marked
 * and its owner refuses it (RFC 5321, 2.3.8: they must not be sent).
 *
 * The decoder copies nothing: each piece is a view of the input.
 *
 *	struct smtp_data d = SMTP_DATA_INIT;
 *	struct str in = net_input(s), piece;
 *
 *	while ((r = smtp_data_next(&d, &in, &piece)) == SMTP_DATA_PIECE)
 *		spool_add(sp, piece, &err);
 *	net_consume(s, net_input(s).n - in.n);
 */
#ifndef WIRE_SMTP_DATA_H
#define WIRE_SMTP_DATA_H

#include "base/str.h"

enum smtp_data_result {
	SMTP_DATA_PIECE, /* *piece belongs to the message */
	SMTP_DATA_MORE,  /* all input is used, the end has not come */
	SMTP_DATA_END,   /* the final dot was read; *in is what follows */
};

struct smtp_data {
	int state; /* private */
	bool bare; /* a CR or LF stood alone somewhere */
};

#define SMTP_DATA_INIT                    \
	{                                 \
		.state = 0, .bare = false \
	}

enum smtp_data_result smtp_data_next(struct smtp_data *d, struct str *in,
                                     struct str *piece) ATTR_MUST_USE;

/* The same watch over bare CR and LF for bytes that are counted (BDAT): feed
 * all pieces, then ask smtp_lines_ok(). */
struct smtp_lines {
	bool after_cr; /* private */
	bool bare;
};

void smtp_lines_feed(struct smtp_lines *l, struct str s);
bool smtp_lines_ok(const struct smtp_lines *l);

#endif
