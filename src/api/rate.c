/* How often one login, or one address with wrong tokens, may ask. */
#include "api/private.h"
#include "base/mem.h"
#include "os/clock.h"

/* More at a time: those that are full again are forgotten, then all. */
#define BUCKETS_MAX 20000

/* A full bucket takes as much at once as refills within ten seconds, but at
 * least so much: a page of the panel asks for some things at the same time. */
#define BURST_LEAST 20

struct bucket {
	int64_t at_us; /* when `left` was true */
	double left;
	double burst, per_us;
};

static void refill(struct bucket *b, int64_t now_us)
{
	if (now_us > b->at_us)
		b->left += (double)(now_us - b->at_us) * b->per_us;
	if (b->left > b->burst)
		b->left = b->burst;
	b->at_us = now_us;
}

static bool keep(void *arg, void *value)
{
	const int64_t *now_us = arg;
	struct bucket *b = value;

	refill(b, *now_us);
	if (b->left < b->burst)
		return true;
	mem_free(b);
	return false;
}

static bool keep_none(void *arg, void *value)
{
	(void)arg;
	mem_free(value);
	return false;
}

static struct bucket *find(struct api_server *s, uint64_t key,
                           uint32_t per_minute, int64_t now_us)
{
	struct bucket *b = map_get_u64(&s->buckets, key);
	double burst = per_minute / 6.0;

	if (burst < BURST_LEAST)
		burst = BURST_LEAST;
	if (!b && s->buckets.n >= BUCKETS_MAX)
		map_sweep(&s->buckets, keep, &now_us);
	if (!b && s->buckets.n >= BUCKETS_MAX)
		map_sweep(&s->buckets, keep_none, NULL);
	if (!b) {
		b = mem_zalloc(sizeof(*b));
		b->at_us = now_us;
		b->left = burst;
		(void)map_put_u64(&s->buckets, key, b);
	}
	b->burst = burst;
	b->per_us = per_minute / (double)US_PER_MIN;
	return b;
}

bool api_rate_take(struct api_server *s, uint64_t key, uint32_t per_minute,
                   int64_t now_us, uint32_t *wait_s)
{
	struct bucket *b;
	bool ok;

	(void)pthread_mutex_lock(&s->lock);
	b = find(s, key, per_minute, now_us);
	refill(b, now_us);
	ok = b->left >= 1;
	if (ok)
		b->left -= 1;
	else
		*wait_s =
			(uint32_t)((1 - b->left) / b->per_us / US_PER_SEC) + 1;
	(void)pthread_mutex_unlock(&s->lock);
	return ok;
}

void api_rate_free(struct api_server *s)
{
	map_sweep(&s->buckets, keep_none, NULL);
	map_deinit(&s->buckets);
}
