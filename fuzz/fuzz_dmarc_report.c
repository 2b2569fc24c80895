/* Any document: a report with bounded rows, or an error; what was read is
 * written so that it reads back. */
#include "wire/dmarc/aggregate.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct rows {
	struct buf out;
	size_t n;
};

static bool each(void *arg, const struct dmarc_report_row *row)
{
	struct rows *r = arg;

	assert(row->source_ip.n && row->count);
	assert(row->n <= DMARC_REPORT_DKIM_MAX);
	dmarc_report_row(&r->out, row);
	r->n++;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	struct rows one = { .n = 0 }, two = { .n = 0 };
	struct dmarc_report r, again;
	struct err err = ERR_INIT;
	struct arena a;
	struct buf whole;

	arena_init(&a);
	buf_init(&one.out, DMARC_REPORT_MAX);
	buf_init(&two.out, DMARC_REPORT_MAX);
	buf_init(&whole, DMARC_REPORT_MAX);
	if (dmarc_report_read(in, &a, each, &one, &r, &err) < 0) {
		assert(err.kind == ERR_INVALID || err.kind == ERR_TOO_BIG);
	} else if (!buf_overflow(&one.out)) {
		dmarc_report_begin(&whole, &r);
		buf_add(&whole, buf_str(&one.out));
		dmarc_report_end(&whole);
		if (dmarc_report_read(buf_str(&whole), &a, each, &two, &again,
		                      &err) == 0)
			assert(two.n <= one.n);
	}
	buf_deinit(&whole);
	buf_deinit(&one.out);
	buf_deinit(&two.out);
	arena_deinit(&a);
	return 0;
}
