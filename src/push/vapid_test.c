#include "push/vapid.h"

#include "base/base64.h"
#include "base/test.h"

/* RFC 8292, 2.4 has these claims. */
static void claims(void **state)
{
	struct buf b, text;
	size_t dot;

	(void)state;
	buf_init(&b, 4096);
	buf_init(&text, 4096);
	vapid_claims(&b, STR("https://push.example.net"),
	             STR("mailto:push@example.com"), 1453523768);
	assert_true(str_starts(
		buf_str(&b),
		STR("eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9."
	            "eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM"
	            "1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0")));
	dot = str_chr(buf_str(&b), '.');
	assert_true(base64_decode_url(&text, str_from(buf_str(&b), dot + 1)));
	assert_str(buf_str(&text), "{\"aud\":\"https://push.example.net\","
	                           "\"exp\":1453523768,"
	                           "\"sub\":\"mailto:push@example.com\"}");
	buf_deinit(&text);
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(claims) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
