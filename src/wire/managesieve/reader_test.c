#include "wire/managesieve/reader.h"

#include <string.h>

#include "base/test.h"

static const struct managesieve_limits limits = {
	.text_max = 200,
	.literal_max = 20,
	.skip_max = 1000,
};

/* What the reader tells of `in`, fed in pieces of `step` bytes: a line an
 * event.  A literal of more than 100 bytes is refused. */
static void tell(struct str in, size_t step, struct buf *out)
{
	struct managesieve_reader r;
	struct managesieve_command c;
	bool data = false;

	managesieve_reader_init(&r, &limits);
	while (in.n > 0) {
		struct str piece = str_to(in, in.n < step ? in.n : step);

		in = str_from(in, piece.n);
		for (;;) {
			size_t used;
			enum managesieve_read what =
				managesieve_reader_feed(&r, piece, &used);

			assert_true(used <= piece.n);
			piece = str_from(piece, used);
			if (what == MANAGESIEVE_MORE) {
				assert_int_equal(piece.n, 0);
				break;
			}
			if (what == MANAGESIEVE_LOST) {
				buf_add(out, STR("LOST\n"));
				managesieve_reader_deinit(&r);
				return;
			}
			if (what == MANAGESIEVE_DATA) {
				buf_add(out, data ? STR("") : STR("DATA "));
				buf_add(out, r.data);
				data = true;
				continue;
			}
			if (data)
				buf_add(out, STR("\n"));
			data = false;
			managesieve_reader_get(&r, &c);
			if (what == MANAGESIEVE_LITERAL)
				buf_fmt(out, "LITERAL %llu",
				        (unsigned long long)r.size);
			else
				buf_fmt(out, "%s",
				        what == MANAGESIEVE_COMMAND ? "COMMAND"
				        : what == MANAGESIEVE_BAD   ? "BAD"
				                                  : "REFUSED");
			if (what == MANAGESIEVE_BAD)
				buf_fmt(out, " (%s)", r.why);
			buf_fmt(out, " %.*s", STR_ARG(c.name));
			for (size_t i = 0; i < c.n; i++) {
				if (c.args[i].kind == MANAGESIEVE_NUMBER)
					buf_fmt(out, " %u", c.args[i].number);
				else if (c.args[i].kind == MANAGESIEVE_STRING)
					buf_fmt(out, " <%.*s>",
					        STR_ARG(c.args[i].text));
				else
					buf_add(out, STR(" *"));
			}
			buf_add(out, STR("\n"));
			if (what != MANAGESIEVE_LITERAL)
				managesieve_reader_next(&r);
			else if (r.size > 100)
				managesieve_reader_refuse(&r);
			else
				managesieve_reader_stream(&r);
		}
	}
	managesieve_reader_deinit(&r);
}

static const struct {
	const char *in, *want;
} rows[] = {
	{ "CAPABILITY\r\n", "COMMAND CAPABILITY\n" },
	{ "noop\n", "COMMAND noop\n" },
	{ "NOOP \"a \\\"b\\\\ c\"\r\n", "COMMAND NOOP <a \"b\\ c>\n" },
	{ "HAVESPACE  \"main\" 4294967295 \r\n",
	  "COMMAND HAVESPACE <main> 4294967295\n" },
	{ "X \"\" {0+}\r\n {2+}\r\nab\r\n", "COMMAND X <> <> <ab>\n" },
	{ "GETSCRIPT {4}\r\nmain\r\nNOOP\r\n",
	  "COMMAND GETSCRIPT <main>\nCOMMAND NOOP\n" },
	{ "PUTSCRIPT \"m\" {24+}\r\n123456789012345678901234\r\nNOOP\r\n",
	  "LITERAL 24 PUTSCRIPT <m>\nDATA 123456789012345678901234\n"
	  "COMMAND PUTSCRIPT <m> *\nCOMMAND NOOP\n" },
	/* SASL: strings alone */
	{ "\"AGFubmE=\"\r\n{3+}\r\nabc\r\n", "COMMAND  <AGFubmE=>\n"
	                                     "COMMAND  <abc>\n" },
	/* mistakes */
	{ "\r\n", "BAD (a command is expected) \n" },
	{ " \n", "BAD (a command is expected) \n" },
	{ "NO+OP\r\nX\r\n", "BAD (a command is letters alone) \nCOMMAND X\n" },
	{ "X y\r\n", "BAD (a string or a number is expected) X\n" },
	{ "X \"a\rb\"\r\n", "BAD (a quoted string has no end) X\n" },
	{ "X \"a\r\n\"\r\n", "BAD (a quoted string has no end) X\n"
	                     "BAD (a quoted string has no end) \n" },
	{ "X \"a\"\"b\"\r\n", "BAD (a blank is expected) X <a>\n" },
	{ "X\ry\r\n", "BAD (CR without LF stands in the line) X\n" },
	{ "X 4294967296\r\n", "BAD (the number is too large) X\n" },
	{ "X 1a\r\n", "BAD (a number is digits alone) X\n" },
	{ "X 1 2 3 4 5\r\n", "BAD (too many arguments) X 1 2 3 4\n" },
	{ "X {+}\r\nY\r\n", "BAD (a literal is {number+}) X\nCOMMAND Y\n" },
	{ "X {}\r\n", "BAD (a literal is {number+}) X\n" },
	/* what a bad line announces is no command */
	{ "X y {6+}\r\nNOOP\r\n\r\nY\r\n",
	  "BAD (a string or a number is expected) X\nCOMMAND Y\n" },
	{ "X y {6}\nNOOP\r\n \"a\" {2+}\r\n\r\n\r\nY\r\n",
	  "BAD (a string or a number is expected) X\nCOMMAND Y\n" },
	{ "X 1 2 3 4 {6+}\r\nNOOP\r\n\r\nY\r\n",
	  "BAD (too many arguments) X 1 2 3 4\nCOMMAND Y\n" },
	{ "X y {6+} \r\nNOOP\r\n",
	  "BAD (a string or a number is expected) X\nCOMMAND NOOP\n" },
	{ "X y {1001+}\r\n1", "LOST\n" },
	{ "X y {99999999999999999999999999+}\r\n1", "LOST\n" },
	/* refused */
	{ "X {1001+}\r\n1", "LITERAL 1001 X\nLOST\n" },
	{ "X {99999999999999999999999999+}\r\n1",
	  "LITERAL 1152921504606846975 X\nLOST\n" },
	{ "X {110+}\r\n"
	  "12345678901234567890123456789012345678901234567890\r\n23456"
	  "7890123456789012345678901234567890123456789012345678"
	  " \"a\" {2+}\r\nab\r\nNOOP\r\n",
	  "LITERAL 110 X\nREFUSED X\nCOMMAND NOOP\n" },
};

