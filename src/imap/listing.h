/*
 * imap/listing.h - what LIST and LSUB work on.  Private to imap/.
 *
 * All mailboxes and all subscriptions of the account as one list in order of
 * name, and the patterns of a command with the prefix that each asked for
 * (R34).
 */
#ifndef IMAP_LISTING_H
#define IMAP_LISTING_H

#include "imap/session.h"

struct listing_entry {
	struct str name;
	const struct mailbox *mailbox; /* NULL: only subscribed */
	bool subscribed;
};

struct listing {
	struct listing_entry *v;
	size_t n;
};

int listing_read(struct imap_session *s, struct arena *a, struct listing *out,
                 struct err *err) ATTR_MUST_USE;

/* The entry of this name, or NULL. */
const struct listing_entry *listing_find(const struct listing *l,
                                         struct str name);

/* Has some entry below `name` that `wanted` says yes to. */
bool listing_has_below(const struct listing *l, struct str name,
                       bool (*wanted)(const struct listing_entry *e,
                                      uint32_t arg),
                       uint32_t arg);

struct listing_pattern {
	struct str text;
	char prefix; /* of the names in the answer */
	bool whole;  /* the text stands for names with their prefix */
};

/* Reference and pattern joined; false when they are no name. */
bool listing_pattern(const struct imap_session *s, struct arena *a,
                     struct str reference, struct str pattern,
                     struct listing_pattern *out);

bool listing_match(struct arena *a, const struct listing_pattern *p,
                   struct str name);

#endif
