#include "wire/message/field.h"

#include "base/test.h"

static void knows_the_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < FIELD_COUNT; i++)
		assert_int_equal(field_id(field_name((enum field_id)i)), i);
	assert_int_equal(field_id(STR("message-id")), FIELD_MESSAGE_ID);
	assert_int_equal(field_id(STR("X-Other")), FIELD_COUNT);
	assert_int_equal(field_id(STR("")), FIELD_COUNT);
}

static void finds_the_first(void **state)
{
	struct field_index ix;

	(void)state;
	field_index_make(STR("From: a\r\nTo: b\r\nfrom: c\r\nbad\r\n"), &ix);
	assert_str(ix.first[FIELD_FROM], " a");
	assert_int_equal(ix.count[FIELD_FROM], 2);
	assert_int_equal(ix.count[FIELD_SUBJECT], 0);
	assert_null(ix.first[FIELD_SUBJECT].p);
	assert_int_equal(ix.fields, 3);
	assert_int_equal(ix.bad, 1);
}

static void unfolds(void **state)
{
	struct str raw = STR(" plain ");
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_ptr_equal(field_unfold(&a, raw).p, raw.p + 1);
	assert_str(field_unfold(&a, STR(" a\r\n b\n\tc \r\n")), "a b\tc");
	assert_str(field_unfold(&a, (struct str){ "a\0b", 3 }), "ab");
	assert_str(field_unfold(&a, STR(" \r\n ")), "");
	arena_deinit(&a);
}

static void finds_the_end_of_the_header(void **state)
{
	static const struct {
		const char *in;
		size_t want;
	} rows[] = {
		{ "", 0 },
		{ "A: b\r\n\r\nbody", 8 },
		{ "A: b\n\nbody", 6 },
		{ "\r\nbody", 2 },
		{ "A: b\r\n", 6 },
		{ "A: b", 4 },
		{ "A: b\r\n \r\nC: d\r\n\r\nx", 17 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(field_header_length(str_z(rows[i].in)),
		                 rows[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_the_names),
		cmocka_unit_test(finds_the_first),
		cmocka_unit_test(unfolds),
		cmocka_unit_test(finds_the_end_of_the_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
