#include "base/heap.h"

#include "base/test.h"

struct timer {
	int name;
	struct heap_item item;
};

static void gives_the_smallest(void **state)
{
	const int64_t keys[] = { 5, -3, 9, 5, 0, INT64_MAX, INT64_MIN, 7 };
	struct timer t[8] = { { .name = 0 } };
	int64_t last = INT64_MIN;
	struct heap_item *it;
	struct heap h;

	(void)state;
	heap_init(&h);
	assert_null(heap_first(&h));
	for (int i = 0; i < 8; i++) {
		t[i].name = i;
		t[i].item.key = keys[i];
		heap_put(&h, &t[i].item);
	}
	assert_int_equal(HEAP_OWNER(heap_first(&h), struct timer, item)->name,
	                 6);
	while ((it = heap_first(&h))) {
		assert_true(it->key >= last);
		last = it->key;
		heap_remove(&h, it);
		assert_false(heap_has(it));
	}
	assert_int_equal(last, INT64_MAX);
	heap_deinit(&h);
}

static size_t smallest(const struct timer *t, size_t n)
{
	size_t best = n;

	for (size_t i = 0; i < n; i++)
		if (heap_has(&t[i].item) &&
		    (best == n || t[i].item.key < t[best].item.key))
			best = i;
	return best;
}

/* Put, move up and down and take out at random; the first is always the
 * smallest of all. */
static void against_a_model(void **state)
{
	struct timer t[60] = { { .name = 0 } };
	uint64_t x = 88172645463325252u;
	struct heap h;

	(void)state;
	heap_init(&h);
	for (int step = 0; step < 20000; step++) {
		size_t i, best;

		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		i = (size_t)(x % 60);
		if (x >> 40 & 3) {
			t[i].item.key = (int64_t)(x >> 20 & 1023);
			heap_put(&h, &t[i].item);
		} else {
			heap_remove(&h, &t[i].item);
		}
		best = smallest(t, 60);
		if (best == 60)
			assert_null(heap_first(&h));
		else
			assert_int_equal(heap_first(&h)->key, t[best].item.key);
	}
	heap_deinit(&h);
	assert_int_equal(smallest(t, 60), 60);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(gives_the_smallest),
		cmocka_unit_test(against_a_model),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
