/*
 * relay/schedule.h - when a try that failed is made again.
 *
 * 5, 10, 20, 40 ... minutes, at most 4 hours, each with a tenth more or less,
 * so that what failed together does not come back together (RFC 5321,
 * 4.5.4.1: at least 30 minutes on the whole, and give up after 4 to 5 days;
 * the first ones are sooner, for greylisting hosts).
 */
#ifndef RELAY_SCHEDULE_H
#define RELAY_SCHEDULE_H

#include <stdint.h>

struct relay_schedule {
	int64_t first_us, most_us;
};

/* How long to wait after the failure number `failures` (1: the first);
 * `random` is any number. */
int64_t relay_schedule_wait(const struct relay_schedule *s, unsigned failures,
                            uint64_t random);

#endif
