/* Any record: parsed or refused, and a check of it ends within the limits of
 * look-ups whatever the DNS (here: the record again for every name). */
#include "wire/spf/check.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
	struct str record;
	unsigned asked;
};

static enum spf_dns_status answer(void *ctx, struct str name,
                                  enum spf_type type, struct arena *a,
                                  struct spf_answer *out)
{
	struct world *w = ctx;

	(void)name;
	w->asked++;
	out->n = 1;
	out->rr = arena_array(a, 1, sizeof(*out->rr));
	switch (type) {
	case SPF_TYPE_TXT: out->rr[0] = w->record; break;
	case SPF_TYPE_MX:
	case SPF_TYPE_PTR: out->rr[0] = STR("mx.example.com"); break;
	case SPF_TYPE_A: out->rr[0] = STR("\1\2\3\4"); break;
	case SPF_TYPE_AAAA: out->n = 0; break;
	}
	return SPF_DNS_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world w = { .record = { (const char *)data, size } };
	struct spf_dns dns = { answer, &w };
	struct spf_query q = { .ip = { 192, 0, 2, 1 },
		               .helo = STR("helo.example.com"),
		               .local = STR("a"),
		               .domain = STR("example.com") };
	struct spf_outcome o;
	struct arena a;

	if (size > 4096)
		return 0;
	arena_init(&a);
	spf_check(&q, &dns, &a, &o);
	assert(o.lookups <= SPF_LOOKUPS_MAX + 1);
	assert(w.asked <= 400);
	arena_deinit(&a);
	return 0;
}
