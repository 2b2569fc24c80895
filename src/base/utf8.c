#include "base/utf8.h"

/* What may follow a first byte (RFC 3629, 4): how many bytes, and the range
 * of the second, which rules out long forms and surrogates. */
struct lead {
	unsigned char more, low, high;
};

static struct lead lead_of(unsigned char c)
{
	struct lead l = { 0, 0x80, 0xbf };

	if (c >= 0xc2 && c <= 0xdf) {
		l.more = 1;
	} else if (c >= 0xe0 && c <= 0xef) {
		l.more = 2;
		if (c == 0xe0)
			l.low = 0xa0;
		else if (c == 0xed)
			l.high = 0x9f;
	} else if (c >= 0xf0 && c <= 0xf4) {
		l.more = 3;
		if (c == 0xf0)
			l.low = 0x90;
		else if (c == 0xf4)
			l.high = 0x8f;
	}
	return l;
}

enum utf8_result utf8_next(struct str *s, uint32_t *out)
{
	unsigned char c;
	struct lead l;
	uint32_t v;
	size_t n = 1;

	if (s->n == 0)
		return UTF8_END;
	c = (unsigned char)s->p[0];
	if (c < 0x80) {
		*out = c;
		*s = str_from(*s, 1);
		return UTF8_CHAR;
	}
	l = lead_of(c);
	v = c & (0x3fu >> l.more);
	while (n <= l.more && n < s->n) {
		c = (unsigned char)s->p[n];
		if (c < l.low || c > l.high)
			break;
		v = v << 6 | (c & 0x3fu);
		l.low = 0x80;
		l.high = 0xbf;
		n++;
	}
	*s = str_from(*s, n);
	if (l.more == 0 || n <= l.more)
		return UTF8_BAD;
	*out = v;
	return UTF8_CHAR;
}

bool utf8_is_valid(struct str s)
{
	enum utf8_result r;
	uint32_t c;

	while ((r = utf8_next(&s, &c)) == UTF8_CHAR)
		;
	return r == UTF8_END;
}

bool utf8_is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80)
			return false;
	return true;
}

size_t utf8_count(struct str s)
{
	uint32_t c;
	size_t n = 0;

	while (utf8_next(&s, &c) != UTF8_END)
		n++;
	return n;
}

struct str utf8_head(struct str s, size_t n)
{
	struct str rest = s;
	size_t end;
	uint32_t c;

	if (s.n <= n)
		return s;
	/* Begin at most three bytes before the cut, at a first byte. */
	end = n < 3 ? 0 : n - 3;
	while (end > 0 && end < n && ((unsigned char)s.p[end] & 0xc0) == 0x80)
		end++;
	rest = str_from(s, end);
	while (utf8_next(&rest, &c) != UTF8_END) {
		if (s.n - rest.n > n)
			break;
		end = s.n - rest.n;
	}
	return str_to(s, end);
}

size_t utf8_encode(uint32_t c, char out[4])
{
	static const unsigned char lead[] = { 0, 0xc0, 0xe0, 0xf0 };
	size_t more;

	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	for (size_t i = more; i > 0; i--) {
		out[i] = (char)(0x80 | (c & 0x3f));
		c >>= 6;
	}
	out[0] = (char)(lead[more] | c);
	return more + 1;
}

void utf8_add(struct buf *b, uint32_t c)
{
	char p[4];
	size_t n = utf8_encode(c, p);

	if (n == 0)
		n = utf8_encode(UTF8_REPLACEMENT, p);
	buf_add(b, (struct str){ p, n });
}

void utf8_add_clean(struct buf *b, struct str s)
{
	struct str good = str_to(s, 0);
	enum utf8_result r;
	uint32_t c;

	while ((r = utf8_next(&s, &c)) != UTF8_END) {
		if (r == UTF8_CHAR) {
			good.n = (size_t)(s.p - good.p);
			continue;
		}
		buf_add(b, good);
		utf8_add(b, UTF8_REPLACEMENT);
		good = str_to(s, 0);
	}
	buf_add(b, good);
}
