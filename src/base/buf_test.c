#include "base/buf.h"

#include "base/mem.h"
#include "base/test.h"

static void grows_to_its_maximum(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	for (int i = 0; i < 100; i++)
		buf_add_c(&b, 'x');
	assert_false(buf_overflow(&b));
	buf_add_c(&b, 'y');
	assert_true(buf_overflow(&b));
	assert_int_equal(b.n, 100);
	assert_int_equal(buf_z(&b)[100], '\0');
	buf_reset(&b);
	assert_false(buf_overflow(&b));
	buf_deinit(&b);
}

static void overflow_sticks(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	buf_add(&b, STR("abc"));
	buf_add(&b, STR("de"));
	buf_add_c(&b, 'f');
	assert_true(buf_overflow(&b));
	assert_str(buf_str(&b), "abc");
	buf_deinit(&b);
}

static void writes_numbers_and_formats(void **state)
{
	struct buf b;
	size_t n;
	char *p;

	(void)state;
	buf_init(&b, 200);
	buf_add_u64(&b, UINT64_MAX);
	buf_add_c(&b, ' ');
	buf_add_i64(&b, INT64_MIN);
	buf_fmt(&b, " %s-%d", "x", 5);
	assert_str(buf_str(&b),
	           "18446744073709551615 -9223372036854775808 x-5");
	buf_consume(&b, 21);
	assert_str(buf_str(&b), "-9223372036854775808 x-5");
	p = buf_take(&b, &n);
	assert_int_equal(n, 24);
	mem_free(p);
	assert_int_equal(b.n, 0);
	buf_deinit(&b);
}

/* A maximum so large that one more byte would be none. */
static void grows_without_a_maximum(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, SIZE_MAX);
	for (int i = 0; i < 1000; i++)
		buf_add(&b, STR("0123456789"));
	assert_false(buf_overflow(&b));
	assert_int_equal(b.n, 10000);
	assert_memory_equal(b.p + 9990, "0123456789", 10);
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(grows_to_its_maximum),
		cmocka_unit_test(overflow_sticks),
		cmocka_unit_test(writes_numbers_and_formats),
		cmocka_unit_test(grows_without_a_maximum),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
