#include "wire/imap/date.h"

#include "base/test.h"

static const struct {
	const char *in, *want; /* written again, UTC; NULL: refused */
} times[] = {
	{ "\"17-Jul-1996 02:44:25 -0700\"", "\"17-Jul-1996 09:44:25 +0000\"" },
	{ "\" 1-Jan-1970 00:00:00 +0000\"", "\" 1-Jan-1970 00:00:00 +0000\"" },
	{ "\"01-Jan-1970 00:00:00 +0001\"", "\"31-Dec-1969 23:59:00 +0000\"" },
	{ "\"1-jan-1970 00:00:00 +0000\"", "\" 1-Jan-1970 00:00:00 +0000\"" },
	{ "\"29-Feb-2000 23:59:60 +0000\"", "\" 1-Mar-2000 00:00:00 +0000\"" },
	{ "\"31-Dec-9999 23:59:59 +0000\"", "\"31-Dec-9999 23:59:59 +0000\"" },
	{ "\"29-Feb-1900 00:00:00 +0000\"", NULL },
	{ "\"31-Apr-2020 00:00:00 +0000\"", NULL },
	{ "\"0-Apr-2020 00:00:00 +0000\"", NULL },
	{ "\"01-Apr-2020 24:00:00 +0000\"", NULL },
	{ "\"01-Apr-2020 00:60:00 +0000\"", NULL },
	{ "\"01-Apr-2020 00:00:00 0000\"", NULL },
	{ "\"01-Apr-2020 00:00:00 +0000x\"", NULL },
	{ "\"01-Apr-20 00:00:00 +0000\"", NULL },
	{ "\"01-Foo-2020 00:00:00 +0000\"", NULL },
	{ "\"\"", NULL },
};

static void reads_date_times(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct imap_parser p = imap_parser(str_z(times[i].in), NULL);
		int64_t us;
		struct buf b;

		buf_init(&b, 100);
		assert_int_equal(imap_parse_date_time(&p, &us),
		                 times[i].want != NULL);
		if (times[i].want) {
			imap_write_date_time(&b, us);
			assert_str(buf_str(&b), times[i].want);
		}
		buf_deinit(&b);
	}
}

static void reads_dates(void **state)
{
	static const struct {
		const char *in;
		int32_t day;
		bool ok;
	} rows[] = {
		{ "1-Jan-1970", 0, true },      { "\"2-Jan-1970\"", 1, true },
		{ "01-Mar-2000", 11017, true }, { "29-Feb-2024", 19782, true },
		{ "29-Feb-2023", 0, false },    { "1-Jan-1970x", 0, false },
		{ "1 Jan 1970", 0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct imap_parser p = imap_parser(str_z(rows[i].in), NULL);
		int32_t day = -5;

		assert_int_equal(imap_parse_date(&p, &day), rows[i].ok);
		assert_int_equal(day, rows[i].ok ? rows[i].day : -5);
	}
}

static void every_day_reads_back(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	for (int32_t day = -719528; day < 2932897; day += 29) {
		struct imap_parser p;
		int32_t again;

		buf_reset(&b);
		imap_write_date(&b, day);
		p = imap_parser(buf_str(&b), NULL);
		assert_true(imap_parse_date(&p, &again));
		assert_int_equal(again, day);
	}
	buf_deinit(&b);
}

static void times_out_of_reach_are_four_digits(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	imap_write_date_time(&b, INT64_MAX);
	assert_int_equal(b.n, 28);
	buf_reset(&b);
	imap_write_date_time(&b, INT64_MIN);
	assert_int_equal(b.n, 28);
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(reads_date_times),
		cmocka_unit_test(reads_dates),
		cmocka_unit_test(every_day_reads_back),
		cmocka_unit_test(times_out_of_reach_are_four_digits),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
