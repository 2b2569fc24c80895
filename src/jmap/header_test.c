#include "jmap/header.h"

#include "base/test.h"

#define HEADER                                                             \
	"From: \"A, B\" <a@x.example>\r\nTo: undisclosed:;\r\n"            \
	"Subject: =?utf-8?q?caf=C3=A9?=\r\n au lait\r\nX: 1\r\nx: 2\r\n"   \
	"Date: Wed, 1 Feb 2023 01:02:03 -0330\r\nMessage-ID: nonsense\r\n" \
	"List-Help: <mailto:h@x.example\r\n ?subject=help>, nothing\r\n"   \
	"Bad: \xff\r\n"

static void writes(void **state)
{
	static const struct {
		const char *property, *want; /* no want: refused */
	} rows[] = {
		{ "header:From", "\" \\\"A, B\\\" <a@x.example>\"" },
		{ "header:from:asAddresses",
		  "[{\"name\":\"A, B\",\"email\":\"a@x.example\"}]" },
		{ "header:To:asAddresses", "[]" },
		{ "header:To:asGroupedAddresses",
		  "[{\"name\":\"undisclosed\",\"addresses\":[]}]" },
		{ "header:Subject:asText", "\"caf\xc3\xa9 au lait\"" },
		{ "header:X", "\" 2\"" },
		{ "header:X:all", "[\" 1\",\" 2\"]" },
		{ "header:X:asRaw:all", "[\" 1\",\" 2\"]" },
		{ "header:Date:asDate", "\"2023-02-01T01:02:03-03:30\"" },
		{ "header:X:asDate", "null" },
		{ "header:Message-ID:asMessageIds", "null" },
		{ "header:List-Help:asURLs",
		  "[\"mailto:h@x.example?subject=help\"]" },
		{ "header:X:asURLs", "null" },
		{ "header:None", "null" },
		{ "header:None:all", "[]" },
		{ "header:Bad", "\" \xef\xbf\xbd\"" },
		{ "header:Subject:asAddresses", NULL },
		{ "header:From:asMessageIds", NULL },
		{ "header:Return-Path:asAddresses", NULL },
		{ "header:X:as", NULL },
		{ "header:X:all:asText", NULL },
		{ "header:X:asText:all:all", NULL },
		{ "header::asText", NULL },
		{ "header:X Y", NULL },
		{ "Header:X", NULL },
	};
	struct str block = STR(HEADER);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct jmap_header h;
		struct json_writer w;
		struct arena a;
		struct buf out;
		bool ok = jmap_header_parse(str_z(rows[i].property), &h);

		if (ok != (rows[i].want != NULL))
			fail_msg("%s: %d", rows[i].property, ok);
		if (!ok)
			continue;
		arena_init(&a);
		buf_init(&out, 10000);
		w = json_writer(&out);
		jmap_header_write(&w, &a, &h, &block, 1);
		assert_true(json_done(&w));
		if (!str_eq(buf_str(&out), str_z(rows[i].want)))
			fail_msg("%s: %s", rows[i].property, buf_z(&out));
		buf_deinit(&out);
		arena_deinit(&a);
	}
}

static void reads_dates(void **state)
{
	static const struct {
		const char *in;
		int64_t s; /* -1: no date */
		int zone;
	} rows[] = {
		{ "1970-01-01T00:00:00Z", 0, 0 },
		{ "2014-10-30T06:12:00Z", 1414649520, 0 },
		{ "2014-10-30T14:12:00+08:00", 1414649520, 480 },
		{ "2014-10-30T06:12:00.123Z", 1414649520, 0 },
		{ "2014-02-29T00:00:00Z", -1, 0 },
		{ "2014-13-01T00:00:00Z", -1, 0 },
		{ "2014-10-30T24:00:00Z", -1, 0 },
		{ "2014-10-30T06:12:00", -1, 0 },
		{ "2014-10-30T06:12:00Zx", -1, 0 },
		{ "2014-10-30T06:12:00.Z", -1, 0 },
		{ "2014-10-30 06:12:00Z", -1, 0 },
		{ "", -1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t us = 0;
		int zone = 0;
		bool ok = jmap_date_parse(str_z(rows[i].in), &us, &zone);

		assert_int_equal(ok, rows[i].s >= 0);
		if (ok) {
			assert_int_equal(us, rows[i].s * 1000000);
			assert_int_equal(zone, rows[i].zone);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes),
		cmocka_unit_test(reads_dates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
