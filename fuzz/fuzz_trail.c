/* Facts of the trail: views inside the input, and what was read packs and
 * reads back the same; every kind has a sentence of it. */
#include <assert.h>

#include "trail/private.h"
#include "trail/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_view(struct str s, struct str in)
{
	assert(s.n == 0 || (s.p >= in.p && s.p + s.n <= in.p + in.n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	struct trail_event e = { .at_us = 1 }, again = e;
	struct buf b, c;

	if (size)
		e.kind = (enum trail_kind)(data[0] & 127);
	(void)trail_unpack(in, &e);
	check_view(e.sender, in);
	check_view(e.rcpt, in);
	check_view(e.text, in);
	check_view(e.reply, in);
	buf_init(&b, TRAIL_FACTS_MAX);
	buf_init(&c, TRAIL_FACTS_MAX * 4);
	trail_sentence(&c, &e);
	buf_reset(&c);
	trail_pack(&b, &e);
	assert(!buf_overflow(&b));
	assert(trail_unpack(buf_str(&b), &again));
	trail_pack(&c, &again);
	assert(str_eq(buf_str(&b), buf_str(&c)));
	buf_deinit(&b);
	buf_deinit(&c);
	return 0;
}
