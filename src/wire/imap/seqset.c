#include "wire/imap/seqset.h"

#include <stdlib.h>
#include <string.h>

static bool parse_seq_number(struct imap_parser *p, uint32_t *out)
{
	if (imap_accept(p, '*')) {
		*out = IMAP_STAR;
		return true;
	}
	return imap_parse_nz_number(p, out);
}

/* seq-number / seq-range */
static bool parse_range(struct imap_parser *p, struct imap_range *out)
{
	if (!parse_seq_number(p, &out->first))
		return false;
	out->last = out->first;
	return !imap_accept(p, ':') || parse_seq_number(p, &out->last);
}

bool imap_parse_seqset(struct imap_parser *p, struct imap_seqset *out)
{
	struct imap_seqset s = { 0 };
	size_t cap = 0;

	if (imap_accept(p, '$')) {
		*out = (struct imap_seqset){ .saved = true };
		return true;
	}
	do {
		if (s.n == IMAP_RANGES_MAX)
			return imap_parse_fail(p, "Too many ranges");
		s.r = arena_grow(p->arena, s.r, s.n, &cap, sizeof(*s.r));
		if (!parse_range(p, &s.r[s.n]))
			return imap_parse_fail(p, "Bad sequence set");
		s.n++;
	} while (imap_accept(p, ','));
	*out = s;
	return true;
}

static int by_first(const void *a, const void *b)
{
	const struct imap_range *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

void imap_seqset_resolve(struct imap_seqset *s, uint32_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct imap_range *r = &s->r[i];

		if (r->first == IMAP_STAR)
			r->first = max;
		if (r->last == IMAP_STAR)
			r->last = max;
		if (r->first > r->last)
			*r = (struct imap_range){ r->last, r->first };
		/* "*" of an empty mailbox names nothing. */
		if (r->last == 0)
			continue;
		if (r->first == 0)
			r->first = 1;
		s->r[n++] = *r;
	}
	s->n = n;
	if (n == 0)
		return;
	qsort(s->r, n, sizeof(*s->r), by_first);
	n = 0;
	for (size_t i = 1; i < s->n; i++) {
		struct imap_range *last = &s->r[n];

		if (s->r[i].first - 1 > last->last)
			s->r[++n] = s->r[i];
		else if (s->r[i].last > last->last)
			last->last = s->r[i].last;
	}
	s->n = n + 1;
}

bool imap_seqset_has(const struct imap_seqset *s, uint32_t n)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (n < s->r[mid].first)
			high = mid;
		else if (n > s->r[mid].last)
			low = mid + 1;
		else
			return true;
	}
	return false;
}

uint32_t imap_seqset_last(const struct imap_seqset *s)
{
	return s->n ? s->r[s->n - 1].last : 0;
}

uint64_t imap_seqset_count(const struct imap_seqset *s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += (uint64_t)s->r[i].last - s->r[i].first + 1;
	return n;
}

struct imap_seqout imap_seqout(struct buf *to)
{
	return (struct imap_seqout){ .to = to };
}

static void flush(struct imap_seqout *o)
{
	if (o->first == 0)
		return;
	if (o->any)
		buf_add_c(o->to, ',');
	o->any = true;
	buf_add_u64(o->to, o->first);
	if (o->last != o->first) {
		buf_add_c(o->to, ':');
		buf_add_u64(o->to, o->last);
	}
	o->first = 0;
}

void imap_seqout_range(struct imap_seqout *o, uint32_t first, uint32_t last)
{
	if (o->first != 0 && first == o->last + 1) {
		o->last = last;
		return;
	}
	flush(o);
	o->first = first;
	o->last = last;
}

void imap_seqout_add(struct imap_seqout *o, uint32_t n)
{
	imap_seqout_range(o, n, n);
}

void imap_seqout_end(struct imap_seqout *o)
{
	flush(o);
}

void imap_seqset_write(struct buf *to, const struct imap_seqset *s)
{
	struct imap_seqout o = imap_seqout(to);

	for (size_t i = 0; i < s->n; i++)
		imap_seqout_range(&o, s->r[i].first, s->r[i].last);
	imap_seqout_end(&o);
}
