/*
 * deliver/bounce.h - tell senders what became of their mail.
 *
 * Takes what the queue has to report (queue/report.h), one message after the
 * other, and settles it: the sender gets one report of all that is due, filed
 * here or queued for elsewhere; or nobody is told, because
 *
 *   - NOTIFY says so (RFC 3461, 4.1),
 *   - the message is a report itself: its sender is null (RFC 5321, 6.1).
 *     That ends in log and trail, and, when queue.double_bounces_to names an
 *     address, there;
 *   - its sender may be forged: it came from outside and neither SPF nor DKIM
 *     vouched for the sender.  To return it would be to send mail that nobody
 *     asked for to a stranger.
 *
 *	n = bounce_run_once(&b, now_us, err);
 *
 * The report and the settling are one transaction of the queue, so that a
 * crash loses none and doubles none.
 */
#ifndef DELIVER_BOUNCE_H
#define DELIVER_BOUNCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct config;
struct directory;
struct queue;
struct store;
struct trail;

/* Reports of one call; then there may be more. */
#define BOUNCE_ROUND_MAX 100

struct bounce {
	const struct config *config;
	struct directory *directory;
	struct store *store;
	struct queue *queue;
	struct trail *trail; /* NULL is fine */
	/* Do not look for what is late this time: all that waits is read. */
	bool without_late;
};

/* The number of messages that were settled, or -1. */
int bounce_run_once(const struct bounce *b, int64_t now_us, struct err *err)
	ATTR_MUST_USE;

#endif
