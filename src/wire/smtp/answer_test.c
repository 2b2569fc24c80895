#include "wire/smtp/answer.h"

#include <stdlib.h>
#include <string.h>

#include "base/test.h"

static const struct {
	const char *in;
	enum smtp_answer_result want;
	unsigned code;
	const char *status, *text, *rest, *line;
} rows[] = {
	{ "250 OK\r\n", SMTP_ANSWER_DONE, 250, "", "OK", "", "250 OK" },
	{ "250\r\n", SMTP_ANSWER_DONE, 250, "", "", "", "250" },
	{ "250 2.1.0 fine\r\n250 x", SMTP_ANSWER_DONE, 250, "2.1.0", "fine",
	  "250 x", "250 2.1.0 fine" },
	{ "550-5.1.1 no\r\n550 5.1.1 such user\r\n", SMTP_ANSWER_DONE, 550,
	  "5.1.1", "no\nsuch user", "", "550 5.1.1 no such user" },
	{ "250-mx.example\r\n250-SIZE 1000\r\n250 DSN\r\n", SMTP_ANSWER_DONE,
	  250, "", "mx.example\nSIZE 1000\nDSN", "",
	  "250 mx.example SIZE 1000 DSN" },
	/* a status of another class is text */
	{ "450 5.7.1 odd\r\n", SMTP_ANSWER_DONE, 450, "", "5.7.1 odd", "",
	  "450 5.7.1 odd" },
	{ "220 4.2.2bad\r\n", SMTP_ANSWER_DONE, 220, "", "4.2.2bad", "",
	  "220 4.2.2bad" },
	{ "250 ok\n", SMTP_ANSWER_DONE, 250, "", "ok", "", "250 ok" },
	{ "554 a\x01\xff"
	  "b\r\n",
	  SMTP_ANSWER_DONE, 554, "", "a??b", "", "554 a??b" },
	{ "554 \xc3\xa6\r\n", SMTP_ANSWER_DONE, 554, "", "\xc3\xa6", "",
	  "554 \xc3\xa6" },
	{ "250-a\r\n251 b\r\n", SMTP_ANSWER_BAD, 0, NULL, NULL, NULL, NULL },
	{ "HTTP/1.1 400 Bad\r\n", SMTP_ANSWER_BAD, 0, NULL, NULL, NULL, NULL },
	{ "199 x\r\n", SMTP_ANSWER_BAD, 0, NULL, NULL, NULL, NULL },
	{ "600 x\r\n", SMTP_ANSWER_BAD, 0, NULL, NULL, NULL, NULL },
	{ "250x\r\n", SMTP_ANSWER_BAD, 0, NULL, NULL, NULL, NULL },
	{ "\r\n", SMTP_ANSWER_BAD, 0, NULL, NULL, NULL, NULL },
	{ "250-go on\r\n25", SMTP_ANSWER_MORE, 0, NULL, NULL, "", NULL },
};

/* In two pieces cut at `at`. */
static void check(size_t row, size_t at)
{
	struct str all = str_z(rows[row].in), in = str_to(all, at);
	struct smtp_answer a;
	enum smtp_answer_result r;
	struct buf b;

	smtp_answer_init(&a);
	r = smtp_answer_feed(&a, &in);
	if (r == SMTP_ANSWER_MORE) {
		assert_int_equal(in.n, 0);
		in = str_from(all, at);
		r = smtp_answer_feed(&a, &in);
	} else {
		in = str_from(all, at - in.n);
	}
	assert_int_equal(r, rows[row].want);
	if (r == SMTP_ANSWER_DONE) {
		assert_int_equal(a.code, rows[row].code);
		assert_string_equal(a.status, rows[row].status);
		assert_str(smtp_answer_text(&a), rows[row].text);
		assert_str(in, rows[row].rest);
		buf_init(&b, 1000);
		smtp_answer_write(&a, &b);
		assert_str(buf_str(&b), rows[row].line);
		buf_deinit(&b);
	}
	smtp_answer_deinit(&a);
}

static void replies_at_all_split_points(void **state)
{
	size_t i, at;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (at = 0; at <= strlen(rows[i].in); at++)
			check(i, at);
}

static void one_after_the_other(void **state)
{
	struct str in = STR("220 hi\r\n250-a\r\n250 2.0.0 b\r\n");
	struct smtp_answer a;

	(void)state;
	smtp_answer_init(&a);
	assert_int_equal(smtp_answer_feed(&a, &in), SMTP_ANSWER_DONE);
	assert_int_equal(a.code, 220);
	smtp_answer_reset(&a);
	assert_int_equal(smtp_answer_feed(&a, &in), SMTP_ANSWER_DONE);
	assert_int_equal(a.code, 250);
	assert_str(smtp_answer_text(&a), "a\nb");
	smtp_answer_deinit(&a);
}

static void limits(void **state)
{
	struct smtp_answer a;
	struct buf b;
	struct str in;
	size_t i;

	(void)state;
	buf_init(&b, 1 << 20);
	/* a long line is cut, the reply is whole */
	buf_add(&b, STR("250 "));
	for (i = 0; i < 5000; i++)
		buf_add_c(&b, 'x');
	buf_add(&b, STR("\r\n"));
	in = buf_str(&b);
	smtp_answer_init(&a);
	assert_int_equal(smtp_answer_feed(&a, &in), SMTP_ANSWER_DONE);
	assert_int_equal(smtp_answer_text(&a).n, SMTP_ANSWER_LINE_MAX - 4);
	/* a reply without end is not */
	buf_reset(&b);
	for (i = 0; i < 20000; i++)
		buf_add(&b, STR("250-again\r\n"));
	in = buf_str(&b);
	smtp_answer_reset(&a);
	assert_int_equal(smtp_answer_feed(&a, &in), SMTP_ANSWER_BAD);
	assert_true(smtp_answer_text(&a).n <= SMTP_ANSWER_TEXT_MAX);
	smtp_answer_deinit(&a);
	buf_deinit(&b);
}

static void status_codes(void **state)
{
	static const struct {
		const char *in;
		bool want;
	} codes[] = {
		{ "2.1.0", true },  { "5.7.23", true },   { "4.999.999", true },
		{ "3.1.0", false }, { "5.1", false },     { "5.1.", false },
		{ "5..1", false },  { "5.1.1.1", false }, { "5.1.1000", false },
		{ "5.1.x", false }, { "", false },
	};

	size_t i;

	(void)state;
	for (i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		assert_int_equal(smtp_status_is_valid(str_z(codes[i].in)),
		                 codes[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_at_all_split_points),
		cmocka_unit_test(one_after_the_other),
		cmocka_unit_test(limits),
		cmocka_unit_test(status_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
