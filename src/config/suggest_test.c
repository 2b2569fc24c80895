#include "config/suggest.h"

#include "base/test.h"

static void counts_steps(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned want;
	} rows[] = {
		{ "", "", 0 },
		{ "", "abc", 3 },
		{ "domain", "domain", 0 },
		{ "domian", "domain", 1 },
		{ "Domain", "dOMAIN", 0 },
		{ "acount", "account", 1 },
		{ "accounts", "account", 1 },
		{ "abc", "xyz", 3 },
		{ "ca", "abc", 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(suggest_distance(str_z(rows[i].a),
		                                  str_z(rows[i].b)),
		                 rows[i].want);
		assert_int_equal(suggest_distance(str_z(rows[i].b),
		                                  str_z(rows[i].a)),
		                 rows[i].want);
	}
}

static void takes_the_nearest_or_none(void **state)
{
	static const struct {
		const char *word, *want;
	} rows[] = {
		{ "acount", "account" }, { "alais", "alias" }, { "quit", NULL },
		{ "zzzzzz", NULL },      { "x", NULL },        { "", NULL },
	};

	static const char *const names[] = { "account", "alias", "catchall",
		                             "queue" };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct suggest s = suggest(str_z(rows[i].word));

		for (size_t j = 0; j < 4; j++)
			suggest_try(&s, names[j]);
		if (!rows[i].want)
			assert_null(s.best);
		else
			assert_string_equal(s.best, rows[i].want);
	}
}

static void long_words_are_no_trouble(void **state)
{
	char word[5000];
	struct suggest s;

	(void)state;
	for (size_t i = 0; i < sizeof(word); i++)
		word[i] = 'a';
	s = suggest((struct str){ word, sizeof(word) });
	suggest_try(&s, "account");
	assert_int_equal(suggest_distance((struct str){ word, 64 },
	                                  (struct str){ word, 64 }),
	                 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_steps),
		cmocka_unit_test(takes_the_nearest_or_none),
		cmocka_unit_test(long_words_are_no_trouble),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
