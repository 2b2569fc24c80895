#include "base/heap.h"

#include "base/mem.h"

/* Places count from 1: the parent of `at` is at / 2. */

void heap_init(struct heap *h)
{
	*h = (struct heap){ .items = NULL };
}

void heap_deinit(struct heap *h)
{
	if (!h)
		return;
	for (size_t i = 1; i <= h->n; i++)
		h->items[i]->at = 0;
	mem_free(h->items);
	heap_init(h);
}

static void set(struct heap *h, size_t at, struct heap_item *it)
{
	h->items[at] = it;
	it->at = at;
}

static void rise(struct heap *h, struct heap_item *it)
{
	size_t at = it->at;

	while (at > 1 && h->items[at / 2]->key > it->key) {
		set(h, at, h->items[at / 2]);
		at /= 2;
	}
	set(h, at, it);
}

static void sink(struct heap *h, struct heap_item *it)
{
	size_t at = it->at;

	while (at * 2 <= h->n) {
		size_t child = at * 2;

		if (child < h->n &&
		    h->items[child + 1]->key < h->items[child]->key)
			child++;
		if (h->items[child]->key >= it->key)
			break;
		set(h, at, h->items[child]);
		at = child;
	}
	set(h, at, it);
}

static void settle(struct heap *h, struct heap_item *it)
{
	rise(h, it);
	sink(h, it);
}

void heap_put(struct heap *h, struct heap_item *it)
{
	if (it->at == 0) {
		if (h->n + 1 >= h->cap) {
			h->cap = h->cap ? h->cap * 2 : 16;
			h->items = mem_realloc(h->items,
			                       h->cap * sizeof(*h->items));
		}
		set(h, ++h->n, it);
	}
	settle(h, it);
}

void heap_remove(struct heap *h, struct heap_item *it)
{
	struct heap_item *last;
	size_t at = it->at;

	if (at == 0)
		return;
	it->at = 0;
	last = h->items[h->n--];
	if (last == it)
		return;
	set(h, at, last);
	settle(h, last);
}

struct heap_item *heap_first(const struct heap *h)
{
	return h->n ? h->items[1] : NULL;
}
