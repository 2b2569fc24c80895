#include "gate/window.h"

#include <stdlib.h>

#include "base/test.h"

#define S INT64_C(1000000)
#define M (60 * S)
#define H (60 * M)

static const struct window_rule messages[] = { { 5 * M, 25 }, { H, 250 } };

static bool fits(const struct window_log *w, uint32_t n, int64_t now,
                 struct window_refusal *r)
{
	return window_fits(w, messages, 2, n, now, r);
}

static void five_minutes(void **state)
{
	struct window_log w;
	struct window_refusal r;

	(void)state;
	window_init(&w);
	for (int i = 0; i < 25; i++) {
		assert_true(fits(&w, 1, i * S, &r));
		window_add(&w, 1, i * S);
	}
	assert_false(fits(&w, 1, 25 * S, &r));
	assert_int_equal(r.rule, 0);
	assert_int_equal(r.used, 25);
	assert_int_equal(r.free_us, 5 * M - 25 * S);
	assert_false(fits(&w, 3, 25 * S, &r));
	assert_int_equal(r.free_us, 5 * M + 2 * S - 25 * S);
	/* It slides: one leaves at a time. */
	assert_false(fits(&w, 1, 5 * M - 1, &r));
	assert_int_equal(r.free_us, 1);
	assert_true(fits(&w, 1, 5 * M, &r));
	assert_false(fits(&w, 2, 5 * M, &r));
	assert_true(fits(&w, 2, 5 * M + S, &r));
	window_deinit(&w);
}

static void one_hour(void **state)
{
	struct window_log w;
	struct window_refusal r;

	(void)state;
	window_init(&w);
	/* 25 every 5 minutes: the second window is full after 50 minutes. */
	for (int k = 0; k < 10; k++)
		for (int i = 0; i < 25; i++) {
			int64_t now = k * 5 * M;

			window_expire(&w, H, now);
			assert_true(fits(&w, 1, now, &r));
			window_add(&w, 1, now);
		}
	assert_false(fits(&w, 1, 50 * M, &r));
	assert_int_equal(r.rule, 1);
	assert_int_equal(r.used, 250);
	assert_int_equal(r.free_us, 10 * M);
	assert_true(fits(&w, 25, 60 * M, &r));
	assert_false(fits(&w, 26, 60 * M, &r));
	assert_int_equal(r.rule, 0);
	assert_int_equal(r.free_us, 5 * M); /* never, said as the length */
	window_deinit(&w);
}

static void reservations(void **state)
{
	struct window_log w;
	struct window_refusal r;

	(void)state;
	window_init(&w);
	window_reserve(&w, 24);
	assert_true(fits(&w, 1, 0, &r));
	window_reserve(&w, 1);
	assert_false(fits(&w, 1, 0, &r));
	window_release(&w, 20);
	assert_true(fits(&w, 20, 0, &r));
	assert_false(fits(&w, 21, 0, &r));
	/* A reservation is in every window however long it is held, and
	 * counts from its confirmation on. */
	assert_false(fits(&w, 21, 100 * H, &r));
	window_confirm(&w, 5, 100 * H);
	assert_int_equal(window_used(&w, 5 * M, 100 * H + 4 * M), 5);
	assert_int_equal(window_used(&w, 5 * M, 100 * H + 5 * M), 0);
	assert_int_equal(window_used(&w, H, 100 * H + 5 * M), 5);
	assert_false(window_is_idle(&w));
	window_expire(&w, H, 101 * H);
	assert_true(window_is_idle(&w));
	window_deinit(&w);
}

static void limits(void **state)
{
	struct window_log w;
	struct window_refusal r;
	struct window_rule none = { H, 0 };

	(void)state;
	window_init(&w);
	assert_false(window_fits(&w, &none, 1, 1, 0, &r));
	assert_true(window_fits(&w, &none, 1, 0, 0, &r));
	assert_true(window_fits(&w, NULL, 0, UINT32_MAX, 0, &r));
	/* Time that goes back is taken as standing still. */
	window_add(&w, 1, 10 * S);
	window_add(&w, 1, 5 * S);
	assert_int_equal(window_used(&w, H, H + 9 * S), 2);
	assert_int_equal(window_used(&w, H, H + 10 * S), 0);
	window_deinit(&w);
}

/* Against the plain way of counting, over a random history. */
static void same_as_plain(void **state)
{
	struct window_log w;
	static struct window_event plain[2000];
	size_t n = 0;
	int64_t now = 0;
	unsigned seed = 7;

	(void)state;
	window_init(&w);
	for (int i = 0; i < 2000; i++) {
		uint32_t amount = (uint32_t)rand_r(&seed) % 9;
		uint64_t want = 0;

		now += rand_r(&seed) % (20 * S);
		window_add(&w, amount, now);
		plain[n++] = (struct window_event){ now, amount };
		if (rand_r(&seed) % 3 == 0)
			window_expire(&w, H, now);
		for (size_t k = 0; k < n; k++)
			if (now - plain[k].at_us < H)
				want += plain[k].n;
		assert_int_equal(window_used(&w, H, now), want);
		want = 0;
		for (size_t k = 0; k < n; k++)
			if (now - plain[k].at_us < 5 * M)
				want += plain[k].n;
		assert_int_equal(window_used(&w, 5 * M, now), want);
	}
	window_deinit(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(five_minutes),  cmocka_unit_test(one_hour),
		cmocka_unit_test(reservations),  cmocka_unit_test(limits),
		cmocka_unit_test(same_as_plain),
	};

	return cmocka_run_group_tests_name("gate-window", tests, NULL, NULL);
}
