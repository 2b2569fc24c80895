/*
 * queue/report.h - what senders must be told, and that it is told once.
 *
 * An action that failed, or that was done for a sender who wanted to hear of
 * it, stays in the queue until it was reported; one that waits long is
 * reported once, and goes on waiting.  The reporter (deliver/bounce.h) takes
 * one message after the other, makes of all that is due one message to its
 * sender, or none, and settles: in one transaction the report is added to the
 * queue and the actions go.  After a crash either both have happened or
 * neither.
 *
 *	while (queue_report_next(q, after, now_us, late_us, &arena, &r, err) > 0)
 *		queue_report_settle(q, &r, &dsn, &id, err);
 */
#ifndef QUEUE_REPORT_H
#define QUEUE_REPORT_H

#include "queue/queue.h"

enum queue_outcome {
	QUEUE_OUTCOME_FAILED,
	QUEUE_OUTCOME_LATE, /* still tried */
	QUEUE_OUTCOME_SENT, /* LOCAL: filed; RELAY: the next host has it */
};

struct queue_report_rcpt {
	int64_t action;
	enum queue_kind kind;
	enum queue_outcome outcome;
	struct str address, original, orcpt;
	unsigned notify;
	struct str status, reply;
	int64_t last_us; /* of the last try; 0: none */
	struct str mta;  /* the host that gave the reply, or "" for this one */
	int64_t expires_us; /* LATE: tried until then */
};

struct queue_report {
	int64_t message;
	enum queue_source source;
	struct str sender, envid, trace;
	int64_t account_id, domain_id;
	bool returnable, smtputf8;
	enum queue_body body;
	unsigned ret;
	uint64_t size;
	int64_t received_us;
	int64_t release_us; /* held by its sender until then, or 0 */
	int64_t by_us;      /* RFC 2852, or 0 */
	unsigned by_flags;
	bool requiretls;
	const struct queue_report_rcpt *rcpts;
	size_t rcpts_n;
};

/* The first message after number `after` with something to report: 1, 0
 * (none), -1.  While an action of it is in hand, it waits, so that what fails
 * together is told together.  Messages received before `late_us` with an
 * action that was tried and waits are late, once (0: not asked).  Strings are
 * of the arena. */
int queue_report_next(struct queue *q, int64_t after, int64_t now_us,
                      int64_t late_us, struct arena *a,
                      struct queue_report *out, struct err *err) ATTR_MUST_USE;

/* Add `dsn` (NULL: nobody is told) and settle all actions of the report, both
 * or neither.  ERR_NOT_FOUND when an action changed meanwhile: look anew. */
int queue_report_settle(struct queue *q, const struct queue_report *r,
                        const struct queue_new *dsn, int64_t *id_out,
                        struct err *err) ATTR_MUST_USE;

#endif
