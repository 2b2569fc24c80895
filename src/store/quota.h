/*
 * store/quota.h - how much of its quota an account uses.
 *
 * Counted are the sizes of all memberships, as IMAP shows them; what is
 * recoverable after removal does not count.  Adding is refused when it would
 * go over; an account that is over already still reads and deletes.
 */
#ifndef STORE_QUOTA_H
#define STORE_QUOTA_H

#include "store/store.h"

struct quota {
	uint64_t used_bytes, limit_bytes; /* STORE_QUOTA_NONE */
	uint64_t messages;
	uint64_t purged_bytes; /* recoverable */
};

int quota_get(struct store *s, struct store_account a, struct quota *out,
              struct err *err) ATTR_MUST_USE;

/* ERR_OVER_QUOTA when `bytes` more would not fit: for RCPT, and before a
 * literal is taken.  append_commit() and copy_messages() check themselves. */
int quota_check(struct store *s, struct store_account a, uint64_t bytes,
                struct err *err) ATTR_MUST_USE;

#endif
