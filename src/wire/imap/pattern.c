#include "wire/imap/pattern.h"

#include <string.h>

/* The set of places in the pattern that may be reached after the bytes of the
 * name read so far. */
struct places {
	unsigned char on[IMAP_PATTERN_MAX + 1];
};

/* A place before a wildcard is one behind it too: it may stand for nothing. */
static void spread(struct places *at, struct str pattern)
{
	for (size_t i = 0; i < pattern.n; i++)
		if (at->on[i] && (pattern.p[i] == '*' || pattern.p[i] == '%'))
			at->on[i + 1] = 1;
}

static bool step(struct places *at, struct str pattern, char c)
{
	struct places next;
	bool any = false;

	memset(next.on, 0, pattern.n + 1);
	for (size_t i = 0; i < pattern.n; i++) {
		char want = pattern.p[i];

		if (!at->on[i])
			continue;
		if (want == '*' || (want == '%' && c != '/'))
			next.on[i] = 1;
		else if (want == c)
			next.on[i + 1] = 1;
		else
			continue;
		any = true;
	}
	memcpy(at->on, next.on, pattern.n + 1);
	spread(at, pattern);
	return any;
}

/* "inbox" and "Inbox/x" are written INBOX in names; see that they match. */
static struct str fold_inbox(struct str pattern, char *room)
{
	if (!str_starts_case(pattern, STR("INBOX")) ||
	    pattern.n > IMAP_PATTERN_MAX)
		return pattern;
	if (pattern.n > 5 && pattern.p[5] != '/' && pattern.p[5] != '*' &&
	    pattern.p[5] != '%')
		return pattern;
	memcpy(room, pattern.p, pattern.n);
	memcpy(room, "INBOX", 5);
	return (struct str){ room, pattern.n };
}

enum imap_match imap_pattern_match(struct str pattern, struct str name)
{
	char room[IMAP_PATTERN_MAX];
	struct places at;

	if (pattern.n > IMAP_PATTERN_MAX)
		return IMAP_MATCH_NO;
	pattern = fold_inbox(pattern, room);
	memset(at.on, 0, pattern.n + 1);
	at.on[0] = 1;
	spread(&at, pattern);
	for (size_t i = 0; i < name.n; i++)
		if (!step(&at, pattern, name.p[i]))
			return IMAP_MATCH_NO;
	if (at.on[pattern.n])
		return IMAP_MATCH_YES;
	return step(&at, pattern, '/') ? IMAP_MATCH_CHILD : IMAP_MATCH_NO;
}
