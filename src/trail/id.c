/* Trace ids: 41 bits of milliseconds and 19 of a count that begins anywhere,
 * twelve characters of five bits. */
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/map.h"
#include "os/clock.h"
#include "os/random.h"
#include "trail/private.h"

#define COUNT_BITS 19
#define DIGITS     (TRAIL_ID_SIZE - 1)
/* 2020-01-01: 41 bits last until 2089. */
#define EPOCH_MS INT64_C(1577836800000)

static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";

static atomic_uint_fast32_t count;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void begin_anywhere(void)
{
	atomic_store(&count, (uint32_t)random_u64());
}

static void begin(void)
{
	begin_anywhere();
	/* A fork must not count on from where its parent is. */
	(void)pthread_atfork(NULL, NULL, begin_anywhere);
}

void trail_id_make(char out[TRAIL_ID_SIZE])
{
	uint64_t ms, n, v;

	(void)pthread_once(&once, begin);
	ms = (uint64_t)(clock_wall_us() / US_PER_MS - EPOCH_MS);
	n = atomic_fetch_add(&count, 1) & ((1u << COUNT_BITS) - 1);
	v = ms << COUNT_BITS | n;
	for (int i = DIGITS; i-- > 0; v >>= 5)
		out[i] = digits[v & 31];
	out[DIGITS] = '\0';
}

static int digit_of(char c)
{
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* A one in front keeps the number of characters. */
int64_t trail_number(struct str id)
{
	uint64_t v = 1;

	if (id.n == 0)
		return 0;
	for (size_t i = 0; i < id.n; i++) {
		int d = id.n <= DIGITS ? digit_of(id.p[i]) : -1;

		if (d < 0)
			return -1 - (int64_t)(map_hash(0, id) >> 1);
		v = v << 5 | (uint64_t)d;
	}
	return (int64_t)v;
}

bool trail_number_text(int64_t number, char out[TRAIL_ID_SIZE])
{
	uint64_t v = (uint64_t)number;
	size_t n = 0;

	out[0] = '\0';
	if (number <= 1)
		return false;
	while (n < DIGITS && v >> 5 * n > 1)
		n++;
	if (v >> 5 * n != 1)
		return false;
	out[n] = '\0';
	for (; n-- > 0; v >>= 5)
		out[n] = digits[v & 31];
	return true;
}

int64_t trail_id_time(struct str id)
{
	int64_t v = trail_number(id);

	if (id.n != DIGITS || v <= 0)
		return 0;
	v &= (INT64_C(1) << 5 * DIGITS) - 1;
	return ((v >> COUNT_BITS) + EPOCH_MS) * US_PER_MS;
}
