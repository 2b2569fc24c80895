#include "wire/dsn/report.h"

#include "base/test.h"

static void parts(void **state)
{
	static const struct {
		const char *label, *original;
		bool whole, utf8, eight;
		const char *type, *encoding;
	} rows[] = {
		{ "a header", "Subject: a\r\n\r\n", false, false, false,
		  "text/rfc822-headers", "7bit" },
		{ "a message", "Subject: a\r\n\r\nhi\r\n", true, false, false,
		  "message/rfc822", "7bit" },
		{ "8bit body", "Subject: a\r\n\r\n\xc3\xb6\r\n", true, false,
		  true, "message/rfc822", "8bit" },
		{ "8bit header, for ASCII hosts", "Subject: \xc3\xb6\r\n\r\n",
		  false, false, false, "message/global-headers", "base64" },
		{ "8bit header", "Subject: \xc3\xb6\r\n\r\nhi", true, true,
		  true, "message/global", "8bit" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct dsn_parts p = { .boundary = STR("b-1"),
			               .text = STR("Sorry.\r\n"),
			               .status =
			                       STR("Reporting-MTA: dns; x\r\n"),
			               .original = str_z(rows[i].original),
			               .whole = rows[i].whole,
			               .utf8 = rows[i].utf8 };
		struct buf b, want;
		bool eight;

		buf_init(&b, 65536);
		buf_init(&want, 65536);
		eight = dsn_parts_write(&b, &p);
		buf_fmt(&want,
		        "Content-Type: %s\r\nContent-Transfer-Encoding: %s\r\n",
		        rows[i].type, rows[i].encoding);
		if (eight != rows[i].eight ||
		    str_find(buf_str(&b), buf_str(&want)) == STR_NPOS)
			fail_msg("%s:\n%.*s", rows[i].label,
			         STR_ARG(buf_str(&b)));
		assert_true(str_ends(buf_str(&b), STR("\r\n--b-1--\r\n")));
		buf_deinit(&b);
		buf_deinit(&want);
	}
}

static void too_much(void **state)
{
	struct dsn_parts p = { .boundary = STR("b-1"),
		               .text = STR("Sorry.\r\n"),
		               .status = STR("Reporting-MTA: dns; x\r\n"),
		               .original = STR("Subject: a\r\n\r\n") };
	struct buf b;

	(void)state;
	buf_init(&b, 300);
	(void)dsn_parts_write(&b, &p);
	assert_true(buf_overflow(&b));
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts),
		cmocka_unit_test(too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
