/* The threads, each at one destination, and the places of those that send. */
#include <stdio.h>

#include "base/mem.h"
#include "log/log.h"
#include "os/clock.h"
#include "os/thread.h"
#include "relay/private.h"

/* With the lock held: this thread goes to, or from, its destination. */
static void arrive(struct relay *r, struct relay_task *t)
{
	struct str name = str_z(t->name);
	struct relay_active *a = map_get(&r->active, name);

	if (!a) {
		a = mem_zalloc(sizeof(*a));
		(void)map_put(&r->active, name, a);
	}
	a->n++;
	a->opening++;
	t->opening = true;
	r->at_work++;
}

static void leave(struct relay *r, struct relay_task *t)
{
	struct str name = str_z(t->name);
	struct relay_active *a = map_get(&r->active, name);

	if (a && t->opening)
		a->opening--;
	if (a && --a->n == 0)
		mem_free(map_remove(&r->active, name));
	t->opening = false;
	r->at_work--;
}

void relay_found(struct relay *r, struct relay_task *t)
{
	if (t->searching) {
		r->searching--;
		r->suspects -= t->suspect;
	}
	t->searching = false;
}

static void done_with(struct relay *r, struct relay_task *t)
{
	leave(r, t);
	relay_found(r, t);
	mem_free(t);
	relay_poke(r);
}

/* With the lock held, and let go meanwhile. */
static void go_on(struct relay *r, struct task *k)
{
	struct relay_task *t = relay_task_of(k);
	bool done;

	(void)pthread_mutex_unlock(&r->lock);
	done = relay_task_go_on(k);
	(void)pthread_mutex_lock(&r->lock);
	if (done)
		done_with(r, t);
}

static void begin(struct relay *r, struct relay_task *t)
{
	bool done;

	r->tasks = t->next;
	(void)pthread_mutex_unlock(&r->lock);
	done = relay_task_run(r, t);
	(void)pthread_mutex_lock(&r->lock);
	if (done)
		done_with(r, t);
}

static void *work(void *arg)
{
	struct relay *r = arg;
	struct relay_waiter *called;

	(void)pthread_mutex_lock(&r->lock);
	while (!atomic_load(&r->stop)) {
		/* Sessions that are there before those to be made. */
		called = relay_ways_called(r->ways);
		if (called) {
			go_on(r, called->owner);
		} else if (r->tasks) {
			begin(r, r->tasks);
		} else {
			r->idle++;
			(void)pthread_cond_wait(&r->work, &r->lock);
			r->idle--;
		}
	}
	(void)pthread_mutex_unlock(&r->lock);
	return NULL;
}

/* A thread more, or one that has nothing to do. */
static void call_thread(struct relay *r)
{
	struct err err = ERR_INIT;

	if (r->idle == 0 && r->threads_n < r->threads_max &&
	    thread_start(&r->threads[r->threads_n], "relay", work, r, &err) ==
	            0)
		r->threads_n++;
	else
		(void)pthread_cond_signal(&r->work);
}

void relay_pool_call(struct relay *r)
{
	for (size_t i = relay_ways_called_n(r->ways); i > 0; i--)
		call_thread(r);
}

void relay_pool_put(struct relay *r, struct relay_task *t)
{
	struct relay_task **at;

	t->suspect = t->failures > 0;
	t->searching = true;
	arrive(r, t);
	r->searching++;
	r->suspects += t->suspect;
	for (at = &r->tasks; *at; at = &(*at)->next)
		;
	*at = t;
	call_thread(r);
}

void relay_pool_end(struct relay *r)
{
	struct relay_waiter *called;

	(void)pthread_mutex_lock(&r->lock);
	(void)pthread_cond_broadcast(&r->work);
	(void)pthread_cond_broadcast(&r->slot);
	(void)pthread_cond_broadcast(&r->closing);
	(void)pthread_mutex_unlock(&r->lock);
	for (size_t i = 0; i < r->threads_n; i++)
		(void)pthread_join(r->threads[i], NULL);
	while (r->tasks) {
		struct relay_task *t = r->tasks;

		r->tasks = t->next;
		done_with(r, t);
	}
	relay_ways_end(r->ways);
	while ((called = relay_ways_called(r->ways))) {
		struct relay_task *t = relay_task_of(called->owner);

		relay_task_drop(called->owner);
		done_with(r, t);
	}
}

bool relay_slot_take(struct relay *r, struct relay_task *t)
{
	bool ok;

	(void)pthread_mutex_lock(&r->lock);
	while (r->sending >= r->sending_max && !atomic_load(&r->stop))
		(void)pthread_cond_wait(&r->slot, &r->lock);
	ok = !atomic_load(&r->stop);
	if (ok) {
		r->sending++;
		relay_found(r, t);
	}
	(void)pthread_mutex_unlock(&r->lock);
	relay_poke(r); /* there is room for another search */
	return ok;
}

void relay_slot_give(struct relay *r)
{
	(void)pthread_mutex_lock(&r->lock);
	r->sending--;
	(void)pthread_cond_signal(&r->slot);
	(void)pthread_mutex_unlock(&r->lock);
}

void relay_has_claimed(struct relay *r, struct relay_task *t)
{
	struct relay_active *a;

	if (!t->opening)
		return;
	(void)pthread_mutex_lock(&r->lock);
	t->opening = false;
	a = map_get(&r->active, str_z(t->name));
	if (a)
		a->opening--;
	(void)pthread_mutex_unlock(&r->lock);
	relay_poke(r);
}

/* With the lock held: those that nobody is at. */
static bool take_one(struct relay *r, struct relay_task *t,
                     const struct queue_destination *d, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (d[i].name.n >= sizeof(t->name) ||
		    map_get(&r->active, d[i].name))
			continue;
		leave(r, t);
		(void)snprintf(t->name, sizeof(t->name), "%.*s",
		               STR_ARG(d[i].name));
		t->failures = d[i].failures;
		arrive(r, t);
		return true;
	}
	return false;
}

bool relay_take_next(struct relay *r, struct relay_task *t)
{
	struct queue_destination *d;
	struct err err = ERR_INIT;
	bool found = false;
	int64_t next_us;
	struct arena a;
	size_t max, n;

	(void)pthread_mutex_lock(&r->lock);
	max = r->active.n + 1;
	(void)pthread_mutex_unlock(&r->lock);
	arena_init(&a);
	d = arena_array(&a, max, sizeof(*d));
	for (int failing = 0; failing < 2 && !found; failing++) {
		if (queue_destinations(r->o.queue, failing, clock_wall_us(),
		                       max, &a, d, &n, &next_us, &err) < 0) {
			log_fail(LOG_ERROR, "relay.trouble", &err);
			break;
		}
		(void)pthread_mutex_lock(&r->lock);
		found = take_one(r, t, d, n);
		(void)pthread_mutex_unlock(&r->lock);
	}
	arena_deinit(&a);
	return found;
}

bool relay_is_crowded(struct relay *r)
{
	bool crowded;

	(void)pthread_mutex_lock(&r->lock);
	crowded = r->searching * 2 > r->threads_max - r->sending_max;
	(void)pthread_mutex_unlock(&r->lock);
	return crowded;
}
