#include "store/uidset.h"

#include <string.h>

#include "base/test.h"
#include "os/random.h"

#define SPAN 64

/* Against an array of bools. */
static void same(const struct uidset *s, const bool *has)
{
	uint64_t n = 0;

	for (uint32_t i = 1; i < SPAN; i++) {
		uint64_t at;

		assert_int_equal(uidset_has(s, i), has[i]);
		assert_int_equal(uidset_index(s, i, &at), has[i]);
		if (!has[i])
			continue;
		assert_int_equal(at, n);
		assert_int_equal(uidset_at(s, n), i);
		n++;
	}
	assert_int_equal(uidset_count(s), n);
	assert_int_equal(uidset_at(s, n), 0);
	for (size_t i = 0; i < s->n; i++) {
		assert_true(s->p[i].first <= s->p[i].last);
		if (i)
			assert_true(s->p[i - 1].last + 1 < s->p[i].first);
	}
}

static void agrees_with_an_array(void **state)
{
	(void)state;
	for (int round = 0; round < 300; round++) {
		struct uidset s = UIDSET_EMPTY, t = UIDSET_EMPTY;
		bool has[SPAN] = { false }, other[SPAN] = { false };

		for (int i = 0; i < 30; i++) {
			uint32_t a = 1 + (uint32_t)random_below(SPAN - 1);
			uint32_t b = a + (uint32_t)random_below(5);
			bool add = random_below(3) != 0;

			b = b < SPAN ? b : SPAN - 1;
			if (add)
				uidset_add(&s, b, a);
			else
				uidset_remove(&s, a, b);
			for (uint32_t u = a; u <= b; u++)
				has[u] = add;
			same(&s, has);
			a = 1 + (uint32_t)random_below(SPAN - 1);
			uidset_add(&t, a, a);
			other[a] = true;
		}
		for (int both = 0; both < 2; both++) {
			struct uidset u = UIDSET_EMPTY;
			bool want[SPAN];

			uidset_copy(&u, &s);
			if (both)
				uidset_keep_set(&u, &t);
			else
				uidset_remove_set(&u, &t);
			for (int i = 0; i < SPAN; i++)
				want[i] = has[i] && other[i] == (both != 0);
			same(&u, want);
			uidset_deinit(&u);
		}
		uidset_add_set(&s, &t);
		for (int i = 0; i < SPAN; i++)
			has[i] = has[i] || other[i];
		same(&s, has);
		uidset_deinit(&s);
		uidset_deinit(&t);
	}
}

static void the_largest_uid_is_a_uid(void **state)
{
	struct uidset s = UIDSET_EMPTY, t = UIDSET_EMPTY;

	(void)state;
	uidset_add(&s, UINT32_MAX, 5);
	assert_int_equal(s.n, 1);
	uidset_add(&s, UINT32_MAX, UINT32_MAX);
	assert_int_equal(s.n, 1);
	uidset_remove(&s, 10, UINT32_MAX);
	assert_int_equal(uidset_count(&s), 5);
	uidset_add(&s, 20, UINT32_MAX);
	uidset_add(&t, 1, UINT32_MAX);
	uidset_keep_set(&t, &s);
	assert_int_equal(t.n, 2);
	uidset_add(&t, 1, UINT32_MAX);
	uidset_remove_set(&t, &s);
	assert_int_equal(t.n, 2);
	assert_int_equal(t.p[1].first, 10);
	assert_int_equal(t.p[1].last, 19);
	uidset_deinit(&s);
	uidset_deinit(&t);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(agrees_with_an_array),
		cmocka_unit_test(the_largest_uid_is_a_uid),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
