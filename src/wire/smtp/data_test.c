#include "wire/smtp/data.h"

#include "base/buf.h"
#include "base/test.h"

static const struct {
	const char *label, *in, *want, *rest;
	bool end, bare;
} rows[] = {
	{ "two lines", "a\r\nb\r\n.\r\nQUIT\r\n", "a\r\nb\r\n", "QUIT\r\n",
	  true, false },
	{ "empty", ".\r\n", "", "", true, false },
	{ "a stuffed dot", "..\r\n...a\r\n.\r\n", ".\r\n..a\r\n", "", true,
	  false },
	{ "a dot that need not be stuffed", ".a\r\n.\r\n", "a\r\n", "", true,
	  false },
	{ "dots inside lines", "a.\r\n.b.c\r\n.\r\n", "a.\r\nb.c\r\n", "", true,
	  false },
	{ "no end", "a\r\n.", "a\r\n", "", false, false },
	{ "no end either", "a\r\n.\r", "a\r\n", "", false, false },
	{ "the end needs a line of its own", "a.\r\n", "a.\r\n", "", false,
	  false },
	{ "empty lines", "\r\n\r\n.\r\n", "\r\n\r\n", "", true, false },

	/* Nothing but CRLF.CRLF ends the data. */
	{ "LF.LF", "a\n.\nMAIL\r\n.\r\n", "a\n.\nMAIL\r\n", "", true, true },
	{ "LF.CRLF", "a\n.\r\nMAIL\r\n.\r\n", "a\n.\r\nMAIL\r\n", "", true,
	  true },
	{ "CRLF.LF", "a\r\n.\nMAIL\r\n.\r\n", "a\r\n\nMAIL\r\n", "", true,
	  true },
	{ "CRLF.CR", "a\r\n.\rMAIL\r\n.\r\n", "a\r\n\rMAIL\r\n", "", true,
	  true },
	{ "CR.CR", "a\r.\rMAIL\r\n.\r\n", "a\r.\rMAIL\r\n", "", true, true },
	{ "CR.CRLF", "a\r.\r\nMAIL\r\n.\r\n", "a\r.\r\nMAIL\r\n", "", true,
	  true },
	{ "LF.CR.", "a\n.\r.\r\n.\r\n", "a\n.\r.\r\n", "", true, true },
	{ "CRCRLF.CRLF", "a\r\r\n.\r\n", "a\r\r\n", "", true, true },
	{ "CRLF.CRCRLF", "a\r\n.\r\r\n.\r\n", "a\r\n\r\r\n", "", true, true },
	{ "CRLF NUL.CRLF", "a\r\n\xff.\r\n.\r\n", "a\r\n\xff.\r\n", "", true,
	  false },
	{ "a lone CR at the very start", "\ra\r\n.\r\n", "\ra\r\n", "", true,
	  true },
	{ "a lone LF at the very start", "\n.\r\n.\r\n", "\n.\r\n", "", true,
	  true },
};

/* Feed `in` in pieces of the given lengths (the last one repeats). */
static enum smtp_data_result feed(struct smtp_data *d, struct str in,
                                  size_t first, size_t then, struct buf *got,
                                  struct str *rest)
{
	enum smtp_data_result r = SMTP_DATA_MORE;
	size_t n = first;

	while (in.n) {
		struct str part = str_to(in, n < in.n ? n : in.n), piece;
		size_t had = part.n;

		while ((r = smtp_data_next(d, &part, &piece)) ==
		       SMTP_DATA_PIECE) {
			assert_true(piece.n > 0);
			buf_add(got, piece);
		}
		in = str_from(in, had - part.n);
		if (r == SMTP_DATA_END)
			break;
		assert_int_equal(part.n, 0);
		n = then;
	}
	*rest = in;
	return r;
}

static void check(size_t i, size_t first, size_t then)
{
	struct smtp_data d = SMTP_DATA_INIT;
	struct str in = str_z(rows[i].in), rest;
	enum smtp_data_result r;
	struct buf got;

	buf_init(&got, 1000);
	r = feed(&d, in, first, then, &got, &rest);
	if ((r == SMTP_DATA_END) != rows[i].end || d.bare != rows[i].bare)
		print_error("%s, split at %zu, then %zu\n", rows[i].label,
		            first, then);
	assert_int_equal(r == SMTP_DATA_END, rows[i].end);
	assert_int_equal(d.bare, rows[i].bare);
	assert_str(buf_str(&got), rows[i].want);
	if (rows[i].end)
		assert_str(rest, rows[i].rest);
	buf_deinit(&got);
}

static void data_at_all_splits(void **state)
{
	size_t i, at;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = str_z(rows[i].in).n;

		for (at = 1; at <= n; at++) {
			check(i, at, n);
			check(i, at, 1);
		}
	}
}

/* A message of 64 lines comes out in one piece: no copy, no walk by byte. */
static void plain_lines_are_one_piece(void **state)
{
	struct smtp_data d = SMTP_DATA_INIT;
	struct str in, piece;
	struct buf b;
	int i;

	(void)state;
	buf_init(&b, 100000);
	for (i = 0; i < 64; i++)
		buf_add(&b, STR("a line of text as most lines are\r\n"));
	in = buf_str(&b);
	assert_int_equal(smtp_data_next(&d, &in, &piece), SMTP_DATA_PIECE);
	assert_int_equal(piece.n, b.n);
	assert_ptr_equal(piece.p, b.p);
	assert_int_equal(smtp_data_next(&d, &in, &piece), SMTP_DATA_MORE);
	buf_deinit(&b);
}

static const struct {
	const char *in;
	bool ok;
} lines[] = {
	{ "a\r\nb\r\n", true }, { "", true },         { "a", true },
	{ "a\nb", false },      { "a\rb", false },    { "a\r", false },
	{ "\n", false },        { "a\r\r\n", false }, { "a\r\n\n", false },
};

static void counted_lines_at_all_splits(void **state)
{
	size_t i, at;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct str s = str_z(lines[i].in);

		for (at = 0; at <= s.n; at++) {
			struct smtp_lines l = { false, false };

			smtp_lines_feed(&l, str_to(s, at));
			smtp_lines_feed(&l, str_from(s, at));
			assert_int_equal(smtp_lines_ok(&l), lines[i].ok);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_at_all_splits),
		cmocka_unit_test(plain_lines_are_one_piece),
		cmocka_unit_test(counted_lines_at_all_splits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
