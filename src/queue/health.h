/*
 * queue/health.h - how the outside targets of forwards fare.
 *
 * Each end of an action that a forward caused is counted for its account and
 * target: a success ends the row of failures, a failure for good lengthens
 * it.  At QUEUE_HEALTH_FAILURES in a row the target is paused: nothing more
 * is sent there until it is let go again, and the owner is told once.
 *
 *	if (queue_health_is_paused(q, account, address, &paused, err) < 0) ...
 */
#ifndef QUEUE_HEALTH_H
#define QUEUE_HEALTH_H

#include "queue/queue.h"

#define QUEUE_HEALTH_FAILURES 10

struct queue_health {
	int64_t account_id;
	struct str address;
	int64_t succeeded_us, failed_us; /* the last of each; 0: never */
	unsigned failures;               /* in a row */
	struct str reply;                /* of the last failure */
	int64_t paused_us;               /* 0, or since when */
};

int queue_health_is_paused(struct queue *q, int64_t account_id,
                           struct str address, bool *out, struct err *err)
	ATTR_MUST_USE;

/* 1, 0 (nothing was sent there yet), -1.  Strings are of the arena. */
int queue_health_get(struct queue *q, int64_t account_id, struct str address,
                     struct arena *a, struct queue_health *out, struct err *err)
	ATTR_MUST_USE;

/* Start anew with a target ("": all of the account's). */
int queue_health_reset(struct queue *q, int64_t account_id, struct str address,
                       struct err *err) ATTR_MUST_USE;

/* One that was paused and whose owner does not know yet: 1, 0, -1. */
int queue_health_untold(struct queue *q, struct arena *a,
                        struct queue_health *out, struct err *err)
	ATTR_MUST_USE;

/* The owner is told by `m` (NULL: there is none): added to the queue in the
 * transaction that notes it. */
int queue_health_tell(struct queue *q, const struct queue_health *h,
                      const struct queue_new *m, struct err *err) ATTR_MUST_USE;

#endif
