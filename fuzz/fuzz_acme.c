/* Any answer of an ACME server: read, within its limits. */
#include "wire/acme/acme.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	struct acme_authorization a;
	struct acme_directory d;
	struct acme_problem p;
	struct acme_window w;
	struct acme_order o;
	struct json_doc *doc;
	struct err err = ERR_INIT;

	if (json_parse(&doc, in, &acme_limits, &err) < 0)
		return 0;
	if (acme_directory_read(json_root(doc), &d))
		assert(d.new_order.n);
	acme_problem_read(json_root(doc), &p);
	acme_order_read(json_root(doc), &o);
	assert(o.n <= ACME_NAMES_MAX);
	acme_authorization_read(json_root(doc), &a);
	assert(a.n <= ACME_CHALLENGES_MAX);
	for (size_t i = 0; i < a.n; i++)
		assert(str_chr(a.challenges[i].token, '/') == STR_NPOS);
	if (acme_window_read(json_root(doc), &w))
		assert(w.from_s < w.until_s);
	json_free(&doc);
	return 0;
}
