#include "wire/tlsrpt/report.h"

#include "base/test.h"

static void all_of_it(void **state)
{
	static const struct tlsrpt_failure failures[] = {
		{ .result = STR_INIT("certificate-expired"),
		  .source_ip = STR_INIT("2001:db8::1"),
		  .mx_name = STR_INIT("mx1.there.example"),
		  .mx_ip = STR_INIT("192.0.2.1"),
		  .reason = STR_INIT("certificate has \"expired\""),
		  .n = 3 },
		{ .result = STR_INIT("sts-policy-invalid"), .n = 1 },
	};
	static const struct tlsrpt_policy policies[] = {
		{ .type = STR_INIT("sts"),
		  .strings = STR_INIT("version: STSv1\nmode: testing"),
		  .domain = STR_INIT("there.example"),
		  .mx = STR_INIT("*.there.example"),
		  .good = 5,
		  .bad = 4,
		  .failures = failures,
		  .n = 2 },
		{ .type = STR_INIT("no-policy-found"),
		  .domain = STR_INIT("there.example"),
		  .good = 1 },
	};
	static const struct tlsrpt_report r = {
		.organization = STR_INIT("Here"),
		.contact = STR_INIT("postmaster@here.example"),
		.id = STR_INIT("20261124.there.example@here.example"),
		.start_us = INT64_C(1795478400000000),
		.end_us = INT64_C(1795564799000000),
		.policies = policies,
		.n = 2,
	};
	struct buf b;

	(void)state;
	buf_init(&b, 10000);
	tlsrpt_report_write(&b, &r);
	assert_str(
		buf_str(&b),
		"{\"organization-name\":\"Here\",\"date-range\":{"
		"\"start-datetime\":\"2026-11-24T00:00:00Z\","
		"\"end-datetime\":\"2026-11-24T23:59:59Z\"},"
		"\"contact-info\":\"postmaster@here.example\","
		"\"report-id\":\"20261124.there.example@here.example\","
		"\"policies\":[{\"policy\":{\"policy-type\":\"sts\","
		"\"policy-string\":[\"version: STSv1\",\"mode: testing\"],"
		"\"policy-domain\":\"there.example\","
		"\"mx-host\":[\"*.there.example\"]},\"summary\":{"
		"\"total-successful-session-count\":5,"
		"\"total-failure-session-count\":4},\"failure-details\":[{"
		"\"result-type\":\"certificate-expired\","
		"\"sending-mta-ip\":\"2001:db8::1\","
		"\"receiving-mx-hostname\":\"mx1.there.example\","
		"\"receiving-ip\":\"192.0.2.1\",\"failed-session-count\":3,"
		"\"failure-reason-code\":\"certificate has \\\"expired\\\"\"},{"
		"\"result-type\":\"sts-policy-invalid\","
		"\"failed-session-count\":1}]},{\"policy\":{"
		"\"policy-type\":\"no-policy-found\","
		"\"policy-domain\":\"there.example\"},\"summary\":{"
		"\"total-successful-session-count\":1,"
		"\"total-failure-session-count\":0}}]}");
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
