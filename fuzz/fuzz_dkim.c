/* Any field or key record: parsed or refused; what a body gives in two pieces
 * is what it gives in one. */
#include "wire/dkim/signature.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void add(void *ctx, struct str s)
{
	buf_add(ctx, s);
}

static void body(struct str all, size_t cut, enum dkim_canon canon,
                 struct buf *out)
{
	struct dkim_body b;

	dkim_body_init(&b, canon, UINT64_MAX, add, out);
	dkim_body_add(&b, str_to(all, cut));
	dkim_body_add(&b, str_from(all, cut));
	dkim_body_end(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	struct dkim_signature s;
	struct err err = ERR_INIT;
	struct buf one, two;
	struct dkim_key k;
	struct arena a;

	arena_init(&a);
	buf_init(&one, size * 2 + 16);
	buf_init(&two, size * 2 + 16);
	if (dkim_signature_parse(in, &a, &s, &err) == 0) {
		assert(s.n_headers > 0 && s.n_headers <= DKIM_HEADERS_MAX);
		dkim_signed_headers(in, s.headers, s.n_headers, s.header_canon,
		                    &one);
	}
	err_drop(dkim_key_parse(in, &a, &k, &err)); /* either is fine */
	for (int canon = DKIM_SIMPLE; canon <= DKIM_RELAXED; canon++) {
		buf_reset(&one);
		buf_reset(&two);
		body(in, 0, (enum dkim_canon)canon, &one);
		body(in, size / 2, (enum dkim_canon)canon, &two);
		assert(!buf_overflow(&one));
		assert(str_eq(buf_str(&one), buf_str(&two)));
	}
	buf_reset(&one);
	dkim_without_b(in, &one);
	buf_deinit(&one);
	buf_deinit(&two);
	arena_deinit(&a);
	return 0;
}
