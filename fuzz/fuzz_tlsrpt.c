/* Any text as record: URIs within the limits and the text, and an address
 * that goes into a header field breaks nothing; and as what a report says:
 * JSON, whatever it holds. */
#include <assert.h>

#include "wire/json/read.h"
#include "wire/tlsrpt/record.h"
#include "wire/tlsrpt/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_record(struct str in)
{
	struct tlsrpt_record r;
	struct buf b;

	if (!tlsrpt_record_parse(in, &r))
		return;
	assert(tlsrpt_record_is(in));
	assert(r.n <= TLSRPT_URIS_MAX);
	for (size_t i = 0; i < r.n; i++) {
		struct str t = r.rua[i].text;

		assert(t.n > 0 && t.n <= TLSRPT_URI_MAX);
		assert(t.p >= in.p && t.p + t.n <= in.p + in.n);
		buf_init(&b, TLSRPT_URI_MAX);
		if (r.rua[i].kind == TLSRPT_MAILTO &&
		    tlsrpt_address_write(t, &b))
			for (size_t k = 0; k < b.n; k++)
				assert((unsigned char)b.p[k] > ' ' &&
				       b.p[k] != 127);
		buf_deinit(&b);
	}
}

static void check_report(struct str in)
{
	struct tlsrpt_failure f = { .result = in, .reason = in, .n = 1 };
	struct tlsrpt_policy p = { .type = STR("sts"),
		                   .strings = in,
		                   .domain = STR("x.example"),
		                   .mx = in,
		                   .failures = &f,
		                   .n = 1 };
	struct tlsrpt_report r = { .id = in, .policies = &p, .n = 1 };
	struct json_doc *doc = NULL;
	struct err err = ERR_INIT;
	struct buf b;

	if (in.n > 4096 || str_chr(in, '\0') != STR_NPOS)
		return; /* no reader takes a NUL */
	buf_init(&b, 400000);
	tlsrpt_report_write(&b, &r);
	assert(!buf_overflow(&b));
	assert(json_parse(&doc, buf_str(&b), NULL, &err) == 0);
	json_free(&doc);
	buf_deinit(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };

	check_record(in);
	check_report(in);
	return 0;
}
