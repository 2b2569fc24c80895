#include "jmap/patch.h"

#include "base/test.h"

#define OLD "{\"a\":1,\"b\":{\"c\":{\"d\":2},\"e/f\":3},\"l\":[{\"x\":1}]}"

struct row {
	const char *patch;
	const char *want; /* NULL: `why` */
	const char *why;
};

static void check_row(struct arena *a, const struct row *r)
{
	struct json_doc *old, *patch;
	struct err err = ERR_INIT;
	struct json_writer w;
	const char *why = "";
	struct str path;
	struct buf b;
	bool good;

	assert_int_equal(json_parse(&old, STR(OLD), NULL, &err), 0);
	assert_int_equal(json_parse(&patch, str_z(r->patch), NULL, &err), 0);
	buf_init(&b, 4096);
	w = json_writer(&b);
	good = jmap_patch_write(&w, a, json_root(old), json_root(patch), &why,
	                        &path);
	assert_int_equal(good, r->want != NULL);
	if (r->want)
		assert_str(buf_str(&b), r->want);
	else
		assert_string_equal(why, r->why);
	assert_int_equal(b.n > 0, good);
	buf_deinit(&b);
	json_free(&patch);
	json_free(&old);
}

static void applies(void **state)
{
	static const struct row rows[] = {
		{ "{}", OLD, NULL },
		{ "{\"a\":2}",
		  "{\"a\":2,\"b\":{\"c\":{\"d\":2},\"e/f\":3},\"l\":[{\"x\":1}]}",
		  NULL },
		{ "{\"a\":null,\"l\":null,\"n\":[1]}",
		  "{\"b\":{\"c\":{\"d\":2},\"e/f\":3},\"n\":[1]}", NULL },
		{ "{\"b/c/d\":null,\"b/c/n\":7,\"b/e~1f\":4,\"l\":{}}",
		  "{\"a\":1,\"b\":{\"c\":{\"n\":7},\"e/f\":4},\"l\":{}}",
		  NULL },
		/* What is not there may be taken away. */
		{ "{\"z\":null,\"b/z\":null}", OLD, NULL },
		{ "{\"b/c\":{\"d\":{}}}",
		  "{\"a\":1,\"b\":{\"c\":{\"d\":{}},\"e/f\":3},"
		  "\"l\":[{\"x\":1}]}",
		  NULL },

		{ "{\"l/0/x\":2}", NULL, "it leads into a list" },
		{ "{\"z/y\":2}", NULL, "nothing is there" },
		{ "{\"a/y\":2}", NULL, "nothing is there" },
		{ "{\"b/c\":{},\"b/c/d\":1}", NULL,
		  "another path leads to it" },
		{ "{\"b~2\":1}", NULL, "not a JSON Pointer" },
		{ "{\"1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17\":1}", NULL,
		  "the path is too long" },
	};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&a, &rows[i]);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(applies) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
