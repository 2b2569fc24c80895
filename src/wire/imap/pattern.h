/*
 * wire/imap/pattern.h - do a mailbox name and a pattern of LIST match?
 *
 * "*" stands for anything, "%" for anything without the delimiter '/'
 * (RFC 3501, 6.3.8).  The work is at most name times pattern, whatever stars
 * a pattern has.
 */
#ifndef WIRE_IMAP_PATTERN_H
#define WIRE_IMAP_PATTERN_H

#include "base/str.h"

#define IMAP_PATTERN_MAX 1024 /* bytes; a longer one matches nothing */

enum imap_match {
	IMAP_MATCH_NO,
	/* Not the name, but a longer one that begins with it and '/' could:
	 * "a/%" and "a". */
	IMAP_MATCH_CHILD,
	IMAP_MATCH_YES,
};

/* `name` and `pattern` as UTF-8.  A first level "inbox" of the name is to be
 * spelled INBOX by the caller; in the pattern any case of it matches. */
enum imap_match imap_pattern_match(struct str pattern, struct str name);

#endif
