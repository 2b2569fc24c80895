/*
 * jmap/one_click.h - may a mailing list be left by one request (RFC 8058)?
 *
 * It may when the message says so, in one field List-Unsubscribe with an https
 * URL and one List-Unsubscribe-Post, and both are covered by a DKIM signature
 * that held when the message arrived (RFC 8058, 4): who could put a field into
 * somebody else's message could make its readers send requests.  That it held
 * is read from Authentication-Results, the topmost of which must be our own
 * (RFC 8601, 5).
 *
 *	switch (jmap_one_click(&arena, blocks, n, hostname, &url)) ...
 */
#ifndef JMAP_ONE_CLICK_H
#define JMAP_ONE_CLICK_H

#include "base/arena.h"

/* What is to be posted, as application/x-www-form-urlencoded. */
#define JMAP_ONE_CLICK_BODY "List-Unsubscribe=One-Click"

enum jmap_one_click {
	JMAP_ONE_CLICK_GOOD,
	JMAP_ONE_CLICK_NONE,     /* the message asks for nothing of the kind */
	JMAP_ONE_CLICK_UNSIGNED, /* no valid signature covers what it asks */
};

/* The header lies in `blocks`, from the top; `host` is our authserv-id.  *url
 * lives in the arena; it is set when the answer is GOOD alone. */
enum jmap_one_click jmap_one_click(struct arena *a, const struct str *blocks,
                                   size_t n, struct str host, struct str *url)
	ATTR_MUST_USE;

#endif
