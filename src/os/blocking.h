/*
 * os/blocking.h - "this thread waits now", told to whoever counts threads.
 *
 * A pool that keeps one running thread per core must know when one of them
 * sleeps in a group commit, a lock or a request to another process, to let
 * another run meanwhile.  The pool registers hooks for its thread; the code
 * that waits brackets the wait.  Without hooks both do nothing.
 *
 *	blocking_begin();
 *	... pthread_cond_wait(...) ...
 *	blocking_end();
 */
#ifndef OS_BLOCKING_H
#define OS_BLOCKING_H

struct blocking_hooks {
	void (*begin)(void *pool);
	void (*end)(void *pool);
	void *pool;
};

/* For the calling thread; `h` must outlive it; NULL takes them off. */
void blocking_set_hooks(const struct blocking_hooks *h);

void blocking_begin(void);
void blocking_end(void);

#endif
