#include "wire/json/copy.h"

#include "base/test.h"

static void writes_what_was_read(void **state)
{
	static const char text[] =
		"{\"a\":[1,-2,1.5,true,false,null,\"x\\n\\\"\"],\"b\":{},"
		"\"c\":[[],{\"d\":9007199254740991}]}";
	struct err err = ERR_INIT;
	struct json_doc *doc;
	struct json_writer w;
	struct buf b;

	(void)state;
	assert_int_equal(json_parse(&doc, str_z(text), NULL, &err), 0);
	buf_init(&b, 1000);
	w = json_writer(&b);
	json_copy(&w, json_root(doc));
	assert_str(buf_str(&b), text);
	buf_reset(&b);
	w = json_writer(&b);
	json_copy(&w, (struct json){ NULL });
	assert_str(buf_str(&b), "null");
	buf_deinit(&b);
	json_free(&doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_what_was_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
