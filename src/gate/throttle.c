#include "gate/throttle.h"

#include <string.h>

static void forget_first(struct throttle *t, uint32_t n)
{
	t->n -= n;
	memmove(t->failed_us, t->failed_us + n, t->n * sizeof(*t->failed_us));
}

/* Bring it to now: a minute of rejection that is over ends with a clean
 * slate, and a failure counts for a minute. */
static void settle(struct throttle *t, int64_t now_us)
{
	uint32_t old = 0;

	if (t->locked_until_us && now_us >= t->locked_until_us) {
		t->locked_until_us = 0;
		t->n = 0;
	}
	if (t->locked_until_us)
		return;
	while (old < t->n && now_us - t->failed_us[old] >= THROTTLE_PERIOD_US)
		old++;
	forget_first(t, old);
}

int64_t throttle_wait(struct throttle *t, int64_t now_us)
{
	settle(t, now_us);
	return t->locked_until_us ? t->locked_until_us - now_us : 0;
}

static uint32_t sane(uint32_t limit)
{
	if (limit < 1)
		return 1;
	return limit > THROTTLE_FAILURES_MAX ? THROTTLE_FAILURES_MAX : limit;
}

void throttle_failed(struct throttle *t, uint32_t limit, int64_t now_us)
{
	limit = sane(limit);
	settle(t, now_us);
	if (t->locked_until_us)
		return;
	/* The limit may have been lowered meanwhile. */
	if (t->n >= limit)
		forget_first(t, t->n - limit + 1);
	t->failed_us[t->n++] = now_us;
	if (t->n >= limit)
		t->locked_until_us = t->failed_us[0] + THROTTLE_PERIOD_US;
}

uint32_t throttle_room(struct throttle *t, uint32_t limit, int64_t now_us)
{
	limit = sane(limit);
	settle(t, now_us);
	if (t->locked_until_us || t->n >= limit)
		return 0;
	return limit - t->n;
}

int throttle_is_idle(const struct throttle *t, int64_t now_us)
{
	if (t->locked_until_us)
		return now_us >= t->locked_until_us;
	return !t->n || now_us - t->failed_us[t->n - 1] >= THROTTLE_PERIOD_US;
}

uint32_t throttle_seconds(int64_t wait_us)
{
	int64_t s = (wait_us + 999999) / 1000000;

	if (s < 1)
		return 1;
	return s > 60 ? 60 : (uint32_t)s;
}