static void tells_the_same_at_all_cuts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str in = str_z(rows[i].in);

		for (size_t step = 1; step <= in.n; step++) {
			struct buf out;

			buf_init(&out, 10000);
			tell(in, step, &out);
			assert_str(buf_str(&out), rows[i].want);
			buf_deinit(&out);
		}
	}
}

static void has_limits(void **state)
{
	char long_line[2000];
	struct buf out;

	(void)state;
	/* 1,024 octets between the quotes; the text holds less here */
	memset(long_line, 'a', sizeof(long_line));
	long_line[sizeof(long_line) - 1] = '\n';
	for (size_t step = 1; step < 2000; step += 333) {
		buf_init(&out, 10000);
		tell((struct str){ long_line, sizeof(long_line) }, step, &out);
		assert_str(buf_str(&out), "BAD (the command is too long) \n");
		buf_deinit(&out);
	}
}

static void quotes_up_to_1024_octets(void **state)
{
	static const struct managesieve_limits wide = { 5000, 20, 1000 };
	struct managesieve_reader r;
	char line[1100];
	size_t used;

	(void)state;
	managesieve_reader_init(&r, &wide);
	for (size_t n = 1024; n <= 1025; n++) {
		memset(line, 'a', sizeof(line));
		line[0] = '"';
		line[n + 1] = '"';
		line[n + 2] = '\n';
		assert_int_equal(
			managesieve_reader_feed(&r, (struct str){ line, n + 3 },
		                                &used),
			n == 1024 ? MANAGESIEVE_COMMAND : MANAGESIEVE_BAD);
		assert_int_equal(used, n + 3);
		managesieve_reader_next(&r);
	}
	managesieve_reader_deinit(&r);
}

/* What is written is read back. */
static void writes_strings(void **state)
{
	static const struct {
		struct str in;
		const char *want;
	} strings[] = {
		{ STR_INIT(""), "\"\"" },
		{ STR_INIT("a b"), "\"a b\"" },
		{ STR_INIT("\"\\"), "\"\\\"\\\\\"" },
		{ STR_INIT("a\r\nb"), "{4}\r\na\r\nb" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
		struct managesieve_reader r;
		struct managesieve_command c;
		struct buf out;
		size_t used;

		buf_init(&out, 1000);
		managesieve_write_string(&out, strings[i].in);
		assert_str(buf_str(&out), strings[i].want);
		buf_add(&out, STR("\r\n"));
		managesieve_reader_init(&r, &limits);
		assert_int_equal(managesieve_reader_feed(&r, buf_str(&out),
		                                         &used),
		                 MANAGESIEVE_COMMAND);
		managesieve_reader_get(&r, &c);
		assert_int_equal(c.n, 1);
		assert_true(str_eq(c.args[0].text, strings[i].in));
		managesieve_reader_deinit(&r);
		buf_deinit(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_the_same_at_all_cuts),
		cmocka_unit_test(has_limits),
		cmocka_unit_test(quotes_up_to_1024_octets),
		cmocka_unit_test(writes_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
