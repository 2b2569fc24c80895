/*
 * os/lock.h - locks between processes, waited for without polling.
 *
 * A lock is a file.  The kernel's open file description locks are used: two
 * openings of the same file exclude each other, in one process or in two,
 * and a lock ends with the process that held it.
 *
 * A queue lock is two such files, a turnstile and the lock itself: who wants
 * it takes the turnstile, waits for the lock, and frees the turnstile.  One
 * waiter so stands at the lock and the others at the turnstile, which keeps a
 * process that asks again at once from starving the rest.
 *
 *	if (lock_open(&l, "/var/lib/posthus/shard-1.lock", err) < 0) ...
 *	if (lock_acquire(l, err) < 0) ...
 *	...
 *	lock_release(l);
 */
#ifndef OS_LOCK_H
#define OS_LOCK_H

#include <stdbool.h>

#include "base/err.h"

struct lock;

/* Two files, PATH and PATH.turn, are made when they are missing.  One
 * `struct lock` may be held by one thread at a time. */
int lock_open(struct lock **out, const char *path, struct err *err)
	ATTR_MUST_USE;
void lock_close(struct lock **l); /* releases it */

/* Waits as long as it takes (the wait is told to os/blocking.h). */
int lock_acquire(struct lock *l, struct err *err) ATTR_MUST_USE;

/* 1: taken, 0: somebody else has it, -1: error. */
int lock_try(struct lock *l, struct err *err) ATTR_MUST_USE;

void lock_release(struct lock *l);

#endif
