/*
 * relay/pace.h - how many messages a minute go to one destination.
 *
 * The first of a destination begins a minute; when as many as may be have
 * gone, the next waits for its end.  For all threads; the time is an argument.
 *
 *	until_us = relay_pace_take(p, name, 60, now_us);
 *	if (until_us)
 *		...later...
 */
#ifndef RELAY_PACE_H
#define RELAY_PACE_H

#include "base/str.h"

struct relay_pace;

struct relay_pace *relay_pace_new(void);
void relay_pace_free(struct relay_pace **p);

/* 0: one may go now, and is counted; else when the next may.  `per_minute` 0:
 * as many as there are. */
int64_t relay_pace_take(struct relay_pace *p, struct str name,
                        uint64_t per_minute, int64_t now_us);

#endif
