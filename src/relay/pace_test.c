#include "relay/pace.h"

#include <stdio.h>

#include "base/test.h"
#include "os/clock.h"

static void so_many_a_minute(void **state)
{
	struct relay_pace *p = relay_pace_new();
	struct str x = STR("x.example");
	int64_t now = 1000 * US_PER_SEC;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(relay_pace_take(p, x, 3, now + i), 0);
	assert_int_equal(relay_pace_take(p, x, 3, now + 9), now + US_PER_MIN);
	assert_int_equal(relay_pace_take(p, x, 3, now + US_PER_MIN - 1),
	                 now + US_PER_MIN);
	/* Another destination, and no limit, are not concerned. */
	assert_int_equal(relay_pace_take(p, STR("y.example"), 3, now + 9), 0);
	assert_int_equal(relay_pace_take(p, x, 0, now + 9), 0);
	/* A larger limit holds at once. */
	assert_int_equal(relay_pace_take(p, x, 4, now + 9), 0);
	/* The next minute begins with its first. */
	assert_int_equal(relay_pace_take(p, x, 3, now + 2 * US_PER_MIN), 0);
	relay_pace_free(&p);
	relay_pace_free(&p);
}

static void what_is_over_is_forgotten(void **state)
{
	struct relay_pace *p = relay_pace_new();
	char name[40];

	(void)state;
	for (int i = 0; i < 5000; i++) {
		(void)snprintf(name, sizeof(name), "n%d.example", i);
		assert_int_equal(relay_pace_take(p, str_z(name), 1,
		                                 i * US_PER_SEC + 1),
		                 0);
	}
	assert_true(relay_pace_take(p, STR("n4999.example"), 1,
	                            5000 * US_PER_SEC) != 0);
	assert_int_equal(relay_pace_take(p, STR("n1.example"), 1,
	                                 5000 * US_PER_SEC),
	                 0);
	relay_pace_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_a_minute),
		cmocka_unit_test(what_is_over_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
