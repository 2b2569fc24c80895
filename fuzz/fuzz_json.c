/* Any text: a document whose every value can be walked, or an error. */
#include "wire/json/read.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t walk(struct json v)
{
	struct json_members m = { .object = v };
	struct str name;
	struct json kid;
	size_t n = 1;
	int64_t i;

	if (json_as_i64(v, &i))
		assert(json_kind(v) == JSON_IS_NUMBER);
	if (json_as_str(v).p)
		assert(json_kind(v) == JSON_IS_STRING);
	if (json_kind(v) == JSON_IS_ARRAY)
		for (size_t k = 0; k < json_count(v); k++)
			n += walk(json_at(v, k));
	while (json_member_next(&m, &name, &kid))
		n += walk(kid);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct json_doc *doc;
	struct err err = ERR_INIT;

	if (json_parse(&doc, (struct str){ (const char *)data, size }, NULL,
	               &err) < 0) {
		assert(err.kind == ERR_INVALID || err.kind == ERR_TOO_BIG);
		return 0;
	}
	assert(walk(json_root(doc)) <= size + 1);
	json_free(&doc);
	return 0;
}
