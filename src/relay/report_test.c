#include "relay/report.h"

#include "base/buf.h"
#include "base/test.h"
#include "os/clock.h"

#define POLICY STR_INIT("version: STSv1\nmode: enforce")
#define HOSTS  STR_INIT("mx1.x.example")

static void notes_become_policies(void **state)
{
	static const struct relay_note notes[] = {
		{ .day = 20000,
		  .domain = STR_INIT("x.example"),
		  .kind = RELAY_POLICY_NONE,
		  .n = 7 },
		{ .day = 20000,
		  .domain = STR_INIT("x.example"),
		  .kind = RELAY_POLICY_STS,
		  .policy = POLICY,
		  .hosts = HOSTS,
		  .n = 2 },
		{ .day = 20000,
		  .domain = STR_INIT("x.example"),
		  .kind = RELAY_POLICY_STS,
		  .policy = POLICY,
		  .hosts = HOSTS,
		  .result = STR_INIT("certificate-expired"),
		  .host = STR_INIT("mx1.x.example"),
		  .n = 3 },
		{ .day = 20000,
		  .domain = STR_INIT("x.example"),
		  .kind = RELAY_POLICY_STS,
		  .policy = POLICY,
		  .hosts = HOSTS,
		  .result = STR_INIT("starttls-not-supported"),
		  .host = STR_INIT("mx1.x.example"),
		  .n = 1 },
		{ .day = 20000,
		  .domain = STR_INIT("x.example"),
		  .kind = RELAY_POLICY_TLSA,
		  .policy = STR_INIT("3 1 1 00"),
		  .hosts = STR_INIT("mx2.x.example"),
		  .result = STR_INIT("validation-failure"),
		  .n = 5 },
	};
	struct arena a;
	struct buf b;

	(void)state;
	arena_init(&a);
	buf_init(&b, 10000);
	relay_report_write(notes, 5, STR("mx.here.example"), &a, &b);
	assert_str(
		buf_str(&b),
		"{\"organization-name\":\"mx.here.example\",\"date-range\":{"
		"\"start-datetime\":\"2024-10-04T00:00:00Z\","
		"\"end-datetime\":\"2024-10-04T23:59:59Z\"},\"contact-info\":"
		"\"postmaster@mx.here.example\",\"report-id\":"
		"\"20000.x.example@mx.here.example\",\"policies\":["
		"{\"policy\":{\"policy-type\":\"no-policy-found\","
		"\"policy-domain\":\"x.example\"},\"summary\":{"
		"\"total-successful-session-count\":7,"
		"\"total-failure-session-count\":0}},"
		"{\"policy\":{\"policy-type\":\"sts\",\"policy-string\":["
		"\"version: STSv1\",\"mode: enforce\"],\"policy-domain\":"
		"\"x.example\",\"mx-host\":[\"mx1.x.example\"]},\"summary\":{"
		"\"total-successful-session-count\":2,"
		"\"total-failure-session-count\":4},\"failure-details\":["
		"{\"result-type\":\"certificate-expired\","
		"\"receiving-mx-hostname\":\"mx1.x.example\","
		"\"failed-session-count\":3},"
		"{\"result-type\":\"starttls-not-supported\","
		"\"receiving-mx-hostname\":\"mx1.x.example\","
		"\"failed-session-count\":1}]},"
		"{\"policy\":{\"policy-type\":\"tlsa\",\"policy-string\":["
		"\"3 1 1 00\"],\"policy-domain\":\"x.example\",\"mx-host\":["
		"\"mx2.x.example\"]},\"summary\":{"
		"\"total-successful-session-count\":0,"
		"\"total-failure-session-count\":5},\"failure-details\":["
		"{\"result-type\":\"validation-failure\","
		"\"failed-session-count\":5}]}]}");
	buf_deinit(&b);
	arena_deinit(&a);
}

static void due_within_four_hours(void **state)
{
	int64_t x = relay_report_due(10, STR("x.example")),
		y = relay_report_due(10, STR("y.example"));

	(void)state;
	assert_true(x >= 11 * US_PER_DAY);
	assert_true(x < 11 * US_PER_DAY + 4 * US_PER_HOUR);
	assert_true(x != y);
	assert_true(x == relay_report_due(10, STR("x.example")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notes_become_policies),
		cmocka_unit_test(due_within_four_hours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
