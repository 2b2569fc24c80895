/*
 * Times.  Each session has one entry, at a time not later than the earliest
 * thing it waits for.  It is moved only to an earlier time: a session that is
 * busy pushes its idle time-out ahead with every command, and pays nothing
 * for it; the timer looks again when the old time comes.
 */
#include <errno.h>
#include <time.h>

#include "net/engine.h"
#include "os/clock.h"

/* With a simulated clock the time may jump at any moment. */
#define POLL_US (20 * US_PER_MS)
/* Ended threads are joined at least this often. */
#define LOOK_US (30 * US_PER_SEC)

static void put(struct net_engine *e, struct net_session *s, int64_t at)
{
	s->timer.key = at;
	heap_put(&e->timers, &s->timer);
	atomic_store(&s->timer_at, at);
	if (heap_first(&e->timers) == &s->timer)
		(void)pthread_cond_signal(&e->timer_cond);
}

/* `due` is written before timer_at is read, and the timer's thread does the
 * reverse: one of the two sees that the entry is too late. */
void net_timer_set(struct net_session *s, int64_t due)
{
	struct net_engine *e = s->e;

	atomic_store(&s->due, due);
	if (atomic_load(&s->timer_at) <= due)
		return;
	(void)pthread_mutex_lock(&e->timer_lock);
	if (atomic_load(&s->timer_at) > due)
		put(e, s, due);
	(void)pthread_mutex_unlock(&e->timer_lock);
}

void net_timer_bring(struct net_session *s, uint32_t generation, int64_t at)
{
	struct net_engine *e = s->e;

	(void)pthread_mutex_lock(&e->timer_lock);
	if (net_generation(s) == generation && atomic_load(&s->timer_at) > at)
		put(e, s, at);
	(void)pthread_mutex_unlock(&e->timer_lock);
}

void net_timer_drop(struct net_session *s)
{
	struct net_engine *e = s->e;

	(void)pthread_mutex_lock(&e->timer_lock);
	heap_remove(&e->timers, &s->timer);
	(void)pthread_mutex_unlock(&e->timer_lock);
}

void net_timer_retry(struct net_engine *e, int64_t at)
{
	(void)pthread_mutex_lock(&e->timer_lock);
	if (at < e->retry_at) {
		e->retry_at = at;
		(void)pthread_cond_signal(&e->timer_cond);
	}
	(void)pthread_mutex_unlock(&e->timer_lock);
}

/* The entry's time has come.  True: the session is to look. */
static bool is_due(struct net_engine *e, struct net_session *s, int64_t now)
{
	int64_t due = atomic_load(&s->due);

	while (due > now && !(atomic_load(&s->word) & NET_EV_WAKE)) {
		int64_t again;

		if (due == NET_NEVER) {
			heap_remove(&e->timers, &s->timer);
			atomic_store(&s->timer_at, NET_NEVER);
		} else {
			put(e, s, due);
		}
		again = atomic_load(&s->due);
		if (again >= due)
			return false;
		due = again;
	}
	heap_remove(&e->timers, &s->timer);
	atomic_store(&s->timer_at, NET_NEVER);
	return true;
}

/* Up to 64 sessions at a time, so that the lock is free in between. */
static bool expire(struct net_engine *e, int64_t now)
{
	struct net_session *due[64];
	struct heap_item *it;
	size_t n = 0, looked = 0;

	while (n < 64 && looked++ < 1024 && (it = heap_first(&e->timers)) &&
	       it->key <= now) {
		struct net_session *s =
			HEAP_OWNER(it, struct net_session, timer);

		if (is_due(e, s, now) &&
		    net_post(s, net_generation(s), NET_EV_TIME))
			due[n++] = s;
	}
	if (n == 0)
		return looked > 1024;
	(void)pthread_mutex_unlock(&e->timer_lock);
	for (size_t i = 0; i < n; i++)
		net_enqueue(e, due[i]);
	(void)pthread_mutex_lock(&e->timer_lock);
	return true;
}

static void wait_until(struct net_engine *e, int64_t now, int64_t at)
{
	int64_t us = at - now;
	struct timespec ts;

	if (us > LOOK_US)
		us = LOOK_US;
	if (clock_is_simulated() && us > POLL_US)
		us = POLL_US;
	if (us <= 0)
		return;
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	us += ts.tv_nsec / 1000;
	ts.tv_sec += us / US_PER_SEC;
	ts.tv_nsec = us % US_PER_SEC * 1000;
	(void)pthread_cond_timedwait(&e->timer_cond, &e->timer_lock, &ts);
}

static void *timer_main(void *arg)
{
	struct net_engine *e = arg;

	(void)pthread_mutex_lock(&e->timer_lock);
	while (!e->timer_quit) {
		int64_t now = clock_steady_us(), at = e->retry_at;
		struct heap_item *first;

		if (now >= e->retry_at) {
			e->retry_at = NET_NEVER;
			(void)pthread_mutex_unlock(&e->timer_lock);
			net_ports_resume(e);
			(void)pthread_mutex_lock(&e->timer_lock);
			continue;
		}
		if (expire(e, now))
			continue;
		(void)pthread_mutex_unlock(&e->timer_lock);
		net_pool_join_gone(e);
		(void)pthread_mutex_lock(&e->timer_lock);
		first = heap_first(&e->timers);
		if (first && first->key < at)
			at = first->key;
		if (!e->timer_quit)
			wait_until(e, now, at);
	}
	(void)pthread_mutex_unlock(&e->timer_lock);
	return NULL;
}

int net_timer_start(struct net_engine *e, struct err *err)
{
	pthread_attr_t attr;
	int rc;

	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, NET_STACK);
	rc = pthread_create(&e->timer_thread, &attr, timer_main, e);
	(void)pthread_attr_destroy(&attr);
	if (rc != 0)
		return err_sys(err, rc, "start the timer thread");
	e->timer_started = true;
	return 0;
}

void net_timer_stop(struct net_engine *e)
{
	if (!e->timer_started)
		return;
	(void)pthread_mutex_lock(&e->timer_lock);
	e->timer_quit = true;
	(void)pthread_cond_signal(&e->timer_cond);
	(void)pthread_mutex_unlock(&e->timer_lock);
	(void)pthread_join(e->timer_thread, NULL);
	e->timer_started = false;
}
