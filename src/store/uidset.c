#include "store/uidset.h"

#include <string.h>

#include "base/mem.h"

void uidset_init(struct uidset *s)
{
	*s = (struct uidset)UIDSET_EMPTY;
}

void uidset_deinit(struct uidset *s)
{
	if (!s)
		return;
	mem_free(s->p);
	uidset_init(s);
}

void uidset_reset(struct uidset *s)
{
	s->n = 0;
}

static void reserve(struct uidset *s, size_t n)
{
	if (n <= s->cap)
		return;
	s->cap = s->cap ? s->cap * 2 : 8;
	if (s->cap < n)
		s->cap = n;
	s->p = mem_realloc(s->p, s->cap * sizeof(*s->p));
}

void uidset_copy(struct uidset *to, const struct uidset *from)
{
	reserve(to, from->n);
	if (from->n)
		memcpy(to->p, from->p, from->n * sizeof(*to->p));
	to->n = from->n;
}

/* The first range whose end is at or behind `uid`, or n. */
static size_t find(const struct uidset *s, uint32_t uid)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->p[mid].last < uid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static void order(uint32_t *first, uint32_t *last)
{
	if (*first > *last) {
		uint32_t swap = *first;

		*first = *last;
		*last = swap;
	}
}

/* Put `with` ranges in place of those in [at, at + out). */
static void splice(struct uidset *s, size_t at, size_t out,
                   const struct uid_range *with, size_t in)
{
	if (in > out)
		reserve(s, s->n + in - out);
	if (s->n > at + out)
		memmove(s->p + at + in, s->p + at + out,
		        (s->n - at - out) * sizeof(*s->p));
	if (in)
		memcpy(s->p + at, with, in * sizeof(*s->p));
	s->n = s->n + in - out;
}

void uidset_add(struct uidset *s, uint32_t first, uint32_t last)
{
	struct uid_range r;
	size_t from, to;

	order(&first, &last);
	/* Those that touch it, the neighbours at either side too. */
	from = find(s, first ? first - 1 : 0);
	to = from;
	r = (struct uid_range){ first, last };
	while (to < s->n &&
	       (last == UINT32_MAX || s->p[to].first <= last + 1)) {
		if (s->p[to].first < r.first)
			r.first = s->p[to].first;
		if (s->p[to].last > r.last)
			r.last = s->p[to].last;
		to++;
	}
	splice(s, from, to - from, &r, 1);
}

void uidset_remove(struct uidset *s, uint32_t first, uint32_t last)
{
	struct uid_range left[2];
	size_t from, to, n = 0;

	order(&first, &last);
	from = find(s, first);
	to = from;
	while (to < s->n && s->p[to].first <= last)
		to++;
	if (from == to)
		return;
	if (s->p[from].first < first)
		left[n++] = (struct uid_range){ s->p[from].first, first - 1 };
	if (s->p[to - 1].last > last)
		left[n++] = (struct uid_range){ last + 1, s->p[to - 1].last };
	splice(s, from, to - from, left, n);
}

void uidset_add_set(struct uidset *s, const struct uidset *other)
{
	for (size_t i = 0; i < other->n; i++)
		uidset_add(s, other->p[i].first, other->p[i].last);
}

/* Walk two sets side by side: `keep` what is in both, or only in `a`. */
static void merge(struct uidset *s, const struct uidset *other, bool both)
{
	struct uidset out = UIDSET_EMPTY;
	size_t k = 0;

	for (size_t i = 0; i < s->n; i++) {
		uint32_t at = s->p[i].first, last = s->p[i].last;
		bool done = false;

		while (k < other->n && other->p[k].last < at)
			k++;
		for (size_t j = k; !done && j < other->n; j++) {
			uint32_t of = other->p[j].first, ol = other->p[j].last;

			if (of > last)
				break;
			if (of < at)
				of = at;
			if (!both && of > at)
				uidset_add(&out, at, of - 1);
			if (both)
				uidset_add(&out, of, ol < last ? ol : last);
			done = ol >= last;
			at = done ? last : ol + 1;
		}
		if (!both && !done)
			uidset_add(&out, at, last);
	}
	uidset_deinit(s);
	*s = out;
}

void uidset_remove_set(struct uidset *s, const struct uidset *other)
{
	if (other->n < 4) {
		for (size_t i = 0; i < other->n; i++)
			uidset_remove(s, other->p[i].first, other->p[i].last);
		return;
	}
	merge(s, other, false);
}

void uidset_keep_set(struct uidset *s, const struct uidset *other)
{
	merge(s, other, true);
}

bool uidset_has(const struct uidset *s, uint32_t uid)
{
	size_t i = find(s, uid);

	return i < s->n && s->p[i].first <= uid;
}

uint64_t uidset_count(const struct uidset *s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += (uint64_t)s->p[i].last - s->p[i].first + 1;
	return n;
}

bool uidset_index(const struct uidset *s, uint32_t uid, uint64_t *out)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s->n && s->p[i].first <= uid; i++) {
		if (uid <= s->p[i].last) {
			*out = n + (uid - s->p[i].first);
			return true;
		}
		n += (uint64_t)s->p[i].last - s->p[i].first + 1;
	}
	return false;
}

uint32_t uidset_at(const struct uidset *s, uint64_t at)
{
	for (size_t i = 0; i < s->n; i++) {
		uint64_t n = (uint64_t)s->p[i].last - s->p[i].first + 1;

		if (at < n)
			return s->p[i].first + (uint32_t)at;
		at -= n;
	}
	return 0;
}
