/* Any bytes, cut anywhere: the same events as in one piece, within limits. */
#include <assert.h>

#include "wire/managesieve/reader.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct managesieve_limits limits = {
	.text_max = 200,
	.literal_max = 10,
	.skip_max = 100,
};

static uint64_t mix(uint64_t h, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		h = (h ^ (unsigned char)s.p[i]) * UINT64_C(1099511628211);
	return h;
}

static uint64_t mix_command(uint64_t h, const struct managesieve_reader *r)
{
	struct managesieve_command c;

	managesieve_reader_get(r, &c);
	h = mix(h, c.name);
	assert(c.n <= MANAGESIEVE_ARGS_MAX);
	for (size_t i = 0; i < c.n; i++) {
		h = mix(h, c.args[i].text);
		assert(c.args[i].text.n <= limits.text_max);
	}
	return h;
}

/* Data pieces are joined; all else is told with its kind. */
static uint64_t feed(struct managesieve_reader *r, struct str in, uint64_t h,
                     bool *lost)
{
	while (!*lost) {
		size_t used;
		enum managesieve_read what =
			managesieve_reader_feed(r, in, &used);
		char kind = (char)('0' + what);

		assert(used <= in.n);
		in = str_from(in, used);
		if (what == MANAGESIEVE_MORE) {
			assert(in.n == 0);
			return h;
		}
		if (what == MANAGESIEVE_DATA) {
			h = mix(h, r->data);
			continue;
		}
		h = mix_command(mix(h, (struct str){ &kind, 1 }), r);
		*lost = what == MANAGESIEVE_LOST;
		if (what == MANAGESIEVE_LITERAL && r->size < 50)
			managesieve_reader_stream(r);
		else if (what == MANAGESIEVE_LITERAL)
			managesieve_reader_refuse(r);
		else
			managesieve_reader_next(r);
	}
	return h;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct managesieve_reader whole, cut;
	bool lost_whole = false, lost_cut = false;
	uint64_t a, b = 0;
	struct str in;
	size_t step;

	if (size < 1)
		return 0;
	step = data[0] % 16 + 1;
	in = (struct str){ (const char *)data + 1, size - 1 };
	managesieve_reader_init(&whole, &limits);
	managesieve_reader_init(&cut, &limits);
	a = feed(&whole, in, 0, &lost_whole);
	while (in.n > 0 && !lost_cut) {
		size_t n = in.n < step ? in.n : step;

		b = feed(&cut, str_to(in, n), b, &lost_cut);
		in = str_from(in, n);
	}
	assert(a == b && lost_whole == lost_cut);
	managesieve_reader_deinit(&whole);
	managesieve_reader_deinit(&cut);
	return 0;
}
