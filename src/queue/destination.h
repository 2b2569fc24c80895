/*
 * queue/destination.h - mail that waits, by where it goes.
 *
 * A destination is the domain of an address in its one form ("xn--..", lower
 * case), or an address literal as written.  Its row knows when something for
 * it is due, and what happened last.  A host that cannot be reached blocks
 * its destination: one row is written, and the actions behind it, however
 * many, are not touched until the block ends.
 *
 *	queue_destinations(q, false, now, 64, &a, dests, &n, &next, err)
 *	queue_claim_destination(q, dests[0].name, now, lease, &a, jobs, ...)
 *	... queue_settle(), or queue_block() when nobody answered
 *
 * Errors as in queue/queue.h.
 */
#ifndef QUEUE_DESTINATION_H
#define QUEUE_DESTINATION_H

#include "queue/queue.h"

struct queue_destination {
	struct str name;
	int64_t due_us;     /* the earliest time for a try */
	int64_t blocked_us; /* 0: not */
	unsigned failures;  /* one after the other, without an answer */
	int64_t last_us;    /* of the last failure */
	struct str status, reply, mta;
};

/* The destination that mail to `address` waits for; in the arena. */
struct str queue_destination_of(struct arena *a, struct str address);

/* Those that are due, the longest waiting first: the ones that failed last
 * time (`failing`), or all others.  *next_us_out is when the next one is,
 * INT64_MAX when none waits. */
int queue_destinations(struct queue *q, bool failing, int64_t now_us,
                       size_t max, struct arena *a,
                       struct queue_destination *out, size_t *n_out,
                       int64_t *next_us_out, struct err *err) ATTR_MUST_USE;

int queue_destination_get(struct queue *q, struct str name, struct arena *a,
                          struct queue_destination *out, struct err *err)
	ATTR_MUST_USE;

/* As queue_claim(), of one destination: recipients of one message stand
 * together, those of a higher priority first (RFC 6710, 4.2). */
int queue_claim_destination(struct queue *q, struct str name, int64_t now_us,
                            int64_t lease_us, struct arena *a,
                            struct queue_job *jobs, size_t max, size_t *n_out,
                            struct err *err) ATTR_MUST_USE;

/* As before, of that alone which need not go over TLS, whatever the
 * destination demands (tls_optional). */
int queue_claim_optional(struct queue *q, struct str name, int64_t now_us,
                         int64_t lease_us, struct arena *a,
                         struct queue_job *jobs, size_t max, size_t *n_out,
                         struct err *err) ATTR_MUST_USE;

/* Claim what is past its time (expires_us), blocked or not. */
int queue_claim_expired(struct queue *q, struct str name, int64_t now_us,
                        int64_t lease_us, struct arena *a,
                        struct queue_job *jobs, size_t max, size_t *n_out,
                        struct err *err) ATTR_MUST_USE;

/* What waits there and has time left, the oldest first; nothing is claimed. */
int queue_destination_waiting(struct queue *q, struct str name, int64_t now_us,
                              struct arena *a, struct queue_job *jobs,
                              size_t max, size_t *n_out, struct err *err)
	ATTR_MUST_USE;

/* Nobody answers there: leave it until `until_us`.  One more failure. */
int queue_block(struct queue *q, struct str name, int64_t now_us,
                int64_t until_us, struct str status, struct str reply,
                struct str mta, struct err *err) ATTR_MUST_USE;
/* It answers again. */
int queue_unblock(struct queue *q, struct str name, struct err *err)
	ATTR_MUST_USE;

#endif
