#include "wire/http/fields.h"

#include <string.h>

#include "base/test.h"

static void codings(void **state)
{
	static const struct {
		const char *list;
		bool want;
	} rows[] = {
		{ "", false },
		{ "gzip", true },
		{ "br, gzip, deflate", true },
		{ "br,GZIP ;q=0.5", true },
		{ "gzip;q=0", false },
		{ "gzip; q=0.000", false },
		{ "gzip;q=", true },
		{ "gzip;q=0.001", true },
		{ "identity", false },
		{ "*", true },
		{ "*;q=0", false },
		{ "*, gzip;q=0", false },
		{ "gzip;q=0, *", false },
		{ "xgzip, gzipx", false },
		{ ",,;,", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (http_accepts(str_z(rows[i].list), "gzip") != rows[i].want)
			fail_msg("\"%s\"", rows[i].list);
}

static void languages(void **state)
{
	static const char *const have[] = { "en", "da", "de", NULL };

	static const struct {
		const char *list, *want;
	} rows[] = {
		{ "", "en" },
		{ "da", "da" },
		{ "DA-dk, en;q=0.8", "da" },
		{ "fr-CA, de-AT;q=0.7, en;q=0.3", "de" },
		{ "en-GB,en;q=0.9,da;q=0.8", "en" },
		{ "en;q=0.1, da;q=0.25, de;q=0.2", "da" },
		{ "da;q=0, de;q=0.001", "de" },
		{ "da;q=0", "en" },
		{ "dan, den", "en" },
		{ "fr, *", "en" },
		{ "de ; q=1.000 , da;q=0.999", "de" },
		{ "da;q=x, ;;, -, de;q=9", "de" },
		{ ",,,;q=1,-da", "en" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(http_language(str_z(rows[i].list), have),
		           rows[i].want) != 0)
			fail_msg("\"%s\"", rows[i].list);
}

static void tags(void **state)
{
	static const struct {
		const char *list;
		bool want;
	} rows[] = {
		{ "", false },        { "\"a1\"", true },
		{ "W/\"a1\"", true }, { "\"b\", \"a1\"", true },
		{ "*", true },        { "a1", false },
		{ "\"a2\"", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (http_etag_listed(str_z(rows[i].list), STR("\"a1\"")) !=
		    rows[i].want)
			fail_msg("\"%s\"", rows[i].list);
}

static void cookies(void **state)
{
	static const struct {
		const char *first, *second, *want;
	} rows[] = {
		{ "posthus=abc", "", "abc" },
		{ "a=b; posthus=abc; c=d", "", "abc" },
		{ "a=b", "posthus=abc", "abc" },
		{ "posthus=", "", "" },
		{ "posthus=abc=; x", "", "abc=" },
		{ "posthus", "", NULL },
		{ "__Host-posthus=x", "", NULL },
		{ "posthus2=x; xposthus=y", "", NULL },
		{ "Posthus=x", "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_head h = { .fields_n = 2 };
		struct str got = { NULL, 0 };

		h.fields[0] = (struct http_field){ STR("Cookie"),
			                           str_z(rows[i].first) };
		h.fields[1] = (struct http_field){ STR("cookie"),
			                           str_z(rows[i].second) };
		assert_int_equal(http_cookie_get(&h, "posthus", &got),
		                 rows[i].want != NULL);
		if (rows[i].want)
			assert_true(str_eq(got, str_z(rows[i].want)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codings),
		cmocka_unit_test(languages),
		cmocka_unit_test(tags),
		cmocka_unit_test(cookies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
