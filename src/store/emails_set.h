/*
 * store/emails_set.h - private to store/: how a set of Emails is made, and
 * brought up to date (emails.h).
 *
 * Read once whole; after that only what changed is asked for: flags are
 * written into the set, what came and went is woven in, in one pass over the
 * arrays that sorts nothing and reads nothing.
 */
#ifndef STORE_EMAILS_SET_H
#define STORE_EMAILS_SET_H

#include "store/emails.h"
#include "store/shard.h"

/* One membership, as it is read. */
struct emails_seen {
	struct emails_row row;
	uint64_t flags, mailbox;
};

struct emails_reading {
	struct emails_seen *rows; /* heap */
	size_t n, cap;
};

/* ---- emails_build.c ---- */

int emails_read_all(struct db *db, int64_t account, struct emails_reading *r,
                    struct err *err) ATTR_MUST_USE;
/* The visible memberships of one Email; it need not be there. */
int emails_read_one(struct db *db, int64_t account, uint64_t no,
                    struct emails_reading *r, struct err *err) ATTR_MUST_USE;

void emails_alloc(struct emails *set, size_t rows, size_t places);
void emails_deinit(struct emails *set);

/* Rows and places alone, and all of it. */
void emails_unite(struct emails_reading *r, struct emails *set);
void emails_make(struct emails_reading *r, struct emails *set);

/* Threads from by_thread; one thread's flags. */
void emails_link(struct emails *set);
void emails_relink(struct emails *set, uint32_t thread_at);
bool emails_is_unread(const struct emails_row *row);

/* ---- emails_update.c ---- */

/* What changed since the set was read: 1, 0: so much that it is better read
 * anew, -1. */
struct emails_delta {
	struct emails now; /* of those that changed, what is visible */
	uint64_t *numbers; /* all that changed, ascending; heap */
	size_t numbers_n;
};

int emails_delta_read(struct db *db, int64_t account, const struct emails *old,
                      struct emails_delta *out, struct err *err) ATTR_MUST_USE;
void emails_delta_deinit(struct emails_delta *d);

/* Nothing but flags changed. */
bool emails_delta_is_light(const struct emails_delta *d,
                           const struct emails *old);
void emails_delta_apply(const struct emails_delta *d, struct emails *set);
/* Anything changed: the new set. */
void emails_delta_weave(const struct emails_delta *d, const struct emails *old,
                        struct emails *out);

#endif
