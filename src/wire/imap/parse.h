/*
 * wire/imap/parse.h - the small words of the IMAP grammar.
 *
 * A parser is a cursor over one whole command, literals in place ("{3}", CRLF
 * and three bytes).  Each function reads one rule of the ABNF and steps over
 * it, or leaves a reason in p->error, which sticks, and answers false.  Views
 * point into the command, or into the arena where a quoted string had escapes.
 *
 *	struct imap_parser p = imap_parser(text, &arena);
 *	struct str tag, name, mailbox;
 *
 *	if (!imap_parse_tag(&p, &tag) || !imap_parse_sp(&p) || ...
 *	    !imap_parse_end(&p))
 *		... BAD p.error
 *
 * RFC 3501, 9 and RFC 9051, 9.  Where real programs are looser than the ABNF
 * and nothing can be confused, so is this.
 */
#ifndef WIRE_IMAP_PARSE_H
#define WIRE_IMAP_PARSE_H

#include "base/arena.h"
#include "base/str.h"

/* Lists in lists, NOT NOT NOT ...: deeper is refused. */
#define IMAP_DEPTH_MAX 50

struct imap_parser {
	struct str in;       /* what is left */
	struct arena *arena; /* for what cannot be a view */
	const char *error;   /* the first thing that was wrong, or NULL */
};

struct imap_parser imap_parser(struct str text, struct arena *arena);

/* Set the reason unless there is one; always false. */
bool imap_parse_fail(struct imap_parser *p, const char *why);

/* ---- single characters and ends ---- */

bool imap_peek(const struct imap_parser *p, char c); /* next is `c`? */
bool imap_accept(struct imap_parser *p, char c);     /* step over if so */
bool imap_parse_char(struct imap_parser *p, char c);
bool imap_parse_sp(struct imap_parser *p);
bool imap_parse_end(struct imap_parser *p); /* nothing is left */

/* If the next word is `word` (any case, ended by no atom character), step
 * over it. */
bool imap_accept_word(struct imap_parser *p, struct str word);

/* ---- words ---- */

bool imap_parse_tag(struct imap_parser *p, struct str *out);
bool imap_parse_atom(struct imap_parser *p, struct str *out);
/* quoted / literal / literal8. */
bool imap_parse_string(struct imap_parser *p, struct str *out);
bool imap_parse_astring(struct imap_parser *p, struct str *out);
/* string / "NIL": *is_nil_out says so. */
bool imap_parse_nstring(struct imap_parser *p, struct str *out,
                        bool *is_nil_out);
/* A pattern of LIST: astring with % and * allowed. */
bool imap_parse_list_mailbox(struct imap_parser *p, struct str *out);

bool imap_parse_number(struct imap_parser *p, uint32_t *out);
bool imap_parse_nz_number(struct imap_parser *p, uint32_t *out);
bool imap_parse_number64(struct imap_parser *p, uint64_t *out);

/* ---- flags ---- */

#define IMAP_FLAGS_MAX   100
#define IMAP_KEYWORD_MAX 100 /* bytes of one keyword */

enum {
	IMAP_SEEN = 1 << 0,
	IMAP_ANSWERED = 1 << 1,
	IMAP_FLAGGED = 1 << 2,
	IMAP_DELETED = 1 << 3,
	IMAP_DRAFT = 1 << 4,
	IMAP_RECENT =
		1 << 5, /* a client may not set it: dropped where it does */
};

struct imap_flags {
	uint32_t system; /* IMAP_SEEN ... */
	struct str *keywords;
	size_t n_keywords;
};

/* "\Seen", "$Forwarded": one flag added to *out; room for IMAP_FLAGS_MAX. */
bool imap_parse_flag(struct imap_parser *p, struct imap_flags *out);
/* flag-list: "(" [flag *(SP flag)] ")"; with `bare`, also without parens. */
bool imap_parse_flags(struct imap_parser *p, bool bare, struct imap_flags *out);

#endif
