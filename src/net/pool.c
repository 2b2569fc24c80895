/*
 * Workers.  At most `o.workers` run at a time; a further one is let loose
 * only while another blocks (os/blocking.h), and when it comes back there is
 * one too many for a moment, until any of them has finished its session and
 * becomes spare.  A spare thread that is not needed for a while ends.
 *
 * A thread that has nothing in the queue waits in epoll.  When all wait
 * there, a session is queued by one of another kind (a waker, the timer):
 * then one is kicked out of epoll with an eventfd, once, until it came.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/engine.h"
#include "os/clock.h"

#define SPARE_S     10 /* a spare thread waits so long for work */
#define EVENTS      16 /* taken from epoll at a time */
#define QUEUE_SHARE 8  /* from the queue, before epoll is looked at */

static int spawn(struct net_engine *e);

static bool is_full(const struct net_engine *e)
{
	return e->running + e->polling + e->starting >= e->o.workers;
}

/* See that somebody looks at epoll and the queue, if one more may run. */
static void see_to_it(struct net_engine *e)
{
	if (e->polling + e->starting > 0 || e->running >= e->o.workers)
		return;
	if (e->spare > e->go) {
		e->go++;
		e->starting++;
		(void)pthread_cond_signal(&e->spare_cond);
	} else if (e->threads < e->o.workers_max && !e->quit) {
		(void)spawn(e); /* else those that block come back */
	}
}

/* Get one thread out of epoll, for the queue. */
static void kick(struct net_engine *e)
{
	uint64_t one = 1;

	if (e->kicked || e->polling == 0)
		return;
	e->kicked = true;
	if (write(e->kick, &one, sizeof(one)) < 0)
		e->kicked = false; /* cannot be: the counter never fills */
}

static void blocks(void *arg)
{
	struct net_engine *e = ((struct net_worker *)arg)->e;

	(void)pthread_mutex_lock(&e->pool_lock);
	e->running--;
	e->blocked++;
	see_to_it(e);
	if (e->queued > 0)
		kick(e);
	(void)pthread_mutex_unlock(&e->pool_lock);
}

static void runs_again(void *arg)
{
	struct net_engine *e = ((struct net_worker *)arg)->e;

	(void)pthread_mutex_lock(&e->pool_lock);
	e->blocked--;
	e->running++;
	(void)pthread_mutex_unlock(&e->pool_lock);
}

static void push(struct net_engine *e, struct net_session *s)
{
	s->next = NULL;
	if (e->queue_tail)
		e->queue_tail->next = s;
	else
		e->queue_head = s;
	e->queue_tail = s;
	e->queued++;
}

static struct net_session *pop(struct net_engine *e)
{
	struct net_session *s = e->queue_head;

	if (!s)
		return NULL;
	e->queue_head = s->next;
	if (!e->queue_head)
		e->queue_tail = NULL;
	s->next = NULL;
	e->queued--;
	return s;
}

void net_enqueue(struct net_engine *e, struct net_session *s)
{
	(void)pthread_mutex_lock(&e->pool_lock);
	push(e, s);
	kick(e);
	see_to_it(e);
	(void)pthread_mutex_unlock(&e->pool_lock);
}

void net_enqueue_own(struct net_engine *e, struct net_session *s)
{
	(void)pthread_mutex_lock(&e->pool_lock);
	push(e, s);
	(void)pthread_mutex_unlock(&e->pool_lock);
}

/* Spare until called; false when the thread is to end. */
static bool wait_spare(struct net_engine *e)
{
	struct timespec until;
	int rc = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += SPARE_S;
	if (e->queued > 0)
		kick(e); /* what this thread queued is for the others */
	e->spare++;
	while (e->go == 0 && !e->quit && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&e->spare_cond, &e->pool_lock,
		                            &until);
	e->spare--;
	if (e->go > 0) {
		e->go--;
		e->starting--;
		return true;
	}
	return !e->quit && e->threads <= e->o.workers;
}

static uint32_t bits_of(uint32_t events)
{
	uint32_t bits = 0;

	if (events & EPOLLIN)
		bits |= NET_EV_IN;
	if (events & EPOLLOUT)
		bits |= NET_EV_OUT;
	if (events & EPOLLRDHUP)
		bits |= NET_EV_PEER_DONE;
	if (events & (EPOLLHUP | EPOLLERR))
		bits |= NET_EV_HUP;
	return bits;
}

/* One event without the lock; a session that this claimed, or NULL. */
static struct net_session *take_event(struct net_engine *e,
                                      const struct epoll_event *ev)
{
	uint32_t name = (uint32_t)ev->data.u64;
	struct net_session *s;

	if (name == NET_NAME_KICK)
		return NULL;
	if (name >= NET_NAME_PORT) {
		net_port_accept(e, e->ports[name - NET_NAME_PORT]);
		return NULL;
	}
	s = net_slot(e, name);
	if (s &&
	    net_post(s, (uint32_t)(ev->data.u64 >> 32), bits_of(ev->events)))
		return s;
	return NULL;
}

