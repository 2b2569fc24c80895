/*
 * trail/find.h - what happened to a message: look it up.
 *
 * A search gives stories, the latest first: all events of one message in
 * order of time, or one event of a connection that brought none.  It reads
 * the files while roles write them; what was added within the last fifth of a
 * second may not be there yet.
 *
 *	struct trail_query q = { .address = STR("bo@example.com"),
 *	                         .limit = 20 };
 *	struct trail_page page;
 *
 *	if (trail_find(dir, &q, &arena, &page, err) < 0) ...
 *	for (size_t i = 0; i < page.n; i++)
 *		show(page.stories[i].events, page.stories[i].n);
 *	if (page.more)
 *		q.after = page.mark;
 *
 * Rights.  An owner (`account`) sees the messages that concern this account:
 * of one that they sent everything but what is the recipients' own affair, of
 * one that came to them the steps that are theirs and those of the whole
 * message, never the other recipients.  An administrator (`within`) sees all
 * of what a login of that domain sent, and of what came its own recipients
 * alone.  Neither finds a message by what is not shown.  `domain` finds what was sent by or to
 * a domain, and shows all of it.
 */
#ifndef TRAIL_FIND_H
#define TRAIL_FIND_H

#include "base/err.h"
#include "trail/event.h"

/* Where a page ends. */
struct trail_mark {
	int64_t day, event; /* private; zero: at the latest */
	unsigned hour;
};

/* Several conditions must all be met; "" and 0 are none. */
struct trail_query {
	struct str address; /* as sender, recipient, or login; in any case */
	struct str sender, rcpt;
	struct str message_id; /* with <> or without */
	struct str trace;
	struct str domain; /* of the sender or a recipient */
	struct str within; /* show what is this domain's affair alone */
	int64_t account;
	int64_t since_us, until_us;
	size_t limit; /* stories of a page; 0: 20 */
	struct trail_mark after;
};

#define TRAIL_PAGE_MAX   200
#define TRAIL_EVENTS_MAX 2000 /* of a story; later ones are not read */

struct trail_story {
	struct str trace;  /* "" for a connection */
	int64_t at_us;     /* of the first event */
	struct str sender; /* as the events tell it */
	bool null_sender;
	struct str message_id;
	uint64_t size;
	enum trail_state state; /* of the whole: the worst that is not over */
	struct trail_event *events;
	size_t n;
};

struct trail_page {
	struct trail_story *stories;
	size_t n;
	bool more;
	struct trail_mark mark;
};

/* A message that came up again hours later may stand on two pages.  A folder
 * without any file is an empty page.  Errors: ERR_TEMP, ERR_CORRUPT. */
int trail_find(const char *dir, const struct trail_query *q, struct arena *a,
               struct trail_page *out, struct err *err) ATTR_MUST_USE;

/* What came since: from `at` on, which is then where it ends.  A zero mark
 * only becomes the end of what is there.  `each` returns false to stop; the
 * event's views live for the call. */
int trail_tail(const char *dir, struct trail_mark *at,
               bool (*each)(void *arg, const struct trail_event *e), void *arg,
               struct err *err) ATTR_MUST_USE;

/* Whether one event alone meets the conditions; an event that belongs to a
 * message that met them before is the caller's to know. */
bool trail_event_matches(const struct trail_event *e,
                         const struct trail_query *q);

/* How it stands with one recipient of a story. */
enum trail_state trail_story_state(const struct trail_story *s,
                                   struct str rcpt);

#endif
