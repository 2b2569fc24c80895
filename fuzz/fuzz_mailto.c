/* Any bytes as a URI: addresses and a subject of one line, or none. */
#include <assert.h>

#include "wire/message/mailto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void one_line(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		assert(s.p[i] != '\r' && s.p[i] != '\n' && s.p[i] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mailto m;
	struct arena a;

	arena_init(&a);
	if (mailto_parse(&a, (struct str){ (const char *)data, size }, &m)) {
		assert(m.to_n > 0 && m.to_n <= MAILTO_TO_MAX);
		for (size_t i = 0; i < m.to_n; i++) {
			one_line(m.to[i]);
			assert(str_chr(m.to[i], '@') != STR_NPOS);
		}
		one_line(m.subject);
		one_line(m.importance);
	}
	arena_deinit(&a);
	return 0;
}
