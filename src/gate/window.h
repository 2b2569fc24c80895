/*
 * gate/window.h - sliding windows: at most N in the last T, pure and exact.
 *
 * A log keeps what one subject did (a domain's messages, say): times and
 * numbers, oldest first.  A window looks at those younger than its length:
 * an event at time t is in it while now - t < length.  What is reserved is
 * in every window until it is confirmed (then it is an event) or released.
 *
 *	if (window_fits(&log, rules, n_rules, 1, now, &refusal))
 *		window_reserve(&log, 1);
 *	...
 *	window_confirm(&log, 1, now);
 */
#ifndef GATE_WINDOW_H
#define GATE_WINDOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct window_rule {
	int64_t length_us;
	uint32_t limit; /* 0: nothing at all is allowed */
};

struct window_event {
	int64_t at_us;
	uint32_t n;
};

struct window_log {
	struct window_event *events; /* private: a ring */
	size_t first, n, cap;        /* private */
	uint64_t total;              /* of all events kept; private */
	uint32_t reserved;
};

struct window_refusal {
	size_t rule;     /* which window is full */
	uint32_t used;   /* in it now, with what is reserved */
	int64_t free_us; /* from now until `n` fits, as things stand; what is
	                  * reserved is taken as confirmed now */
};

void window_init(struct window_log *w);
void window_deinit(struct window_log *w);

/* Is there room for `n` in every window?  The first that is full is told.
 * With n over a limit free_us is the window's length. */
bool window_fits(const struct window_log *w, const struct window_rule *rules,
                 size_t n_rules, uint32_t n, int64_t now_us,
                 struct window_refusal *out);

/* Events younger than `length_us`, and what is reserved. */
uint32_t window_used(const struct window_log *w, int64_t length_us,
                     int64_t now_us);

void window_reserve(struct window_log *w, uint32_t n);
void window_release(struct window_log *w, uint32_t n); /* at most reserved */
void window_confirm(struct window_log *w, uint32_t n, int64_t now_us);

/* An event without a reservation.  Times go up; one that does not is taken
 * as the newest. */
void window_add(struct window_log *w, uint32_t n, int64_t at_us);

/* Drop what is older than the longest window. */
void window_expire(struct window_log *w, int64_t longest_us, int64_t now_us);

bool window_is_idle(const struct window_log *w); /* nothing kept */

#endif
