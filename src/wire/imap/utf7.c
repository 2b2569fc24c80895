#include "wire/imap/utf7.h"

#include "base/utf8.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			     "abcdefghijklmnopqrstuvwxyz0123456789+,";

static bool is_direct(uint32_t c)
{
	return c >= 0x20 && c <= 0x7e;
}

struct bits {
	uint32_t v;
	unsigned n;
};

static void put_unit(struct buf *b, struct bits *bits, uint32_t unit)
{
	bits->v = bits->v << 16 | unit;
	bits->n += 16;
	while (bits->n >= 6) {
		bits->n -= 6;
		buf_add_c(b, digits[bits->v >> bits->n & 63]);
	}
}

static void put_char(struct buf *b, struct bits *bits, uint32_t c)
{
	if (c > 0xffff) {
		c -= 0x10000;
		put_unit(b, bits, 0xd800 + (c >> 10));
		c = 0xdc00 + (c & 0x3ff);
	}
	put_unit(b, bits, c);
}

static void end_shift(struct buf *b, struct bits *bits)
{
	if (bits->n > 0)
		buf_add_c(b, digits[bits->v << (6 - bits->n) & 63]);
	*bits = (struct bits){ 0 };
	buf_add_c(b, '-');
}

void imap_utf7_encode(struct buf *b, struct str utf8)
{
	struct bits bits = { 0 };
	enum utf8_result got;
	bool shifted = false;
	uint32_t c = 0;

	while ((got = utf8_next(&utf8, &c)) != UTF8_END) {
		if (got == UTF8_BAD)
			c = UTF8_REPLACEMENT;
		if (is_direct(c)) {
			if (shifted)
				end_shift(b, &bits);
			shifted = false;
			buf_add_c(b, (char)c);
			if (c == '&')
				buf_add_c(b, '-');
			continue;
		}
		if (!shifted)
			buf_add_c(b, '&');
		shifted = true;
		put_char(b, &bits, c);
	}
	if (shifted)
		end_shift(b, &bits);
}

static int digit_value(char c)
{
	for (int i = 0; i < 64; i++)
		if (digits[i] == c)
			return i;
	return -1;
}

struct units {
	struct bits bits;
	uint32_t high; /* a surrogate that waits for its other half */
};

static bool take_unit(struct buf *b, struct units *u, uint32_t unit)
{
	if (u->high) {
		if (unit < 0xdc00 || unit > 0xdfff)
			return false;
		utf8_add(b, 0x10000 + ((u->high - 0xd800) << 10) +
		                    (unit - 0xdc00));
		u->high = 0;
		return true;
	}
	if (unit >= 0xd800 && unit <= 0xdbff) {
		u->high = unit;
		return true;
	}
	if ((unit >= 0xdc00 && unit <= 0xdfff) || is_direct(unit))
		return false;
	utf8_add(b, unit);
	return true;
}

/* What stands between "&" and "-". */
static bool decode_shift(struct buf *b, struct str s)
{
	struct units u = { 0 };

	for (size_t i = 0; i < s.n; i++) {
		int v = digit_value(s.p[i]);

		if (v < 0)
			return false;
		u.bits.v = u.bits.v << 6 | (uint32_t)v;
		u.bits.n += 6;
		if (u.bits.n < 16)
			continue;
		u.bits.n -= 16;
		if (!take_unit(b, &u, u.bits.v >> u.bits.n & 0xffff))
			return false;
	}
	/* Less than a digit left over, and nothing in it. */
	return u.high == 0 && u.bits.n < 6 &&
	       (u.bits.v & ((1u << u.bits.n) - 1)) == 0;
}

static bool decode(struct buf *b, struct str s)
{
	bool after_shift = false;

	while (s.n > 0) {
		size_t end;

		if (!is_direct((unsigned char)s.p[0]))
			return false;
		if (s.p[0] != '&') {
			buf_add_c(b, s.p[0]);
			s = str_from(s, 1);
			after_shift = false;
			continue;
		}
		end = str_chr(s, '-');
		if (end == STR_NPOS)
			return false;
		if (end == 1) {
			buf_add_c(b, '&');
		} else if (after_shift ||
		           !decode_shift(b, (struct str){ s.p + 1, end - 1 })) {
			/* Two shifts in a row have a shorter form. */
			return false;
		}
		after_shift = end > 1;
		s = str_from(s, end + 1);
	}
	return true;
}

bool imap_utf7_decode(struct buf *b, struct str utf7)
{
	size_t before = b->n;

	if (decode(b, utf7) && !buf_overflow(b))
		return true;
	buf_truncate(b, before);
	return false;
}
