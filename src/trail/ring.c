#include "trail/ring.h"

#include <string.h>

#include "base/mem.h"

void ring_init(struct ring *r, size_t cap)
{
	*r = (struct ring){ .cap = cap & ~(size_t)7 };
	r->p = mem_alloc(r->cap);
}

void ring_deinit(struct ring *r)
{
	mem_free(r->p);
	*r = (struct ring){ .p = NULL };
}

/* What lies at `at`: a record, or the empty end of the ring (facts NULL). */
static struct trail_record *record_at(const struct ring *r, uint64_t at)
{
	return (struct trail_record *)(void *)(r->p + at % r->cap);
}

/* The end of the ring that the next record did not fit into is passed over. */
static void skip_end(struct ring *r)
{
	size_t left = r->cap - (size_t)(r->head % r->cap);

	if (r->head < r->tail && (left < sizeof(struct trail_record) ||
	                          record_at(r, r->head)->size == 0))
		r->head += left;
}

static void drop_oldest(struct ring *r)
{
	r->head += record_at(r, r->head)->size;
	skip_end(r);
}

bool ring_put(struct ring *r, struct trail_record *rec, struct str facts,
              size_t *lost_out)
{
	size_t need = (sizeof(*rec) + facts.n + 7) & ~(size_t)7;
	size_t left = r->cap - (size_t)(r->tail % r->cap);
	size_t gap = left < need ? left : 0;
	char *to;

	if (need + gap > r->cap)
		return false;
	while (r->cap - ring_used(r) < need + gap) {
		drop_oldest(r);
		(*lost_out)++;
	}
	if (gap) {
		if (gap >= sizeof(uint64_t))
			record_at(r, r->tail)->size = 0;
		r->tail += gap;
		if (r->head == r->tail - gap)
			r->head = r->tail; /* it was empty */
	}
	rec->size = (uint32_t)need;
	rec->facts_n = (uint32_t)facts.n;
	to = r->p + r->tail % r->cap;
	memcpy(to, rec, sizeof(*rec));
	if (facts.n)
		memcpy(to + sizeof(*rec), facts.p, facts.n);
	r->tail += need;
	return true;
}

size_t ring_take(struct ring *r, char *out, size_t max, size_t *records_out)
{
	size_t n = 0;

	*records_out = 0;
	while (r->head < r->tail) {
		size_t size = record_at(r, r->head)->size;

		if (n + size > max)
			break;
		memcpy(out + n, r->p + r->head % r->cap, size);
		n += size;
		(*records_out)++;
		r->head += size;
		skip_end(r);
	}
	return n;
}
