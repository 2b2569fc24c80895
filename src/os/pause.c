#include "os/pause.h"

#include "os/clock.h"
#include "os/thread.h"

void pause_init(struct pause *p)
{
	*p = (struct pause){ .over = false };
	(void)pthread_mutex_init(&p->lock, NULL);
	thread_cond_init(&p->wake);
}

void pause_deinit(struct pause *p)
{
	(void)pthread_cond_destroy(&p->wake);
	(void)pthread_mutex_destroy(&p->lock);
}

bool pause_rest(struct pause *p, int64_t us)
{
	int64_t until = clock_real_us() + us;
	struct timespec ts = { .tv_sec = until / US_PER_SEC,
		               .tv_nsec = until % US_PER_SEC * 1000 };
	bool over;

	(void)pthread_mutex_lock(&p->lock);
	while (!p->over && pthread_cond_timedwait(&p->wake, &p->lock, &ts) == 0)
		;
	over = p->over;
	(void)pthread_mutex_unlock(&p->lock);
	return !over;
}

bool pause_is_over(void *pause)
{
	struct pause *p = pause;
	bool over;

	(void)pthread_mutex_lock(&p->lock);
	over = p->over;
	(void)pthread_mutex_unlock(&p->lock);
	return over;
}

void pause_end(struct pause *p)
{
	(void)pthread_mutex_lock(&p->lock);
	p->over = true;
	(void)pthread_cond_broadcast(&p->wake);
	(void)pthread_mutex_unlock(&p->lock);
}
