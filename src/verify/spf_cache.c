/* A table of sets of four: a full set loses what would end first.  A set takes
 * memory once something is in it. */
#include <pthread.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "os/random.h"
#include "verify/private.h"

#define SETS 4096u
#define WAYS 4u

struct entry {
	char *key; /* NULL: free */
	size_t key_n;
	int64_t until_us;
	enum spf_result result;
	char *reason, *mechanism; /* NULL: none */
};

struct spf_cache {
	pthread_mutex_t lock;
	uint64_t seed;
	struct entry *set[SETS]; /* of WAYS; NULL: empty */
};

struct spf_cache *spf_cache_new(void)
{
	struct spf_cache *c = mem_zalloc(sizeof(*c));

	(void)pthread_mutex_init(&c->lock, NULL);
	c->seed = random_u64();
	return c;
}

static void drop(struct entry *e)
{
	mem_free(e->key);
	mem_free(e->reason);
	mem_free(e->mechanism);
	memset(e, 0, sizeof(*e));
}

void spf_cache_free(struct spf_cache **cp)
{
	struct spf_cache *c = *cp;

	if (!c)
		return;
	for (size_t i = 0; i < SETS; i++) {
		for (size_t w = 0; c->set[i] && w < WAYS; w++)
			drop(&c->set[i][w]);
		mem_free(c->set[i]);
	}
	(void)pthread_mutex_destroy(&c->lock);
	mem_free(c);
	*cp = NULL;
}

static struct entry *find(struct entry *set, struct str key)
{
	for (size_t w = 0; set && w < WAYS; w++)
		if (set[w].key && set[w].key_n == key.n &&
		    memcmp(set[w].key, key.p, key.n) == 0)
			return &set[w];
	return NULL;
}

bool spf_cache_get(struct spf_cache *c, struct str key, int64_t now_us,
                   struct arena *a, struct verify_spf_result *out)
{
	struct entry *e;
	bool found;

	(void)pthread_mutex_lock(&c->lock);
	e = find(c->set[map_hash(c->seed, key) % SETS], key);
	found = e && now_us < e->until_us;
	if (found)
		*out = (struct verify_spf_result){
			.result = e->result,
			.reason = arena_dup(a, str_z(e->reason)),
			.mechanism = arena_dup(a, str_z(e->mechanism)),
			.cached = true,
		};
	(void)pthread_mutex_unlock(&c->lock);
	return found;
}

static struct entry *place_for(struct spf_cache *c, struct str key)
{
	struct entry **place = &c->set[map_hash(c->seed, key) % SETS];
	struct entry *set, *e;

	if (!*place)
		*place = mem_zalloc(WAYS * sizeof(**place));
	set = *place;
	e = find(set, key);
	if (e)
		return e;
	e = &set[0];
	for (size_t w = 0; w < WAYS; w++)
		if (set[w].until_us < e->until_us)
			e = &set[w];
	return e;
}

static char *copy(struct str s)
{
	return s.n ? mem_dup(s.p, s.n) : NULL;
}

void spf_cache_put(struct spf_cache *c, struct str key, int64_t until_us,
                   const struct verify_spf_result *r)
{
	struct entry *e;

	(void)pthread_mutex_lock(&c->lock);
	e = place_for(c, key);
	drop(e);
	*e = (struct entry){
		.key = mem_dup(key.p, key.n),
		.key_n = key.n,
		.until_us = until_us,
		.result = r->result,
		.reason = copy(r->reason),
		.mechanism = copy(r->mechanism),
	};
	(void)pthread_mutex_unlock(&c->lock);
}
