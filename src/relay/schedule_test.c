#include "relay/schedule.h"

#include "base/test.h"

#define MIN INT64_C(60000000)

static void waits_grow_to_the_most(void **state)
{
	static const struct relay_schedule s = { 5 * MIN, 240 * MIN };

	static const struct {
		unsigned failures;
		int64_t want;
	} rows[] = {
		{ 0, 5 * MIN },   { 1, 5 * MIN },   { 2, 10 * MIN },
		{ 3, 20 * MIN },  { 4, 40 * MIN },  { 5, 80 * MIN },
		{ 6, 160 * MIN }, { 7, 240 * MIN }, { 4000000000u, 240 * MIN },
	};

	size_t i;
	uint64_t r;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t low = INT64_MAX, high = 0;

		for (r = 0; r < 1000; r++) {
			int64_t us = relay_schedule_wait(
				&s, rows[i].failures,
				r * UINT64_C(0x9e3779b97f4a7c15));

			low = us < low ? us : low;
			high = us > high ? us : high;
		}
		assert_true(low >= rows[i].want / 10 * 9);
		assert_true(high <= rows[i].want / 10 * 11);
		/* they are spread */
		assert_true(high - low > rows[i].want / 10);
	}
}

static void odd_settings(void **state)
{
	static const struct relay_schedule tiny = { 1, 1 }, none = { 0, 0 },
					   less = { 10, 5 };

	(void)state;
	assert_int_equal(relay_schedule_wait(&tiny, 9, 7), 1);
	assert_int_equal(relay_schedule_wait(&none, 9, 7), 0);
	assert_true(relay_schedule_wait(&less, 1, 0) <= 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_grow_to_the_most),
		cmocka_unit_test(odd_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
