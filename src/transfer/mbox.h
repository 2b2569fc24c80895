/*
 * transfer/mbox.h - read and write mbox files.
 *
 * Reading takes bytes in pieces of any size.  A message begins at a line
 * "From " that stands at the top or after an empty line and ends in a date
 * (a time of day and a year); the empty line before the next one is no part
 * of the message.  One ">" is taken off lines ">From ", ">>From " and so on
 * (mboxrd), which is how almost all programs write today.
 *
 * Writing adds, above the header of each message, the lines that mail
 * programs read flags from (Status, X-Status, X-Keywords) and one of our own,
 *
 *	X-Posthus-Message: size=1234 arrived=1795000000
 *
 * by which mbox_marks() takes them off again: the message has then its bytes
 * back, also when it ended without a line end.
 *
 *	mbox_reader_init(&r);
 *	while (there are bytes) {
 *		mbox_reader_give(&r, piece);
 *		while ((e = mbox_reader_next(&r, &out)) != MBOX_MORE)
 *			...
 *	}
 *	mbox_reader_end(&r);
 *	... and the last events
 */
#ifndef TRANSFER_MBOX_H
#define TRANSFER_MBOX_H

#include "base/buf.h"
#include "base/str.h"

/* Of a From_ line; a longer line is none. */
#define MBOX_LINE_MAX 998

enum mbox_event {
	MBOX_MORE,  /* give more, or it is the end */
	MBOX_BEGIN, /* a message begins; out: its From_ line without LF */
	MBOX_DATA,  /* bytes of it; out: valid until the next call */
	MBOX_END,   /* it is whole; out is empty */
};

struct mbox_reader {
	struct str in;      /* private: what was given and not yet read */
	struct buf line;    /* private: the beginning of an unfinished line */
	struct buf blank;   /* private: an empty line that may be the end */
	struct str pending; /* private: to be given out next */
	uint64_t at;        /* private: bytes read */
	uint64_t begin;     /* private: see mbox_reader_offset() */
	bool in_message, at_line, ended, hold_begin; /* private */
};

void mbox_reader_init(struct mbox_reader *r);
void mbox_reader_deinit(struct mbox_reader *r);

/* The piece must live until MBOX_MORE. */
void mbox_reader_give(struct mbox_reader *r, struct str piece);
void mbox_reader_end(struct mbox_reader *r);
enum mbox_event mbox_reader_next(struct mbox_reader *r, struct str *out)
	ATTR_MUST_USE;

/* Where the From_ line of the message now read stands in the file. */
uint64_t mbox_reader_offset(const struct mbox_reader *r);

/* A From_ line's date in seconds since 1970 (taken as UTC); false without. */
bool mbox_from_date(struct str line, int64_t *out) ATTR_MUST_USE;

/* What the lines above a message say. */
struct mbox_marks {
	bool ours;         /* the X-Posthus-Message line is there */
	size_t skip;       /* bytes of those lines, not of the message */
	uint64_t size;     /* ours: bytes of the message */
	int64_t arrived_s; /* ours: internal date */
	bool seen, answered, flagged, deleted, draft;
	struct str keywords; /* of X-Keywords, with blanks between */
};

/* `head` is the beginning of a message, at least its header or 8 KiB. */
void mbox_marks(struct str head, struct mbox_marks *out);

/* Append the From_ line and the marks, then the message piece by piece (in
 * order; `state` begins as 0), then the end. */
void mbox_write_begin(struct buf *b, const struct mbox_marks *m);
void mbox_write_piece(struct buf *b, int *state, struct str piece);
void mbox_write_end(struct buf *b, int state);

#endif
