/*
 * wire/message/lex.h - the tokens that structured fields share.
 *
 * A cursor over a field's raw value with the lexical rules of RFC 5322, 3.2:
 * folding blanks, comments (nested, without recursion), quoted strings,
 * domain literals.  Private to wire/.  A bracket or quote that is never
 * closed is found out once and from then on read as an ordinary character,
 * so that no input is read twice.
 */
#ifndef WIRE_MESSAGE_LEX_H
#define WIRE_MESSAGE_LEX_H

#include "base/str.h"

struct lex {
	const char *p, *end;
	bool no_comment; /* a "(" that nothing closes was met */
	bool no_quote;   /* likewise a quote */
	bool damaged;
	struct str comment; /* inside of the last comment passed */
};

struct lex lex_begin(struct str raw);

static inline bool lex_at_end(const struct lex *x)
{
	return x->p == x->end;
}

/* The byte at the cursor, or NUL at the end. */
static inline char lex_peek(const struct lex *x)
{
	return x->p < x->end ? *x->p : '\0';
}

/* Pass blanks, line ends and comments.  True when there were any. */
bool lex_cfws(struct lex *x);

/* At a quote: pass the string and give what is between the quotes, still
 * with backslashes and folds; false and one byte passed when no quote ends
 * it. */
bool lex_quoted(struct lex *x, struct str *out);

/* Write the inside of a quoted string or comment without backslashes, CR,
 * LF and NUL to `to`, which has room for raw.n bytes.  Bytes written. */
size_t lex_unquote(char *to, struct str raw);

#endif
