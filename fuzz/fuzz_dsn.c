/* Any delivery status: read within its limits; what was read, written and
 * read again, names the same recipients. */
#include "wire/dsn/dsn.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	struct dsn_limits limits = { .bytes_max = 65536, .rcpts_max = 20 };
	struct dsn_report one, two;
	struct arena a;
	struct buf b;

	arena_init(&a);
	buf_init(&b, 1 << 20);
	if (dsn_read(&a, in, &limits, &one)) {
		assert(one.rcpts_n > 0 && one.rcpts_n <= limits.rcpts_max);
		dsn_message_write(&b, &one.message, false);
		for (size_t i = 0; i < one.rcpts_n; i++) {
			assert(dsn_status_is_valid(one.rcpts[i].status));
			assert(one.rcpts[i].final.n > 0);
			dsn_rcpt_write(&b, &one.rcpts[i], false);
		}
		if (!buf_overflow(&b) &&
		    dsn_read(&a, buf_str(&b), NULL, &two)) {
			assert(two.rcpts_n <= one.rcpts_n);
			for (size_t i = 0; i < two.rcpts_n; i++)
				assert(dsn_status_is_valid(
					two.rcpts[i].status));
		}
	}
	buf_deinit(&b);
	arena_deinit(&a);
	return 0;
}
