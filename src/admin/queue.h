/* admin/queue.h - the outgoing queue in words, for every list of it. */
#ifndef ADMIN_QUEUE_H
#define ADMIN_QUEUE_H

#include "base/buf.h"
#include "queue/queue.h"

/* "waiting", "active", "held" (by the operator or by its sender), "failed",
 * "sent" */
const char *admin_queue_state(const struct queue_item *i);
/* What was said at the last try, and by whom: "mx.example said 450 4.7.1
 * greylisted"; without a try "not tried yet". */
void admin_queue_reason(struct buf *b, const struct queue_item *i);
/* When it goes, or is tried: now, or later. */
int64_t admin_queue_next(const struct queue_item *i);

#endif
