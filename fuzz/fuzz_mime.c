/* Any bytes as a message: ranges inside the input, children inside parents,
 * line counts right, and the kept form reads back to the same bytes. */
#include <assert.h>

#include "wire/mime/structure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t line_ends(struct str s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '\n';
	return n;
}

static void check_part(const struct mime_part *p, struct str in)
{
	const struct mime_part *up = p->parent;

	assert(p->header_at <= p->body_at && p->body_at <= p->end);
	assert(p->end <= (up ? up->end : in.n));
	assert(!up || p->header_at >= up->body_at);
	assert(!p->next || p->next->header_at >= p->end);
	assert((p->kind == MIME_SINGLE) == (p->children == 0));
	assert(p->header_lines == line_ends(mime_part_header(p, in)));
	assert(p->body_lines == line_ends(mime_part_body(p, in)));
	assert(p->type.n && p->subtype.n);
}

static void structure(struct arena *a, struct str in)
{
	struct mime_structure st, again;
	struct err err = ERR_INIT;
	struct buf b, c;

	mime_structure_make(a, in, NULL, &st);
	assert(st.root->end == in.n && st.root->header_at == 0);
	for (const struct mime_part *p = st.root; p; p = mime_part_next(p))
		check_part(p, in);
	buf_init(&b, 1 << 26);
	buf_init(&c, 1 << 26);
	mime_structure_write(&b, &st);
	assert(mime_structure_parse(a, buf_str(&b), &again, &err) == 0);
	mime_structure_write(&c, &again);
	assert(str_eq(buf_str(&b), buf_str(&c)));
	buf_deinit(&b);
	buf_deinit(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a;

	arena_init(&a);
	structure(&a, (struct str){ (const char *)data, size });
	arena_deinit(&a);
	return 0;
}
