/* Any bytes: cleaned they are valid, valid ones are left as they are. */
#include "base/utf8.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s = { (const char *)data, size };
	struct buf b;

	buf_init(&b, size * 3 + 4);
	utf8_add_clean(&b, s);
	assert(!buf_overflow(&b));
	assert(utf8_is_valid(buf_str(&b)));
	assert(utf8_is_valid(s) == str_eq(buf_str(&b), s));
	assert(utf8_count(buf_str(&b)) == utf8_count(s));
	assert(utf8_head(s, size / 2).n <= size / 2);
	buf_deinit(&b);
	return 0;
}
