/*
 * trail/ring.h - events on their way to the writer; private to trail/.
 *
 * A ring of bytes with whole records in it, each in one piece.  When a record
 * finds no room the oldest make place.  The caller holds a lock.
 */
#ifndef TRAIL_RING_H
#define TRAIL_RING_H

#include "trail/private.h"

struct trail_record {
	uint32_t size;    /* with its facts, a multiple of 8 */
	uint32_t facts_n; /* bytes of facts behind it */
	int64_t at_us;
	int64_t trace;
	uint32_t kind;
	uint32_t keys_n;
	uint64_t keys[TRAIL_KEYS_MAX];
};

struct ring {
	char *p;
	size_t cap;
	uint64_t head, tail; /* bytes ever taken out, put in */
};

void ring_init(struct ring *r, size_t cap);
void ring_deinit(struct ring *r);

static inline size_t ring_used(const struct ring *r)
{
	return (size_t)(r->tail - r->head);
}

/* False when it is larger than the ring; *lost_out counts what made place. */
bool ring_put(struct ring *r, struct trail_record *rec, struct str facts,
              size_t *lost_out);

/* Move records of at most `max` bytes to `out`, which is aligned; the number
 * of bytes. */
size_t ring_take(struct ring *r, char *out, size_t max, size_t *records_out);

#endif
