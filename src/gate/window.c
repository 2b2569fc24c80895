#include "gate/window.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"

void window_init(struct window_log *w)
{
	*w = (struct window_log){ 0 };
}

void window_deinit(struct window_log *w)
{
	mem_free(w->events);
	window_init(w);
}

static struct window_event *event(const struct window_log *w, size_t i)
{
	return &w->events[(w->first + i) % w->cap];
}

/* How many events are too old for a window: they stand first.  By halves. */
static size_t too_old(const struct window_log *w, int64_t length_us,
                      int64_t now_us)
{
	size_t low = 0, high = w->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (now_us - event(w, mid)->at_us >= length_us)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static uint64_t sum(const struct window_log *w, int64_t length_us,
                    int64_t now_us)
{
	size_t old = too_old(w, length_us, now_us);
	uint64_t total = w->total;

	/* Few are too old, since window_expire() drops them. */
	if (old <= w->n / 2) {
		for (size_t i = 0; i < old; i++)
			total -= event(w, i)->n;
		return total;
	}
	total = 0;
	for (size_t i = old; i < w->n; i++)
		total += event(w, i)->n;
	return total;
}

static uint32_t clamp(uint64_t v)
{
	return v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

uint32_t window_used(const struct window_log *w, int64_t length_us,
                     int64_t now_us)
{
	return clamp(sum(w, length_us, now_us) + w->reserved);
}

/* From now until `excess` has left the window. */
static int64_t until_free(const struct window_log *w, int64_t length_us,
                          uint64_t excess, int64_t now_us)
{
	for (size_t i = too_old(w, length_us, now_us); i < w->n; i++) {
		const struct window_event *e = event(w, i);

		if (excess <= e->n)
			return e->at_us + length_us - now_us;
		excess -= e->n;
	}
	return length_us;
}

bool window_fits(const struct window_log *w, const struct window_rule *rules,
                 size_t n_rules, uint32_t n, int64_t now_us,
                 struct window_refusal *out)
{
	for (size_t i = 0; i < n_rules; i++) {
		uint64_t used =
			sum(w, rules[i].length_us, now_us) + w->reserved;
		uint64_t want = used + n;

		if (want <= rules[i].limit)
			continue;
		out->rule = i;
		out->used = clamp(used);
		out->free_us = until_free(w, rules[i].length_us,
		                          want - rules[i].limit, now_us);
		return false;
	}
	return true;
}

void window_reserve(struct window_log *w, uint32_t n)
{
	assert(w->reserved + (uint64_t)n <= UINT32_MAX);
	w->reserved += n;
}

void window_release(struct window_log *w, uint32_t n)
{
	assert(n <= w->reserved);
	w->reserved -= n;
}

void window_confirm(struct window_log *w, uint32_t n, int64_t now_us)
{
	window_release(w, n);
	window_add(w, n, now_us);
}

static void grow(struct window_log *w)
{
	size_t cap = w->cap ? w->cap * 2 : 2;
	struct window_event *bigger = mem_array(cap, sizeof(*bigger));

	for (size_t i = 0; i < w->n; i++)
		bigger[i] = *event(w, i);
	mem_free(w->events);
	w->events = bigger;
	w->cap = cap;
	w->first = 0;
}

void window_add(struct window_log *w, uint32_t n, int64_t at_us)
{
	if (!n)
		return;
	if (w->n && at_us < event(w, w->n - 1)->at_us)
		at_us = event(w, w->n - 1)->at_us;
	if (w->n == w->cap)
		grow(w);
	w->n++;
	*event(w, w->n - 1) = (struct window_event){ at_us, n };
	w->total += n;
}

void window_expire(struct window_log *w, int64_t longest_us, int64_t now_us)
{
	size_t old = too_old(w, longest_us, now_us);

	for (size_t i = 0; i < old; i++)
		w->total -= event(w, i)->n;
	if (!w->cap)
		return;
	w->first = (w->first + old) % w->cap;
	w->n -= old;
}

bool window_is_idle(const struct window_log *w)
{
	return !w->n && !w->reserved;
}
