#include "wire/message/timestamp.h"

#include "base/test.h"

static const struct {
	const char *in;
	int64_t want; /* microseconds */
	const char *again;
} good[] = {
	{ "1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z" },
	{ "2026-11-24T05:12:45Z", 1795497165000000, "2026-11-24T05:12:45Z" },
	{ "2026-11-24t05:12:45z", 1795497165000000, "2026-11-24T05:12:45Z" },
	{ "2026-11-24T06:12:45+01:00", 1795497165000000,
	  "2026-11-24T05:12:45Z" },
	{ "2026-11-23T23:42:45-05:30", 1795497165000000,
	  "2026-11-24T05:12:45Z" },
	{ "2026-11-24T05:12:45.25Z", 1795497165250000, "2026-11-24T05:12:45Z" },
	{ "2026-11-24T05:12:45.123456789Z", 1795497165123456,
	  "2026-11-24T05:12:45Z" },
	{ "2016-12-31T23:59:60Z", 1483228800000000, "2017-01-01T00:00:00Z" },
	{ "2024-02-29T00:00:00Z", 1709164800000000, "2024-02-29T00:00:00Z" },
	{ "1969-12-31T23:59:59.5Z", -500000, "1969-12-31T23:59:59Z" },
};

static void reads_and_writes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		int64_t us = 1;
		struct buf b;

		if (!timestamp_parse(str_z(good[i].in), &us))
			fail_msg("%s", good[i].in);
		assert_int_equal(us, good[i].want);
		buf_init(&b, 100);
		timestamp_write(&b, us);
		assert_str(buf_str(&b), good[i].again);
		buf_deinit(&b);
	}
}

static void refuses(void **state)
{
	static const char *const bad[] = {
		"",
		"2026-11-24",
		"2026-11-24T05:12:45",
		"2026-11-24 05:12:45Z",
		"2026-11-24T05:12Z",
		"2026-11-24T05:12:45Zx",
		"2026-11-24T05:12:45.Z",
		"2026-11-24T05:12:45+0100",
		"2026-11-24T05:12:45+24:00",
		"2026-11-31T05:12:45Z",
		"2025-02-29T00:00:00Z",
		"2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z",
		"2026-01-00T00:00:00Z",
		"2026-01-01T24:00:00Z",
		"2026-01-01T00:60:00Z",
		"2026-01-01T00:00:61Z",
		"+026-01-01T00:00:00Z",
		"20261124T051245Z",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int64_t us = 7;

		if (timestamp_parse(str_z(bad[i]), &us))
			fail_msg("%s", bad[i]);
		assert_int_equal(us, 7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_writes),
		cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
