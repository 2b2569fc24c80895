/* Any bytes: leaves within their limits, or an error; and what is escaped
 * reads back. */
#include "wire/xml/read.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool leaf(void *arg, struct str name, struct str text)
{
	size_t *n = arg;

	assert(name.n > 0);
	assert(text.n <= XML_TEXT_MAX);
	return ++*n < 1000;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	struct err err = ERR_INIT;
	struct buf b;
	size_t n = 0;

	if (xml_each_leaf(in, leaf, &n, &err) < 0)
		assert(err.kind == ERR_INVALID || err.kind == ERR_TOO_BIG);
	buf_init(&b, XML_BYTES_MAX * 8);
	xml_add(&b, in);
	assert(buf_overflow(&b) || str_chr(buf_str(&b), '<') == STR_NPOS);
	buf_deinit(&b);
	return 0;
}
