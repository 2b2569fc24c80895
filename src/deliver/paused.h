/* deliver/paused.h - tell owners of forwards what no longer works. */
#ifndef DELIVER_PAUSED_H
#define DELIVER_PAUSED_H

#include "deliver/bounce.h"

/* A message to each account one of whose targets was paused
 * (queue/health.h): once, with what the other host said. */
int paused_tell_owners(const struct bounce *b, int64_t now_us, struct err *err)
	ATTR_MUST_USE;

#endif
