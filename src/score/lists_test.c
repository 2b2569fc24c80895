#include "score/lists.h"

#include "base/mem.h"
#include "base/test.h"
#include "score/look.h"

/* Names that are listed; those that were asked are counted. */
struct zone {
	const char *const *listed; /* NULL-ended */
	unsigned asked;
};

static bool ask(void *arg, struct str name)
{
	struct zone *z = arg;

	z->asked++;
	for (const char *const *p = z->listed; *p; p++)
		if (str_eq(name, str_z(*p)))
			return true;
	return false;
}

static void asks_for_clients(void **state)
{
	static const char *const listed[] = {
		"7.2.0.192.zen.example",
		"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0."
		"0.2.zen.example",
		NULL
	};

	static const struct {
		const char *ip;
		int want;
		unsigned asked;
	} rows[] = {
		{ "192.0.2.7", 350, 2 },
		{ "192.0.2.8", 0, 2 },
		{ "2001:db8::1", 350, 2 },
		{ "local", 0, 0 },
	};
	static const struct str zones[] = { STR_INIT("zen.example=3.5"),
		                            STR_INIT("bad.example=x"),
		                            STR_INIT("other.example"),
		                            STR_INIT("=3") };
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct zone z = { .listed = listed };
		struct score sc = { .points = 0 };

		lists_clients(&a, zones, 4, str_z(rows[i].ip), ask, &z, &sc);
		assert_int_equal(sc.points, rows[i].want);
		assert_int_equal(z.asked, rows[i].asked);
	}
	arena_deinit(&a);
}

static void asks_for_links(void **state)
{
	static const char *const listed[] = { "evil.example.uri.example",
		                              "evil.example.net.uri.example",
		                              NULL };
	static const struct str zones[] = { STR_INIT("uri.example=2") };
	struct score_look *l = mem_alloc(sizeof(*l));
	struct zone z = { .listed = listed };
	struct score sc = { .points = 0 };
	struct arena a;

	(void)state;
	arena_init(&a);
	score_look_make(&a,
	                STR("Subject: x\r\n\r\nhttp://www.good.example/ "
	                    "http://a.good.example/ http://192.0.2.1/ "
	                    "http://evil.example/ http://x.evil.example/\r\n"),
	                l);
	lists_links(&a, zones, 1, l, ask, &z, &sc);
	assert_int_equal(sc.points, 200);
	assert_int_equal(z.asked, 2);
	assert_int_equal(sc.n, 1);
	assert_str(sc.parts[0].detail, "evil.example");
	score_look_free(l);
	mem_free(l);
	arena_deinit(&a);
}

static void refusals_of_lists_say_nothing(void **state)
{
	(void)state;
	assert_true(lists_says_yes((struct str){ "\x7f\0\0\x02", 4 }));
	assert_false(lists_says_yes((struct str){ "\x7f\xff\xff\xfe", 4 }));
	assert_false(lists_says_yes((struct str){ "\xc0\0\x02\x01", 4 }));
	assert_false(lists_says_yes((struct str){ "\x7f\0\0", 3 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_for_clients),
		cmocka_unit_test(asks_for_links),
		cmocka_unit_test(refusals_of_lists_say_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
