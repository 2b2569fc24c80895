#include "wire/message/date.h"

#include "base/test.h"

/* 2026-11-24 05:12:45 UTC */
#define T INT64_C(1795497165)

static void reads_dates(void **state)
{
	static const struct {
		const char *in;
		int64_t seconds;
		int zone;
		bool strict;
	} rows[] = {
		{ "Tue, 24 Nov 2026 05:12:45 +0000", T, 0, true },
		{ "Tue, 24 Nov 2026 06:12:45 +0100", T, 60, true },
		{ "Mon, 23 Nov 2026 21:12:45 -0800 (PST)", T, -480, true },
		{ "24 Nov 2026 05:12:45 -0000", T, 0, true },
		{ "24 Nov 2026 05:12 +0000", T - 45, 0, true },
		{ " Tue,\r\n 24 Nov 2026\r\n 05:12:45 +0000", T, 0, true },
		{ "Tue(x), 24 (day) Nov 2026 05:12:45 +0000", T, 0, false },
		{ "Tue, 24 Nov 26 05:12:45 GMT", T, 0, false },
		{ "Tue, 24 Nov 126 05:12:45 UT", T, 0, false },
		{ "Tue, 24 Nov 2026 00:12:45 EST", T, -300, false },
		{ "Tue, 24 Nov 2026 06:12:45 MEZ", T, 60, false },
		{ "Tue, 24 Nov 2026 05:12:45 K", T, 0, false },
		{ "Tue, 24 Nov 2026 05:12:45", T, 0, false },
		{ "Tue Nov 24 05:12:45 2026", T, 0, false },
		{ "Tue Nov 24 2026 07:12:45 GMT+0200 (CEST)", T, 120, false },
		{ "Tuesday, 24-Nov-26 05:12:45 GMT", T, 0, false },
		{ "24 November 2026 5:12:45 AM", T, 0, false },
		{ "Tue, 24 Nov 2026 05:12:45 PM +0000", T + 43200, 0, false },
		{ "Tue, 24 Nov 2026 12:12:45 AM +0000", T - 18000, 0, false },
		{ "Tue, 24 Nov 2026 05.12.45 +0000", T, 0, false },
		{ "Tue, 24 Nov 2026 07:12:45 +02:00", T, 120, false },
		{ "Tue, 24 Nov 2026 07:12:45 +2", T, 120, false },
		{ "2026-11-24T05:12:45Z", T, 0, false },
		{ "2026-11-24 07:12:45.123+02:00", T, 120, false },
		{ "Tue, 24 Nov 2026 05:12:45 +9999", T, 0, false },
		{ "Tue, 24 Nov 2026", T - 18765, 0, false },
		{ "Sat, 31 Dec 2016 23:59:60 +0000", 1483228800, 0, true },
		{ "1 Jan 1970 00:00:00 +0000", 0, 0, true },
		{ "1 Jan 70 00:00:00 +0000", 0, 0, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct date d = { 0 };

		if (!date_parse(str_z(rows[i].in), &d) ||
		    d.us != rows[i].seconds * 1000000 ||
		    d.strict != rows[i].strict)
			print_error("row \"%s\": %lld, strict %d\n", rows[i].in,
			            (long long)d.us, d.strict);
		assert_true(d.us == rows[i].seconds * 1000000);
		assert_int_equal(d.zone, rows[i].zone);
		assert_int_equal(d.strict, rows[i].strict);
	}
}

static void refuses_what_is_none(void **state)
{
	static const char *const rows[] = {
		"",
		"yesterday",
		"Tue, 32 Nov 2026 05:12:45 +0000",
		"Tue, 29 Feb 2026 05:12:45 +0000",
		"Tue, 24 Nov 2026 25:12:45 +0000",
		"Tue, 24 Nov 2026 05:72:45 +0000",
		"24 Xyz 2026 05:12:45",
		"24 Nov 99999 05:12:45",
		"((((((((((((((",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct date d = { .us = 7 };

		assert_false(date_parse(str_z(rows[i]), &d));
		assert_true(d.us == 7);
	}
}

static void writes_what_it_reads(void **state)
{
	static const int zones[] = { 0, 60, -480, 345, -30, 720 };
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	date_write(&b, T * 1000000, 60);
	assert_str(buf_str(&b), "Tue, 24 Nov 2026 06:12:45 +0100");
	for (int64_t s = -2000000000; s < 6000000000; s += 86399999) {
		int zone = zones[(size_t)(s & 0xff) % 6];
		struct date d;

		buf_reset(&b);
		date_write(&b, s * 1000000, zone);
		assert_true(date_parse(buf_str(&b), &d));
		assert_true(d.us == s * 1000000);
		assert_int_equal(d.zone, zone);
		assert_true(d.strict);
	}
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_dates),
		cmocka_unit_test(refuses_what_is_none),
		cmocka_unit_test(writes_what_it_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
