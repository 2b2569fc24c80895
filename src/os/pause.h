/*
 * os/pause.h - how a thread that works now and then rests, and is told to end.
 *
 *	while (pause_rest(&t->pause, US_PER_SEC))
 *		... work; long work asks pause_is_over() between its steps ...
 *
 * and the one who started it:
 *
 *	pause_end(&t->pause);
 *	pthread_join(t->thread, NULL);
 *	pause_deinit(&t->pause);
 */
#ifndef OS_PAUSE_H
#define OS_PAUSE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct pause { /* private */
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool over;
};

void pause_init(struct pause *p);
void pause_deinit(struct pause *p); /* nobody rests any more */

/* Wait for `us` microseconds of the real clock, or until pause_end(), which
 * may have been before.  False: it is over. */
bool pause_rest(struct pause *p, int64_t us) ATTR_MUST_USE;

/* Whether pause_end() was called; `pause` is a struct pause, so that this
 * serves as a callback. */
bool pause_is_over(void *pause);

/* Whoever rests wakes, and does not rest again. */
void pause_end(struct pause *p);

#endif
