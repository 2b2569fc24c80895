/* wire/smtp/answer.h: whatever a server says, in whatever pieces, reads the
 * same; what is kept is within limits and fit for a log. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "wire/smtp/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum smtp_answer_result run(struct smtp_answer *a, struct str *in,
                                   size_t piece_max)
{
	enum smtp_answer_result r = SMTP_ANSWER_MORE;

	while (in->n && r == SMTP_ANSWER_MORE) {
		size_t n = in->n < piece_max ? in->n : piece_max;
		struct str piece = str_to(*in, n);

		r = smtp_answer_feed(a, &piece);
		assert(r != SMTP_ANSWER_MORE || piece.n == 0);
		*in = str_from(*in, n - piece.n);
	}
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str one = { (const char *)data, size }, other = one;
	struct smtp_answer a, b;
	struct str text;

	smtp_answer_init(&a);
	smtp_answer_init(&b);
	for (;;) {
		enum smtp_answer_result r = run(&a, &one, SIZE_MAX);

		assert(run(&b, &other, 1) == r);
		assert(one.n == other.n);
		assert(a.text.n <= SMTP_ANSWER_TEXT_MAX);
		if (r != SMTP_ANSWER_DONE)
			break;
		text = smtp_answer_text(&a);
		assert(str_eq(text, smtp_answer_text(&b)));
		assert(strcmp(a.status, b.status) == 0);
		assert(a.code >= 200 && a.code <= 599 && a.code == b.code);
		assert(str_chr(text, '\r') == STR_NPOS);
		assert(!a.status[0] || smtp_status_is_valid(str_z(a.status)));
		smtp_answer_reset(&a);
		smtp_answer_reset(&b);
	}
	smtp_answer_deinit(&a);
	smtp_answer_deinit(&b);
	return 0;
}
