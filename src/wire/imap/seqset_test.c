#include "wire/imap/seqset.h"

#include "base/test.h"

static const struct {
	const char *in;
	uint32_t max;
	const char *want; /* resolved; NULL: refused */
} rows[] = {
	{ "1", 10, "1" },
	{ "1:4", 10, "1:4" },
	{ "4:1", 10, "1:4" },
	{ "*", 10, "10" },
	{ "*:8", 10, "8:10" },
	{ "1:*", 10, "1:10" },
	{ "15:*", 10, "10:15" },
	{ "5,3,4,1", 10, "1,3:5" },
	{ "1:3,2:6,6:7", 10, "1:7" },
	{ "1:2,3:4", 10, "1:4" },
	{ "1:9,2:3", 10, "1:9" },
	{ "*", 0, "" },
	{ "1:*", 0, "1" },
	{ "4294967294", 10, "4294967294" },
	{ "0", 10, NULL },
	{ "1:0", 10, NULL },
	{ "", 10, NULL },
	{ "1,", 10, NULL },
	{ ",1", 10, NULL },
	{ "1:", 10, NULL },
	{ "4294967296", 10, NULL },
	{ "**", 10, "10" }, /* and one character left */
};

static void reads_and_writes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena a;
		struct imap_parser p;
		struct imap_seqset s;
		struct buf out;
		bool ok;

		arena_init(&a);
		buf_init(&out, 1000);
		p = imap_parser(str_z(rows[i].in), &a);
		ok = imap_parse_seqset(&p, &s);
		assert_int_equal(ok, rows[i].want != NULL);
		if (ok) {
			imap_seqset_resolve(&s, rows[i].max);
			imap_seqset_write(&out, &s);
			assert_str(buf_str(&out), rows[i].want);
		}
		buf_deinit(&out);
		arena_deinit(&a);
	}
}

static void knows_the_saved_result(void **state)
{
	struct imap_parser p = imap_parser(STR("$ x"), NULL);
	struct imap_seqset s;

	(void)state;
	assert_true(imap_parse_seqset(&p, &s));
	assert_true(s.saved);
	assert_str(p.in, " x");
}

static void finds_members(void **state)
{
	struct imap_range r[] = { { 2, 4 }, { 7, 7 }, { 9, 12 } };
	struct imap_seqset s = { .r = r, .n = 3 };
	static const bool want[] = { 0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 1, 1, 1, 0 };

	(void)state;
	for (uint32_t n = 0; n < 14; n++)
		assert_int_equal(imap_seqset_has(&s, n), want[n]);
	assert_int_equal(imap_seqset_last(&s), 12);
	assert_int_equal(imap_seqset_count(&s), 8);
}

static void bounds_the_number_of_ranges(void **state)
{
	struct imap_parser p;
	struct imap_seqset s;
	struct arena a;
	struct buf b;

	(void)state;
	arena_init(&a);
	buf_init(&b, 1000000);
	for (int i = 0; i < IMAP_RANGES_MAX; i++)
		buf_add(&b, STR("1,"));
	buf_truncate(&b, b.n - 1);
	p = imap_parser(buf_str(&b), &a);
	assert_true(imap_parse_seqset(&p, &s));
	buf_add(&b, STR(",1"));
	p = imap_parser(buf_str(&b), &a);
	assert_false(imap_parse_seqset(&p, &s));
	buf_deinit(&b);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(reads_and_writes),
		cmocka_unit_test(knows_the_saved_result),
		cmocka_unit_test(finds_members),
		cmocka_unit_test(bounds_the_number_of_ranges),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
