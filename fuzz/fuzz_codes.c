/* What someone pasted: rows of the tables, each once, in the array. */
#include "policy/codes.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct code_row out[CODE_FOUND_MAX];
	size_t n = code_find((struct str){ (const char *)data, size }, out);

	assert(n <= CODE_FOUND_MAX);
	for (size_t i = 0; i < n; i++) {
		assert(out[i].id[0] && out[i].todo[0]);
		for (size_t j = 0; j < i; j++)
			assert(strcmp(out[i].id, out[j].id) != 0);
	}
	return 0;
}
