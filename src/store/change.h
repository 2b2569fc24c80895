/*
 * store/change.h - what changed since: JMAP states and /changes.
 *
 * A state is the account's epoch and the highest modseq of the type.  After a
 * restore of an older copy the epoch is another, and every state before is
 * ERR_NOT_FOUND (cannotCalculateChanges), as is one older than what is kept.
 */
#ifndef STORE_CHANGE_H
#define STORE_CHANGE_H

#include "base/arena.h"
#include "store/store.h"

/* The numbers are stored.  From CHANGE_IDENTITY on they are types of
 * store/object.h, but for scripts and the vacation (store/script.h), which
 * have a state and no /changes, and CHANGE_DELIVERY, a state alone: it is
 * another whenever a new Email came that is no draft and not read yet. */
enum change_type {
	CHANGE_EMAIL,
	CHANGE_MAILBOX,
	CHANGE_THREAD,
	CHANGE_IDENTITY,
	CHANGE_SUBMISSION,
	CHANGE_SCRIPT,
	CHANGE_VACATION,
	CHANGE_ADDRESS_BOOK,
	CHANGE_CARD,
	CHANGE_DELIVERY,
	CHANGE_TYPES
};

#define CHANGE_OBJECTS CHANGE_IDENTITY /* the first of them */

struct change_state {
	uint32_t epoch;
	uint64_t modseq;
};

int change_states(struct store *s, struct store_account a,
                  struct change_state out[CHANGE_TYPES], struct err *err)
	ATTR_MUST_USE;

struct change_list {
	uint64_t *created, *updated, *destroyed; /* numbers, each in one list */
	size_t created_n, updated_n, destroyed_n;
	struct change_state state; /* as of which; `more`: ask again from it */
	bool more;
	bool only_counts; /* mailboxes: nothing but counters changed */
};

/* At most `max` numbers together (0: 10,000). */
int change_since(struct store *s, struct store_account a, enum change_type type,
                 struct change_state since, size_t max, struct arena *arena,
                 struct change_list *out, struct err *err) ATTR_MUST_USE;

#endif
