#include "base/civil.h"

#include "base/test.h"

static void known_moments(void **state)
{
	static const struct {
		int64_t seconds;
		struct civil want;
	} rows[] = {
		{ 0, { 1970, 1, 1, 0, 0, 0, 4 } },
		{ -1, { 1969, 12, 31, 23, 59, 59, 3 } },
		{ 951782400, { 2000, 2, 29, 0, 0, 0, 2 } },
		{ 1709251199, { 2024, 2, 29, 23, 59, 59, 4 } },
		{ 4107542400, { 2100, 3, 1, 0, 0, 0, 1 } },
		{ 253402300799, { 9999, 12, 31, 23, 59, 59, 5 } },
		{ -62135596800, { 1, 1, 1, 0, 0, 0, 1 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct civil c = civil_of(rows[i].seconds);

		assert_memory_equal(&c, &rows[i].want, sizeof(c));
		assert_true(civil_seconds(&c) == rows[i].seconds);
	}
}

static void every_day_is_one_after_the_last(void **state)
{
	struct civil last = civil_of(-3000000000);

	(void)state;
	for (int64_t d = 1; d < 80000; d++) {
		struct civil c = civil_of(-3000000000 + d * 86400);

		assert_int_equal(c.weekday, (last.weekday + 1) % 7);
		if (c.day == 1)
			assert_int_equal(last.day,
			                 civil_month_days(last.year,
			                                  last.month));
		else
			assert_int_equal(c.day, last.day + 1);
		last = c;
	}
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(civil_month_name(12), "Dec");
	assert_string_equal(civil_weekday_name(0), "Sun");
	assert_int_equal(civil_month_of("sEP"), 9);
	assert_int_equal(civil_month_of("xyz"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_moments),
		cmocka_unit_test(every_day_is_one_after_the_last),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
