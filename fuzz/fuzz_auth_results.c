/* Any field value: its name is inside it or shorter; any value that is
 * written stays on its line and reads back. */
#include "wire/dkim/results.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size }, id;
	struct arena a;
	struct buf b;

	arena_init(&a);
	buf_init(&b, size * 2 + 16);
	if (auth_results_id(in, &a, &id))
		assert(id.n <= in.n);
	auth_results_value(&b, in);
	assert(!buf_overflow(&b) && b.n > 0);
	assert(!memchr(b.p, '\r', b.n) && !memchr(b.p, '\n', b.n));
	/* As an id it would be read whole, or up to what ends a token. */
	if (b.p[0] != '"')
		assert(str_eq(buf_str(&b), in));
	else
		assert(auth_results_id(buf_str(&b), &a, &id));
	buf_deinit(&b);
	arena_deinit(&a);
	return 0;
}
