/* A sender as it came: its key is not empty, within its limit, alike when it
 * is made again, and folding twice is folding once. */
#include "greylist/key.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str all = { (const char *)data, size };
	size_t at = str_rchr(all, '@');
	struct greylist_sender s = { .client = { .family = NET_IPV4 } };
	struct buf a, b;

	if (at == STR_NPOS)
		at = 0;
	s.local = str_to(all, at);
	s.domain = str_from(all, at < size ? at + 1 : at);
	buf_init(&a, 1 << 20);
	buf_init(&b, 1 << 20);
	for (int i = 0; i < 2; i++) {
		greylist_key(&s, &a);
		greylist_key(&s, &b);
		assert(str_eq(buf_str(&a), buf_str(&b)));
		assert(a.n > 2 && a.n <= GREYLIST_KEY_MAX);
		buf_reset(&a);
		buf_reset(&b);
		s.spf = STR("far.example");
	}
	greylist_fold(s.local, &a);
	greylist_fold(buf_str(&a), &b);
	assert(str_eq(buf_str(&a), buf_str(&b)));
	buf_deinit(&a);
	buf_deinit(&b);
	return 0;
}
