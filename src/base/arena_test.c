#include "base/arena.h"

#include <string.h>

#include "base/mem.h"
#include "base/test.h"

static void pieces_do_not_overlap(void **state)
{
	unsigned char *p[300];
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < 300; i++) {
		size_t n = i * 37 % 9000;

		p[i] = arena_alloc(&a, n);
		assert_int_equal((uintptr_t)p[i] % 16, 0);
		memset(p[i], (int)(i & 0xff), n);
	}
	for (size_t i = 0; i < 300; i++)
		for (size_t k = 0; k < i * 37 % 9000; k++)
			assert_int_equal(p[i][k], i & 0xff);
	arena_deinit(&a);
}

static void a_reset_gives_all_back(void **state)
{
	struct arena a;
	char *z;

	(void)state;
	arena_init(&a);
	for (int round = 0; round < 3; round++) {
		assert_int_equal(a.total, 0);
		for (int i = 0; i < 100; i++)
			(void)arena_alloc(&a, 1000);
		assert_true(a.total >= 100000);
		z = arena_zalloc(&a, 5000);
		for (int i = 0; i < 5000; i++)
			assert_int_equal(z[i], 0);
		memset(z, 'x', 5000);
		arena_reset(&a);
	}
	arena_deinit(&a);
	arena_deinit(&a);
}

static void lists_grow(void **state)
{
	size_t cap = 0, heap_cap = 0;
	uint32_t *v = NULL, *h = NULL;
	struct arena a;

	(void)state;
	arena_init(&a);
	for (uint32_t i = 0; i < 1000; i++) {
		v = arena_grow(&a, v, i, &cap, sizeof(*v));
		h = mem_grow(h, i, &heap_cap, sizeof(*h));
		assert_true(cap > i && cap <= 2 * (i + 8));
		assert_int_equal(heap_cap, cap);
		assert_int_equal(v[i], 0);
		v[i] = h[i] = i;
	}
	for (uint32_t i = 0; i < 1000; i++) {
		assert_int_equal(v[i], i);
		assert_int_equal(h[i], i);
	}
	mem_free(h);
	arena_deinit(&a);
}

static void strings(void **state)
{
	struct arena a;
	struct str s;

	(void)state;
	arena_init(&a);
	s = arena_dup(&a, STR("a\0b"));
	assert_int_equal(s.n, 3);
	assert_memory_equal(s.p, "a\0b", 4);
	s = arena_dup(&a, (struct str){ NULL, 0 });
	assert_str(s, "");
	assert_string_equal(arena_strz(&a, STR("anna")), "anna");
	assert_str(arena_fmt(&a, "%d-%s", 7, "x"), "7-x");
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(pieces_do_not_overlap),
		cmocka_unit_test(a_reset_gives_all_back),
		cmocka_unit_test(lists_grow),
		cmocka_unit_test(strings),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
