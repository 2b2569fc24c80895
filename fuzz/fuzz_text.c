/* Any bytes as a whole message: what is made of it is UTF-8, within limits,
 * and its search text has no byte below a blank but its marks. */
#include <assert.h>

#include "base/utf8.h"
#include "text/extract.h"
#include "text/fold.h"
#include "text/idn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_search(struct str search)
{
	enum text_section kind;
	struct str rest = search, text;

	assert(utf8_is_valid(search));
	while (text_section_next(&rest, &kind, &text))
		for (size_t i = 0; i < text.n; i++)
			assert((unsigned char)text.p[i] >= ' ');
}

static void extract(struct arena *a, struct str in)
{
	struct mime_structure st;
	struct text_extract ex;

	mime_structure_make(a, in, NULL, &st);
	text_extract(a, in, &st, NULL, &ex);
	assert(utf8_is_valid(ex.subject) && utf8_is_valid(ex.preview));
	assert(utf8_count(ex.preview) <= 256);
	assert(ex.sort_from.n <= 255 && ex.sort_subject.n <= 255);
	check_search(buf_str(&ex.search));
	text_extract_free(&ex);
}

static void domain(struct arena *a, struct str in)
{
	struct err err = ERR_INIT;
	struct str one, two;

	if (text_domain_normal(a, in, &one, &err) < 0)
		return;
	assert(one.n <= TEXT_DOMAIN_MAX && utf8_is_ascii(one));
	assert(text_domain_normal(a, one, &two, &err) == 0);
	assert(str_eq(one, two));
	assert(utf8_is_valid(text_domain_display(a, one)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	struct arena a;

	arena_init(&a);
	extract(&a, in);
	domain(&a, in);
	(void)text_fold_dup(&a, in);
	arena_deinit(&a);
	return 0;
}
