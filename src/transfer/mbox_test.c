#include "transfer/mbox.h"

#include "base/test.h"

/* Read `in` in two pieces cut at `cut`; messages come out between < and >,
 * the From_ line in brackets. */
static void read_cut(struct str in, size_t cut, struct buf *out)
{
	struct str pieces[2] = { str_to(in, cut), str_from(in, cut) };
	struct mbox_reader r;
	enum mbox_event e;
	struct str s;

	mbox_reader_init(&r);
	for (int i = 0; i < 3; i++) {
		if (i < 2)
			mbox_reader_give(&r, pieces[i]);
		else
			mbox_reader_end(&r);
		while ((e = mbox_reader_next(&r, &s)) != MBOX_MORE) {
			switch (e) {
			case MBOX_BEGIN:
				buf_fmt(out, "[%.*s@%d]<", STR_ARG(s),
				        (int)mbox_reader_offset(&r));
				break;
			case MBOX_DATA: buf_add(out, s); break;
			case MBOX_END: buf_add_c(out, '>'); break;
			case MBOX_MORE: break;
			}
		}
	}
	mbox_reader_deinit(&r);
}

#define F1 "From a@b.example Tue Nov 24 09:00:00 2026\n"

static void reads_at_all_split_points(void **state)
{
	static const struct {
		const char *label, *in, *want;
	} t[] = {
		{ "empty", "", "" },
		{ "no mbox", "Subject: x\n\nFrom here on\n", "" },
		{ "one", F1 "A: b\n\nbody\n\n",
		  "[From a@b.example Tue Nov 24 09:00:00 2026@0]<A: b\n\nbody\n>" },
		{ "no end", F1 "A: b\n\nbody",
		  "[From a@b.example Tue Nov 24 09:00:00 2026@0]<A: b\n\nbody>" },
		{ "two", F1 "A: b\n\nx\n\n" F1 "C: d\n\ny\n\n",
		  "[From a@b.example Tue Nov 24 09:00:00 2026@0]<A: b\n\nx\n>"
		  "[From a@b.example Tue Nov 24 09:00:00 2026@51]<C: d\n\ny\n>" },
		{ "CRLF",
		  "From a Tue Nov 24 09:00:00 2026\r\nA: b\r\n\r\nx\r\n\r\n" F1
		  "C: d\n",
		  "[From a Tue Nov 24 09:00:00 2026@0]<A: b\r\n\r\nx\r\n>"
		  "[From a@b.example Tue Nov 24 09:00:00 2026@46]<C: d\n>" },
		{ "quoted", F1 "A: b\n\n>From x\n>>From y\n> From z\n>Fro\n\n",
		  "[From a@b.example Tue Nov 24 09:00:00 2026@0]"
		  "<A: b\n\nFrom x\n>From y\n> From z\n>Fro\n>" },
		{ "From without a date is text",
		  F1 "A: b\n\nx\n\nFrom me to you\n\n",
		  "[From a@b.example Tue Nov 24 09:00:00 2026@0]"
		  "<A: b\n\nx\n\nFrom me to you\n>" },
		{ "From without an empty line is text",
		  F1 "A: b\n\nx\n" F1 "y\n",
		  "[From a@b.example Tue Nov 24 09:00:00 2026@0]"
		  "<A: b\n\nx\n" F1 "y\n>" },
		{ "empty lines", F1 "\n\n\r\n\nx\n\n\n",
		  "[From a@b.example Tue Nov 24 09:00:00 2026@0]"
		  "<\n\n\r\n\nx\n\n>" },
		{ "odd first line", "From nobody\nA: b\n",
		  "[From nobody@0]<A: b\n>" },
		{ "zone before the year",
		  "From a  Sun Sep  6 01:02:03 CEST 1998\nx\n",
		  "[From a  Sun Sep  6 01:02:03 CEST 1998@0]<x\n>" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct str in = str_z(t[i].in);

		for (size_t cut = 0; cut <= in.n; cut++) {
			struct buf b;

			buf_init(&b, 4096);
			read_cut(in, cut, &b);
			if (!str_eq(buf_str(&b), str_z(t[i].want)))
				fail_msg("%s, cut at %zu: got %s", t[i].label,
				         cut, buf_z(&b));
			buf_deinit(&b);
		}
	}
}

static void long_lines_pass(void **state)
{
	struct buf in, out;

	(void)state;
	buf_init(&in, 20000);
	buf_init(&out, 20000);
	buf_add_z(&in, F1 ">From ");
	for (int i = 0; i < 5000; i++)
		buf_add_c(&in, 'x');
	buf_add_z(&in, "\nend\n");
	for (size_t cut = 0; cut < in.n; cut += 61) {
		buf_reset(&out);
		read_cut(buf_str(&in), cut, &out);
		assert_int_equal(out.n, in.n + 4);
		assert_true(str_ends(buf_str(&out), STR("xx\nend\n>")));
		assert_true(str_find(buf_str(&out), STR("<From xxx")) !=
		            STR_NPOS);
	}
	buf_deinit(&in);
	buf_deinit(&out);
}

static void dates(void **state)
{
	static const struct {
		const char *in;
		int64_t want;
	} t[] = {
		{ "From a Thu Jan  1 00:00:01 1970", 1 },
		{ "From a@b Tue Nov 24 09:00 2026", 1795510800 },
		{ "From a Tue Nov 24 09:00:00 2026 +0100", 1795510800 },
		{ "From May Tue Nov 24 09:00:00 2026", 1795510800 },
		{ "From a Tue Nov 24 2026", -1 },
		{ "From a Tue 24 09:00:00 2026", -1 },
		{ "From a Tue Nov 24 29:00:00 2026", -1 },
		{ "From ", -1 },
		{ "from a Tue Nov 24 09:00:00 2026", -1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		int64_t got = -1;
		bool ok = mbox_from_date(str_z(t[i].in), &got);

		if (ok != (t[i].want != -1) || got != t[i].want)
			fail_msg("%s: got %lld", t[i].in, (long long)got);
	}
}

/* Written and read again, in pieces, a message has its bytes and marks. */
static void comes_back(struct str message, size_t cut)
{
	struct mbox_marks m = { .size = message.n,
		                .arrived_s = 1795510800,
		                .flagged = true,
		                .keywords = STR("Work $Label1") };
	struct mbox_marks got;
	struct buf file, out;
	struct str s;
	int st = 0;

	buf_init(&file, 10000);
	buf_init(&out, 10000);
	for (int i = 0; i < 2; i++) {
		st = 0;
		mbox_write_begin(&file, &m);
		mbox_write_piece(&file, &st, str_to(message, cut));
		mbox_write_piece(&file, &st, str_from(message, cut));
		mbox_write_end(&file, st);
	}
	read_cut(buf_str(&file), 0, &out);
	s = buf_str(&out);
	for (int i = 0; i < 2; i++) {
		s = str_from(s, str_chr(s, '<') + 1);
		mbox_marks(s, &got);
		assert_true(got.ours);
		assert_true(got.flagged);
		assert_false(got.seen);
		assert_str(got.keywords, "Work $Label1");
		assert_int_equal(got.size, message.n);
		assert_int_equal(got.arrived_s, 1795510800);
		s = str_from(s, got.skip);
		assert_true(s.n >= message.n);
		if (!str_eq(str_to(s, message.n), message))
			fail_msg("got %.*s", STR_ARG(s));
		s = str_from(s, message.n);
	}
	buf_deinit(&file);
	buf_deinit(&out);
}

static void what_is_written_comes_back(void **state)
{
	static const struct str t[] = {
		STR_INIT(""),
		STR_INIT("\n"),
		STR_INIT("A: b\r\n\r\nFrom x\r\n>From y\r\n>>>From z"),
		STR_INIT("A: b\n\nFrom\nFrom \nFro\n>"),
		STR_INIT(F1 "\n" F1 "\n\n\n"),
		STR_INIT("Status: RO\r\nX-Status: D\r\n\r\nx\r\n"),
		STR_INIT("X-Posthus-Message: size=3\n\nFrom"),
		STR_INIT("no header at all"),
		STR_INIT("nul \0 and \r alone\r\n"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++)
		for (size_t cut = 0; cut <= t[i].n; cut++)
			comes_back(t[i], cut);
}

static void foreign_marks(void **state)
{
	struct mbox_marks m;

	(void)state;
	mbox_marks(STR("From: x\nStatus: RO\nX-Status: AF\n"
	               "X-Keywords: NonJunk  \n\nStatus: D\n"),
	           &m);
	assert_false(m.ours);
	assert_int_equal(m.skip, 0);
	assert_true(m.seen && m.answered && m.flagged && !m.deleted);
	assert_str(m.keywords, "NonJunk");
	mbox_marks(STR("From: x\nX-Posthus-Message: size=1\n\n"), &m);
	assert_false(m.ours);
	mbox_marks(STR("X-Posthus-Message: size=x\n\n"), &m);
	assert_false(m.ours);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(reads_at_all_split_points),
		cmocka_unit_test(long_lines_pass),
		cmocka_unit_test(dates),
		cmocka_unit_test(what_is_written_comes_back),
		cmocka_unit_test(foreign_marks),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
