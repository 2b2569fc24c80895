#include "jmap/criteria.h"

#include "base/test.h"

static const struct jmap_condition conditions[] = {
	{ "word", JMAP_IS_STRING, NULL },
	{ "parent", JMAP_IS_STRING_OR_NULL, NULL },
	{ "active", JMAP_IS_BOOL, NULL },
	{ "ids", JMAP_IS_STRINGS, NULL },
	{ "before", JMAP_IS_DATE, NULL },
};

static const char *const sorts[] = { "name", "size" };
static const struct jmap_criteria criteria = { conditions, 5, sorts, 2 };

#define UNSUPPORTED "unsupportedFilter"
#define INVALID     "invalidArguments"

static struct json_doc *parse(struct str text)
{
	struct err err = ERR_INIT;
	struct json_doc *doc;

	assert_int_equal(json_parse(&doc, text, NULL, &err), 0);
	return doc;
}

static void check_filter(struct str text, const char *want)
{
	struct jmap_fault fault = { NULL, NULL, { NULL, 0 } };
	struct json_doc *doc = parse(text);
	bool ok = jmap_criteria_filter(&criteria, json_root(doc), &fault);

	if (ok != !want || (want && strcmp(fault.error, want) != 0))
		fail_msg("%.*s: %s", STR_ARG(text), ok ? "taken" : fault.error);
	json_free(&doc);
}

