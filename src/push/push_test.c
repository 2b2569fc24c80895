#include "push/push.h"

#include <stdlib.h>
#include <string.h>

#include "base/test.h"
#include "os/clock.h"
#include "push/post.h"

#define NOW (INT64_C(1795514400) * US_PER_SEC)

static char dir[] = "/tmp/posthus-push-XXXXXX";

static struct push_book *open_book(void)
{
	struct push_book *b = NULL;
	struct err err = ERR_INIT;

	assert_int_equal(push_open(&b, dir, &err), 0);
	return b;
}

static struct push_subscription subscription(int64_t account)
{
	struct push_subscription s = {
		.account = account,
		.by = { .kind = GATE_BY_APP, .id = 4, .as_of = 9 },
		.device = STR("device"),
		.url = STR("https://push.example/x"),
		.has_keys = true,
		.types = STR("Email,Mailbox"),
		.expires_us = NOW + PUSH_LIFE_US,
	};

	memset(s.keys.p256dh, 5, sizeof(s.keys.p256dh));
	memset(s.keys.auth, 6, sizeof(s.keys.auth));
	return s;
}

static void is_there_after_a_restart(void **state)
{
	struct push_subscription s = subscription(1), *list;
	struct push_book *b = open_book();
	struct err err = ERR_INIT;
	struct arena a;
	int64_t seq;
	size_t n;

	(void)state;
	arena_init(&a);
	assert_int_equal(push_add(b, &s, 10, NOW, &err), 0);
	assert_true(s.id > 0);
	assert_int_equal(strlen(s.code), PUSH_CODE_SIZE - 1);
	assert_int_equal(push_revoked_get(b, &seq, &err), 0);
	assert_int_equal(seq, -1);
	assert_int_equal(push_note_code(b, s.id, &err), 0);
	assert_int_equal(push_note_told(b, s.id, STR("1-2"), &err), 0);
	assert_int_equal(push_revoked_set(b, 5, &err), 0);
	assert_int_equal(push_revoked_set(b, 77, &err), 0);
	push_close(&b);
	b = open_book();
	assert_int_equal(push_list(b, 1, &a, &list, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_int_equal(list[0].id, s.id);
	assert_true(push_is_same_login(&list[0].by, &s.by));
	assert_int_equal(list[0].by.as_of, 9);
	assert_str(list[0].url, "https://push.example/x");
	assert_str(list[0].types, "Email,Mailbox");
	assert_memory_equal(&list[0].keys, &s.keys, sizeof(s.keys));
	assert_string_equal(list[0].code, s.code);
	assert_true(list[0].code_sent);
	assert_false(list[0].verified);
	assert_str(list[0].told, "1-2");
	assert_int_equal(push_revoked_get(b, &seq, &err), 0);
	assert_int_equal(seq, 77);
	list[0].verified = true;
	list[0].all_types = true;
	list[0].types = STR("");
	assert_int_equal(push_update(b, &list[0], &err), 0);
	assert_int_equal(push_list(b, 0, &a, &list, &n, &err), 0);
	assert_true(n == 1 && list[0].verified && list[0].all_types);
	assert_int_equal(push_remove(b, s.id, &err), 0);
	assert_int_equal(push_remove(b, s.id, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_int_equal(push_update(b, &list[0], &err), -1);
	arena_deinit(&a);
	push_close(&b);
}

static void has_limits(void **state)
{
	struct push_book *b = open_book();
	struct err err = ERR_INIT;

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct push_subscription s = subscription(2);

		assert_int_equal(push_add(b, &s, 2, NOW, &err), i < 2 ? 0 : -1);
	}
	assert_int_equal(err.kind, ERR_TOO_BIG);
	/* Making and removing them again and again ends too. */
	for (int i = 0; i <= PUSH_ADDS_IN_DAY; i++) {
		struct push_subscription s = subscription(3);
		int rc = push_add(b, &s, 2, NOW, &err);

		assert_int_equal(rc, i < PUSH_ADDS_IN_DAY ? 0 : -1);
		if (rc == 0)
			assert_int_equal(push_remove(b, s.id, &err), 0);
	}
	assert_int_equal(err.kind, ERR_DENIED);
	{
		struct push_subscription s = subscription(3);

		assert_int_equal(push_add(b, &s, 2, NOW + US_PER_DAY, &err), 0);
	}
	push_close(&b);
}

static void ends(void **state)
{
	struct push_subscription s = subscription(1);

	(void)state;
	s.created_us = NOW;
	s.verified = true;
	assert_false(push_is_over(&s, s.expires_us - 1));
	assert_true(push_is_over(&s, s.expires_us));
	s.verified = false;
	assert_false(push_is_over(&s, NOW + PUSH_UNVERIFIED_US - 1));
	assert_true(push_is_over(&s, NOW + PUSH_UNVERIFIED_US));
}

static void urls(void **state)
{
	static const struct {
		const char *url;
		bool good;
	} cases[] = {
		{ "https://push.example/a?b=c", true },
		{ "https://push.example:8443/a", true },
		{ "http://push.example/a", false },
		{ "https://push.example:22/a", false },
		{ "https://user@push.example/a", false },
		{ "ftp://push.example/", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(push_url_is_good(str_z(cases[i].url)),
		                 cases[i].good);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_there_after_a_restart),
		cmocka_unit_test(has_limits),
		cmocka_unit_test(ends),
		cmocka_unit_test(urls),
	};

	if (!mkdtemp(dir))
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
