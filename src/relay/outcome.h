/*
 * relay/outcome.h - what became of a try: one value, from where it arises to
 * the queue, the log and the report.
 */
#ifndef RELAY_OUTCOME_H
#define RELAY_OUTCOME_H

#include "base/attr.h"
#include "wire/smtp/answer.h"

enum relay_kind {
	RELAY_OK,
	RELAY_TEMP, /* try again later */
	RELAY_PERM, /* never */
};

#define RELAY_REPLY_MAX 1000

struct relay_outcome {
	enum relay_kind kind;
	char status[12];             /* RFC 3463 */
	char reply[RELAY_REPLY_MAX]; /* the host's reply, or words of ours */
	char mta[256]; /* the host that gave the reply; "" for ourselves */
	/* The connection, not the message, is at fault: what else goes there
	 * need not be tried. */
	bool host;
	/* Nothing was sent: the host lacks what the message needs, and another
	 * of the destination may have it. */
	bool unfit;
	/* Nothing was sent: the connection, used before, was at its end.  It
	 * goes at once over another, and no try is counted. */
	bool again;
};

/* Our own words. */
void relay_outcome_set(struct relay_outcome *o, enum relay_kind kind,
                       const char *status, const char *fmt, ...)
	ATTR_PRINTF(4, 5);

/* What a host said to a command: 4xx and 5xx as they are, all else is a
 * breach of the protocol.  `status` is taken when it gave none. */
void relay_outcome_answer(struct relay_outcome *o, const char *mta,
                          const struct smtp_answer *a, const char *status);

#endif
