#include "wire/json/write.h"

#include "base/test.h"

static void writes_a_tree(void **state)
{
	struct buf out;
	struct json_writer w;

	(void)state;
	buf_init(&out, 1000);
	w = json_writer(&out);
	assert_false(json_done(&w));
	json_object(&w);
	json_member_z(&w, "a", "x");
	json_member_u64(&w, "n", UINT64_MAX);
	json_member_i64(&w, "m", -5);
	json_member_bool(&w, "b", true);
	json_member_z(&w, "nil", NULL);
	json_member_time(&w, "t", INT64_C(1772366400) * 1000000);
	json_member_time(&w, "never", 0);
	json_key(&w, STR("list"));
	json_array(&w);
	json_object(&w);
	json_end(&w);
	json_array(&w);
	json_end(&w);
	json_raw(&w, STR("1.5"));
	json_bool(&w, false);
	json_end(&w);
	assert_false(json_done(&w));
	json_end(&w);
	assert_true(json_done(&w));
	assert_str(buf_str(&out),
	           "{\"a\":\"x\",\"n\":18446744073709551615,\"m\":-5,"
	           "\"b\":true,\"nil\":null,\"t\":\"2026-03-01T12:00:00Z\","
	           "\"never\":null,\"list\":[{},[],1.5,false]}");
	buf_deinit(&out);
}

static void indents(void **state)
{
	struct buf out;
	struct json_writer w;

	(void)state;
	buf_init(&out, 1000);
	w = json_writer(&out);
	w.pretty = true;
	json_array(&w);
	json_object(&w);
	json_member_z(&w, "a", "x");
	json_key(&w, STR("e"));
	json_array(&w);
	json_end(&w);
	json_end(&w);
	json_end(&w);
	assert_str(buf_str(&out),
	           "[\n  {\n    \"a\": \"x\",\n    \"e\": []\n  }\n]");
	buf_deinit(&out);
}

static void escapes_strings(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{ "", "\"\"" },
		{ "a\"b\\c/", "\"a\\\"b\\\\c/\"" },
		{ "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"" },
		{ "\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\"" },
		{ "\xc3\xa6\xf0\x9f\x98\x80", "\"\xc3\xa6\xf0\x9f\x98\x80\"" },
		{ "x\xffy", "\"x\xef\xbf\xbdy\"" },
		{ "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xc3", "\"\xef\xbf\xbd\"" },
		{ "\xe2\x80\xa8", "\"\\u2028\"" },
	};
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct json_writer w = json_writer(&out);

		buf_reset(&out);
		json_str(&w, str_z(rows[i].in));
		assert_str(buf_str(&out), rows[i].want);
	}
	buf_reset(&out);
	{
		struct json_writer w = json_writer(&out);

		json_str(&w, STR("a\0b"));
		assert_str(buf_str(&out), "\"a\\u0000b\"");
	}
	buf_deinit(&out);
}

static void nests_to_its_depth(void **state)
{
	struct buf out;
	struct json_writer w;

	(void)state;
	buf_init(&out, 1000);
	w = json_writer(&out);
	for (int i = 0; i < JSON_WRITE_DEPTH; i++)
		json_array(&w);
	for (int i = 0; i < JSON_WRITE_DEPTH; i++)
		json_end(&w);
	assert_true(json_done(&w));
	assert_int_equal(out.n, 2 * JSON_WRITE_DEPTH);
	buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_a_tree),
		cmocka_unit_test(indents),
		cmocka_unit_test(escapes_strings),
		cmocka_unit_test(nests_to_its_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
