/* Any text as a table: each call goes on, and what is written is read again as
 * it was. */
#include <assert.h>

#include "wire/csv/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t size_of(const struct str *f, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += f[i].n;
	return sum;
}

static void check_again(struct arena *a, const struct str *f, size_t n)
{
	struct str again[CSV_FIELDS_MAX];
	struct err err = ERR_INIT;
	struct csv c;
	struct buf b;
	size_t got = 0;

	buf_init(&b, 4 * size_of(f, n) + 100);
	for (size_t i = 0; i < n; i++)
		csv_write(&b, f[i], i == 0);
	c = (struct csv){ .rest = buf_str(&b), .separator = ',', .next = 1 };
	/* One that is empty, or no more than a line's end, is an empty line. */
	if (csv_next(&c, a, again, &got, &err) == 1) {
		assert(got == n);
		for (size_t i = 0; i < n; i++)
			assert(str_eq(again[i], f[i]));
	} else {
		assert(n == 1);
	}
	buf_deinit(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct csv c = csv_open((struct str){ (const char *)data, size });
	struct str f[CSV_FIELDS_MAX];
	struct err err = ERR_INIT;
	size_t n = 0, before = SIZE_MAX, line = 0;
	struct arena a;
	int rc;

	arena_init(&a);
	while ((rc = csv_next(&c, &a, f, &n, &err)) != 0) {
		assert(c.rest.n < before && c.line > line);
		before = c.rest.n;
		line = c.line;
		if (rc > 0) {
			assert(n > 0 && n <= CSV_FIELDS_MAX);
			check_again(&a, f, n);
		}
		err = (struct err)ERR_INIT;
	}
	arena_deinit(&a);
	return 0;
}
