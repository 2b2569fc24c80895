/*
 * daemon/expiry.h - what leaves by itself: old mail in Trash and Spam (R33),
 * the mail of accounts removed a while ago.
 */
#ifndef DAEMON_EXPIRY_H
#define DAEMON_EXPIRY_H

#include <stdbool.h>

#include "daemon/host.h"

/* Once an hour by the wall's clock; cheap otherwise.  `stop` is asked between
 * accounts. */
struct expiry {
	int64_t last_us;
};

void expiry_run(struct expiry *e, struct host *h, bool (*stop)(void *arg),
                void *arg);

#endif
