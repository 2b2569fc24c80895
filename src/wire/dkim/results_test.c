#include "wire/dkim/results.h"

#include "base/test.h"

static void ids(void **state)
{
	static const struct {
		const char *raw, *want; /* NULL: none */
	} rows[] = {
		{ " mx.example.com; none", "mx.example.com" },
		{ "mx.example.com", "mx.example.com" },
		{ " (a (nested) comment) mx.example.com 1; spf=pass",
		  "mx.example.com" },
		{ "\r\n\tmx.example.com;\r\n\tspf=pass", "mx.example.com" },
		{ " \"mx.example.com\" ; none", "mx.example.com" },
		{ " \"mx\\.example.com\" ; none", "mx.example.com" },
		{ " mx.example.com/1; none", "mx.example.com" },
		{ "", NULL },
		{ " ; none", NULL },
		{ " (never ends", NULL },
		{ " \"never ends", NULL },
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str id;
		bool got = auth_results_id(str_z(rows[i].raw), &a, &id);

		assert_int_equal(got, rows[i].want != NULL);
		if (got)
			assert_str(id, rows[i].want);
	}
	arena_deinit(&a);
}

static void results(void **state)
{
	struct auth_results_reader r;
	struct auth_result one;
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_true(auth_results_begin(
		STR(" a.example (us; \\) too) 1 ; spf=pass reason=\"of; no\" "
	            "smtp.mailfrom=\"a b\"@c.example;\r\n\tdkim/1=fail "
	            "(bad) header.d=d.example header.b=ab+/cd=;"
	            " ; broken; dmarc=pass (p=none; x) header.from=e.example"),
		&a, &r));
	assert_true(auth_results_next(&r, &a, &one));
	assert_str(one.method, "spf");
	assert_str(one.result, "pass");
	assert_str(auth_result_get(&one, "reason"), "of; no");
	assert_str(auth_result_get(&one, "smtp.MAILFROM"), "a b@c.example");
	assert_true(auth_results_next(&r, &a, &one));
	assert_str(one.method, "dkim");
	assert_str(one.result, "fail");
	assert_str(auth_result_get(&one, "header.b"), "ab+/cd=");
	assert_int_equal(auth_result_get(&one, "header.x").n, 0);
	assert_true(auth_results_next(&r, &a, &one));
	assert_str(one.method, "dmarc");
	assert_str(auth_result_get(&one, "header.from"), "e.example");
	assert_false(auth_results_next(&r, &a, &one));
	assert_true(auth_results_begin(STR("a.example; none"), &a, &r));
	assert_false(auth_results_next(&r, &a, &one));
	assert_true(auth_results_begin(STR("a.example"), &a, &r));
	assert_false(auth_results_next(&r, &a, &one));
	assert_false(auth_results_begin(STR("(never"), &a, &r));
	arena_deinit(&a);
}

static void values(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{ "a@example.com", "a@example.com" },
		{ "two words", "\"two words\"" },
		{ "a\r\nB: c", "\"aB: c\"" },
		{ "q\"x\\y", "\"q\\\"x\\\\y\"" },
		{ "", "\"\"" },
	};
	struct buf b;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_init(&b, 100);
		auth_results_value(&b, str_z(rows[i].in));
		assert_str(buf_str(&b), rows[i].want);
		buf_deinit(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids),
		cmocka_unit_test(values),
		cmocka_unit_test(results),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
