/* The values of headers for people. */
#include <string.h>
#include <unicode/uchar.h>

#include "base/utf8.h"
#include "text/charset.h"
#include "text/extract.h"
#include "text/nfc.h"
#include "wire/mime/word.h"

/* Characters that are not seen and could make one name look like another:
 * controls, direction overrides, and what preview texts are padded with.
 * Joiners stay: words of some scripts need them. */
static bool is_unwanted(uint32_t c)
{
	if (c < 0x80)
		return c < ' ' || c == 0x7f;
	return c < 0xa0 || (c >= 0x202a && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069) || c == 0xfeff || c == 0x200b ||
	       c == 0x2060 || c == 0xad || c == 0x34f || c == 0x200e ||
	       c == 0x200f;
}

static bool is_space(uint32_t c)
{
	if (c < 0x80)
		return c == ' ' || (c >= '\t' && c <= '\r');
	return u_isUWhiteSpace((UChar32)c);
}

static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] == 0x7f ||
		    (s.p[i] == ' ' && (i == 0 || s.p[i - 1] == ' ')))
			return false;
	return s.n == 0 || s.p[s.n - 1] != ' ';
}

/* One line: runs of blanks are one, none at the ends. */
struct str text_line(struct arena *a, struct str utf8)
{
	struct buf b;
	struct str rest = utf8, out;
	struct err err;
	enum utf8_result r;
	bool space = false;
	uint32_t c;

	if (is_plain(utf8))
		return utf8;
	buf_init(&b, utf8.n * 3 + 3);
	while ((r = utf8_next(&rest, &c)) != UTF8_END) {
		if (r == UTF8_BAD)
			c = UTF8_REPLACEMENT;
		if (is_space(c)) {
			space = true;
			continue;
		}
		/* a joiner alone between blanks is padding */
		if (is_unwanted(c) ||
		    ((c == 0x200c || c == 0x200d) && (space || b.n == 0)))
			continue;
		if (space && b.n > 0)
			buf_add_c(&b, ' ');
		space = false;
		utf8_add(&b, c);
	}
	out = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	if (text_nfc(a, out, &out, &err) < 0)
		return utf8;
	return out;
}

static bool is_ascii_plain(struct str raw)
{
	return utf8_is_ascii(raw) && str_find(raw, STR("=?")) == STR_NPOS;
}

struct str text_header(struct arena *a, struct str raw)
{
	struct word_reader r = word_reader(raw);
	struct buf b;
	struct word w;
	struct str out;

	if (is_ascii_plain(raw))
		return text_line(a, raw);
	buf_init(&b, raw.n * 12 + 64);
	while (word_next(&r, a, &w))
		text_to_utf8(&b, w.charset, w.bytes);
	out = text_line(a, arena_dup(a, buf_str(&b)));
	buf_deinit(&b);
	return out;
}

struct str text_param(struct arena *a, const struct mime_param *p)
{
	struct str charset, language, bytes;
	struct buf b;

	bytes = mime_param_bytes(a, p, &charset, &language);
	if (p->name.n == 0 || p->name.p[p->name.n - 1] != '*')
		return text_header(a, bytes);
	buf_init(&b, bytes.n * 12 + 64);
	text_to_utf8(&b, charset, bytes);
	bytes = text_line(a, arena_dup(a, buf_str(&b)));
	buf_deinit(&b);
	return bytes;
}
