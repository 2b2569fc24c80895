#include "verify/report_to.h"

#include "verify/testing.h"

static void may_have_it(void **state)
{
	static const struct zone_row zone[] = {
		{ "_dmarc.a.example", DNS_TXT, "v=DMARC1; p=none" },
		{ "_dmarc.big.example", DNS_TXT, "v=DMARC1; p=none" },
		{ "a.example._report._dmarc.takes.example", DNS_TXT,
		  "v=DMARC1" },
		{ "a.example._report._dmarc.other.example", DNS_TXT,
		  "v=DMARC1; rua=mailto:new@other.example" },
		{ "a.example._report._dmarc.third.example", DNS_TXT,
		  "v=DMARC1; rua=mailto:victim@a.example" },
		{ "a.example._report._dmarc.wrong.example", DNS_TXT,
		  "v=spf1 -all" },
		{ "a.example._report._dmarc.dead.example", DNS_TXT, "!" },
		{ NULL, DNS_A, NULL },
	};

	static const struct {
		const char *uri;
		enum verify_report_to want;
		const char *address;
	} rows[] = {
		{ "mailto:d@a.example", REPORT_TO_YES, "d@a.example" },
		{ "MAILTO:d%2Bx@a.example?subject=x", REPORT_TO_YES,
		  "d+x@a.example" },
		{ "mailto:d@sub.a.example", REPORT_TO_YES, "d@sub.a.example" },
		{ "mailto:d@takes.example", REPORT_TO_YES, "d@takes.example" },
		{ "mailto:d@other.example", REPORT_TO_YES,
		  "new@other.example" },
		/* It may not name somebody else. */
		{ "mailto:d@third.example", REPORT_TO_YES, "d@third.example" },
		{ "mailto:d@wrong.example", REPORT_TO_NO, NULL },
		{ "mailto:d@victim.example", REPORT_TO_NO, NULL },
		{ "mailto:d@dead.example", REPORT_TO_LATER, NULL },
		{ "https://a.example/dmarc", REPORT_TO_NO, NULL },
		{ "mailto:nobody", REPORT_TO_NO, NULL },
		{ "mailto:a@a.example,b@b.example", REPORT_TO_NO, NULL },
		{ "mailto:x%0d%0aY: z@a.example", REPORT_TO_NO, NULL },
	};
	struct resolver z;

	(void)state;
	resolver_start(&z, zone);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct verify_budget b;
		enum verify_report_to got;
		struct report_address to;

		verify_budget_init(&b);
		got = verify_report_to(z.verify, STR("a.example"),
		                       str_z(rows[i].uri), &b, &z.a, &to);
		if (got != rows[i].want)
			fail_msg("%s: %d %s", rows[i].uri, (int)got, to.why);
		if (got == REPORT_TO_YES)
			assert_str(to.address, rows[i].address);
		assert_true(got != REPORT_TO_NO || *to.why);
	}
	resolver_stop(&z);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(may_have_it) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
