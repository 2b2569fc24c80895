/* A size of one byte, then the field: what is found lies in the body, is
 * written, and reads back as a request for the same. */
#include <assert.h>

#include "wire/http/range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void again(const struct http_range *r, uint64_t size)
{
	struct http_range other;
	struct buf b;

	buf_init(&b, 100);
	buf_fmt(&b, "bytes=%llu-%llu", (unsigned long long)r->first,
	        (unsigned long long)r->last);
	assert(http_range_parse(buf_str(&b), size, &other) == HTTP_RANGE_PART);
	assert(other.first == r->first && other.last == r->last);
	buf_reset(&b);
	http_range_write(&b, r, size);
	assert(str_starts(buf_str(&b), STR("bytes ")));
	buf_deinit(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_range r;
	struct str field;
	uint64_t of;

	if (size == 0)
		return 0;
	of = data[0];
	field = (struct str){ (const char *)data + 1, size - 1 };
	if (http_range_parse(field, of, &r) == HTTP_RANGE_PART) {
		assert(r.first <= r.last && r.last < of);
		again(&r, of);
	}
	return 0;
}
