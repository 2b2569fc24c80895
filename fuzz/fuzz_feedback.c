/* Any message: a report within its bounds, or an error that says which. */
#include "verify/feedback.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	struct err err = ERR_INIT;
	struct feedback f;
	struct arena a;

	arena_init(&a);
	(void)feedback_is_likely(in);
	if (feedback_read(in, &a, &f, &err) < 0) {
		assert(err.kind == ERR_INVALID || err.kind == ERR_TOO_BIG ||
		       err.kind == ERR_CORRUPT);
	} else if (f.is_failure) {
		assert(f.failure.domain.n > 0);
	} else {
		assert(f.report.domain.n > 0 && f.n <= DMARC_REPORT_ROWS_MAX);
		for (size_t i = 0; i < f.n; i++)
			assert(f.rows[i].source_ip.n && f.rows[i].count);
	}
	arena_deinit(&a);
	return 0;
}
