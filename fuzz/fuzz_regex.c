/* Any expression, up to a NUL, on any text behind it: it ends within its
 * budget, and what it takes lies in the text. */
#include <assert.h>

#include "sieve/regex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str all = { (const char *)data, size }, text = STR("");
	size_t nul = str_chr(all, '\0');
	const struct sieve_regex *re;
	const char *why = NULL;
	struct sieve_captures c;
	uint64_t budget = 100000;
	struct arena a;
	int rc;

	if (nul != STR_NPOS) {
		text = str_from(all, nul + 1);
		all = str_to(all, nul);
	}
	arena_init(&a);
	re = sieve_regex_compile(&a, all, size % 2 == 0, &why);
	if (re) {
		rc = sieve_regex_match(re, text, &budget, &c);
		assert(rc >= 0 || budget == 0);
		for (size_t i = 0; rc > 0 && i < c.n; i++)
			assert(c.v[i].n == 0 ||
			       (c.v[i].p >= text.p &&
			        c.v[i].p + c.v[i].n <= text.p + text.n));
	} else {
		assert(why);
	}
	arena_deinit(&a);
	return 0;
}
