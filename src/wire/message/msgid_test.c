#include "wire/message/msgid.h"

#include "base/buf.h"
#include "base/test.h"

static void reads_ids(void **state)
{
	static const struct {
		const char *label, *in, *want;
		size_t max;
	} rows[] = {
		{ "none", "", "", 9 },
		{ "one", " <a@x>\r\n", "a@x.", 9 },
		{ "list", "<a@x> <b@y>\r\n\t<c@z>", "a@x.b@y.c@z.", 9 },
		{ "no blanks", "<a@x><b@y>", "a@x.b@y.", 9 },
		{ "phrases", "Your message of \"today\" <a@x> (hm)", "a@x.",
		  9 },
		{ "cut by a fold", "<very.long.\r\n id@x>", "very.long.id@x.",
		  9 },
		{ "bracket lost", "<a@x <b@y>", "b@y.", 9 },
		{ "without brackets", "a@x, b@y c", "a@x.b@y.", 9 },
		{ "a stray quote", "\" <a@x> ( <b@y>", "a@x.b@y.", 9 },
		{ "without at", "<0815>", "0815.", 9 },
		{ "empty", "<> <a@x>", "a@x.", 9 },
		{ "too many", "<1> <2> <3> <4> <5> <6>", "1.5.6.", 3 },
		{ "just enough", "<1> <2> <3>", "1.2.3.", 3 },
		{ "one too many", "<1> <2> <3> <4>", "1.3.4.", 3 },
		{ "only the first", "<1> <2>", "1.", 1 },
	};
	struct arena a;
	struct buf b;

	(void)state;
	arena_init(&a);
	buf_init(&b, 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct msgid_list list;

		buf_reset(&b);
		msgid_list_parse(&a, str_z(rows[i].in), rows[i].max, &list);
		for (size_t j = 0; j < list.n; j++)
			buf_fmt(&b, "%.*s.", STR_ARG(list.v[j]));
		if (!str_eq(buf_str(&b), str_z(rows[i].want)))
			print_error("row \"%s\"\n", rows[i].label);
		assert_str(buf_str(&b), rows[i].want);
	}
	assert_str(msgid_parse(&a, STR("x <a@x> <b@y>")), "a@x");
	assert_int_equal(msgid_parse(&a, STR("none")).n, 0);
	buf_deinit(&b);
	arena_deinit(&a);
}

static void passes_over_what_is_too_long(void **state)
{
	char in[2000];
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = 'a';
	in[0] = '<';
	in[1990] = '>';
	in[1991] = '<';
	in[1999] = '>';
	assert_str(msgid_parse(&a, (struct str){ in, sizeof(in) }), "aaaaaaa");
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_ids),
		cmocka_unit_test(passes_over_what_is_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
