#include <string.h>

#include "base/mem.h"
#include "net/engine.h"

void net_slots_init(struct net_engine *e)
{
	e->chunks_n = (e->o.sessions_max + NET_CHUNK - 1) / NET_CHUNK;
	e->chunks = mem_array(e->chunks_n, sizeof(*e->chunks));
}

void net_slots_deinit(struct net_engine *e)
{
	for (uint32_t i = 0; i < e->chunks_n; i++)
		mem_free(atomic_load(&e->chunks[i]));
	mem_free(e->chunks);
}

/* Under pool_lock: slots for the first chunk that is not there yet. */
static void add_chunk(struct net_engine *e)
{
	struct net_session *chunk;
	uint32_t i = 0;

	while (i < e->chunks_n && atomic_load(&e->chunks[i]))
		i++;
	if (i == e->chunks_n)
		return;
	chunk = mem_array(NET_CHUNK, sizeof(*chunk));
	for (uint32_t k = NET_CHUNK; k-- > 0;) {
		chunk[k].slot = i * NET_CHUNK + k;
		chunk[k].e = e;
		/* Never 0: a zeroed net_ref names nobody. */
		atomic_store(&chunk[k].word, UINT64_C(1) << 32);
		chunk[k].next = e->free_slots;
		e->free_slots = &chunk[k];
	}
	atomic_store(&e->chunks[i], chunk);
}

struct net_session *net_slot_take(struct net_engine *e)
{
	struct net_session *s = NULL;

	(void)pthread_mutex_lock(&e->pool_lock);
	if (atomic_load(&e->sessions) < e->o.sessions_max) {
		if (!e->free_slots)
			add_chunk(e);
		s = e->free_slots;
	}
	if (s) {
		e->free_slots = s->next;
		s->next = NULL;
		(void)atomic_fetch_add(&e->sessions, 1);
	}
	(void)pthread_mutex_unlock(&e->pool_lock);
	if (s) {
		s->fd = -1;
		s->id = atomic_fetch_add(&e->next_id, 1);
		atomic_store(&s->timer_at, NET_NEVER);
		atomic_store(&s->due, NET_NEVER);
		(void)atomic_fetch_or(&s->word, NET_LIVE | NET_BUSY);
	}
	return s;
}

/* Everything but what names the slot goes back to zero. */
static void wipe(struct net_session *s)
{
	size_t from = offsetof(struct net_session, fd);

	memset((char *)s + from, 0, sizeof(*s) - from);
	s->port = NULL;
}

void net_slot_give(struct net_session *s)
{
	struct net_engine *e = s->e;
	uint32_t next = net_generation(s) + 1;

	/* Who still has the old name finds another generation from here on;
	 * the timer is dropped after that, so that nobody sets it anew. */
	atomic_store(&s->word, (uint64_t)next << 32);
	net_timer_drop(s);
	wipe(s);
	(void)pthread_mutex_lock(&e->pool_lock);
	s->next = e->free_slots;
	e->free_slots = s;
	if (atomic_fetch_sub(&e->sessions, 1) == 1)
		(void)pthread_cond_broadcast(&e->none_cond);
	(void)pthread_mutex_unlock(&e->pool_lock);
}

struct net_session *net_slot(struct net_engine *e, uint32_t slot)
{
	struct net_session *chunk;

	if (slot / NET_CHUNK >= e->chunks_n)
		return NULL;
	chunk = atomic_load(&e->chunks[slot / NET_CHUNK]);
	return chunk ? &chunk[slot % NET_CHUNK] : NULL;
}

uint32_t net_generation(const struct net_session *s)
{
	return (uint32_t)(atomic_load(&s->word) >> 32);
}

bool net_post(struct net_session *s, uint32_t generation, uint32_t bits)
{
	uint64_t old = atomic_load(&s->word), new;

	do {
		if (old >> 32 != generation || !(old & NET_LIVE))
			return false;
		new = old | bits | NET_BUSY;
	} while (!atomic_compare_exchange_weak(&s->word, &old, new));
	return !(old & NET_BUSY);
}

bool net_post_quietly(struct net_session *s, uint32_t generation, uint32_t bits)
{
	uint64_t old = atomic_load(&s->word);

	do {
		if (old >> 32 != generation || !(old & NET_LIVE))
			return false;
	} while (!atomic_compare_exchange_weak(&s->word, &old, old | bits));
	return !(old & NET_BUSY);
}

uint32_t net_take_events(struct net_session *s)
{
	uint64_t old = atomic_load(&s->word);

	if (!(old & NET_EV_ALL))
		return 0;
	old = atomic_fetch_and(&s->word, ~(uint64_t)NET_EV_ALL);
	return (uint32_t)old & NET_EV_ALL;
}

bool net_release(struct net_session *s)
{
	uint64_t old = atomic_load(&s->word);

	while (!(old & NET_EV_ALL))
		if (atomic_compare_exchange_weak(&s->word, &old,
		                                 old & ~(uint64_t)NET_BUSY))
			return true;
	return false;
}

void net_post_all(struct net_engine *e, uint32_t bits)
{
	for (uint32_t i = 0; i < e->chunks_n * NET_CHUNK; i++) {
		struct net_session *s = net_slot(e, i);
		uint64_t word;

		if (!s)
			return;
		word = atomic_load(&s->word);
		if (!(word & NET_LIVE))
			continue;
		if (net_post(s, (uint32_t)(word >> 32), bits))
			net_enqueue(e, s);
	}
}