/* All to the queue, for whoever is free: what blocks in the first must not
 * hold up the others. */
static void take_events(struct net_engine *e, const struct epoll_event *ev,
                        int n)
{
	struct net_session *ready[EVENTS];
	int k = 0;

	for (int i = 0; i < n; i++) {
		ready[k] = take_event(e, &ev[i]);
		if (ready[k])
			k++;
	}
	(void)pthread_mutex_lock(&e->pool_lock);
	for (int i = 0; i < n; i++)
		if (ev[i].data.u64 == NET_NAME_KICK)
			e->kicked = false;
	for (int i = 0; i < k; i++)
		push(e, ready[i]);
}

/* Called and left with the lock held. */
static void poll_events(struct net_engine *e, int timeout)
{
	struct epoll_event ev[EVENTS];
	int n;

	e->polling++;
	(void)pthread_mutex_unlock(&e->pool_lock);
	n = epoll_wait(e->epoll, ev, EVENTS, timeout);
	if (n > 0)
		take_events(e, ev, n);
	else
		(void)pthread_mutex_lock(&e->pool_lock);
	e->polling--;
}

static void work(struct net_worker *w, struct net_session *s)
{
	struct net_engine *e = w->e;

	e->running++;
	if (e->queued > 0)
		kick(e);
	see_to_it(e);
	(void)pthread_mutex_unlock(&e->pool_lock);
	net_run(w, s);
	(void)pthread_mutex_lock(&e->pool_lock);
	e->running--;
}

static void end_worker(struct net_worker *w)
{
	struct net_engine *e = w->e;

	e->threads--;
	w->next = e->gone;
	e->gone = w;
}

static void *worker_main(void *arg)
{
	struct net_worker *w = arg;
	struct net_engine *e = w->e;
	uint32_t share = 0;

	blocking_set_hooks(&w->hooks);
	(void)pthread_mutex_lock(&e->pool_lock);
	e->starting--;
	while (!e->quit) {
		struct net_session *s = NULL;

		if (is_full(e)) {
			if (!wait_spare(e))
				break;
			continue;
		}
		if (share < QUEUE_SHARE)
			s = pop(e);
		if (s) {
			share++;
			work(w, s);
		} else {
			share = 0;
			poll_events(e, e->queued > 0 ? 0 : -1);
		}
	}
	end_worker(w);
	(void)pthread_mutex_unlock(&e->pool_lock);
	return NULL;
}

static void free_worker(struct net_worker *w)
{
	mem_free(w->block);
	buf_deinit(&w->out);
	mem_free(w);
}

/* Under the lock.  Signals are left to the program's own threads. */
static int spawn(struct net_engine *e)
{
	struct net_worker *w = mem_zalloc(sizeof(*w));
	sigset_t all, old;
	pthread_attr_t attr;
	int rc;

	w->e = e;
	w->hooks = (struct blocking_hooks){ blocks, runs_again, w };
	buf_init(&w->out, NET_OUT_MAX);
	(void)sigfillset(&all);
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setstacksize(&attr, NET_STACK);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&w->thread, &attr, worker_main, w);
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	(void)pthread_attr_destroy(&attr);
	if (rc != 0) {
		free_worker(w);
		return rc;
	}
	e->threads++;
	e->starting++;
	return 0;
}

int net_pool_start(struct net_engine *e, struct err *err)
{
	int rc = 0;

	(void)pthread_mutex_lock(&e->pool_lock);
	for (uint32_t i = 0; i < e->o.workers && rc == 0; i++)
		rc = spawn(e);
	e->started = true;
	(void)pthread_mutex_unlock(&e->pool_lock);
	if (rc != 0)
		return err_sys(err, rc, "start a worker thread");
	return 0;
}

void net_pool_join_gone(struct net_engine *e)
{
	struct net_worker *w;

	(void)pthread_mutex_lock(&e->pool_lock);
	w = e->gone;
	e->gone = NULL;
	(void)pthread_mutex_unlock(&e->pool_lock);
	while (w) {
		struct net_worker *next = w->next;

		(void)pthread_join(w->thread, NULL);
		free_worker(w);
		w = next;
	}
}

/* No session is left.  A kick gets one thread out of epoll. */
void net_pool_stop(struct net_engine *e)
{
	uint64_t one = 1;
	bool left;

	(void)pthread_mutex_lock(&e->pool_lock);
	e->quit = true;
	(void)pthread_cond_broadcast(&e->spare_cond);
	(void)pthread_mutex_unlock(&e->pool_lock);
	do {
		if (write(e->kick, &one, sizeof(one)) < 0)
			break;
		net_pool_join_gone(e);
		(void)pthread_mutex_lock(&e->pool_lock);
		left = e->threads > 0 || e->gone;
		(void)pthread_mutex_unlock(&e->pool_lock);
		if (left)
			clock_sleep_us(US_PER_MS);
	} while (left);
}
