/*
 * os/hook.h - run a program of the operator's from a process that may not
 * start any (os/sandbox.h).
 *
 * Before it gives up that right, and before it has threads, the process forks
 * a small one that keeps it and can do nothing but start this one program
 * with the words that it is given, one call after the other.
 *
 *	hook_start(&hook, "/etc/posthus/dns-hook", err)
 *	sandbox_enter(...)
 *	...
 *	hook_run(hook, words, 3, 2 * US_PER_MIN, err)
 */
#ifndef OS_HOOK_H
#define OS_HOOK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct hook;

#define HOOK_WORDS_MAX 8
#define HOOK_BYTES_MAX 2000 /* of all words */

int hook_start(struct hook **out, const char *program, struct err *err)
	ATTR_MUST_USE;
void hook_stop(struct hook **h);

/* Blocks until it ends; it is killed when the time is over.  Words hold no
 * NUL.  ERR_TEMP: it ended with another status than 0, or could not be
 * started; ERR_TIMEOUT; ERR_INVALID: too many words. */
int hook_run(struct hook *h, const struct str *words, size_t n,
             int64_t timeout_us, struct err *err) ATTR_MUST_USE;

#endif
