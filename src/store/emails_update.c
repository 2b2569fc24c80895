#include <string.h>

#include "base/mem.h"
#include "store/change.h"
#include "store/emails_set.h"

/* More than so many are read with all the others at once. */
#define DELTA_MAX 2000

#define GONE      UINT32_MAX

int emails_delta_read(struct db *db, int64_t account, const struct emails *old,
                      struct emails_delta *out, struct err *err)
{
	struct emails_reading r = { .rows = NULL };
	int rc;

	*out = (struct emails_delta){ .numbers = NULL };
	rc = change_numbers(db, account, (int64_t)old->modseq, DELTA_MAX,
	                    &out->numbers, &out->numbers_n, err);
	for (size_t i = 0; rc > 0 && i < out->numbers_n; i++)
		if (emails_read_one(db, account, out->numbers[i], &r, err) < 0)
			rc = -1;
	if (rc > 0)
		emails_unite(&r, &out->now);
	mem_free(r.rows);
	if (rc <= 0)
		emails_delta_deinit(out);
	return rc;
}

void emails_delta_deinit(struct emails_delta *d)
{
	emails_deinit(&d->now);
	mem_free(d->numbers);
	*d = (struct emails_delta){ .numbers = NULL };
}

static bool same_places(const struct emails *a, const struct emails_row *x,
                        const struct emails *b, const struct emails_row *y)
{
	return x->places_n == y->places_n &&
	       memcmp(a->places + x->place, b->places + y->place,
	              x->places_n * sizeof(*a->places)) == 0;
}

bool emails_delta_is_light(const struct emails_delta *d,
                           const struct emails *old)
{
	for (size_t i = 0; i < d->numbers_n; i++) {
		const struct emails_row *was = emails_find(old, d->numbers[i]);
		const struct emails_row *is =
			emails_find(&d->now, d->numbers[i]);

		if (!was && !is)
			continue;
		if (!was || !is || was->id != is->id ||
		    was->received_s != is->received_s ||
		    !same_places(old, was, &d->now, is))
			return false;
	}
	return true;
}

void emails_delta_apply(const struct emails_delta *d, struct emails *set)
{
	for (size_t i = 0; i < d->now.n; i++) {
		const struct emails_row *is = &d->now.rows[i];
		const struct emails_row *was = emails_find(set, is->email);

		if (!was)
			continue;
		set->rows[was - set->rows].flags = is->flags;
		emails_relink(set, was->thread_at);
	}
}

/* ---- weaving ---- */

static void put_row(struct emails *out, const struct emails *from,
                    const struct emails_row *row)
{
	struct emails_row *to = &out->rows[out->n++];

	*to = *row;
	to->place = (uint32_t)out->places_n;
	if (row->places_n)
		memcpy(out->places + out->places_n, from->places + row->place,
		       row->places_n * sizeof(*out->places));
	out->places_n += row->places_n;
}

static bool is_changed(const struct emails_delta *d, size_t *at, uint64_t no)
{
	while (*at < d->numbers_n && d->numbers[*at] < no)
		(*at)++;
	return *at < d->numbers_n && d->numbers[*at] == no;
}

/* Rows of both, in the order of their numbers; map_old and map_new say where
 * each went. */
static void weave_rows(const struct emails_delta *d, const struct emails *old,
                       struct emails *out, uint32_t *map_old, uint32_t *map_new)
{
	size_t i = 0, k = 0, at = 0;

	while (i < old->n || k < d->now.n) {
		if (k < d->now.n &&
		    (i == old->n ||
		     d->now.rows[k].email < old->rows[i].email)) {
			map_new[k] = (uint32_t)out->n;
			put_row(out, &d->now, &d->now.rows[k++]);
		} else if (is_changed(d, &at, old->rows[i].email)) {
			map_old[i++] = GONE; /* as it is now, it is in d->now */
		} else {
			map_old[i] = (uint32_t)out->n;
			put_row(out, old, &old->rows[i++]);
		}
	}
}

static bool is_before(const struct emails *set, uint32_t a, uint32_t b,
                      bool by_thread)
{
	const struct emails_row *x = &set->rows[a], *y = &set->rows[b];

	if (by_thread)
		return x->thread != y->thread ? x->thread < y->thread : a < b;
	return x->received_s != y->received_s ? x->received_s > y->received_s
	                                      : a > b;
}

/* An order of the old set, with the new rows put where they belong.  They
 * are few: sorted by insertion. */
static void weave_order(const struct emails *out, const uint32_t *old_order,
                        size_t old_n, const uint32_t *map_old, uint32_t *fresh,
                        size_t fresh_n, uint32_t *order, bool by_thread)
{
	size_t i = 0, k = 0, n = 0;

	for (size_t a = 1; a < fresh_n; a++) {
		uint32_t it = fresh[a];
		size_t b = a;

		for (; b > 0 && is_before(out, it, fresh[b - 1], by_thread);
		     b--)
			fresh[b] = fresh[b - 1];
		fresh[b] = it;
	}
	while (i < old_n || k < fresh_n) {
		uint32_t was = i < old_n ? map_old[old_order[i]] : GONE;

		if (i < old_n && was == GONE) {
			i++;
			continue;
		}
		if (i == old_n ||
		    (k < fresh_n && is_before(out, fresh[k], was, by_thread)))
			order[n++] = fresh[k++];
		else {
			order[n++] = was;
			i++;
		}
	}
}

void emails_delta_weave(const struct emails_delta *d, const struct emails *old,
                        struct emails *out)
{
	uint32_t *map_old = mem_array(old->n + 1, sizeof(*map_old));
	uint32_t *map_new = mem_array(d->now.n + 1, sizeof(*map_new));

	emails_alloc(out, old->n + d->now.n, old->places_n + d->now.places_n);
	weave_rows(d, old, out, map_old, map_new);
	weave_order(out, old->by_thread, old->n, map_old, map_new, d->now.n,
	            out->by_thread, true);
	weave_order(out, old->by_received, old->n, map_old, map_new, d->now.n,
	            out->by_received, false);
	emails_link(out);
	mem_free(map_old);
	mem_free(map_new);
}
