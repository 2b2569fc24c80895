/*
 * transfer/lines.h - give mail from Unix files the line ends of mail.
 *
 * The first line of a message decides: when it ends in a bare LF, each bare
 * LF of the message becomes CRLF; when it ends in CRLF all stays as it is,
 * bare LFs below too.
 */
#ifndef TRANSFER_LINES_H
#define TRANSFER_LINES_H

#include "base/buf.h"
#include "base/str.h"

struct lines {
	bool decided, convert; /* private */
	char last;             /* private: the byte before */
};

#define LINES_INIT               \
	{                        \
		.decided = false \
	}

/* At most twice the bytes of `in` are added. */
void lines_add(struct lines *l, struct str in, struct buf *out);

#endif
