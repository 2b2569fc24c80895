#include "net/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/clock.h"
#include "os/random.h"
#include "os/thread.h"

static void set_defaults(struct net_options *o)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (o->sessions_max == 0)
		o->sessions_max = NET_SESSIONS_MAX;
	if (o->workers == 0)
		o->workers = cores > 0 ? (uint32_t)cores : 1;
	if (o->workers_max == 0)
		o->workers_max = NET_WORKERS_MAX;
	if (o->workers_max < o->workers)
		o->workers_max = o->workers;
}

static void init_locks(struct net_engine *e)
{
	(void)pthread_mutex_init(&e->pool_lock, NULL);
	(void)pthread_mutex_init(&e->timer_lock, NULL);
	(void)pthread_mutex_init(&e->reserve_lock, NULL);
	thread_cond_init(&e->spare_cond);
	thread_cond_init(&e->none_cond);
	thread_cond_init(&e->timer_cond);
}

static int open_fds(struct net_engine *e, struct err *err)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET,
		                  .data.u64 = NET_NAME_KICK };

	e->epoll = epoll_create1(EPOLL_CLOEXEC);
	e->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	e->reserve = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (e->epoll < 0 || e->kick < 0 || e->reserve < 0)
		return err_sys(err, errno, "start the session engine");
	if (epoll_ctl(e->epoll, EPOLL_CTL_ADD, e->kick, &ev) < 0)
		return err_sys(err, errno, "start the session engine");
	return 0;
}

int net_engine_new(struct net_engine **out, const struct net_options *o,
                   struct err *err)
{
	struct net_engine *e = mem_zalloc(sizeof(*e));

	e->o = *o;
	e->epoll = -1;
	e->kick = -1;
	e->reserve = -1;
	e->retry_at = NET_NEVER;
	/* Unique over restarts too, and short enough to read aloud. */
	atomic_store(&e->next_id, random_u64() >> 20);
	set_defaults(&e->o);
	init_locks(e);
	heap_init(&e->timers);
	net_slots_init(e);
	if (open_fds(e, err) < 0) {
		net_engine_free(&e);
		return -1;
	}
	*out = e;
	return 0;
}

int net_engine_start(struct net_engine *e, struct err *err)
{
	if (net_timer_start(e, err) < 0)
		return -1;
	return net_pool_start(e, err);
}

/* Until no session is left or the time is over; looks again often, as the
 * clock may be simulated and sessions may begin while others are posted. */
static void wait_for_none(struct net_engine *e, uint32_t bits, int64_t until)
{
	struct timespec ts;

	(void)pthread_mutex_lock(&e->pool_lock);
	while (atomic_load(&e->sessions) > 0 && clock_steady_us() < until) {
		(void)clock_gettime(CLOCK_MONOTONIC, &ts);
		ts.tv_nsec += 20 * 1000000;
		if (ts.tv_nsec >= 1000000000) {
			ts.tv_nsec -= 1000000000;
			ts.tv_sec++;
		}
		(void)pthread_cond_timedwait(&e->none_cond, &e->pool_lock, &ts);
		if (bits) {
			(void)pthread_mutex_unlock(&e->pool_lock);
			net_post_all(e, bits);
			(void)pthread_mutex_lock(&e->pool_lock);
		}
	}
	(void)pthread_mutex_unlock(&e->pool_lock);
}

void net_engine_stop(struct net_engine *e, int64_t wait_us)
{
	atomic_store(&e->draining, true);
	net_ports_close(e);
	if (e->started) {
		net_post_all(e, NET_EV_DRAIN);
		wait_for_none(e, 0, clock_steady_us() + wait_us);
		net_post_all(e, NET_EV_CUT);
		wait_for_none(e, NET_EV_CUT, NET_NEVER);
		net_pool_stop(e);
	}
	net_timer_stop(e);
	net_pool_join_gone(e);
	e->started = false;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		(void)close(fd);
}

void net_engine_free(struct net_engine **ep)
{
	struct net_engine *e = *ep;

	if (!e)
		return;
	if (e->started || e->timer_started)
		net_engine_stop(e, 0);
	net_ports_close(e);
	for (uint32_t i = 0; i < atomic_load(&e->ports_n); i++) {
		(void)pthread_mutex_destroy(&e->ports[i]->lock);
		mem_free(e->ports[i]);
	}
	close_fd(e->epoll);
	close_fd(e->kick);
	close_fd(e->reserve);
	net_slots_deinit(e);
	heap_deinit(&e->timers);
	(void)pthread_mutex_destroy(&e->pool_lock);
	(void)pthread_mutex_destroy(&e->timer_lock);
	(void)pthread_mutex_destroy(&e->reserve_lock);
	(void)pthread_cond_destroy(&e->spare_cond);
	(void)pthread_cond_destroy(&e->none_cond);
	(void)pthread_cond_destroy(&e->timer_cond);
	mem_free(e);
	*ep = NULL;
}

void net_engine_figures(const struct net_engine *e, struct net_figures *out)
{
	*out = (struct net_figures){
		.sessions = atomic_load(&e->sessions),
		.sessions_tls = atomic_load(&e->sessions_tls),
		.workers = atomic_load(&e->threads),
		.workers_blocked = atomic_load(&e->blocked),
		.accepted = atomic_load(&e->accepted),
		.refused = atomic_load(&e->refused),
		.bytes_in = atomic_load(&e->bytes_in),
		.bytes_out = atomic_load(&e->bytes_out),
	};
}
