/* relay/private.h - what the files of relay/ share. */
#ifndef RELAY_PRIVATE_H
#define RELAY_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/map.h"
#include "config/config.h"
#include "queue/destination.h"
#include "relay/book.h"
#include "relay/outcome.h"
#include "relay/relay.h"
#include "relay/seal.h"
#include "relay/session.h"
#include "relay/ways.h"

/* Longer than the longest transaction; a start takes them back anyway. */
#define RELAY_LEASE_US (INT64_C(6) * 3600 * 1000000)

struct relay {
	struct relay_options o;
	struct relay_sealer sealer;
	struct tls_client *tls;
	struct relay_book *book;
	struct relay_tally *tally;
	struct relay_pace *pace;
	int wake, stop_fd; /* eventfds */
	atomic_bool stop;
	pthread_t scheduler, reporter, closer;
	bool scheduler_runs, reporter_runs, closer_runs;

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t work, slot;
	struct map active;        /* destination -> struct relay_active */
	size_t at_work;           /* threads at all of them */
	struct relay_task *tasks; /* not yet taken */
	pthread_t *threads;
	size_t threads_n, threads_max, idle;
	size_t searching, suspects; /* tasks before their connection */
	size_t sending, sending_max;
	struct relay_ways *ways;
	pthread_cond_t closing; /* the closer has something to do */
	int64_t closer_at_us;   /* it looks then by itself */
};

struct relay_active {
	size_t n;       /* threads at it */
	size_t opening; /* of these, that have claimed nothing yet */
};

struct relay_task {
	struct relay_task *next;
	unsigned failures; /* in a row, until now */
	bool suspect;      /* any */
	bool searching;    /* no connection yet */
	bool opening;      /* nothing claimed yet */
	char name[256];    /* the destination */
};

/* plan.c: the thread that hands out what is due. */
void *relay_plan(void *relay);

/* pool.c */
/* With the lock held: a thread takes the task, soon; it is freed then. */
void relay_pool_put(struct relay *r, struct relay_task *t);
/* When all is to stop: returns when no thread is left. */
void relay_pool_end(struct relay *r);
/* Take a place among those that send; false when the role stops. */
bool relay_slot_take(struct relay *r, struct relay_task *t);
void relay_slot_give(struct relay *r);
/* With the lock held: as many threads as tasks were called. */
void relay_pool_call(struct relay *r);
/* With the lock held: it looks for no host any more. */
void relay_found(struct relay *r, struct relay_task *t);
/* It has claimed: what is still due there is for another. */
void relay_has_claimed(struct relay *r, struct relay_task *t);
/* Another destination for the session that this thread has (a smarthost takes
 * them all); false: none is due. */
bool relay_take_next(struct relay *r, struct relay_task *t);
/* Too many look for hosts: be quick. */
bool relay_is_crowded(struct relay *r);

/* task.c: all that is due for one destination.  False: it waits for its turn
 * at a host, and whoever is told by relay_ways_called() goes on with it; it
 * may be gone already. */
struct task;
bool relay_task_run(struct relay *r, struct relay_task *t);
bool relay_task_go_on(struct task *k);
struct relay_task *relay_task_of(struct task *k);
void relay_task_drop(struct task *k); /* at the end, what waits */

/* share.c: the thread that closes connections nobody needs; and all of them. */
void *relay_close_idle(void *relay);
void relay_share_close(struct relay *r);

/* settle.c */
int64_t relay_retry_at(struct relay *r, int64_t now_us, unsigned failures);
/* What became of `n` jobs; logged, counted, told to the trail. */
void relay_settle(struct relay *r, const struct queue_job *jobs,
                  const struct relay_outcome *outcomes, size_t n,
                  const struct relay_session *s);
/* They were not tried: due again at `next_us`. */
void relay_put_back(struct relay *r, const struct queue_job *jobs, size_t n,
                    int64_t next_us);
/* Nobody could be reached: block it, and give up what is too old. */
void relay_unreachable(struct relay *r, const struct relay_task *t,
                       const struct relay_outcome *why);
/* Nothing for it can ever be delivered. */
void relay_hopeless(struct relay *r, const struct relay_task *t,
                    const struct relay_outcome *why);

#endif
