#include "wire/smtp/reply.h"

#include <string.h>

#include "base/test.h"

static const struct {
	unsigned code;
	const char *status, *text, *want;
} rows[] = {
	{ 250, "2.1.0", "OK", "250 2.1.0 OK\r\n" },
	{ 354, "", "Go", "354 Go\r\n" },
	{ 550, "5.1.1", "a\nb\nc",
	  "550-5.1.1 a\r\n550-5.1.1 b\r\n550 5.1.1 c\r\n" },
	{ 250, "", "", "250 \r\n" },
	/* No text of a peer makes a line of its own. */
	{ 550, "5.1.1", "<a\r@b>: x\t\x7f", "550 5.1.1 <a?@b>: x??\r\n" },
	{ 250, "", "\xc3\xb8", "250 \xc3\xb8\r\n" },
};

static void replies(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b;

		buf_init(&b, 4096);
		smtp_reply_write(&b, rows[i].code, rows[i].status,
		                 str_z(rows[i].text));
		assert_str(buf_str(&b), rows[i].want);
		buf_deinit(&b);
	}
}

static void long_lines_are_cut(void **state)
{
	char text[1000];
	struct buf b;

	(void)state;
	memset(text, 'x', sizeof(text));
	buf_init(&b, 4096);
	smtp_reply_write(&b, 250, "2.0.0", (struct str){ text, sizeof(text) });
	assert_int_equal(b.n, SMTP_REPLY_LINE_MAX);
	assert_true(str_ends(buf_str(&b), STR("x\r\n")));
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies),
		cmocka_unit_test(long_lines_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
