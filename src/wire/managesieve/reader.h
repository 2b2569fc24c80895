/*
 * wire/managesieve/reader.h - cut a client's bytes into commands (RFC 5804,
 * 1.2 and 4).
 *
 * A command is a word and up to four arguments, each a number or a string,
 * quoted ("main", with \" and \\) or a literal ("{12+}", CRLF and 12 bytes).
 * The reader is fed bytes as they come and tells what to do.  It keeps names
 * and numbers; a long literal, the text of a script, is handed on in pieces.
 *
 *	for (;;) {
 *		what = managesieve_reader_feed(&r, in, &used);
 *		in = str_from(in, used);
 *		switch (what) {
 *		case MANAGESIEVE_MORE: return;
 *		case MANAGESIEVE_LITERAL: (stream or refuse) ...
 *		case MANAGESIEVE_DATA: spool_add(r.data) ...
 *		case MANAGESIEVE_COMMAND: managesieve_reader_get(&r, &c); ...
 *			managesieve_reader_next(&r);
 *		}
 *	}
 *
 * A line of a SASL exchange is a command without a word, with one string.
 *
 * RFC 5804, 4, not obeyed: a client's literal may lack its "+", as it cannot
 * mean anything else; words and arguments may be several blanks apart.
 */
#ifndef WIRE_MANAGESIEVE_READER_H
#define WIRE_MANAGESIEVE_READER_H

#include "base/buf.h"

/* RFC 5804, 4: "limited to 1024 octets between the quotes". */
#define MANAGESIEVE_QUOTED_MAX 1024
#define MANAGESIEVE_ARGS_MAX   4

struct managesieve_limits {
	size_t text_max;    /* of word, numbers and strings that are kept */
	size_t literal_max; /* a longer one is MANAGESIEVE_LITERAL */
	uint64_t skip_max;  /* a longer one that is refused ends it all */
};

enum managesieve_read {
	MANAGESIEVE_MORE,
	/* A long literal begins, of r->size bytes: _stream or _refuse. */
	MANAGESIEVE_LITERAL,
	/* r->data is a piece of a literal that is streamed. */
	MANAGESIEVE_DATA,
	MANAGESIEVE_COMMAND,
	/* A line that is no command, r->why says why, is past.  _get gives what
	 * stood before the mistake. */
	MANAGESIEVE_BAD,
	/* The command with the refused literal is past. */
	MANAGESIEVE_REFUSED,
	/* More is announced than will be passed over: hang up. */
	MANAGESIEVE_LOST,
};

enum managesieve_kind {
	MANAGESIEVE_NUMBER,
	MANAGESIEVE_STRING,
	MANAGESIEVE_STREAMED, /* its bytes went by as MANAGESIEVE_DATA */
};

struct managesieve_arg {
	enum managesieve_kind kind;
	struct str text;
	uint32_t number;
};

/* Views are valid until managesieve_reader_next(). */
struct managesieve_command {
	struct str name; /* empty: a line of SASL */
	struct managesieve_arg args[MANAGESIEVE_ARGS_MAX];
	size_t n;
};

struct managesieve_reader {
	uint64_t size;   /* MANAGESIEVE_LITERAL */
	struct str data; /* MANAGESIEVE_DATA: into what was fed */
	const char *why; /* MANAGESIEVE_BAD */

	/* private */
	struct managesieve_limits limits;
	struct buf text;

	struct {
		enum managesieve_kind kind;
		size_t at, n;
	} args[MANAGESIEVE_ARGS_MAX];

	size_t n_args, name_n;
	unsigned char state;
	unsigned char
		tail; /* how much of a literal's head a bad line ends in */
	bool refused;
	size_t begin;  /* of the word or string that is read */
	uint64_t left; /* bytes of the literal to come */
};

void managesieve_reader_init(struct managesieve_reader *r,
                             const struct managesieve_limits *limits);
void managesieve_reader_deinit(struct managesieve_reader *r);
/* After a login, say; holds from the next command on. */
void managesieve_reader_limit(struct managesieve_reader *r,
                              const struct managesieve_limits *limits);

/* Take what can be taken of `in` up to the next event; *used_out is at most
 * in.n.  After MANAGESIEVE_MORE it is in.n. */
enum managesieve_read managesieve_reader_feed(struct managesieve_reader *r,
                                              struct str in, size_t *used_out)
	ATTR_MUST_USE;

/* What of the command is there; after LITERAL the arguments before it. */
void managesieve_reader_get(const struct managesieve_reader *r,
                            struct managesieve_command *out);

/* Answers to MANAGESIEVE_LITERAL. */
void managesieve_reader_stream(struct managesieve_reader *r);
void managesieve_reader_refuse(struct managesieve_reader *r);

/* Forget the command and its memory (wiped: it may have been a password); the
 * next begins. */
void managesieve_reader_next(struct managesieve_reader *r);

/* A string of the server: quoted, or a literal where it must be. */
void managesieve_write_string(struct buf *out, struct str s);

#endif
