#include "wire/smtp/xtext.h"

#include "base/test.h"

static const struct {
	const char *in, *want; /* want NULL: no xtext */
} rows[] = {
	{ "QQ314159", "QQ314159" },
	{ "a+2Bb+3Dc", "a+b=c" },
	{ "a+20b", "a b" },
	{ "+0d+0A", "\r\n" },
	{ "", "" },
	{ "a+2", NULL },
	{ "a+", NULL },
	{ "a+zz", NULL },
	{ "a=b", NULL },
	{ "a b", NULL },
	{ "\xc3\xb8", NULL },
};

static void decoding(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str out = { NULL, 0 };
		struct arena a;
		bool ok;

		arena_init(&a);
		ok = xtext_decode(str_z(rows[i].in), &a, &out);
		assert_int_equal(ok, rows[i].want != NULL);
		if (ok)
			assert_str(out, rows[i].want);
		arena_deinit(&a);
	}
}

static const struct {
	const char *in, *want;
} utf8_rows[] = {
	{ "j\\x{F8}rgen@example.org", "j\xc3\xb8rgen@example.org" },
	{ "\\x{1F600}", "\xf0\x9f\x98\x80" },
	{ "\xc3\xb8", "\xc3\xb8" },
	{ "\\x{}", NULL },
	{ "\\x{D800}", NULL },
	{ "\\x{110000}", NULL },
	{ "\\x{0}", NULL },
	{ "\\x{A}", NULL },
	{ "\\x{F8", NULL },
	{ "\\y", NULL },
	{ "\xff", NULL },
};

static void decoding_utf8(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(utf8_rows) / sizeof(utf8_rows[0]); i++) {
		struct str out = { NULL, 0 };
		struct arena a;
		bool ok;

		arena_init(&a);
		ok = xtext_utf8_decode(str_z(utf8_rows[i].in), &a, &out);
		assert_int_equal(ok, utf8_rows[i].want != NULL);
		if (ok)
			assert_str(out, utf8_rows[i].want);
		arena_deinit(&a);
	}
}

static void what_is_written_reads_back(void **state)
{
	struct str all, out;
	char bytes[256];
	struct arena a;
	struct buf b;
	int i;

	(void)state;
	for (i = 0; i < 256; i++)
		bytes[i] = (char)i;
	all = (struct str){ bytes, sizeof(bytes) };
	arena_init(&a);
	buf_init(&b, 1024);
	xtext_encode(&b, all);
	assert_true(xtext_decode(buf_str(&b), &a, &out));
	assert_true(str_eq(all, out));
	buf_deinit(&b);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decoding),
		cmocka_unit_test(decoding_utf8),
		cmocka_unit_test(what_is_written_reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
