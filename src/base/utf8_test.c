#include "base/utf8.h"

#include "base/test.h"

static void tells_good_from_bad(void **state)
{
	static const struct {
		const char *label;
		struct str in;
		const char *clean;
		bool valid;
	} t[] = {
		{ "empty", STR_INIT(""), "", true },
		{ "ascii", STR_INIT("abc"), "abc", true },
		{ "two", STR_INIT("\xc3\xa6"), "\xc3\xa6", true },
		{ "three", STR_INIT("\xe2\x82\xac"), "\xe2\x82\xac", true },
		{ "four", STR_INIT("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80",
		  true },
		{ "last", STR_INIT("\xf4\x8f\xbf\xbf"), "\xf4\x8f\xbf\xbf",
		  true },
		{ "over", STR_INIT("\xf4\x90\x80\x80"),
		  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", false },
		{ "long slash", STR_INIT("\xc0\xaf"),
		  "\xef\xbf\xbd\xef\xbf\xbd", false },
		{ "long three", STR_INIT("\xe0\x80\xaf"),
		  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", false },
		{ "surrogate", STR_INIT("\xed\xa0\x80"),
		  "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", false },
		{ "cut", STR_INIT("a\xe2\x82"), "a\xef\xbf\xbd", false },
		{ "cut inside", STR_INIT("\xf0\x9f\x98z"), "\xef\xbf\xbdz",
		  false },
		{ "lone tail", STR_INIT("\x80y"), "\xef\xbf\xbdy", false },
		{ "latin1",
		  STR_INIT("K\xf8"
		           "benhavn"),
		  "K\xef\xbf\xbd"
		  "benhavn",
		  false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		struct buf b;

		buf_init(&b, 100);
		utf8_add_clean(&b, t[i].in);
		if (utf8_is_valid(t[i].in) != t[i].valid)
			fail_msg("%s: valid is wrong", t[i].label);
		if (!str_eq(buf_str(&b), str_z(t[i].clean)))
			fail_msg("%s: got \"%s\"", t[i].label, buf_z(&b));
		assert_true(utf8_is_valid(buf_str(&b)));
		buf_deinit(&b);
	}
}

static void every_character_comes_back(void **state)
{
	(void)state;
	for (uint32_t c = 0; c < 0x110010; c++) {
		char p[4];
		size_t n = utf8_encode(c, p);
		struct str s = { p, n };
		uint32_t got = 0;

		if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) {
			assert_int_equal(n, 0);
			continue;
		}
		assert_int_equal(utf8_next(&s, &got), UTF8_CHAR);
		assert_int_equal(got, c);
		assert_int_equal(s.n, 0);
	}
}

static void head_cuts_no_character(void **state)
{
	struct str s = STR("a\xc3\xa6\xe2\x82\xac\xf0\x9f\x98\x80z");
	static const size_t want[] = {
		0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11
	};

	(void)state;
	for (size_t n = 0; n < sizeof(want) / sizeof(*want); n++)
		assert_int_equal(utf8_head(s, n).n, want[n]);
	assert_int_equal(utf8_head(STR("\x80\x80\x80\x80\x80"), 4).n, 4);
}

static void counts(void **state)
{
	(void)state;
	assert_int_equal(utf8_count(STR("a\xc3\xa6\xe2\x82")), 3);
	assert_true(utf8_is_ascii(STR("abc\x7f")));
	assert_false(utf8_is_ascii(STR("\x80")));
}

int main(void)
{
	const struct CMUnitTest list[] = {
		cmocka_unit_test(tells_good_from_bad),
		cmocka_unit_test(every_character_comes_back),
		cmocka_unit_test(head_cuts_no_character),
		cmocka_unit_test(counts),
	};

	return cmocka_run_group_tests(list, NULL, NULL);
}
