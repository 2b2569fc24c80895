/* Any text as record and as policy: within the limits, views in the text,
 * and a pattern without a star matches itself. */
#include "wire/mtasts/policy.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_view(struct str v, struct str in)
{
	assert(v.n > 0 && v.p >= in.p && v.p + v.n <= in.p + in.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mtasts_policy p;
	struct str in = { (const char *)data, size }, id;
	const char *why = NULL;

	if (mtasts_record_parse(in, &id)) {
		assert(mtasts_record_is(in));
		assert(id.n <= MTASTS_ID_MAX);
		check_view(id, in);
	}
	if (!mtasts_policy_parse(in, &p, &why)) {
		assert(why);
		return 0;
	}
	assert(p.mode == MTASTS_NONE || p.mx_n > 0);
	assert(p.max_age_s <= MTASTS_MAX_AGE_MAX);
	for (size_t i = 0; i < p.mx_n; i++) {
		check_view(p.mx[i], in);
		assert(p.mx[i].p[0] == '*' || mtasts_policy_has(&p, p.mx[i]));
	}
	return 0;
}
