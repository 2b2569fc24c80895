#include "base/base64.h"

static const char plain[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* One group: up to three bytes become one character more than they are. */
static size_t encode_group(const char *alphabet, struct str in, char out[4])
{
	size_t n = in.n < 3 ? in.n : 3;
	uint32_t v = 0;

	for (size_t i = 0; i < 3; i++)
		v = v << 8 | (i < n ? (unsigned char)in.p[i] : 0u);
	for (size_t i = 0; i <= n; i++)
		out[i] = alphabet[v >> (18 - 6 * i) & 63];
	return n + 1;
}

static void encode(struct buf *b, const char *alphabet, bool pad,
                   struct str bytes)
{
	while (bytes.n > 0) {
		char out[4] = { '=', '=', '=', '=' };
		size_t n = encode_group(alphabet, bytes, out);

		buf_add(b, (struct str){ out, pad ? 4 : n });
		bytes = str_from(bytes, bytes.n < 3 ? bytes.n : 3);
	}
}

void base64_encode(struct buf *b, struct str bytes)
{
	encode(b, plain, true, bytes);
}

void base64_encode_url(struct buf *b, struct str bytes)
{
	encode(b, url, false, bytes);
}

static int value_of(char c, const char *alphabet)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (ascii_is_digit(c))
		return c - '0' + 52;
	if (c == alphabet[62])
		return 62;
	return c == alphabet[63] ? 63 : -1;
}

/* One group of two to four characters; false for a wrong character or bits
 * that stand for nothing. */
static bool decode_group(struct buf *b, const char *alphabet, struct str in)
{
	uint32_t v = 0;
	char out[3];

	if (in.n < 2)
		return false;
	for (size_t i = 0; i < 4; i++) {
		int d = i < in.n ? value_of(in.p[i], alphabet) : 0;

		if (d < 0)
			return false;
		v = v << 6 | (uint32_t)d;
	}
	if (v & (0xffffffu >> (8 * (in.n - 1))))
		return false;
	for (size_t i = 0; i < in.n - 1; i++)
		out[i] = (char)(v >> (16 - 8 * i) & 0xff);
	buf_add(b, (struct str){ out, in.n - 1 });
	return true;
}

static bool decode(struct buf *b, const char *alphabet, struct str text)
{
	size_t before = b->n;

	while (text.n > 0) {
		size_t n = text.n < 4 ? text.n : 4;

		if (!decode_group(b, alphabet, str_to(text, n)))
			break;
		text = str_from(text, n);
	}
	if (text.n == 0 && !buf_overflow(b))
		return true;
	buf_truncate(b, before);
	return false;
}

bool base64_decode(struct buf *b, struct str text)
{
	if (text.n % 4 != 0)
		return false;
	if (text.n > 0 && text.p[text.n - 1] == '=') {
		text.n--;
		if (text.p[text.n - 1] == '=')
			text.n--;
	}
	return decode(b, plain, text);
}

bool base64_decode_url(struct buf *b, struct str text)
{
	return decode(b, url, text);
}
