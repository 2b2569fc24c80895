#include "relay/pace.h"

#include <pthread.h>

#include "base/map.h"
#include "base/mem.h"
#include "os/clock.h"
#include "os/random.h"

/* With so many, those whose minute is over are looked for. */
#define SWEEP_AT 1000

struct minute {
	int64_t from_us;
	uint64_t n;
};

struct relay_pace {
	pthread_mutex_t lock; /* of all below */
	struct map minutes;   /* destination -> struct minute */
	size_t sweep_at;
};

struct relay_pace *relay_pace_new(void)
{
	struct relay_pace *p = mem_zalloc(sizeof(*p));

	(void)pthread_mutex_init(&p->lock, NULL);
	map_init(&p->minutes, random_u64());
	p->sweep_at = SWEEP_AT;
	return p;
}

static bool is_running(void *arg, void *value)
{
	const int64_t *now_us = arg;
	struct minute *m = value;

	if (*now_us - m->from_us < US_PER_MIN)
		return true;
	mem_free(m);
	return false;
}

void relay_pace_free(struct relay_pace **pp)
{
	struct relay_pace *p = *pp;
	int64_t end = INT64_MAX;

	if (!p)
		return;
	map_sweep(&p->minutes, is_running, &end);
	map_deinit(&p->minutes);
	(void)pthread_mutex_destroy(&p->lock);
	mem_free(p);
	*pp = NULL;
}

static struct minute *find(struct relay_pace *p, struct str name,
                           int64_t now_us)
{
	struct minute *m = map_get(&p->minutes, name);

	if (!m) {
		if (p->minutes.n >= p->sweep_at) {
			map_sweep(&p->minutes, is_running, &now_us);
			p->sweep_at = 2 * p->minutes.n + SWEEP_AT;
		}
		m = mem_zalloc(sizeof(*m));
		(void)map_put(&p->minutes, name, m);
	}
	if (m->n == 0 || now_us - m->from_us >= US_PER_MIN)
		*m = (struct minute){ .from_us = now_us };
	return m;
}

int64_t relay_pace_take(struct relay_pace *p, struct str name,
                        uint64_t per_minute, int64_t now_us)
{
	int64_t until_us = 0;
	struct minute *m;

	if (per_minute == 0)
		return 0;
	(void)pthread_mutex_lock(&p->lock);
	m = find(p, name, now_us);
	if (m->n < per_minute)
		m->n++;
	else
		until_us = m->from_us + US_PER_MIN;
	(void)pthread_mutex_unlock(&p->lock);
	return until_us;
}
