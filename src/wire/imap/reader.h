/*
 * wire/imap/reader.h - cut a stream of bytes into commands and literals.
 *
 * A command is a line, and more lines where literals interrupt it ("{12}"
 * CRLF and 12 bytes; RFC 3501, 4.3; RFC 7888).  The reader is fed bytes as
 * they come and tells what to do.  It keeps the command in one buffer with its
 * literals in place, as wire/imap/parse.h reads it; a literal that should not
 * be kept there (the message of APPEND) is handed on in pieces instead.
 *
 *	for (;;) {
 *		enum imap_read what = imap_reader_feed(&r, in, &used);
 *
 *		in = str_from(in, used);
 *		switch (what) {
 *		case IMAP_READ_MORE: return;
 *		case IMAP_READ_LITERAL: (accept, stream or refuse) ...
 *		case IMAP_READ_COMMAND: run(imap_reader_text(&r)); ...
 *	}
 *
 * One refused command never costs the session: its rest is skipped.
 */
#ifndef WIRE_IMAP_READER_H
#define WIRE_IMAP_READER_H

#include "base/buf.h"

struct imap_reader_limits {
	size_t line_max;     /* bytes of a command outside literals */
	size_t literal_max;  /* bytes of one literal that is kept */
	size_t literals_max; /* bytes of all literals kept of one command */
	unsigned count_max;  /* literals in one command */
};

enum imap_read {
	/* All bytes were taken; the command goes on. */
	IMAP_READ_MORE,
	/* A literal is announced in r->literal; the text so far ends in its
	 * "{n}" CRLF.  Call one of _accept, _stream, _refuse before feeding
	 * on; unless it is refused and r->literal.sync, write "+ ". */
	IMAP_READ_LITERAL,
	/* r->data is a piece of a literal that is streamed. */
	IMAP_READ_DATA,
	/* The streamed literal is whole; the text is empty again and what
	 * follows the literal goes there. */
	IMAP_READ_DATA_END,
	/* The command is whole: imap_reader_text(), then imap_reader_next(). */
	IMAP_READ_COMMAND,
	/* A refused command is past: imap_reader_next(). */
	IMAP_READ_SKIPPED,
	/* A line over line_max is past; the text is its beginning, to find the
	 * tag in: imap_reader_next(). */
	IMAP_READ_TOO_LONG,
};

struct imap_literal {
	uint64_t size; /* UINT64_MAX: no number of 64 bits */
	bool sync;     /* the client waits for "+" */
	bool binary;   /* literal8, RFC 3516 */
};

struct imap_reader {
	struct imap_literal literal;
	struct str data; /* IMAP_READ_DATA: into what was fed */

	/* private */
	struct imap_reader_limits limits;
	struct buf text;
	size_t line_bytes, literal_bytes;
	unsigned literal_count;
	unsigned char state;
	bool too_long;
	uint64_t left; /* bytes of the literal still to come */
	char tail[32]; /* the end of a line that is skipped */
	unsigned char tail_n;
};

void imap_reader_init(struct imap_reader *r,
                      const struct imap_reader_limits *limits);
void imap_reader_deinit(struct imap_reader *r);
void imap_reader_limit(struct imap_reader *r,
                       const struct imap_reader_limits *limits);

/* Take what can be taken of `in` up to the next event; *used_out is at most
 * in.n.  After IMAP_READ_MORE it is in.n. */
enum imap_read imap_reader_feed(struct imap_reader *r, struct str in,
                                size_t *used_out) ATTR_MUST_USE;

/* The command so far, without the CRLF at its end. */
struct str imap_reader_text(const struct imap_reader *r);

/* Nothing of a command has been read. */
bool imap_reader_is_idle(const struct imap_reader *r);

/* Answers to IMAP_READ_LITERAL.  _accept keeps it in the text, or answers
 * false when a limit forbids that (then stream or refuse). */
bool imap_reader_accept(struct imap_reader *r) ATTR_MUST_USE;
void imap_reader_stream(struct imap_reader *r);
void imap_reader_refuse(struct imap_reader *r);

/* Skip the rest of this command (after a streamed literal, say). */
void imap_reader_skip(struct imap_reader *r);

/* Forget the command and its memory; the next begins. */
void imap_reader_next(struct imap_reader *r);

#endif
