#include "base/map.h"

#include <stdio.h>

#include "base/test.h"

static void strings(void **state)
{
	struct map m;
	int a, b;

	(void)state;
	map_init(&m, 1);
	assert_null(map_get(&m, STR("anna")));
	assert_null(map_remove(&m, STR("anna")));
	assert_null(map_put(&m, STR("anna"), &a));
	assert_null(map_put(&m, STR(""), &b));
	assert_null(map_get(&m, STR("ann")));
	assert_null(map_get(&m, STR("annb")));
	assert_ptr_equal(map_get(&m, STR("anna")), &a);
	assert_ptr_equal(map_get(&m, STR("")), &b);
	assert_ptr_equal(map_put(&m, STR("anna"), &b), &a);
	assert_int_equal(m.n, 2);
	assert_ptr_equal(map_remove(&m, STR("anna")), &b);
	assert_null(map_get(&m, STR("anna")));
	map_deinit(&m);
}

static void keys_are_copied(void **state)
{
	char key[] = "anna";
	struct map m;
	int a;

	(void)state;
	map_init(&m, 2);
	map_put(&m, str_z(key), &a);
	key[0] = 'x';
	assert_ptr_equal(map_get(&m, STR("anna")), &a);
	assert_null(map_get(&m, STR("xnna")));
	map_deinit(&m);
}

/* Against a plain array: every mix of put and remove, in one table that
 * grows, gives what the array says. */
static void against_a_model(void **state)
{
	static int value[500];
	void *model[500] = { NULL };
	uint64_t x = 88172645463325252u;
	size_t n = 0;
	struct map m;

	(void)state;
	map_init(&m, 0);
	for (int step = 0; step < 50000; step++) {
		size_t k;

		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		k = (size_t)(x % 500);
		if (x >> 32 & 1) {
			assert_ptr_equal(map_put_u64(&m, k, &value[k]),
			                 model[k]);
			n += model[k] == NULL;
			model[k] = &value[k];
		} else {
			assert_ptr_equal(map_remove_u64(&m, k), model[k]);
			n -= model[k] != NULL;
			model[k] = NULL;
		}
		assert_int_equal(m.n, n);
	}
	for (size_t k = 0; k < 500; k++)
		assert_ptr_equal(map_get_u64(&m, k), model[k]);
	map_deinit(&m);
}

static bool keep_even(void *arg, void *value)
{
	int *dropped = arg;

	if (*(int *)value % 2 == 0)
		return true;
	++*dropped;
	return false;
}

static void walks_and_sweeps(void **state)
{
	int value[100], dropped = 0, seen = 0;
	struct map_entry e;
	struct map m;
	size_t at = 0;

	(void)state;
	map_init(&m, 3);
	map_sweep(&m, keep_even, &dropped);
	for (int i = 0; i < 100; i++) {
		char key[16];

		value[i] = i;
		(void)snprintf(key, sizeof(key), "k%d", i);
		map_put(&m, str_z(key), &value[i]);
	}
	map_sweep(&m, keep_even, &dropped);
	assert_int_equal(dropped, 50);
	assert_int_equal(m.n, 50);
	while (map_next(&m, &at, &e)) {
		assert_ptr_equal(map_get(&m, e.key), e.value);
		seen++;
	}
	assert_int_equal(seen, 50);
	assert_null(map_get(&m, STR("k51")));
	assert_ptr_equal(map_get(&m, STR("k52")), &value[52]);
	map_deinit(&m);
}

static void the_seed_counts(void **state)
{
	(void)state;
	assert_true(map_hash(1, STR("a")) != map_hash(2, STR("a")));
	assert_true(map_hash(1, STR("a")) != map_hash(1, STR("a\0")));
	assert_true(map_hash(1, STR("12345678")) !=
	            map_hash(1, STR("12345679")));
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(strings),
		cmocka_unit_test(keys_are_copied),
		cmocka_unit_test(against_a_model),
		cmocka_unit_test(walks_and_sweeps),
		cmocka_unit_test(the_seed_counts),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
