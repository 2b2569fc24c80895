/* wire/smtp/data.h: in whatever pieces the bytes come, the message, its end
 * and the verdict on bare CR and LF are the same. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "wire/smtp/data.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct result {
	struct buf got;
	struct str rest;
	bool end, bare;
};

static void run(struct str in, size_t piece_max, struct result *out)
{
	struct smtp_data d = SMTP_DATA_INIT;

	buf_init(&out->got, in.n + 16);
	out->end = false;
	while (in.n && !out->end) {
		size_t n = in.n < piece_max ? in.n : piece_max;
		struct str part = str_to(in, n), piece;
		enum smtp_data_result r;

		while ((r = smtp_data_next(&d, &part, &piece)) ==
		       SMTP_DATA_PIECE) {
			assert(piece.n > 0);
			buf_add(&out->got, piece);
		}
		out->end = r == SMTP_DATA_END;
		assert(out->end || part.n == 0);
		in = str_from(in, n - part.n);
	}
	out->rest = in;
	out->bare = d.bare;
}

/* The rule said plainly: the data ends at the first CRLF "." CRLF. */
static size_t end_of(struct str in)
{
	size_t at;

	if (str_starts(in, STR(".\r\n")))
		return 3;
	at = str_find(in, STR("\r\n.\r\n"));
	return at == STR_NPOS ? STR_NPOS : at + 5;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	struct result whole, bytes;
	size_t end = end_of(in);

	if (size == 0)
		return 0;
	run(in, size, &whole);
	run(in, 1, &bytes);
	assert(whole.end == bytes.end && whole.bare == bytes.bare);
	assert(str_eq(buf_str(&whole.got), buf_str(&bytes.got)));
	assert(whole.rest.p == bytes.rest.p);
	assert(whole.end == (end != STR_NPOS));
	if (whole.end)
		assert(whole.rest.p == in.p + end);
	buf_deinit(&whole.got);
	buf_deinit(&bytes.got);
	return 0;
}
