#include "jmap/pointer.h"

#include "base/test.h"

/* RFC 6901, 5. */
#define EXAMPLE                                                  \
	"{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2," \
	"\"e^f\":3,\"g|h\":4,\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8}"

/* As RFC 8620, 3.7 has it. */
#define THREADS                                                    \
	"{\"list\":[{\"id\":\"T1\",\"emailIds\":[\"E1\",\"E2\"]}," \
	"{\"id\":\"T2\",\"emailIds\":[\"E3\"]},{\"id\":\"T3\","    \
	"\"emailIds\":[]}],\"n\":[[[1,2],[3]],[[4]]],\"d\":1.5,\"none\":[]}"

static void points(void **state)
{
	static const struct {
		const char *in, *path, *want; /* no want: nothing there */
	} rows[] = {
		{ EXAMPLE, "/foo", "[\"bar\",\"baz\"]" },
		{ EXAMPLE, "/foo/0", "\"bar\"" },
		{ EXAMPLE, "/", "0" },
		{ EXAMPLE, "/a~1b", "1" },
		{ EXAMPLE, "/c%d", "2" },
		{ EXAMPLE, "/e^f", "3" },
		{ EXAMPLE, "/g|h", "4" },
		{ EXAMPLE, "/i\\j", "5" },
		{ EXAMPLE, "/k\"l", "6" },
		{ EXAMPLE, "/ ", "7" },
		{ EXAMPLE, "/m~0n", "8" },
		{ EXAMPLE, "/m~n", NULL },
		{ EXAMPLE, "/m~", NULL },
		{ EXAMPLE, "/foo/2", NULL },
		{ EXAMPLE, "/foo/00", NULL },
		{ EXAMPLE, "/foo/-", NULL },
		{ EXAMPLE, "foo", NULL },
		{ EXAMPLE, "/none", NULL },
		{ EXAMPLE, "/foo/*", "[\"bar\",\"baz\"]" },
		{ EXAMPLE, "/*", NULL },
		{ THREADS, "/list/*/id", "[\"T1\",\"T2\",\"T3\"]" },
		{ THREADS, "/list/*/emailIds", "[\"E1\",\"E2\",\"E3\"]" },
		{ THREADS, "/list/*/emailIds/*", "[\"E1\",\"E2\",\"E3\"]" },
		{ THREADS, "/list/*/emailIds/0", NULL },
		{ THREADS, "/list/1/emailIds", "[\"E3\"]" },
		{ THREADS, "/n/*/*", "[1,2,3,4]" },
		{ THREADS, "/n/*", "[[1,2],[3],[4]]" },
		{ THREADS, "/none/*/x", "[]" },
		{ THREADS, "/d", "1.5" },
		{ "[true,false,null]", "", "[true,false,null]" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;
		struct json_writer w;
		struct json_doc *doc;
		struct arena a;
		struct buf out;
		bool ok;

		arena_init(&a);
		buf_init(&out, 10000);
		w = json_writer(&out);
		assert_int_equal(json_parse(&doc, str_z(rows[i].in), NULL,
		                            &err),
		                 0);
		ok = jmap_pointer_write(&w, &a, json_root(doc),
		                        str_z(rows[i].path));
		if (ok != (rows[i].want != NULL))
			fail_msg("%s: %d", rows[i].path, ok);
		if (ok)
			assert_string_equal(buf_z(&out), rows[i].want);
		else
			assert_int_equal(out.n, 0);
		json_free(&doc);
		buf_deinit(&out);
		arena_deinit(&a);
	}
}

static void a_long_path_is_refused(void **state)
{
	struct err err = ERR_INIT;
	struct json_writer w;
	struct json_doc *doc;
	struct arena a;
	struct buf out, path;

	(void)state;
	arena_init(&a);
	buf_init(&out, 10000);
	buf_init(&path, 10000);
	for (int i = 0; i <= JMAP_POINTER_STEPS_MAX; i++)
		buf_add_z(&path, "/0");
	w = json_writer(&out);
	assert_int_equal(json_parse(&doc, STR("[[[]]]"), NULL, &err), 0);
	assert_false(
		jmap_pointer_write(&w, &a, json_root(doc), buf_str(&path)));
	json_free(&doc);
	buf_deinit(&out);
	buf_deinit(&path);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(points),
		cmocka_unit_test(a_long_path_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
