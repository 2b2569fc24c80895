#include "base/base32.h"

void base32_encode(struct buf *b, struct str bytes)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	unsigned bits = 0, held = 0;

	for (size_t i = 0; i < bytes.n; i++) {
		held = held << 8 | (unsigned char)bytes.p[i];
		for (bits += 8; bits >= 5; bits -= 5)
			buf_add_c(b, alphabet[held >> (bits - 5) & 31]);
		held &= (1u << bits) - 1;
	}
	if (bits > 0)
		buf_add_c(b, alphabet[held << (5 - bits) & 31]);
}
