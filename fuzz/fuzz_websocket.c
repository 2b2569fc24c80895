/* Any bytes: read in two pieces they give the same as at once, and no message is
 * over its limit. */
#include "wire/http/websocket.h"

#include <assert.h>
#include <stdint.h>

#define MESSAGE_MAX 2000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A sum of all that was given; the bytes of control frames too. */
static uint64_t hear(struct str in, size_t cut)
{
	struct websocket_reader r;
	struct str parts[2] = { str_to(in, cut), str_from(in, cut) }, piece;
	uint64_t sum = 1, n = 0;

	websocket_reader_init(&r, MESSAGE_MAX);
	for (int i = 0; i < 2; i++) {
		enum websocket_result got;

		while ((got = websocket_next(&r, &parts[i], &piece)) !=
		       WEBSOCKET_MORE) {
			for (size_t k = 0; k < piece.n; k++)
				sum = sum * 31 + (unsigned char)piece.p[k];
			if (got == WEBSOCKET_BYTES)
				n += piece.n;
			else
				sum = sum * 31 + (uint64_t)got;
			assert(n <= MESSAGE_MAX);
			if (got == WEBSOCKET_CONTROL_FRAME) {
				enum websocket_code code;

				assert(piece.n <= WEBSOCKET_CONTROL_MAX);
				(void)websocket_read_close(piece, &code);
			}
			if (got == WEBSOCKET_END)
				n = 0;
			if (got == WEBSOCKET_BAD)
				return sum * 31 + (uint64_t)r.code;
		}
		assert(parts[i].n == 0);
	}
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	uint64_t whole = hear(in, 0);

	for (size_t cut = 1; cut < size; cut += 1 + size / 16)
		assert(hear(in, cut) == whole);
	return 0;
}
