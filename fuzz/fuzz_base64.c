/* Any text: what is taken is written back as the same text. */
#include "base/base64.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef bool decoder(struct buf *b, struct str text);
typedef void encoder(struct buf *b, struct str bytes);

static void there_and_back(struct str text, decoder *decode, encoder *encode)
{
	struct buf bytes, again;

	buf_init(&bytes, text.n);
	buf_init(&again, text.n * 2 + 8);
	if (decode(&bytes, text)) {
		encode(&again, buf_str(&bytes));
		assert(str_eq(buf_str(&again), text));
	} else {
		assert(bytes.n == 0);
	}
	buf_deinit(&bytes);
	buf_deinit(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };

	there_and_back(text, base64_decode, base64_encode);
	there_and_back(text, base64_decode_url, base64_encode_url);
	return 0;
}
