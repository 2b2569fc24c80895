/*
 * os/clock.h - what time it is, for everyone, and how tests move it.
 *
 * All times are int64_t microseconds.  "Wall" time counts from 1970 and is
 * for what people see; "steady" time never runs backwards and is for
 * deadlines and windows.
 *
 * Simulated clock: when the environment names a file in POSTHUS_CLOCK, every
 * process maps it (it holds one little-endian int64, made if it is missing)
 * and adds that many microseconds to both clocks.  A test moves the time of a
 * whole running host by writing to that file; posthus itself only reads it.
 */
#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include <stdint.h>

#define US_PER_MS   INT64_C(1000)
#define US_PER_SEC  INT64_C(1000000)
#define US_PER_MIN  (60 * US_PER_SEC)
#define US_PER_HOUR (60 * US_PER_MIN)
#define US_PER_DAY  (24 * US_PER_HOUR)

int64_t clock_wall_us(void);
int64_t clock_steady_us(void);

/* Steady and never simulated: for waits between our own processes and
 * threads, which a test that moves the time must not cut short. */
int64_t clock_real_us(void);

/* CPU time of this process: for figures, not simulated. */
int64_t clock_cpu_us(void);

/* Really sleep; not simulated. */
void clock_sleep_us(int64_t us);

/* How much the simulated clock is ahead now (0 without one): a waiter adds
 * a short real poll when clock_is_simulated(). */
int clock_is_simulated(void);

#endif
