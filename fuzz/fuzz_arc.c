/* Any header: a chain that is read has whole sets, all of whose views are
 * inside the header; what its seals sign has an end. */
#include "wire/arc/chain.h"

#include <assert.h>
#include <stdint.h>

#include "wire/dkim/results.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct str s, const uint8_t *data, size_t size)
{
	assert(s.n > 0 && (const uint8_t *)s.p >= data &&
	       (const uint8_t *)s.p + s.n <= data + size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	struct auth_results_reader r;
	struct auth_result one;
	struct arc_chain c;
	struct arena a;
	struct buf b;

	arena_init(&a);
	if (arc_chain_read(in, &a, &c) == ARC_READ_CHAIN) {
		assert(c.n > 0 && c.n <= ARC_SETS_MAX);
		buf_init(&b, 2 * ARC_BYTES_MAX);
		for (size_t i = 0; i < c.n; i++) {
			inside(c.v[i].results_raw, data, size);
			inside(c.v[i].message_raw, data, size);
			inside(c.v[i].seal_raw, data, size);
			assert(c.v[i].seal.instance == i + 1);
			if (auth_results_begin(c.v[i].results, &a, &r))
				while (auth_results_next(&r, &a, &one))
					assert(one.method.n && one.result.p);
		}
		arc_seal_text(&c, c.n - 1, &b);
		assert(!buf_overflow(&b));
		buf_deinit(&b);
	}
	if (auth_results_begin(in, &a, &r))
		while (auth_results_next(&r, &a, &one))
			assert(one.n <= AUTH_RESULT_PROPERTIES);
	arena_deinit(&a);
	return 0;
}
