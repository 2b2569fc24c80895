/*
 * base/heap.h - who comes first: a binary heap of items with a time.
 *
 * An item is a member of its owner's struct, zeroed before first use, and
 * knows its place, so that a timer can be moved or taken off at once.  The
 * heap only borrows: an owner takes its item off before it goes.
 *
 *	struct session { struct heap_item timer; ... };
 *
 *	s->timer.key = now_us + 5 * US_PER_SEC;
 *	heap_put(&timers, &s->timer);
 *	...
 *	while ((it = heap_first(&timers)) && it->key <= now_us) {
 *		heap_remove(&timers, it);
 *		expire(HEAP_OWNER(it, struct session, timer));
 *	}
 */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct heap_item {
	int64_t key; /* the smallest is first; see heap_put() */
	size_t at;   /* private: its place counted from 1; 0: in no heap */
};

struct heap {
	struct heap_item **items; /* private */
	size_t n;                 /* how many; read it */
	size_t cap;               /* private */
};

/* The struct that `item` is the member `member` of. */
#define HEAP_OWNER(item, type, member) \
	((type *)(void *)((char *)(item)-offsetof(type, member)))

void heap_init(struct heap *h);
void heap_deinit(struct heap *h); /* the items are the owners' */

/* Add the item, or move it after its key was changed. */
void heap_put(struct heap *h, struct heap_item *it);

/* One that is in no heap is fine. */
void heap_remove(struct heap *h, struct heap_item *it);

/* The item with the smallest key (any of several), or NULL. */
struct heap_item *heap_first(const struct heap *h);

static inline bool heap_has(const struct heap_item *it)
{
	return it->at != 0;
}

#endif
