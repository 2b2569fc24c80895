/* One pass over the body for all the forms that signatures want of it. */
#include "crypto/hash.h"
#include "verify/dkim.h"

/* Each signature may want its own. */
#define BODIES_MAX (2 * VERIFY_DKIM_MAX)
/* A piece stays in the processor's cache while each form reads it. */
#define PIECE ((size_t)64 * 1024)

struct form {
	enum dkim_canon canon;
	uint64_t limit, length;
	struct hash_state *hash;
	unsigned char digest[32];
	struct dkim_body canonical;
};

struct dkim_bodies {
	struct arena *arena;
	struct form *v[BODIES_MAX];
	size_t n;
};

struct dkim_bodies *dkim_bodies_new(struct arena *a)
{
	struct dkim_bodies *b = arena_zalloc(a, sizeof(*b));

	b->arena = a;
	return b;
}

size_t dkim_bodies_add(struct dkim_bodies *b, enum dkim_canon canon,
                       uint64_t limit)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->v[i]->canon == canon && b->v[i]->limit == limit)
			return i;
	if (b->n == BODIES_MAX)
		err_die("more bodies than signatures");
	b->v[b->n] = arena_zalloc(b->arena, sizeof(*b->v[0]));
	b->v[b->n]->canon = canon;
	b->v[b->n]->limit = limit;
	return b->n++;
}

/* The limit is kept here, so that the length is known beyond it. */
static void take(void *ctx, struct str bytes)
{
	struct form *f = ctx;
	uint64_t left = f->length < f->limit ? f->limit - f->length : 0;

	f->length += bytes.n;
	hash_add(f->hash, bytes.n > left ? str_to(bytes, (size_t)left) : bytes);
}

void dkim_bodies_run(struct dkim_bodies *b, struct str body)
{
	for (size_t i = 0; i < b->n; i++) {
		struct form *f = b->v[i];

		f->hash = hash_begin(HASH_SHA256);
		dkim_body_init(&f->canonical, f->canon, UINT64_MAX, take, f);
	}
	while (body.n > 0) {
		size_t n = body.n < PIECE ? body.n : PIECE;

		for (size_t i = 0; i < b->n; i++)
			dkim_body_add(&b->v[i]->canonical, str_to(body, n));
		body = str_from(body, n);
	}
	for (size_t i = 0; i < b->n; i++) {
		dkim_body_end(&b->v[i]->canonical);
		hash_end(&b->v[i]->hash, b->v[i]->digest);
	}
}

const unsigned char *dkim_bodies_get(const struct dkim_bodies *b, size_t i,
                                     uint64_t *length_out)
{
	*length_out = b->v[i]->length;
	return b->v[i]->digest;
}
