/* Any bytes as winmail.dat and as packed RTF: what is found lies inside, and
 * what is written is one entity within its limit. */
#include "wire/tnef/mime.h"
#include "wire/tnef/rtf.h"
#include "wire/tnef/tnef.h"

#include <assert.h>

#define OUT_MAX ((size_t)1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(struct str in, struct str part)
{
	assert(part.n == 0 ||
	       (part.p >= in.p && part.n <= in.n - (size_t)(part.p - in.p)));
}

static void as_stream(struct str in)
{
	struct arena a;
	struct tnef t;
	struct buf b;

	arena_init(&a);
	if (tnef_parse(&a, in, &t)) {
		assert(t.attachments_n <= TNEF_ATTACHMENTS_MAX);
		check_inside(in, t.rtf);
		for (size_t i = 0; i < t.attachments_n; i++) {
			check_inside(in, t.attachments[i].data);
			assert(!t.attachments[i].message ||
			       tnef_is(t.attachments[i].data));
		}
	}
	arena_deinit(&a);
	buf_init(&b, OUT_MAX);
	if (tnef_write_mime(&b, in)) {
		assert(tnef_is(in) && b.n > 0 && b.n <= OUT_MAX);
		assert(str_ends(buf_str(&b), STR("--\r\n")));
	}
	buf_deinit(&b);
}

static void as_rtf(struct str in)
{
	uint32_t codepage = 0;
	struct buf rtf, html;

	buf_init(&rtf, OUT_MAX);
	buf_init(&html, OUT_MAX);
	(void)!rtf_unpack(&rtf, in);
	rtf_to_html(&html, buf_str(&rtf), &codepage);
	assert(rtf.n <= OUT_MAX && html.n <= OUT_MAX && codepage > 0);
	buf_reset(&html);
	rtf_to_html(&html, in, &codepage);
	buf_deinit(&html);
	buf_deinit(&rtf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };

	as_stream(in);
	as_rtf(in);
	return 0;
}
