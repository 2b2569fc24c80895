/*
 * base/map.h - a hash map from a string or a number to a pointer.
 *
 * Open addressing with linear probing; it grows at three quarters full.  A
 * map is keyed by strings or by numbers for its whole life, never both.
 * String keys are copied; values are borrowed and never NULL.
 *
 * Keys that peers choose need a `seed` they cannot guess (random_u64()):
 * then nobody can make all keys meet in one place (SipHash-1-3).
 *
 *	struct map m;
 *
 *	map_init(&m, seed);
 *	map_put(&m, STR("anna"), account);
 *	account = map_get(&m, STR("anna"));
 *	map_deinit(&m);
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/str.h"

struct map_slot; /* private */

struct map {
	struct map_slot *slots; /* private */
	size_t cap;             /* private: 0 or a power of two */
	size_t n;               /* how many keys; read it */
	uint64_t seed;          /* private */
};

/* No memory is taken until the first key. */
void map_init(struct map *m, uint64_t seed);
void map_deinit(struct map *m); /* frees the keys, not the values */

/* The value, or NULL. */
void *map_get(const struct map *m, struct str key);
void *map_get_u64(const struct map *m, uint64_t key);

/* Set it; the value that was there before, or NULL. */
void *map_put(struct map *m, struct str key, void *value);
void *map_put_u64(struct map *m, uint64_t key, void *value);

/* Take the key out; the value it had, or NULL. */
void *map_remove(struct map *m, struct str key);
void *map_remove_u64(struct map *m, uint64_t key);

/* Walk in no order: start with *at = 0, until it returns false.  The map must
 * not change meanwhile; key (of a string map) is lent until it does. */
struct map_entry {
	struct str key;
	uint64_t number;
	void *value;
};

bool map_next(const struct map *m, size_t *at, struct map_entry *out);

/* Drop each entry for which `keep` says false; `keep` frees its value. */
void map_sweep(struct map *m, bool (*keep)(void *arg, void *value), void *arg);

/* The hash itself, for tables of other shapes. */
uint64_t map_hash(uint64_t seed, struct str bytes);

#endif
