#include "wire/pop3/stuff.h"

#include "base/test.h"

#define WHOLE UINT32_MAX

static const struct {
	const char *label, *in;
	uint32_t top;
	const char *want;
} rows[] = {
	{ "nothing", "", WHOLE, ".\r\n" },
	{ "plain", "a\r\nb\r\n", WHOLE, "a\r\nb\r\n.\r\n" },
	{ "dots", ".\r\n..\r\na.b\r\n.c\r\n", WHOLE,
	  "..\r\n...\r\na.b\r\n..c\r\n.\r\n" },
	{ "no line end", "a", WHOLE, "a\r\n.\r\n" },
	{ "ends in CR", "a\r", WHOLE, "a\r\n.\r\n" },
	{ "ends in LF", "a\n", WHOLE, "a\n\r\n.\r\n" },
	{ "dot behind a bare LF", "a\n.\nb\r\n", WHOLE, "a\n..\nb\r\n.\r\n" },
	{ "a false end", "a\r\n.\r\n", WHOLE, "a\r\n..\r\n.\r\n" },
	{ "top 0", "A: b\r\n\r\nc\r\nd\r\n", 0, "A: b\r\n\r\n.\r\n" },
	{ "top 1", "A: b\r\n\r\n.c\r\nd\r\n", 1, "A: b\r\n\r\n..c\r\n.\r\n" },
	{ "top 9", "A: b\r\n\r\nc\r\nd", 9, "A: b\r\n\r\nc\r\nd\r\n.\r\n" },
	{ "top, blank lines count", "A: b\r\n\r\n\r\n\r\nd\r\n", 2,
	  "A: b\r\n\r\n\r\n\r\n.\r\n" },
	{ "top without a body", "A: b\r\n", 5, "A: b\r\n.\r\n" },
	{ "top without a header", "\r\nb\r\nc\r\n", 1, "\r\nb\r\n.\r\n" },
	{ "top, bare LF", "A: b\n\nc\nd\n", 1, "A: b\n\nc\n\r\n.\r\n" },
};

static void stuffs_at_all_split_points(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str in = str_z(rows[i].in);

		for (size_t c = 0; c <= in.n; c++) {
			struct pop3_stuff st;

			buf_reset(&out);
			if (rows[i].top == WHOLE)
				pop3_stuff_init(&st);
			else
				pop3_stuff_init_top(&st, rows[i].top);
			if (pop3_stuff_add(&st, str_to(in, c), &out))
				(void)pop3_stuff_add(&st, str_from(in, c),
				                     &out);
			pop3_stuff_end(&st, &out);
			if (!str_eq(buf_str(&out), str_z(rows[i].want)))
				print_error("row \"%s\" cut at %zu\n",
				            rows[i].label, c);
			assert_str(buf_str(&out), rows[i].want);
		}
	}
	buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stuffs_at_all_split_points),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
