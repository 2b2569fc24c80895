/* Any bytes, cut anywhere: the same events as in one piece, within limits. */
#include "wire/imap/reader.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct imap_reader_limits limits = {
	.line_max = 200,
	.literal_max = 50,
	.literals_max = 100,
	.count_max = 5,
};

static uint64_t mix(uint64_t h, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * UINT64_C(1099511628211);
	return h;
}

static void literal(struct imap_reader *r)
{
	if (str_find(imap_reader_text(r), STR("APP")) != STR_NPOS)
		imap_reader_stream(r);
	else if (!imap_reader_accept(r))
		imap_reader_refuse(r);
}

/* Data pieces are joined; all else is told with its kind. */
static uint64_t feed(struct imap_reader *r, struct str in, uint64_t h)
{
	for (;;) {
		size_t used;
		enum imap_read what = imap_reader_feed(r, in, &used);
		char kind = (char)('0' + what);

		assert(used <= in.n);
		in = str_from(in, used);
		if (what == IMAP_READ_MORE) {
			assert(in.n == 0);
			return h;
		}
		if (what == IMAP_READ_DATA) {
			h = mix(h, r->data);
			continue;
		}
		h = mix(mix(h, (struct str){ &kind, 1 }), imap_reader_text(r));
		if (what == IMAP_READ_LITERAL)
			literal(r);
		else if (what != IMAP_READ_DATA_END)
			imap_reader_next(r);
		assert(imap_reader_text(r).n <= 330);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in;
	struct imap_reader whole, cut;
	uint64_t a, b = 0;
	size_t step;

	if (size < 1)
		return 0;
	step = data[0] % 16 + 1;
	in = (struct str){ (const char *)data + 1, size - 1 };
	imap_reader_init(&whole, &limits);
	imap_reader_init(&cut, &limits);
	a = feed(&whole, in, 0);
	while (in.n > 0) {
		size_t n = in.n < step ? in.n : step;

		b = feed(&cut, str_to(in, n), b);
		in = str_from(in, n);
	}
	assert(a == b);
	imap_reader_deinit(&whole);
	imap_reader_deinit(&cut);
	return 0;
}
