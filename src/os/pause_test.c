#include "os/pause.h"

#include "base/test.h"
#include "os/clock.h"
#include "os/thread.h"

struct worker {
	struct pause pause;
	pthread_t thread;
	int rounds;
};

static void *work(void *arg)
{
	struct worker *w = arg;

	while (pause_rest(&w->pause, INT64_C(3600) * US_PER_SEC))
		w->rounds++;
	return NULL;
}

/* A thread in the middle of an hour's rest ends at once: else this test does
 * not end in its time. */
static void ends_in_a_rest(void **state)
{
	struct worker w = { .rounds = 0 };
	struct err err = ERR_INIT;

	(void)state;
	pause_init(&w.pause);
	assert_int_equal(thread_start(&w.thread, "worker", work, &w, &err), 0);
	assert_false(pause_is_over(&w.pause));
	pause_end(&w.pause);
	assert_int_equal(pthread_join(w.thread, NULL), 0);
	assert_int_equal(w.rounds, 0);
	assert_true(pause_is_over(&w.pause));
	pause_deinit(&w.pause);
}

static void rests_as_long_as_it_says(void **state)
{
	int64_t before = clock_real_us();
	struct pause p;

	(void)state;
	pause_init(&p);
	assert_true(pause_rest(&p, 20000));
	assert_true(clock_real_us() - before >= 20000);
	assert_true(pause_rest(&p, 0));
	pause_end(&p);
	assert_false(pause_rest(&p, 0));
	pause_deinit(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_in_a_rest),
		cmocka_unit_test(rests_as_long_as_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
