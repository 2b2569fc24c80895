#include "wire/dkim/tags.h"

#include "base/test.h"

static void lists(void **state)
{
	static const struct {
		const char *in;
		bool ok;
		size_t n;
	} rows[] = {
		{ "a=1; b=2;", true, 2 }, { "a=1 ;\r\n\tb = x y ", true, 2 },
		{ "a=", true, 1 },        { "a=b=c", true, 1 },
		{ "a=1; a=2", false, 0 }, { "=1", false, 0 },
		{ "a", false, 0 },        { "a=1;;b=2", false, 0 },
		{ "", false, 0 },         { "1a=2", false, 0 },
		{ "a=\x01", false, 0 },
	};
	struct dkim_tags t;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		bool ok = dkim_tags_parse(&t, str_z(rows[i].in));

		if (ok != rows[i].ok)
			fail_msg("%s", rows[i].in);
		if (ok)
			assert_int_equal(t.n, rows[i].n);
	}
}

static void base64(void **state)
{
	static const struct {
		const char *in, *want; /* NULL: refused */
	} rows[] = {
		{ "aGVs\r\n bG8=", "hello" },
		{ "aGVsbG8", "hello" },
		{ "aGVsbG8=x", NULL },
		{ "a", NULL },
		{ "aGVsbG8==", NULL },
		{ "a-", NULL },
		{ "", "" },
	};
	struct buf out;

	(void)state;
	buf_init(&out, 100);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		buf_reset(&out);
		assert_int_equal(dkim_base64(str_z(rows[i].in), &out),
		                 rows[i].want != NULL);
		if (rows[i].want)
			assert_str(buf_str(&out), rows[i].want);
	}
	buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(lists),
		cmocka_unit_test(base64),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
