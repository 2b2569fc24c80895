/*
 * Any bytes as what a server answers.  All views lie in the input or the
 * arena; a message that comes apart is read on with the rest of the input.
 */
#include <assert.h>

#include "wire/imap/response.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t sum;

static void touch(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		sum += (unsigned char)s.p[i];
}

static void fetched(struct imap_parser *p, struct str text, struct arena *a)
{
	struct imap_fetched f = { .got = 0 };
	bool ok = imap_parse_fetched(p, &f);

	if (ok && f.is_cut) {
		struct imap_parser rest = imap_parser(text, a);

		assert(!p->in.n);
		ok = imap_parse_fetched_rest(&rest, &f);
	}
	if (!ok)
		return;
	assert(!(f.got & IMAP_GOT_UID) || f.uid > 0);
	assert(f.flags.n_keywords <= IMAP_FLAGS_MAX);
	for (size_t i = 0; i < f.flags.n_keywords; i++)
		touch(f.flags.keywords[i]);
	touch(f.body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct imap_response r;
	struct imap_listed l;
	struct imap_parser p;
	struct arena a;
	uint32_t n;

	arena_init(&a);
	p = imap_parser(text, &a);
	if (imap_parse_response(&p, &r)) {
		touch(r.tag);
		touch(r.code);
		touch(r.text);
		assert(r.wants_more || r.name.n);
		(void)imap_code_number(r.code, STR("UIDVALIDITY"), &n);
		if (r.status == IMAP_STATUS_NONE && !r.wants_more) {
			struct imap_parser q = p;

			if (imap_parse_listed(&q, &l))
				touch(l.name);
			fetched(&p, text, &a);
		}
	}
	arena_deinit(&a);
	return 0;
}
