/*
 * store/purged.h - messages that were removed, and can be brought back.
 *
 * An Email whose last membership is removed stays 14 days, up to the
 * account's quota, the oldest gone first.
 */
#ifndef STORE_PURGED_H
#define STORE_PURGED_H

#include "base/arena.h"
#include "store/store.h"

#define PURGED_KEEP_US (14 * INT64_C(86400000000))

struct purged {
	uint64_t email;
	int64_t purged_s; /* when it was removed */
	int64_t internaldate_s;
	uint64_t size;
	uint64_t flags;          /* at the time */
	uint64_t mailbox;        /* where it was; may be gone by now */
	struct str meta, prefix; /* as in fetch.h */
};

/* Newest first, from before Email `before` (0: from the top), at most
 * `max`. */
int purged_list(struct store *s, struct store_account a, uint64_t before,
                size_t max, struct arena *arena, struct purged **out,
                size_t *n_out, struct err *err) ATTR_MUST_USE;

/* Back where it was, or to INBOX when that is gone; without \Deleted.
 * ERR_OVER_QUOTA, ERR_NOT_FOUND. */
int purged_restore(struct store *s, struct store_account a, uint64_t email,
                   uint64_t *mailbox_out, uint32_t *uid_out, struct err *err)
	ATTR_MUST_USE;

/* Now and for good; `email` 0: all of the account. */
int purged_erase(struct store *s, struct store_account a, uint64_t email,
                 uint64_t *count_out, struct err *err) ATTR_MUST_USE;

#endif
