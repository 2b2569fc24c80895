/*
 * os/thread.h - begin a thread as all of ours are: with a small stack, a
 * name that `top -H` shows, and every signal left to the main thread.
 */
#ifndef OS_THREAD_H
#define OS_THREAD_H

#include <pthread.h>

#include "base/err.h"

#define THREAD_STACK ((size_t)256 * 1024)

/* `name`: at most 15 characters.  The caller joins it. */
int thread_start(pthread_t *out, const char *name, void *(*fn)(void *arg),
                 void *arg, struct err *err) ATTR_MUST_USE;

/* The calling thread works when nobody else wants the core. */
void thread_background(void);

/* A condition whose timed waits are of the clock of clock_real_us(), which
 * nobody sets. */
void thread_cond_init(pthread_cond_t *cond);

/* Cores that this process may use, at least 1. */
unsigned thread_cores(void);

#endif