static void checks_a_whole_filter(void **state)
{
	static const struct {
		const char *in, *want; /* no want: it is good */
	} rows[] = {
		{ "null", NULL },
		{ "{}", NULL },
		{ "{\"word\":\"x\",\"active\":false}", NULL },
		{ "{\"parent\":null}", NULL },
		{ "{\"parent\":\"x\"}", NULL },
		{ "{\"ids\":[]}", NULL },
		{ "{\"ids\":[\"a\",\"b\"]}", NULL },
		{ "{\"before\":\"2026-11-24T10:00:00Z\"}", NULL },
		{ "{\"operator\":\"NOT\",\"conditions\":[]}", NULL },
		{ "{\"operator\":\"AND\",\"conditions\":[{\"word\":\"x\"},"
		  "{\"operator\":\"OR\",\"conditions\":[{\"active\":true}]}]}",
		  NULL },
		/* a property that is not there, however deep, and behind
		 * one that decides already */
		{ "{\"words\":\"x\"}", UNSUPPORTED },
		{ "{\"word\":\"x\",\"size\":1}", UNSUPPORTED },
		{ "{\"operator\":\"OR\",\"conditions\":[{},{\"x\":1}]}",
		  UNSUPPORTED },
		{ "{\"operator\":\"NOT\",\"conditions\":[{\"operator\":\"AND\","
		  "\"conditions\":[{\"x\":1}]}]}",
		  UNSUPPORTED },
		/* values */
		{ "{\"word\":null}", INVALID },
		{ "{\"word\":1}", INVALID },
		{ "{\"parent\":1}", INVALID },
		{ "{\"active\":\"true\"}", INVALID },
		{ "{\"active\":null}", INVALID },
		{ "{\"ids\":\"a\"}", INVALID },
		{ "{\"ids\":[\"a\",1]}", INVALID },
		{ "{\"before\":\"yesterday\"}", INVALID },
		{ "{\"before\":1}", INVALID },
		/* operators */
		{ "[]", INVALID },
		{ "\"word\"", INVALID },
		{ "{\"operator\":\"XOR\",\"conditions\":[]}", INVALID },
		{ "{\"operator\":\"and\",\"conditions\":[]}", INVALID },
		{ "{\"operator\":1,\"conditions\":[]}", INVALID },
		{ "{\"operator\":\"AND\"}", INVALID },
		{ "{\"operator\":\"AND\",\"conditions\":{}}", INVALID },
		{ "{\"operator\":\"AND\",\"conditions\":[1]}", INVALID },
		{ "{\"operator\":\"AND\",\"conditions\":[null]}", INVALID },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_filter(str_z(rows[i].in), rows[i].want);
}

static void check_nested(int depth, const char *want)
{
	struct buf b;

	buf_init(&b, 65536);
	for (int i = 1; i < depth; i++)
		buf_add_z(&b, "{\"operator\":\"NOT\",\"conditions\":[");
	buf_add_z(&b, "{}");
	for (int i = 1; i < depth; i++)
		buf_add_z(&b, "]}");
	check_filter(buf_str(&b), want);
	buf_deinit(&b);
}

static void check_many(int conditions_n, const char *want)
{
	struct buf b;

	buf_init(&b, 65536);
	buf_add_z(&b, "{\"operator\":\"OR\",\"conditions\":[");
	/* each an object and a condition */
	for (int i = 0; i < conditions_n; i++)
		buf_fmt(&b, "%s{\"word\":\"x\"}", i ? "," : "");
	buf_add_z(&b, "]}");
	check_filter(buf_str(&b), want);
	buf_deinit(&b);
}

static void has_limits(void **state)
{
	(void)state;
	check_nested(JMAP_FILTER_DEPTH_MAX, NULL);
	check_nested(JMAP_FILTER_DEPTH_MAX + 1, UNSUPPORTED);
	check_many((JMAP_FILTER_NODES_MAX - 1) / 2, NULL);
	check_many(JMAP_FILTER_NODES_MAX / 2 + 1, UNSUPPORTED);
}

static void checks_a_sort(void **state)
{
	static const struct {
		const char *in, *want;
		size_t n;
		struct jmap_order last;
	} rows[] = {
		{ "null", NULL, 0, { 0, false } },
		{ "[]", NULL, 0, { 0, false } },
		{ "[{\"property\":\"name\"}]", NULL, 1, { 0, false } },
		{ "[{\"property\":\"name\"},{\"property\":\"size\","
		  "\"isAscending\":false}]",
		  NULL,
		  2,
		  { 1, true } },
		{ "[{\"property\":\"name\",\"isAscending\":true,"
		  "\"collation\":\"i;unicode-casemap\"}]",
		  NULL,
		  1,
		  { 0, false } },
		{ "[{\"property\":\"date\"}]", "unsupportedSort", 0, { 0 } },
		{ "[{\"property\":\"name\",\"collation\":\"i;octet\"}]",
		  "unsupportedSort",
		  0,
		  { 0 } },
		{ "[{},{},{},{},{},{},{},{},{}]", "unsupportedSort", 0, { 0 } },
		{ "{}", INVALID, 0, { 0 } },
		{ "[1]", INVALID, 0, { 0 } },
		{ "[{}]", INVALID, 0, { 0 } },
		{ "[{\"property\":1}]", INVALID, 0, { 0 } },
		{ "[{\"property\":\"name\",\"isAscending\":1}]",
		  INVALID,
		  0,
		  { 0 } },
		{ "[{\"property\":\"name\",\"collation\":1}]",
		  INVALID,
		  0,
		  { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct jmap_fault fault = { NULL, NULL, { NULL, 0 } };
		struct jmap_order out[JMAP_SORTS_MAX];
		struct json_doc *doc = parse(str_z(rows[i].in));
		size_t n;

		if (jmap_criteria_sort(&criteria, json_root(doc), out, &n,
		                       &fault) != !rows[i].want)
			fail_msg("%s", rows[i].in);
		if (rows[i].want) {
			assert_string_equal(fault.error, rows[i].want);
		} else {
			assert_int_equal(n, rows[i].n);
			if (n) {
				assert_int_equal(out[n - 1].by,
				                 rows[i].last.by);
				assert_int_equal(out[n - 1].descending,
				                 rows[i].last.descending);
			}
		}
		json_free(&doc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checks_a_whole_filter),
		cmocka_unit_test(has_limits),
		cmocka_unit_test(checks_a_sort),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
