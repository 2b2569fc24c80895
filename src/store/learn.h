/*
 * store/learn.h - what an owner said of a message: spam, or not.
 *
 * Nobody presses a button for it.  Whoever moves or copies a message into
 * Spam says that it is spam; out of Spam to anywhere but Trash, that it is
 * not; and whoever answers a message, or files it from INBOX in a folder of
 * his own, says so too.  The keywords $Junk and $NotJunk are the same words.
 *
 * The change itself notes it, in its transaction, so nothing is lost and
 * nobody waits.  The role relay takes the notes, the oldest first, and teaches
 * the filter (score/teach.h); what is said again of a message replaces what
 * was noted and not yet taken.  Of one change at most LEARN_AT_ONCE messages
 * of a mailbox are noted: moving thousands is tidying, not judging.
 *
 *	learn_next(s, &arena, 100, &items, &n, err)
 *	... body_open_email(items[i].account, items[i].email) ...
 *	learn_done(s, items, n, err)
 *
 * Taken twice (a crash lies between) is harmless to who remembers what it has
 * learned.
 */
#ifndef STORE_LEARN_H
#define STORE_LEARN_H

#include "base/arena.h"
#include "store/store.h"

/* Of each piece of a change. */
#define LEARN_AT_ONCE 200

/* As stored: values are never used again. */
enum learn_want { LEARN_NOTHING = 0, LEARN_SPAM = 1, LEARN_HAM = 2 };

struct learn_item {
	struct store_account account; /* id and shard; no quota */
	uint64_t email;               /* may be gone */
	enum learn_want want;
	uint64_t modseq; /* when it was said */
};

/* Of all shards, at most `max`. */
int learn_next(struct store *s, struct arena *a, size_t max,
               struct learn_item **out, size_t *n_out, struct err *err)
	ATTR_MUST_USE;

/* Forget these, but for those of which something else was said meanwhile. */
int learn_done(struct store *s, const struct learn_item *items, size_t n,
               struct err *err) ATTR_MUST_USE;

#endif
