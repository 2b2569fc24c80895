#include "pack/zstd.h"

#include <string.h>

#include "base/mem.h"
#include "base/test.h"

static void gives_back_what_it_took(void **state)
{
	static const size_t sizes[] = { 0, 1, 100, 65536, 1000000 };
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char *p = mem_alloc(sizes[i]);
		struct buf packed, out;
		uint64_t n;

		for (size_t k = 0; k < sizes[i]; k++)
			p[k] = (char)(k * k % 61);
		buf_init(&packed, 2000000);
		buf_init(&out, 2000000);
		assert_int_equal(pack_zstd((struct str){ p, sizes[i] }, &packed,
		                           &err),
		                 0);
		assert_int_equal(pack_zstd_size(buf_str(&packed), &n, &err), 0);
		assert_int_equal(n, sizes[i]);
		assert_int_equal(unpack_zstd(buf_str(&packed), sizes[i], &out,
		                             &err),
		                 0);
		assert_int_equal(out.n, sizes[i]);
		assert_true(sizes[i] == 0 || memcmp(out.p, p, sizes[i]) == 0);
		buf_deinit(&packed);
		buf_deinit(&out);
		mem_free(p);
	}
}

static void never_gives_more_than_allowed(void **state)
{
	struct err err = ERR_INIT;
	struct buf packed, out;
	char zeros[5000] = { 0 };

	(void)state;
	buf_init(&packed, 10000);
	buf_init(&out, 10000);
	assert_int_equal(pack_zstd((struct str){ zeros, 5000 }, &packed, &err),
	                 0);
	assert_int_equal(unpack_zstd(buf_str(&packed), 4999, &out, &err), -1);
	assert_int_equal(err.kind, ERR_TOO_BIG);
	assert_int_equal(out.n, 0);
	buf_deinit(&packed);
	buf_deinit(&out);
}

static void damage_is_found(void **state)
{
	struct err err = ERR_INIT;
	struct buf packed, out;

	(void)state;
	buf_init(&packed, 10000);
	buf_init(&out, 10000);
	assert_int_equal(pack_zstd(STR("some words, some words, some words"),
	                           &packed, &err),
	                 0);
	for (size_t cut = 0; cut < packed.n; cut++) {
		buf_reset(&out);
		assert_int_equal(unpack_zstd(str_to(buf_str(&packed), cut), 100,
		                             &out, &err),
		                 -1);
		assert_int_equal(err.kind, ERR_CORRUPT);
	}
	assert_int_equal(unpack_zstd(STR("not packed"), 100, &out, &err), -1);
	assert_int_equal(err.kind, ERR_CORRUPT);
	buf_deinit(&packed);
	buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(gives_back_what_it_took),
		cmocka_unit_test(never_gives_more_than_allowed),
		cmocka_unit_test(damage_is_found),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
