#include "relay/dane.h"

#include "base/test.h"

static void rules(void **state)
{
	static const struct {
		const char *label;
		struct relay_dane_facts f;
		enum relay_dane want;
	} rows[] = {
		{ "all is well",
		  { true, true, false, true, 2, 1 },
		  RELAY_DANE_VERIFY },
		{ "records that nobody can use",
		  { true, true, false, true, 1, 0 },
		  RELAY_DANE_ENCRYPT },
		{ "no records",
		  { true, true, false, true, 0, 0 },
		  RELAY_DANE_NONE },
		{ "records without signatures",
		  { true, true, false, false, 2, 2 },
		  RELAY_DANE_NONE },
		{ "MX without signatures",
		  { false, true, false, true, 2, 2 },
		  RELAY_DANE_NONE },
		{ "address without signatures",
		  { true, false, false, true, 2, 2 },
		  RELAY_DANE_NONE },
		{ "no answer",
		  { true, true, true, false, 0, 0 },
		  RELAY_DANE_UNKNOWN },
		{ "no answer, but no signatures either",
		  { true, false, true, false, 0, 0 },
		  RELAY_DANE_NONE },
	};

	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(relay_dane_decide(&rows[i].f), rows[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
