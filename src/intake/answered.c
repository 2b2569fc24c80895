#include "intake/answered.h"

#include <pthread.h>

#include "base/map.h"
#include "base/mem.h"
#include "os/random.h"

/* Two generations: the old one is dropped after an hour, or when the young
 * one is full, which bounds the memory. */
#define GENERATION_US  (INT64_C(3600) * 1000000)
#define GENERATION_MAX 50000

struct answered {
	pthread_mutex_t lock;
	struct map young, old;
	int64_t since_us;
	uint64_t seed;
};

struct answered *answered_new(void)
{
	struct answered *t = mem_zalloc(sizeof(*t));

	(void)pthread_mutex_init(&t->lock, NULL);
	t->seed = random_u64();
	map_init(&t->young, t->seed);
	map_init(&t->old, t->seed);
	return t;
}

void answered_free(struct answered **tp)
{
	struct answered *t = *tp;

	if (!t)
		return;
	map_deinit(&t->young);
	map_deinit(&t->old);
	(void)pthread_mutex_destroy(&t->lock);
	mem_free(t);
	*tp = NULL;
}

static void turn(struct answered *t, int64_t now_us)
{
	if (now_us - t->since_us < GENERATION_US && t->young.n < GENERATION_MAX)
		return;
	map_deinit(&t->old);
	t->old = t->young;
	map_init(&t->young, t->seed);
	t->since_us = now_us;
}

static uint32_t count(const struct answered *t, struct str key)
{
	void *n = map_get(&t->young, key);

	if (!n)
		n = map_get(&t->old, key);
	return (uint32_t)(uintptr_t)n;
}

uint32_t answered_count(struct answered *t, const unsigned char key[32],
                        int64_t now_us)
{
	struct str k = { (const char *)key, 32 };
	uint32_t n;

	(void)pthread_mutex_lock(&t->lock);
	turn(t, now_us);
	n = count(t, k);
	(void)pthread_mutex_unlock(&t->lock);
	return n;
}

void answered_add(struct answered *t, const unsigned char key[32],
                  int64_t now_us)
{
	struct str k = { (const char *)key, 32 };

	(void)pthread_mutex_lock(&t->lock);
	turn(t, now_us);
	(void)map_put(&t->young, k, (void *)(uintptr_t)(count(t, k) + 1));
	(void)pthread_mutex_unlock(&t->lock);
}
