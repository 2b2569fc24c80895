#include "gate/throttle.h"

#include "base/test.h"

#define S INT64_C(1000000)

/* Letters: '.' an attempt that is looked at and right, 'x' one that is looked
 * at and fails, 'L' one that is rejected.  Each with its second. */
struct step {
	double at;
	char what;
	uint32_t retry_s;
};

static const struct {
	const char *label;
	uint32_t limit;
	struct step steps[12];
} rows[] = {
	{ "three, then locked to the end of the minute",
	  3,
	  { { 100, 'x', 0 },
	    { 101, 'x', 0 },
	    { 102, 'x', 0 },
	    { 102.5, 'L', 58 },
	    { 159.9, 'L', 1 },
	    { 160, '.', 0 } } },
	{ "two do not lock",
	  3,
	  { { 0, 'x', 0 }, { 1, 'x', 0 }, { 2, '.', 0 }, { 3, '.', 0 } } },
	{ "a success between does not take failures back",
	  3,
	  { { 0, 'x', 0 },
	    { 1, '.', 0 },
	    { 2, 'x', 0 },
	    { 3, '.', 0 },
	    { 4, 'x', 0 },
	    { 5, 'L', 55 } } },
	{ "the minute slides: 50, 65, 70 are within one",
	  3,
	  { { 0, 'x', 0 },
	    { 50, 'x', 0 },
	    { 65, 'x', 0 },
	    { 70, 'x', 0 },
	    { 71, 'L', 39 },
	    { 109, 'L', 1 },
	    { 110, '.', 0 } } },
	{ "exactly a minute apart is not within",
	  3,
	  { { 0, 'x', 0 }, { 30, 'x', 0 }, { 60, 'x', 0 }, { 61, '.', 0 } } },
	{ "just within",
	  3,
	  { { 0, 'x', 0 },
	    { 30, 'x', 0 },
	    { 59.9, 'x', 0 },
	    { 59.95, 'L', 1 },
	    { 60, '.', 0 } } },
	{ "a clean slate after it",
	  3,
	  { { 0, 'x', 0 },
	    { 58, 'x', 0 },
	    { 59, 'x', 0 },
	    { 59.5, 'L', 1 },
	    { 60, 'x', 0 },
	    { 61, 'x', 0 },
	    { 62, '.', 0 },
	    { 63, 'x', 0 },
	    { 64, 'L', 56 } } },
	{ "rejected ones do not prolong it",
	  3,
	  { { 0, 'x', 0 },
	    { 0, 'x', 0 },
	    { 0, 'x', 0 },
	    { 10, 'L', 50 },
	    { 50, 'L', 10 },
	    { 60, '.', 0 } } },
	{ "a limit of one",
	  1,
	  { { 0, 'x', 0 }, { 1, 'L', 59 }, { 60, '.', 0 } } },
};

static void tables(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct throttle t = { 0 };

		for (const struct step *s = rows[i].steps; s->what; s++) {
			int64_t now = (int64_t)(s->at * 10) * (S / 10) + 7 * S;
			int64_t wait = throttle_wait(&t, now);

			if ((wait > 0) != (s->what == 'L'))
				fail_msg("%s at %.1f: wait %lld", rows[i].label,
				         s->at, (long long)wait);
			if (wait > 0)
				assert_int_equal(throttle_seconds(wait),
				                 s->retry_s);
			if (s->what == 'x')
				throttle_failed(&t, rows[i].limit, now);
		}
	}
}

static void room(void **state)
{
	struct throttle t = { 0 };

	(void)state;
	assert_int_equal(throttle_room(&t, 3, 0), 3);
	throttle_failed(&t, 3, 0);
	assert_int_equal(throttle_room(&t, 3, S), 2);
	throttle_failed(&t, 3, S);
	assert_int_equal(throttle_room(&t, 3, S), 1);
	throttle_failed(&t, 3, S);
	assert_int_equal(throttle_room(&t, 3, S), 0);
	assert_false(throttle_is_idle(&t, 59 * S));
	assert_true(throttle_is_idle(&t, 60 * S));
	assert_int_equal(throttle_room(&t, 3, 60 * S), 3);
}

static void limit_lowered(void **state)
{
	struct throttle t = { 0 };

	(void)state;
	for (int i = 0; i < 10; i++)
		throttle_failed(&t, 16, i * S);
	throttle_failed(&t, 2, 20 * S);
	assert_int_equal(throttle_wait(&t, 21 * S), (9 + 60 - 21) * S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables),
		cmocka_unit_test(room),
		cmocka_unit_test(limit_lowered),
	};

	return cmocka_run_group_tests_name("gate-throttle", tests, NULL, NULL);
}
