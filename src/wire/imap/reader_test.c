#include "wire/imap/reader.h"

#include "base/test.h"

static const struct imap_reader_limits limits = {
	.line_max = 60,
	.literal_max = 20,
	.literals_max = 30,
	.count_max = 3,
};

/* What a server would do: stream the literals of APPEND, keep the others,
 * refuse what does not fit.  Writes down each event. */
static void answer(struct imap_reader *r, struct buf *log)
{
	buf_fmt(log, "L%llu%s%s;", (unsigned long long)r->literal.size,
	        r->literal.sync ? "" : "+", r->literal.binary ? "~" : "");
	if (str_find(imap_reader_text(r), STR("APPEND")) != STR_NPOS) {
		imap_reader_stream(r);
	} else if (!imap_reader_accept(r)) {
		buf_add(log, STR("refused;"));
		imap_reader_refuse(r);
	}
}

static void write_text(struct buf *log, char what, struct str text)
{
	buf_add_c(log, what);
	buf_add_c(log, '<');
	for (size_t i = 0; i < text.n; i++)
		buf_add_c(log, text.p[i] == '\r'   ? '^'
		               : text.p[i] == '\n' ? '$'
		                                   : text.p[i]);
	buf_add(log, STR(">;"));
}

static void feed(struct imap_reader *r, struct str in, struct buf *log)
{
	for (;;) {
		size_t used;
		enum imap_read what = imap_reader_feed(r, in, &used);

		assert_true(used <= in.n);
		in = str_from(in, used);
		switch (what) {
		case IMAP_READ_MORE: assert_int_equal(in.n, 0); return;
		case IMAP_READ_LITERAL: answer(r, log); break;
		case IMAP_READ_DATA: buf_add(log, r->data); break;
		case IMAP_READ_DATA_END: buf_add(log, STR("!")); break;
		case IMAP_READ_COMMAND:
			write_text(log, 'C', imap_reader_text(r));
			imap_reader_next(r);
			break;
		case IMAP_READ_SKIPPED:
			buf_add(log, STR("S;"));
			imap_reader_next(r);
			break;
		case IMAP_READ_TOO_LONG:
			buf_add(log, STR("T;"));
			imap_reader_next(r);
			break;
		}
	}
}

static const struct {
	const char *label, *in, *want;
} rows[] = {
	{ "two lines", "a NOOP\r\nb NOOP\n", "C<a NOOP>;C<b NOOP>;" },
	{ "empty line", "\r\n", "C<>;" },
	{ "literal", "a LOGIN {3}\r\nbob {2+}\r\nxy\r\n",
	  "L3;L2+;C<a LOGIN {3}^$bob {2+}^$xy>;" },
	{ "empty literal", "a X {0}\r\n\r\nb Y\r\n",
	  "L0;C<a X {0}^$>;C<b Y>;" },
	{ "line ends inside", "a X {4+}\r\n\r\n\r\n y\r\n",
	  "L4+;C<a X {4+}^$^$^$ y>;" },
	{ "binary", "a X ~{2+}\r\n12\r\n", "L2+~;C<a X ~{2+}^$12>;" },
	{ "streamed", "a APPEND x {5}\r\nhello\r\nb Y\r\n",
	  "L5;hello!C<>;C<b Y>;" },
	{ "streamed twice", "a APPEND x {2}\r\nhi (APPEND) {2+}\r\nyo\r\n",
	  "L2;hi!L2+;yo!C<>;" },
	{ "streamed empty", "a APPEND x {0+}\r\n\r\n", "L0+;!C<>;" },
	{ "refused, waits", "a X {21}\r\nb Y\r\n", "L21;refused;S;C<b Y>;" },
	{ "refused, sent", "a X {21+}\r\n123456789012345678901 y\r\nb Y\r\n",
	  "L21+;refused;S;C<b Y>;" },
	{ "refused, sent, more behind",
	  "a X {21+}\r\n123456789012345678901 {3+}\r\n\r\n\n z\r\nb Y\r\n",
	  "L21+;refused;S;C<b Y>;" },
	{ "refused, sent, then waits",
	  "a X {21+}\r\n123456789012345678901 {3}\r\nb Y\r\n",
	  "L21+;refused;S;C<b Y>;" },
	{ "all together too big",
	  "a X {20+}\r\n12345678901234567890 {11+}\r\n12345678901\r\nb\r\n",
	  "L20+;L11+;refused;S;C<b>;" },
	{ "too many", "a {1+}\r\n1{1+}\r\n2{1+}\r\n3{1+}\r\n4\r\nb\r\n",
	  "L1+;L1+;L1+;L1+;refused;S;C<b>;" },
	{ "number too big", "a X {99999999999999999999}\r\nb\r\n",
	  "L18446744073709551615;refused;S;C<b>;" },
	{ "just fits",
	  "123456789012345678901234567890123456789012345678901234567890\r\n",
	  "C<123456789012345678901234567890123456789012345678901234567890"
	  ">;" },
	{ "too long",
	  "1234567890123456789012345678901234567890123456789012345678901x"
	  "\r\nb\r\n",
	  "T;C<b>;" },
	{ "too long with a literal behind",
	  "1234567890123456789012345678901234567890123456789012345678901x"
	  "{3+}\r\n\r\n\nx\r\nb\r\n",
	  "T;C<b>;" },
	{ "no literals", "a {}\r\nb {x}\r\nc {3 }\r\nd 3}\r\n",
	  "C<a {}>;C<b {x}>;C<c {3 }>;C<d 3}>;" },
};

static void check(size_t row, struct str in, size_t a, size_t b)
{
	struct imap_reader r;
	struct buf log;

	buf_init(&log, 4096);
	imap_reader_init(&r, &limits);
	feed(&r, str_to(in, a), &log);
	feed(&r, (struct str){ in.p + a, b - a }, &log);
	feed(&r, str_from(in, b), &log);
	if (!str_eq(buf_str(&log), str_z(rows[row].want)))
		print_error("%s, split at %zu and %zu\n", rows[row].label, a,
		            b);
	assert_str(buf_str(&log), rows[row].want);
	imap_reader_deinit(&r);
	buf_deinit(&log);
}

static void reads_at_all_split_points(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str in = str_z(rows[i].in);

		for (size_t a = 0; a <= in.n; a++)
			for (size_t b = a; b <= in.n; b++)
				check(i, in, a, b);
	}
}

static void reads_byte_by_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str in = str_z(rows[i].in);
		struct imap_reader r;
		struct buf log;

		buf_init(&log, 4096);
		imap_reader_init(&r, &limits);
		for (size_t at = 0; at < in.n; at++)
			feed(&r, (struct str){ in.p + at, 1 }, &log);
		assert_str(buf_str(&log), rows[i].want);
		assert_true(imap_reader_is_idle(&r));
		imap_reader_deinit(&r);
		buf_deinit(&log);
	}
}

/* A line without end must not grow. */
static void is_bounded(void **state)
{
	struct imap_reader r;
	size_t used;

	(void)state;
	imap_reader_init(&r, &limits);
	for (int i = 0; i < 100000; i++) {
		assert_int_equal(imap_reader_feed(&r, STR("x"), &used),
		                 IMAP_READ_MORE);
		assert_true(imap_reader_text(&r).n <= 62);
	}
	assert_int_equal(imap_reader_feed(&r, STR("\n"), &used),
	                 IMAP_READ_TOO_LONG);
	imap_reader_deinit(&r);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(reads_at_all_split_points),
		cmocka_unit_test(reads_byte_by_byte),
		cmocka_unit_test(is_bounded),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
