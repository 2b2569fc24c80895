/*
 * wire/message/mailto.h - the URI of a message to be written (RFC 6068).
 *
 *	struct mailto m;
 *
 *	if (mailto_parse(&arena, STR("mailto:bo@x.example?subject=Hi"), &m))
 *		... m.to[0], m.subject
 *
 * Percent-encoding is undone.  What would be two lines in a header is no URI:
 * only the body may have line breaks.  Header fields other than to, cc, bcc,
 * subject, body and importance are passed over (RFC 6068, 4).
 */
#ifndef WIRE_MESSAGE_MAILTO_H
#define WIRE_MESSAGE_MAILTO_H

#include "base/arena.h"

#define MAILTO_MAX    ((size_t)4096) /* bytes of a URI */
#define MAILTO_TO_MAX 10             /* addresses */

struct mailto {
	struct str to[MAILTO_TO_MAX]; /* with those of cc and bcc; "a@b" */
	size_t to_n;
	struct str subject, body, importance; /* may be empty */
};

/* False when it is none, or over a limit.  Strings live in the arena. */
bool mailto_parse(struct arena *a, struct str uri, struct mailto *out)
	ATTR_MUST_USE;

#endif
