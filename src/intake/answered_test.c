#include "intake/answered.h"

#include <string.h>

#include "base/test.h"

#define HOUR (INT64_C(3600) * 1000000)

static void they_are_counted_for_an_hour_at_least(void **state)
{
	struct answered *t = answered_new();
	unsigned char one[32] = { 1 }, two[32] = { 2 };
	int64_t now = 100 * HOUR;

	(void)state;
	assert_int_equal(answered_count(t, one, now), 0);
	answered_add(t, one, now);
	answered_add(t, one, now + 1);
	assert_int_equal(answered_count(t, one, now + 1), 2);
	assert_int_equal(answered_count(t, two, now + 1), 0);
	assert_int_equal(answered_count(t, one, now + HOUR), 2);
	/* Counting on in the next generation. */
	answered_add(t, one, now + HOUR + 2);
	assert_int_equal(answered_count(t, one, now + HOUR + 3), 3);
	assert_int_equal(answered_count(t, one, now + 4 * HOUR), 3);
	assert_int_equal(answered_count(t, one, now + 6 * HOUR), 0);
	answered_free(&t);
	assert_null(t);
}

/* However many there are, the memory stays bounded and the last are known. */
static void many_of_them(void **state)
{
	struct answered *t = answered_new();
	unsigned char key[32] = { 0 };
	uint32_t i;

	(void)state;
	for (i = 0; i < 120000; i++) {
		memcpy(key, &i, sizeof(i));
		answered_add(t, key, HOUR);
	}
	assert_int_equal(answered_count(t, key, HOUR), 1);
	i = 0;
	memcpy(key, &i, sizeof(i));
	assert_int_equal(answered_count(t, key, HOUR), 0);
	answered_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(they_are_counted_for_an_hour_at_least),
		cmocka_unit_test(many_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
