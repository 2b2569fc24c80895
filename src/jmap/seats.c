#include <pthread.h>

#include "base/map.h"
#include "base/mem.h"
#include "jmap/private.h"

struct taken {
	unsigned n[JMAP_SEATS];
};

struct jmap_seats {
	pthread_mutex_t lock;
	struct map taken; /* account -> struct taken, while any is */
};

struct jmap_seats *jmap_seats_new(void)
{
	struct jmap_seats *s = mem_zalloc(sizeof(*s));

	(void)pthread_mutex_init(&s->lock, NULL);
	map_init(&s->taken, 0);
	return s;
}

static bool drop(void *arg, void *value)
{
	(void)arg;
	mem_free(value);
	return false;
}

void jmap_seats_free(struct jmap_seats **sp)
{
	struct jmap_seats *s = *sp;

	if (!s)
		return;
	map_sweep(&s->taken, drop, NULL);
	map_deinit(&s->taken);
	(void)pthread_mutex_destroy(&s->lock);
	mem_free(s);
	*sp = NULL;
}

bool jmap_seat_take(struct jmap_seats *s, int64_t account, enum jmap_seat kind,
                    unsigned max)
{
	struct taken *t;
	bool ok;

	(void)pthread_mutex_lock(&s->lock);
	t = map_get_u64(&s->taken, (uint64_t)account);
	if (!t) {
		t = mem_zalloc(sizeof(*t));
		(void)map_put_u64(&s->taken, (uint64_t)account, t);
	}
	ok = t->n[kind] < max;
	t->n[kind] += ok;
	(void)pthread_mutex_unlock(&s->lock);
	return ok;
}

void jmap_seat_give(struct jmap_seats *s, int64_t account, enum jmap_seat kind)
{
	struct taken *t;
	unsigned left = 0;

	(void)pthread_mutex_lock(&s->lock);
	t = map_get_u64(&s->taken, (uint64_t)account);
	if (t) {
		t->n[kind]--;
		for (int i = 0; i < JMAP_SEATS; i++)
			left += t->n[i];
		if (!left)
			mem_free(map_remove_u64(&s->taken, (uint64_t)account));
	}
	(void)pthread_mutex_unlock(&s->lock);
}
