/*
 * wire/pop3/command.h - the lines of a POP3 client (RFC 1939, 3).
 *
 * A command is a keyword and, behind a blank, its arguments.
 *
 *	struct pop3_line c;
 *
 *	if (!pop3_line_parse(line, &c)) ...no keyword...
 *	if (!pop3_number(&c.args, &n) || c.args.n) ...
 */
#ifndef WIRE_POP3_COMMAND_H
#define WIRE_POP3_COMMAND_H

#include "base/str.h"

/* A line without its CRLF.  RFC 2449, 4 has 255, RFC 6856, 2.1 needs more for
 * names and passwords in UTF-8. */
#define POP3_LINE_MAX 1024

struct pop3_line {
	struct str keyword; /* letters and digits, as sent */
	struct str args;    /* all behind the first blank: PASS may hold more */
};

/* False when no keyword stands at the beginning, or NUL, CR or LF in the
 * line.  Views lie in `line`, which has no line end. */
bool pop3_line_parse(struct str line, struct pop3_line *out) ATTR_MUST_USE;

/* Take the next argument, up to a blank; false when there is none. */
bool pop3_word(struct str *args, struct str *out) ATTR_MUST_USE;

/* Take a decimal number up to 2^32-1. */
bool pop3_number(struct str *args, uint32_t *out) ATTR_MUST_USE;

#endif
