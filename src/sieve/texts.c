/* What tests ask for again and again is made once a run: the addresses of a
 * field, the texts of the body. */
#include <string.h>

#include "base/mem.h"
#include "sieve/run.h"
#include "text/extract.h"

/* Bytes of one part's text that are looked at, and of all that are kept. */
#define TEXT_MAX ((size_t)1024 * 1024)
#define KEPT_MAX ((size_t)8 * 1024 * 1024)

const struct address_list *sieve_field_addresses(struct sieve_run_state *s,
                                                 struct sieve_field *f)
{
	if (!f->addresses) {
		f->addresses = arena_zalloc(s->a, sizeof(*f->addresses));
		address_list_parse(s->a, f->raw, NULL, f->addresses);
	}
	return f->addresses;
}

static struct sieve_text *find(struct sieve_run_state *s,
                               const struct mime_part *p, bool plain)
{
	for (struct sieve_text *t = s->texts; t; t = t->next)
		if (t->part == p && t->plain == plain)
			return t;
	return NULL;
}

static void forget(struct sieve_run_state *s)
{
	while (s->texts) {
		struct sieve_text *t = s->texts;

		s->texts = t->next;
		buf_deinit(&t->text);
		mem_free(t->folded);
		mem_free(t);
	}
	s->texts_bytes = 0;
}

void sieve_texts_free(struct sieve_run_state *s)
{
	forget(s);
}

struct sieve_text *sieve_text_of(struct sieve_run_state *s,
                                 const struct mime_part *p, bool plain)
{
	struct sieve_text *t = find(s, p, plain);
	struct sieve_view v = sieve_view(s, p);

	if (t)
		return t;
	if (s->texts_bytes > KEPT_MAX)
		forget(s);
	t = mem_zalloc(sizeof(*t));
	t->part = p;
	t->plain = plain;
	buf_init(&t->text, TEXT_MAX);
	if (!text_part(&t->text, v.message, v.part, plain)) {
		buf_reset(&t->text);
		buf_add(&t->text, mime_part_body(v.part, v.message));
	}
	s->texts_bytes += t->text.n;
	t->next = s->texts;
	s->texts = t;
	return t;
}

struct str sieve_text_folded(struct sieve_run_state *s, struct sieve_text *t)
{
	if (!t->folded) {
		t->folded = mem_alloc(t->text.n + 1);
		for (size_t i = 0; i < t->text.n; i++)
			t->folded[i] = ascii_lower(t->text.p[i]);
		s->texts_bytes += t->text.n;
	}
	return (struct str){ t->folded, t->text.n };
}
