#include "wire/http/range.h"

#include "base/test.h"

#define NONE HTTP_RANGE_NONE
#define PART HTTP_RANGE_PART
#define BAD  HTTP_RANGE_BAD
#define HUGE "99999999999999999999999999"

static void reads(void **state)
{
	static const struct {
		const char *in;
		uint64_t size;
		enum http_range_result want;
		uint64_t first, last;
	} rows[] = {
		{ "bytes=0-499", 10000, PART, 0, 499 },
		{ "bytes=500-999", 10000, PART, 500, 999 },
		{ "bytes=-500", 10000, PART, 9500, 9999 },
		{ "bytes=9500-", 10000, PART, 9500, 9999 },
		{ "bytes=0-", 10000, PART, 0, 9999 },
		{ "bytes=0-0", 1, PART, 0, 0 },
		{ "BYTES= 1-2 ", 3, PART, 1, 2 },
		/* over the end */
		{ "bytes=5-" HUGE, 10, PART, 5, 9 },
		{ "bytes=5-10", 10, PART, 5, 9 },
		{ "bytes=-11", 10, PART, 0, 9 },
		{ "bytes=-" HUGE, 10, PART, 0, 9 },
		/* nothing of it is there */
		{ "bytes=10-", 10, BAD, 0, 0 },
		{ "bytes=10-20", 10, BAD, 0, 0 },
		{ "bytes=" HUGE "-", 10, BAD, 0, 0 },
		{ "bytes=-0", 10, BAD, 0, 0 },
		{ "bytes=0-", 0, BAD, 0, 0 },
		/* all of it */
		{ "bytes=-1", 0, NONE, 0, 0 },
		{ "", 10, NONE, 0, 0 },
		{ "bytes", 10, NONE, 0, 0 },
		{ "bytes=", 10, NONE, 0, 0 },
		{ "bytes=-", 10, NONE, 0, 0 },
		{ "bytes=3", 10, NONE, 0, 0 },
		{ "bytes=3-2", 10, NONE, 0, 0 },
		{ "bytes=0-1,3-4", 10, NONE, 0, 0 },
		{ "bytes=-1,-2", 10, NONE, 0, 0 },
		{ "bytes=a-b", 10, NONE, 0, 0 },
		{ "bytes=0x1-2", 10, NONE, 0, 0 },
		{ "bytes=+1-2", 10, NONE, 0, 0 },
		{ "bytes=1 - 2", 10, NONE, 0, 0 },
		{ "bytes=1--2", 10, NONE, 0, 0 },
		{ "bytes =1-2", 10, NONE, 0, 0 },
		{ "items=1-2", 10, NONE, 0, 0 },
		{ "=1-2", 10, NONE, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_range r = { 77, 77 };

		if (http_range_parse(str_z(rows[i].in), rows[i].size, &r) !=
		    rows[i].want)
			fail_msg("%s of %d", rows[i].in, (int)rows[i].size);
		if (rows[i].want != PART)
			assert_true(r.first == 77 && r.last == 77);
		else if (r.first != rows[i].first || r.last != rows[i].last)
			fail_msg("%s: %d-%d", rows[i].in, (int)r.first,
			         (int)r.last);
	}
}

static void holds(void **state)
{
	struct str etag = STR("\"G1\"");

	(void)state;
	assert_true(http_range_holds(STR(""), etag));
	assert_true(http_range_holds(STR("\"G1\""), etag));
	assert_false(http_range_holds(STR("\"G2\""), etag));
	assert_false(http_range_holds(STR("W/\"G1\""), etag));
	assert_false(http_range_holds(STR("G1"), etag));
	assert_false(
		http_range_holds(STR("Tue, 24 Nov 2026 10:00:00 GMT"), etag));
}

static void writes(void **state)
{
	struct http_range r = { 5, UINT64_MAX - 1 };
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	http_range_write(&b, &r, UINT64_MAX);
	assert_str(buf_str(&b),
	           "bytes 5-18446744073709551614/18446744073709551615");
	buf_reset(&b);
	http_range_write(&b, NULL, 0);
	assert_str(buf_str(&b), "bytes */0");
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(holds),
		cmocka_unit_test(writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
