#include "wire/tlsrpt/record.h"

#include "base/test.h"

static void records(void **state)
{
	static const struct {
		const char *txt;
		bool is, ok;
		size_t n;
		const char *first; /* NULL: none */
		enum tlsrpt_uri_kind kind;
	} rows[] = {
		{ "v=TLSRPTv1; rua=mailto:reports@example.com", true, true, 1,
		  "reports@example.com", TLSRPT_MAILTO },
		{ "v=TLSRPTv1;rua=https://r.example.com/v1/tlsrpt;", true, true,
		  1, "https://r.example.com/v1/tlsrpt", TLSRPT_HTTPS },
		{ "v=TLSRPTv1 ; x=y; rua=HTTPS://a.example , MAILTO:b@c.example",
		  true, true, 2, "HTTPS://a.example", TLSRPT_HTTPS },
		{ "v=TLSRPTv1;rua=ftp://a.example,mailto:,https://", true, true,
		  0, NULL, 0 },
		{ "v=TLSRPTv1;rua=mailto:a@b.example,mailto:a@b.example,"
		  "mailto:a@b.example,mailto:a@b.example,mailto:a@b.example,"
		  "mailto:a@b.example",
		  true, true, TLSRPT_URIS_MAX, "a@b.example", TLSRPT_MAILTO },
		{ "v=TLSRPTv1;rua=https://a b.example", true, true, 0, NULL,
		  0 },
		{ "v=TLSRPTv1", true, false, 0, NULL, 0 },
		{ "v=TLSRPTv1; rua", true, false, 0, NULL, 0 },
		{ "v=TLSRPTv1; rua=mailto:a@b.example; rua=mailto:c@d.example",
		  true, false, 0, NULL, 0 },
		{ "v=TLSRPTv10; rua=mailto:a@b.example", false, false, 0, NULL,
		  0 },
		{ "v=tlsrptv1; rua=mailto:a@b.example", false, false, 0, NULL,
		  0 },
		{ "rua=mailto:a@b.example", false, false, 0, NULL, 0 },
		{ "", false, false, 0, NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct tlsrpt_record r = { .n = 99 };
		bool ok = tlsrpt_record_parse(str_z(rows[i].txt), &r);

		if (ok != rows[i].ok ||
		    tlsrpt_record_is(str_z(rows[i].txt)) != rows[i].is)
			fail_msg("%s", rows[i].txt);
		assert_int_equal(r.n, ok ? rows[i].n : 99);
		if (!ok || !rows[i].first)
			continue;
		assert_str(r.rua[0].text, rows[i].first);
		assert_int_equal(r.rua[0].kind, rows[i].kind);
	}
}

static void addresses(void **state)
{
	static const struct {
		const char *text, *want; /* NULL: none */
	} rows[] = {
		{ "reports@example.com", "reports@example.com" },
		{ "a%2Bb%40c@example.com?subject=x", "a+b@c@example.com" },
		{ "a%2Cb@example.com", NULL },
		{ "a%0D%0Ab@example.com", NULL },
		{ "a%20b@example.com", NULL },
		{ "a%3E@example.com", NULL },
		{ "a%4", NULL },
		{ "a%4x@example.com", NULL },
		{ "example.com", NULL },
		{ "@example.com", NULL },
		{ "a@", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf b;
		bool ok;

		buf_init(&b, 100);
		buf_add(&b, STR("to: "));
		ok = tlsrpt_address_write(str_z(rows[i].text), &b);
		if (ok != (rows[i].want != NULL))
			fail_msg("%s", rows[i].text);
		assert_str(str_from(buf_str(&b), 4), ok ? rows[i].want : "");
		buf_deinit(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
