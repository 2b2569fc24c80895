/* Any JSON: a card, or a problem with a path and words. */
#include "wire/jscontact/card.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct jscontact_problem p = { .path = "", .why = NULL };
	struct err err = ERR_INIT;
	struct json_doc *doc;
	struct json uid;

	if (json_parse(&doc, (struct str){ (const char *)data, size }, NULL,
	               &err) < 0)
		return 0;
	if (jscontact_check(json_root(doc), &p)) {
		assert(json_get(json_root(doc), "uid", &uid));
		assert(json_as_str(uid).n > 0);
	} else {
		assert(p.why && memchr(p.path, 0, sizeof(p.path)));
	}
	json_free(&doc);
	return 0;
}
