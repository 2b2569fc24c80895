/* Any bytes as a kept structure: refused, or sane and written to the same
 * tree again. */
#include <assert.h>

#include "wire/mime/structure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	struct mime_structure st, again;
	struct err err = ERR_INIT;
	struct arena a;
	struct buf b;

	arena_init(&a);
	buf_init(&b, 1 << 26);
	if (mime_structure_parse(&a, in, &st, &err) == 0) {
		for (const struct mime_part *p = st.root; p;
		     p = mime_part_next(p)) {
			assert(p->header_at <= p->body_at);
			assert(p->body_at <= p->end);
			assert(p->end <=
			       (p->parent ? p->parent->end : st.size));
			assert(!p->parent ||
			       p->header_at >= p->parent->body_at);
		}
		mime_structure_write(&b, &st);
		assert(mime_structure_parse(&a, buf_str(&b), &again, &err) ==
		       0);
	} else {
		assert(err.kind == ERR_CORRUPT);
	}
	buf_deinit(&b);
	arena_deinit(&a);
	return 0;
}
