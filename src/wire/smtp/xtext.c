#include "wire/smtp/xtext.h"

#include "base/utf8.h"

/* RFC 3461, 4: xchar is any of ! to ~ but "+" and "=". */
static bool is_xchar(char c)
{
	return c >= '!' && c <= '~' && c != '+' && c != '=';
}

bool xtext_decode(struct str s, struct arena *a, struct str *out)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t i, n = 0;

	for (i = 0; i < s.n; i++) {
		int hi, lo;

		if (is_xchar(s.p[i])) {
			p[n++] = s.p[i];
			continue;
		}
		if (s.p[i] != '+' || s.n - i < 3)
			return false;
		hi = ascii_hex(s.p[i + 1]);
		lo = ascii_hex(s.p[i + 2]);
		if (hi < 0 || lo < 0)
			return false;
		p[n++] = (char)(hi * 16 + lo);
		i += 2;
	}
	*out = (struct str){ p, n };
	return true;
}

/* "\x{20AC}" at the start of `s`: its value, *len_out its length. */
static bool take_escape(struct str s, uint32_t *value, size_t *len_out)
{
	uint32_t v = 0;
	size_t i;

	if (!str_starts(s, STR("\\x{")))
		return false;
	for (i = 3; i < s.n && s.p[i] != '}'; i++) {
		int h = ascii_hex(s.p[i]);

		if (h < 0 || i > 8)
			return false;
		v = v * 16 + (uint32_t)h;
	}
	if (i == s.n || i == 3 || v > 0x10ffff || v < 0x20 || v == 0x7f ||
	    (v >= 0xd800 && v <= 0xdfff))
		return false;
	*value = v;
	*len_out = i + 1;
	return true;
}

bool xtext_utf8_decode(struct str s, struct arena *a, struct str *out)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t i = 0, n = 0;

	/* An escape is never shorter than the character it stands for. */
	while (i < s.n) {
		uint32_t v;
		size_t len;

		if (s.p[i] == '\\') {
			if (!take_escape(str_from(s, i), &v, &len))
				return false;
			n += utf8_encode(v, p + n);
			i += len;
			continue;
		}
		if ((unsigned char)s.p[i] < 0x80 && !is_xchar(s.p[i]))
			return false;
		p[n++] = s.p[i++];
	}
	*out = (struct str){ p, n };
	return utf8_is_valid(*out);
}

void xtext_encode(struct buf *out, struct str s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (is_xchar(s.p[i]))
			buf_add_c(out, s.p[i]);
		else
			buf_fmt(out, "+%02X", (unsigned char)s.p[i]);
}
