/*
 * gate/throttle.h - three failed logins within a minute (R25), pure.
 *
 * One throttle counts the failures of one user from one side: strangers
 * together, or one network that the user is known from.  With the third
 * failure within a minute of the first, everything is rejected until that
 * minute is over; then the slate is clean.  What is rejected is not looked
 * at and does not count.
 *
 *	wait = throttle_wait(&t, limits, now);
 *	if (wait > 0) ... locked; throttle_seconds(wait)
 *	if (failed) throttle_failed(&t, limits, now);
 */
#ifndef GATE_THROTTLE_H
#define GATE_THROTTLE_H

#include <stdint.h>

#define THROTTLE_FAILURES_MAX 16 /* the largest limit that can be set */
#define THROTTLE_PERIOD_US    (INT64_C(60) * 1000000)

struct throttle {
	int64_t failed_us[THROTTLE_FAILURES_MAX]; /* oldest first */
	uint32_t n;
	int64_t locked_until_us; /* 0: not locked */
};

/* 0: an attempt may be looked at.  Else microseconds until it may. */
int64_t throttle_wait(struct throttle *t, int64_t now_us);

/* An attempt that was looked at failed.  `limit` is 1 ..
 * THROTTLE_FAILURES_MAX. */
void throttle_failed(struct throttle *t, uint32_t limit, int64_t now_us);

/* How many more attempts may be looked at at the same time: of those under
 * way none may turn out to be one too many. */
uint32_t throttle_room(struct throttle *t, uint32_t limit, int64_t now_us);

/* Nothing in it matters any more. */
int throttle_is_idle(const struct throttle *t, int64_t now_us);

/* For "try again in N seconds": rounded up, 1 to 60. */
uint32_t throttle_seconds(int64_t wait_us);

#endif
