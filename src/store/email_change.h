/*
 * store/email_change.h - change many Emails in one transaction: JMAP
 * Email/set.
 *
 * All places and flags of an Email change together, and so do the Emails of
 * one call: after a crash all of it has happened, or nothing.  One that cannot
 * be changed (it is gone, a mailbox is, the quota is full) is passed over and
 * told; the others are changed.
 *
 *	struct email_change c = { .email = no, .add = FLAG_SEEN };
 *
 *	if (email_change_all(s, a, &c, 1, err) < 0) ...   nothing was changed
 *	if (c.failed != ERR_NONE) ...                     this one was not
 */
#ifndef STORE_EMAIL_CHANGE_H
#define STORE_EMAIL_CHANGE_H

#include "store/store.h"

/* In one call; with more the shard would be held too long. */
#define EMAIL_CHANGES_MAX 200

struct email_change {
	uint64_t email;
	bool destroy;
	/* Unless n is 0: it is to be in exactly these mailboxes, in none of
	 * them with \Deleted. */
	const uint64_t *mailboxes;
	size_t n;
	uint64_t add, remove; /* flags, in all places */
	/* Set: ERR_NONE, or why not: NOT_FOUND, OVER_QUOTA, TOO_BIG. */
	enum err_kind failed;
};

int email_change_all(struct store *s, struct store_account a,
                     struct email_change *list, size_t n, struct err *err)
	ATTR_MUST_USE;

#endif
