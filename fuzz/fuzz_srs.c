/* Any local part: read or refused; what is written for it reads back. */
#include "wire/srs/srs.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* So weak that half of what is read passes: the rest must hold then too. */
static void mac(const void *arg, struct str text, unsigned char out[32])
{
	(void)arg;
	for (size_t i = 0; i < 32; i++)
		out[i] = (unsigned char)(text.n > 40 ? 255 : 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	struct srs_key key = { mac, NULL };
	struct srs_address r;
	struct arena a;
	struct buf out;

	arena_init(&a);
	buf_init(&out, 1024);
	if (srs_reverse(&key, in, 0, &a, &r) == SRS_OK)
		assert(srs_is(in) && r.local.n && r.domain.n);
	if (srs_forward(&key, in, STR("far.example"), 0, &out)) {
		assert(out.n <= SRS_LOCAL_MAX);
		assert(srs_reverse(&key, buf_str(&out), 0, &a, &r) == SRS_OK);
		assert(r.local.n <= in.n + 1 || !srs_is(in));
	}
	buf_deinit(&out);
	arena_deinit(&a);
	return 0;
}
