#include "policy/suspect.h"

#include "base/test.h"

#define HOUR (INT64_C(3600) * 1000000)

static void judges(void **state)
{
	static const struct suspect_limits usual = { 100, 40, 20, 50 };
	static const struct suspect_limits none = { 0, 0, 0, 0 };

	static const struct {
		const char *label;
		struct suspect_facts f;
		const struct suspect_limits *l;
		enum suspect want;
	} rows[] = {
		{ "quiet", { 0, 0, 0, 0, -1 }, &usual, SUSPECT_NOT },
		{ "at all limits",
		  { 100, 50, 40, 20, HOUR },
		  &usual,
		  SUSPECT_NOT },
		{ "strangers",
		  { 101, 101, 0, 0, -1 },
		  &usual,
		  SUSPECT_STRANGERS },
		{ "failed", { 0, 0, 41, 0, -1 }, &usual, SUSPECT_FAILED },
		{ "networks", { 0, 0, 0, 21, -1 }, &usual, SUSPECT_NETWORKS },
		{ "many known recipients",
		  { 0, 1000, 0, 0, -1 },
		  &usual,
		  SUSPECT_NOT },
		{ "a fresh forward",
		  { 0, 51, 0, 0, 0 },
		  &usual,
		  SUSPECT_FORWARD },
		{ "nearly a day old",
		  { 0, 51, 0, 0, 24 * HOUR - 1 },
		  &usual,
		  SUSPECT_FORWARD },
		{ "an old forward",
		  { 0, 51, 0, 0, 24 * HOUR },
		  &usual,
		  SUSPECT_NOT },
		{ "no limits", { 999, 999, 999, 999, 0 }, &none, SUSPECT_NOT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (suspect_judge(&rows[i].f, rows[i].l) != rows[i].want)
			fail_msg("%s", rows[i].label);
}

static void has_words(void **state)
{
	(void)state;
	for (int i = SUSPECT_STRANGERS; i <= SUSPECT_FORWARD; i++)
		assert_true(suspect_words((enum suspect)i)[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judges),
		cmocka_unit_test(has_words),
	};

	return cmocka_run_group_tests_name("policy-suspect", tests, NULL, NULL);
}
