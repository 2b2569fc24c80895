/*
 * daemon/vouch.h - a thread that looks after what lets others trust our mail:
 * the life of DKIM keys (verify/key_life.h), and reports to the owners of
 * domains (reports/aggregate.h).
 *
 * It asks DNS, which may take long, so nothing else waits for it.
 */
#ifndef DAEMON_VOUCH_H
#define DAEMON_VOUCH_H

#include "daemon/host.h"

struct vouch;

int vouch_start(struct vouch **out, struct host *h, struct err *err)
	ATTR_MUST_USE;
/* Waits for the question in hand. */
void vouch_stop(struct vouch **v);

#endif
