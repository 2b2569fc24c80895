#include "pack/gzip.h"

#include <string.h>

#include "base/mem.h"
#include "base/test.h"

#define N ((size_t)300000)

static char *text;

static int make_text(void **state)
{
	unsigned r = 1;

	(void)state;
	text = mem_alloc(N);
	for (size_t i = 0; i < N; i++) {
		r = r * 1103515245 + 12345;
		text[i] = i < N / 2 ? (char)(r >> 16) : "abcdefg "[r >> 16 & 7];
	}
	return 0;
}

static int free_text(void **state)
{
	(void)state;
	mem_free(text);
	return 0;
}

/* In pieces of each size it reads back, and none is over its bound. */
static void gives_back_what_it_took(void **state)
{
	static const size_t pieces[] = { 7, 1000, 65536, N };
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		struct gzip *z = gzip_new();
		struct buf packed, out;
		size_t before;

		buf_init(&packed, 2 * N);
		buf_init(&out, N);
		for (size_t at = 0; at < N; at += pieces[i]) {
			size_t n = N - at < pieces[i] ? N - at : pieces[i];

			before = packed.n;
			gzip_add(z, (struct str){ text + at, n }, false,
			         &packed);
			assert_true(packed.n - before <= gzip_bound(n));
		}
		gzip_add(z, STR(""), true, &packed);
		gzip_free(&z);
		assert_false(buf_overflow(&packed));
		assert_true(packed.n < N * 3 / 4);
		assert_int_equal(gunzip(buf_str(&packed), &out, &err), 0);
		assert_int_equal(out.n, N);
		assert_memory_equal(out.p, text, N);
		buf_deinit(&packed);
		buf_deinit(&out);
	}
}

static void pack_all(struct str in, struct buf *out)
{
	struct gzip *z = gzip_new();

	gzip_add(z, in, true, out);
	gzip_free(&z);
}

static void never_gives_more_than_allowed(void **state)
{
	static const char zeros[100000];
	struct err err = ERR_INIT;
	struct buf packed, out;

	(void)state;
	buf_init(&packed, gzip_bound(100000));
	pack_all((struct str){ zeros, sizeof(zeros) }, &packed);
	buf_init(&out, sizeof(zeros) - 1);
	assert_int_equal(gunzip(buf_str(&packed), &out, &err), -1);
	assert_int_equal(err.kind, ERR_TOO_BIG);
	buf_deinit(&out);
	buf_init(&out, sizeof(zeros));
	assert_int_equal(gunzip(buf_str(&packed), &out, &err), 0);
	buf_deinit(&out);
	buf_deinit(&packed);
}

static void damage_is_found(void **state)
{
	struct err err = ERR_INIT;
	struct buf packed, out;

	(void)state;
	buf_init(&packed, gzip_bound(100000));
	buf_init(&out, 10000);
	pack_all(STR("some text that is packed"), &packed);
	for (size_t n = 0; n < packed.n; n++) {
		buf_reset(&out);
		assert_int_equal(gunzip(str_to(buf_str(&packed), n), &out,
		                        &err),
		                 -1);
		assert_int_equal(err.kind, ERR_CORRUPT);
	}
	packed.p[packed.n - 6] ^= 1; /* of the CRC */
	buf_reset(&out);
	assert_int_equal(gunzip(buf_str(&packed), &out, &err), -1);
	packed.p[packed.n - 6] ^= 1;
	buf_add_c(&packed, 'x');
	buf_reset(&out);
	assert_int_equal(gunzip(buf_str(&packed), &out, &err), -1);
	buf_deinit(&packed);
	buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_back_what_it_took),
		cmocka_unit_test(never_gives_more_than_allowed),
		cmocka_unit_test(damage_is_found),
	};

	return cmocka_run_group_tests(tests, make_text, free_text);
}
