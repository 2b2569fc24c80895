#include "transfer/batch.h"

#include <pthread.h>

#include "base/mem.h"
#include "os/thread.h"

#define THREADS_MAX 32

enum slot_state { SLOT_EMPTY, SLOT_POSTED, SLOT_TAKEN, SLOT_READY };

struct slot {
	struct batch batch;
	enum slot_state state;
};

struct batch_ring {
	struct batch_ring_options o;
	struct slot *slots;
	size_t n;
	/* Numbers that only grow; modulo n they are places. */
	size_t posted, taken, dropped;
	bool stop;
	pthread_mutex_t lock;
	pthread_cond_t work, ready;
	pthread_t threads[THREADS_MAX];
	unsigned threads_n;
};

static void prepare(const struct batch_ring *r, struct batch_item *b)
{
	struct source_item *it = &b->item;
	int64_t arrived_us = 0;

	if (it->failed)
		return;
	if (it->file &&
	    source_read(it->file, it->as_is, r->o.pool, r->o.message_max,
	                &it->bytes, &arrived_us, &it->why) < 0) {
		it->failed = true;
		return;
	}
	if (it->file)
		it->arrived_us = arrived_us;
	if (append_prepare(&b->message, r->o.store, it->bytes, &it->why) < 0)
		it->failed = true;
}

static void *work(void *arg)
{
	struct batch_ring *r = arg;

	(void)pthread_mutex_lock(&r->lock);
	for (;;) {
		struct slot *s;

		while (!r->stop && r->taken == r->posted)
			(void)pthread_cond_wait(&r->work, &r->lock);
		if (r->taken == r->posted)
			break;
		s = &r->slots[r->taken++ % r->n];
		s->state = SLOT_TAKEN;
		(void)pthread_mutex_unlock(&r->lock);
		for (size_t i = 0; i < s->batch.n; i++)
			prepare(r, &s->batch.items[i]);
		(void)pthread_mutex_lock(&r->lock);
		s->state = SLOT_READY;
		(void)pthread_cond_signal(&r->ready);
	}
	(void)pthread_mutex_unlock(&r->lock);
	return NULL;
}

int batch_ring_open(struct batch_ring **out, const struct batch_ring_options *o,
                    struct err *err)
{
	struct batch_ring *r = mem_zalloc(sizeof(*r));
	unsigned threads = o->threads ? o->threads : thread_cores();

	if (threads > THREADS_MAX)
		threads = THREADS_MAX;
	r->o = *o;
	r->n = 2 * (size_t)threads + 1;
	r->slots = mem_array(r->n, sizeof(*r->slots));
	for (size_t i = 0; i < r->n; i++)
		arena_init(&r->slots[i].batch.arena);
	(void)pthread_mutex_init(&r->lock, NULL);
	(void)pthread_cond_init(&r->work, NULL);
	(void)pthread_cond_init(&r->ready, NULL);
	while (r->threads_n < threads) {
		if (thread_start(&r->threads[r->threads_n], "import", work, r,
		                 err) < 0) {
			batch_ring_close(&r);
			return -1;
		}
		r->threads_n++;
	}
	*out = r;
	return 0;
}

static void empty(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		append_free(&b->items[i].message);
		spool_free(&b->items[i].item.bytes);
		b->items[i] = (struct batch_item){ .message = NULL };
	}
	b->n = 0;
	arena_reset(&b->arena);
}

void batch_ring_close(struct batch_ring **ring)
{
	struct batch_ring *r = *ring;

	if (!r)
		return;
	(void)pthread_mutex_lock(&r->lock);
	r->stop = true;
	(void)pthread_cond_broadcast(&r->work);
	(void)pthread_mutex_unlock(&r->lock);
	for (unsigned i = 0; i < r->threads_n; i++)
		(void)pthread_join(r->threads[i], NULL);
	for (size_t i = 0; i < r->n; i++) {
		empty(&r->slots[i].batch);
		arena_deinit(&r->slots[i].batch.arena);
	}
	(void)pthread_mutex_destroy(&r->lock);
	(void)pthread_cond_destroy(&r->work);
	(void)pthread_cond_destroy(&r->ready);
	mem_free(r->slots);
	mem_free(r);
	*ring = NULL;
}

struct batch *batch_ring_empty(struct batch_ring *r)
{
	if (r->posted - r->dropped == r->n)
		return NULL;
	return &r->slots[r->posted % r->n].batch;
}

void batch_ring_post(struct batch_ring *r)
{
	(void)pthread_mutex_lock(&r->lock);
	r->slots[r->posted % r->n].state = SLOT_POSTED;
	r->posted++;
	(void)pthread_cond_signal(&r->work);
	(void)pthread_mutex_unlock(&r->lock);
}

struct batch *batch_ring_oldest(struct batch_ring *r)
{
	struct slot *s = &r->slots[r->dropped % r->n];

	if (r->posted == r->dropped)
		return NULL;
	(void)pthread_mutex_lock(&r->lock);
	while (s->state != SLOT_READY)
		(void)pthread_cond_wait(&r->ready, &r->lock);
	(void)pthread_mutex_unlock(&r->lock);
	return &s->batch;
}

void batch_ring_drop(struct batch_ring *r)
{
	struct slot *s = &r->slots[r->dropped % r->n];

	empty(&s->batch);
	s->state = SLOT_EMPTY;
	r->dropped++;
}
