/* Any text: a record with policies of the three kinds and views in the text,
 * or none. */
#include "wire/dmarc/record.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;
	struct dmarc_record r;

	if (!dmarc_record_parse((struct str){ p, size }, &r))
		return 0;
	assert(r.p <= DMARC_REJECT && r.sp <= DMARC_REJECT &&
	       r.np <= DMARC_REJECT);
	assert(r.n_rua <= DMARC_URIS_MAX && r.n_ruf <= DMARC_URIS_MAX);
	for (size_t i = 0; i < r.n_rua; i++)
		assert(r.rua[i].p >= p && r.rua[i].p + r.rua[i].n <= p + size);
	return 0;
}
