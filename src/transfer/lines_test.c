#include "transfer/lines.h"

#include "base/test.h"

static void at_all_split_points(void **state)
{
	static const struct {
		const char *in, *want;
	} t[] = {
		{ "", "" },
		{ "a", "a" },
		{ "a\nb\n", "a\r\nb\r\n" },
		{ "a\n\n\nb", "a\r\n\r\n\r\nb" },
		{ "a\nb\r\nc\rd\n", "a\r\nb\r\nc\rd\r\n" },
		{ "a\r\nb\nc\r\n", "a\r\nb\nc\r\n" },
		{ "\nx\n", "\r\nx\r\n" },
		{ "\r\nx\n", "\r\nx\n" },
		{ "a\r\r\n", "a\r\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct str in = str_z(t[i].in);

		for (size_t cut = 0; cut <= in.n; cut++) {
			struct lines l = LINES_INIT;
			struct buf b;

			buf_init(&b, 100);
			lines_add(&l, str_to(in, cut), &b);
			lines_add(&l, str_from(in, cut), &b);
			assert_str(buf_str(&b), t[i].want);
			buf_deinit(&b);
		}
	}
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(at_all_split_points),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
