/* Any bytes as a date-time: what is read and has a year of four digits can be
 * written, and reads back to the second. */
#include <assert.h>

#include "wire/message/timestamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	int64_t us = 77, again;
	struct buf b;

	if (!timestamp_parse(in, &us)) {
		assert(us == 77);
		return 0;
	}
	assert(in.n >= 20);
	buf_init(&b, 64);
	timestamp_write(&b, us);
	/* A zone can lead before the year 0, or behind 9999. */
	if (b.n == 20 && ascii_is_digit(b.p[0])) {
		assert(timestamp_parse(buf_str(&b), &again));
		assert(again <= us && us - again < 1000000);
	}
	buf_deinit(&b);
	return 0;
}
