#include "relay/sts.h"

#include "base/test.h"
#include "os/clock.h"

#define HOUR US_PER_HOUR

static void when_to_fetch(void **state)
{
	static const struct {
		const char *label;
		struct relay_sts_facts f;
		bool want;
	} rows[] = {
		{ "nothing anywhere", { .tried_ago_us = -1 }, false },
		{ "a record, nothing kept",
		  { .recorded = true, .tried_ago_us = -1 },
		  true },
		{ "it failed just now",
		  { .recorded = true, .tried_ago_us = US_PER_MIN },
		  false },
		{ "it failed a while ago",
		  { .recorded = true, .tried_ago_us = RELAY_STS_RETRY_US },
		  true },
		{ "kept and the same",
		  { .recorded = true,
		    .kept = true,
		    .same = true,
		    .age_us = HOUR,
		    .max_age_us = 168 * HOUR,
		    .tried_ago_us = -1 },
		  false },
		{ "kept, another id",
		  { .recorded = true,
		    .kept = true,
		    .age_us = HOUR,
		    .max_age_us = 168 * HOUR,
		    .tried_ago_us = -1 },
		  true },
		{ "kept, another id, the fetch failed just now",
		  { .recorded = true,
		    .kept = true,
		    .age_us = HOUR,
		    .max_age_us = 168 * HOUR,
		    .tried_ago_us = US_PER_MIN },
		  false },
		{ "a day old",
		  { .recorded = true,
		    .kept = true,
		    .same = true,
		    .age_us = 24 * HOUR,
		    .max_age_us = 168 * HOUR,
		    .tried_ago_us = -1 },
		  true },
		{ "half of a short life",
		  { .recorded = true,
		    .kept = true,
		    .same = true,
		    .age_us = HOUR,
		    .max_age_us = 2 * HOUR,
		    .tried_ago_us = -1 },
		  true },
		{ "kept, the record is gone",
		  { .kept = true,
		    .age_us = 100 * HOUR,
		    .max_age_us = 168 * HOUR,
		    .tried_ago_us = -1 },
		  false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(relay_sts_must_fetch(&rows[i].f) ==
		                                    rows[i].want
		                            ? rows[i].label
		                            : "",
		                    rows[i].label);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(when_to_fetch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
