/* Any text: a tree within the limits, or an error with a place in the text. */
#include "wire/sieve/parse.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t walk(const struct sieve_node *n)
{
	size_t nodes = 0;

	for (; n; n = n->next) {
		assert(n->name.n > 0);
		nodes += 1 + n->n_args;
		for (size_t i = 0; i < n->n_tests; i++)
			nodes += walk(n->tests[i]);
		nodes += walk(n->block);
	}
	return nodes;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sieve_script s;
	struct sieve_error e;
	struct arena a;

	arena_init(&a);
	if (sieve_parse((struct str){ (const char *)data, size }, NULL, &a, &s,
	                &e)) {
		assert(walk(s.first) <= sieve_limits_default.nodes_max);
	} else {
		assert(e.text[0] && e.at.line >= 1 && e.at.column >= 1);
		assert(e.at.line <= size + 1);
	}
	arena_deinit(&a);
	return 0;
}
