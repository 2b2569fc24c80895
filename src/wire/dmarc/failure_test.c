#include "wire/dmarc/failure.h"

#include "base/test.h"

static void reads(void **state)
{
	struct dmarc_failure f;
	struct arena a;

	(void)state;
	arena_init(&a);
	assert_true(dmarc_failure_parse(
		STR("Feedback-Type: auth-failure\r\n"
	            "User-Agent: Some/1.0\r\nVersion: 1\r\n"
	            "Original-Mail-From: <eve@evil.example>\r\n"
	            "Source-IP: 192.0.2.1\r\n"
	            "Authentication-Results: mail.example.com;\r\n"
	            " dmarc=fail header.from=consumer.example\r\n"
	            "Reported-Domain: consumer.example\r\n"
	            "Reported-Domain: second.example\r\n"
	            "Auth-Failure: dmarc\r\n"
	            "Identity-Alignment: dkim,\r\n spf\r\n"),
		&a, &f));
	assert_str(f.domain, "consumer.example");
	assert_str(f.source_ip, "192.0.2.1");
	assert_str(f.mail_from, "eve@evil.example");
	assert_str(f.failure, "dmarc");
	assert_str(f.alignment, "dkim, spf");
	assert_false(dmarc_failure_parse(
		STR("Feedback-Type: abuse\r\nReported-Domain: a.example\r\n"),
		&a, &f));
	assert_false(dmarc_failure_parse(STR("Feedback-Type: auth-failure\r\n"),
	                                 &a, &f));
	assert_false(dmarc_failure_parse(STR(""), &a, &f));
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(reads) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
