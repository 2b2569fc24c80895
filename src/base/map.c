#include "base/map.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"

/* A slot is free when its value is NULL. */
struct map_slot {
	uint64_t hash;
	uint64_t number; /* the key, or the length of the string */
	char *string;    /* owned; NULL in a map of numbers */
	void *value;
};

void map_init(struct map *m, uint64_t seed)
{
	*m = (struct map){ .seed = seed };
}

void map_deinit(struct map *m)
{
	if (!m)
		return;
	for (size_t i = 0; i < m->cap; i++)
		mem_free(m->slots[i].string);
	mem_free(m->slots);
	map_init(m, m->seed);
}

static uint64_t rotate(uint64_t v, int by)
{
	return v << by | v >> (64 - by);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotate(v[1], 13) ^ v[0];
	v[0] = rotate(v[0], 32);
	v[2] += v[3];
	v[3] = rotate(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotate(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotate(v[1], 17) ^ v[2];
	v[2] = rotate(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

uint64_t map_hash(uint64_t seed, struct str bytes)
{
	uint64_t other = rotate(seed, 32) ^ UINT64_C(0x9e3779b97f4a7c15);
	uint64_t v[4] = { seed ^ UINT64_C(0x736f6d6570736575),
		          other ^ UINT64_C(0x646f72616e646f6d),
		          seed ^ UINT64_C(0x6c7967656e657261),
		          other ^ UINT64_C(0x7465646279746573) };
	uint64_t last = (uint64_t)bytes.n << 56;
	uint64_t word = 0;

	while (bytes.n >= sizeof(word)) {
		memcpy(&word, bytes.p, sizeof(word));
		sip_word(v, word);
		bytes = str_from(bytes, sizeof(word));
	}
	for (size_t i = 0; i < bytes.n; i++)
		last |= (uint64_t)(unsigned char)bytes.p[i] << (8 * i);
	sip_word(v, last);
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

static struct map_slot probe_str(const struct map *m, struct str key)
{
	return (struct map_slot){ .hash = map_hash(m->seed, key),
		                  .number = key.n };
}

static struct map_slot probe_u64(const struct map *m, uint64_t key)
{
	struct str bytes = { (const char *)&key, sizeof(key) };

	return (struct map_slot){ .hash = map_hash(m->seed, bytes),
		                  .number = key };
}

static bool is_same(const struct map_slot *s, const struct map_slot *probe,
                    struct str key)
{
	if (s->hash != probe->hash || s->number != probe->number)
		return false;
	return !s->string || key.n == 0 || memcmp(s->string, key.p, key.n) == 0;
}

/* The slot that holds the key, or the free one where it belongs.  The map
 * has slots, and is never full. */
static size_t find(const struct map *m, const struct map_slot *probe,
                   struct str key)
{
	size_t i = (size_t)probe->hash & (m->cap - 1);

	while (m->slots[i].value && !is_same(&m->slots[i], probe, key))
		i = (i + 1) & (m->cap - 1);
	return i;
}

/* Put a slot that is surely not there. */
static void place(struct map *m, const struct map_slot *s)
{
	size_t i = (size_t)s->hash & (m->cap - 1);

	while (m->slots[i].value)
		i = (i + 1) & (m->cap - 1);
	m->slots[i] = *s;
	m->n++;
}

static void resize(struct map *m, size_t cap)
{
	struct map_slot *old = m->slots;
	size_t old_cap = m->cap;

	m->slots = mem_array(cap, sizeof(*m->slots));
	m->cap = cap;
	m->n = 0;
	for (size_t i = 0; i < old_cap; i++)
		if (old[i].value)
			place(m, &old[i]);
	mem_free(old);
}

static void *get(const struct map *m, struct map_slot probe, struct str key)
{
	return m->n ? m->slots[find(m, &probe, key)].value : NULL;
}

void *map_get(const struct map *m, struct str key)
{
	return get(m, probe_str(m, key), key);
}

void *map_get_u64(const struct map *m, uint64_t key)
{
	return get(m, probe_u64(m, key), STR(""));
}

static void *put(struct map *m, struct map_slot probe, struct str key,
                 bool copy_key, void *value)
{
	struct map_slot *s;
	void *old;

	assert(value);
	if (m->cap == 0)
		resize(m, 8);
	s = &m->slots[find(m, &probe, key)];
	old = s->value;
	if (old) {
		s->value = value;
		return old;
	}
	probe.string = copy_key ? mem_dup(key.p, key.n) : NULL;
	probe.value = value;
	if (m->n >= m->cap / 4 * 3)
		resize(m, m->cap * 2);
	place(m, &probe);
	return NULL;
}

void *map_put(struct map *m, struct str key, void *value)
{
	return put(m, probe_str(m, key), key, true, value);
}

void *map_put_u64(struct map *m, uint64_t key, void *value)
{
	return put(m, probe_u64(m, key), STR(""), false, value);
}

/* Close the gap at `hole`: each later slot of the run that may lie there
 * moves down, so that no search stops too early. */
static void close_gap(struct map *m, size_t hole)
{
	size_t mask = m->cap - 1;

	for (size_t i = (hole + 1) & mask; m->slots[i].value;
	     i = (i + 1) & mask) {
		size_t home = (size_t)m->slots[i].hash & mask;

		if (((i - home) & mask) < ((i - hole) & mask))
			continue;
		m->slots[hole] = m->slots[i];
		hole = i;
	}
	m->slots[hole] = (struct map_slot){ .value = NULL };
}

static void *remove_key(struct map *m, struct map_slot probe, struct str key)
{
	size_t i;
	void *value;

	if (m->n == 0)
		return NULL;
	i = find(m, &probe, key);
	value = m->slots[i].value;
	if (!value)
		return NULL;
	mem_free(m->slots[i].string);
	close_gap(m, i);
	m->n--;
	return value;
}

void *map_remove(struct map *m, struct str key)
{
	return remove_key(m, probe_str(m, key), key);
}

void *map_remove_u64(struct map *m, uint64_t key)
{
	return remove_key(m, probe_u64(m, key), STR(""));
}

bool map_next(const struct map *m, size_t *at, struct map_entry *out)
{
	while (*at < m->cap) {
		const struct map_slot *s = &m->slots[(*at)++];

		if (!s->value)
			continue;
		out->number = s->number;
		out->key = (struct str){ s->string,
			                 s->string ? (size_t)s->number : 0 };
		out->value = s->value;
		return true;
	}
	return false;
}

void map_sweep(struct map *m, bool (*keep)(void *arg, void *value), void *arg)
{
	size_t cap = 8, left = 0;

	for (size_t i = 0; i < m->cap; i++) {
		struct map_slot *s = &m->slots[i];

		if (!s->value)
			continue;
		if (keep(arg, s->value)) {
			left++;
			continue;
		}
		mem_free(s->string);
		*s = (struct map_slot){ .value = NULL };
	}
	/* The runs have gaps now: all that is left is placed anew. */
	while (left >= cap / 4 * 3)
		cap *= 2;
	if (m->cap)
		resize(m, cap);
}
