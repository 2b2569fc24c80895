/*
 * jmap/follow.h - submissions follow what the queue does, at once.
 *
 * A message that its sender held goes when it is due, in the relay role, and
 * no client need ask then.  So that the submission turns from "pending" to
 * "final" all the same, and whoever listens is told (RFC 8621, 7; RFC 8620,
 * 7), the queue says whose messages it lets go and a thread here brings those
 * accounts' submissions up to date.  What is missed by a crash is made good
 * by the next call of a client (jmap/submission.h).
 */
#ifndef JMAP_FOLLOW_H
#define JMAP_FOLLOW_H

#include <stdint.h>

#include "base/err.h"

struct directory;
struct jmap_follow;
struct queue;
struct store;

/* All pointers live as long as the thread does; `dir` is the data folder. */
struct jmap_follow_options {
	struct store *store;
	struct directory *directory;
	struct queue *queue;
	const char *dir;
};

int jmap_follow_start(struct jmap_follow **out,
                      const struct jmap_follow_options *o, struct err *err)
	ATTR_MUST_USE;
/* Nobody tells it anything any more. */
void jmap_follow_stop(struct jmap_follow **f);

/* From any thread; does not block.  With thousands waiting it is passed over. */
void jmap_follow_account(void *follow, int64_t account);

#endif
