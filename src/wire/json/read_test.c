#include "wire/json/read.h"

#include "base/buf.h"
#include "base/test.h"

static void accepts_and_refuses(void **state)
{
	static const struct {
		const char *in;
		enum err_kind want;
	} rows[] = {
		{ "{}", ERR_NONE },
		{ " [1, 2.5, -3e2, \"x\\u00e6\", true, null] ", ERR_NONE },
		{ "\"alone\"", ERR_NONE },
		{ "", ERR_INVALID },
		{ "{", ERR_INVALID },
		{ "{} x", ERR_INVALID },
		{ "[1,]", ERR_INVALID },
		{ "{\"a\":1,\"a\":2}", ERR_INVALID },
		{ "\"\xff\"", ERR_INVALID },
		{ "\"\\ud800\"", ERR_INVALID },
		{ "{\"a\\u0000b\":1}", ERR_INVALID },
		{ "01", ERR_INVALID },
		{ "'x'", ERR_INVALID },
		{ "[[[[[[1]]]]]]", ERR_TOO_BIG },
		{ "[1,2,3,4,5,6,7,8,9,10,11]", ERR_TOO_BIG },
		{ "\"[[[[[[[[,,,,,,,,,,,,,,\\\"[\"", ERR_NONE },
	};
	const struct json_limits l = { 100, 5, 10 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct err err = ERR_INIT;
		struct json_doc *doc = NULL;
		int rc = json_parse(&doc, str_z(rows[i].in), &l, &err);

		if (err.kind != rows[i].want ||
		    (rc == 0) != (rows[i].want == ERR_NONE))
			fail_msg("%s: %s", rows[i].in, err.text);
		json_free(&doc);
	}
}

static struct json parse(struct json_doc **doc, const char *text)
{
	struct err err = ERR_INIT;

	if (json_parse(doc, str_z(text), NULL, &err) < 0)
		fail_msg("%s", err.text);
	return json_root(*doc);
}

static void reads_values(void **state)
{
	struct json_doc *doc;
	struct json_members m = { .object = { NULL } };
	struct json root, v;
	struct str name;
	struct buf seen;
	uint64_t u = 7;
	int64_t i = 7;

	(void)state;
	root = parse(&doc, "{\"s\":\"a\\u0000b\",\"n\":1e3,\"f\":1.5,\"b\":"
	                   "true,\"a\":[1,-2],\"big\":9007199254740992,"
	                   "\"z\":null}");
	assert_true(json_get(root, "s", &v));
	assert_int_equal(json_as_str(v).n, 3);
	assert_true(json_get_str(root, STR("n"), &v));
	assert_true(json_as_u64(v, &u));
	assert_int_equal(u, 1000);
	assert_true(json_get(root, "f", &v));
	assert_false(json_as_i64(v, &i));
	assert_true(json_as_double(v) > 1.4);
	assert_true(json_get(root, "big", &v));
	assert_false(json_as_i64(v, &i));
	assert_int_equal(i, 7);
	assert_true(json_get(root, "b", &v) && json_as_bool(v));
	assert_true(json_get(root, "a", &v));
	assert_int_equal(json_count(v), 2);
	assert_true(json_as_i64(json_at(v, 1), &i));
	assert_int_equal(i, -2);
	assert_false(json_as_u64(json_at(v, 1), &u));
	assert_int_equal(json_kind(json_at(v, 2)), JSON_IS_NONE);
	assert_true(json_get(root, "z", &v));
	assert_int_equal(json_kind(v), JSON_IS_NULL);
	assert_false(json_get(root, "none", &v));
	assert_false(json_get(v, "x", &v));
	m.object = root;
	buf_init(&seen, 100);
	while (json_member_next(&m, &name, &v))
		buf_add(&seen, name);
	assert_str(buf_str(&seen), "snfbabigz");
	buf_deinit(&seen);
	json_free(&doc);
	json_free(&doc);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(accepts_and_refuses),
		cmocka_unit_test(reads_values),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
