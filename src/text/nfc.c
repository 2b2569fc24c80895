#include "text/nfc.h"

#include <string.h>
#include <unicode/ucasemap.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>

#include "base/mem.h"
#include "base/utf8.h"

/* ICU counts in int32_t, and UTF-8 grows at most threefold. */
#define TEXT_MAX ((size_t)64 * 1024 * 1024)

static const UNormalizer2 *normalizer(bool compatibility)
{
	UErrorCode e = U_ZERO_ERROR;
	const UNormalizer2 *n = compatibility ? unorm2_getNFKDInstance(&e)
	                                      : unorm2_getNFCInstance(&e);

	if (U_FAILURE(e))
		err_die("ICU has no normalization data: %s", u_errorName(e));
	return n;
}

/* Below U+0300 nothing composes with what is before it, and every character
 * is in NFC: most names end here. */
static bool is_surely_nfc(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0xcc)
			return false;
	return true;
}

/* Valid UTF-8 in NFC, in the arena. */
static struct str normalized(struct arena *a, struct str s)
{
	UErrorCode e = U_ZERO_ERROR;
	int32_t n = 0, m, have = (int32_t)s.n;
	size_t room = s.n * 3 + 16;
	UChar *wide = mem_alloc((s.n + 1) * sizeof(UChar));
	UChar *to = mem_alloc(room * sizeof(UChar));
	char *p;

	u_strFromUTF8(wide, have + 1, &n, s.p, have, &e);
	m = unorm2_normalize(normalizer(false), wide, n, to, (int32_t)room, &e);
	p = arena_alloc(a, (size_t)(m > 0 ? m : 0) * 3 + 1);
	u_strToUTF8(p, m * 3 + 1, &n, to, m, &e);
	mem_free(wide);
	mem_free(to);
	return U_SUCCESS(e) ? (struct str){ p, (size_t)n } : s;
}

int text_nfc(struct arena *a, struct str s, struct str *out, struct err *err)
{
	if (!utf8_is_valid(s))
		return err_set(err, ERR_INVALID, "the text is not UTF-8");
	if (s.n > TEXT_MAX)
		return err_set(err, ERR_TOO_BIG, "over %zu bytes", TEXT_MAX);
	*out = is_surely_nfc(s) ? s : normalized(a, s);
	return 0;
}

struct str text_utf8_repair(struct arena *a, struct str s)
{
	struct buf b;

	if (utf8_is_valid(s))
		return s;
	buf_init(&b, s.n * 3 + 3);
	utf8_add_clean(&b, s);
	s = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return s;
}

/* One character at a time: the special casing of whole words (final sigma)
 * would make keys depend on what stands beside. */
struct str text_lower(struct arena *a, struct str s)
{
	struct str rest = text_utf8_repair(a, s), out;
	struct buf b;
	struct err err;
	uint32_t c;

	buf_init(&b, rest.n * 3 + 3);
	while (utf8_next(&rest, &c) == UTF8_CHAR)
		utf8_add(&b, (uint32_t)u_tolower((UChar32)c));
	out = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	if (text_nfc(a, out, &out, &err) < 0)
		return out;
	return out;
}

/* Belongs to the character before it. */
static bool is_mark(uint32_t c)
{
	return (U_GET_GC_MASK((UChar32)c) & U_GC_M_MASK) || c == 0x200d ||
	       (c >= 0x1f3fb && c <= 0x1f3ff);
}

struct str text_cut(struct str s, size_t chars)
{
	struct str rest = s;
	size_t base = 0; /* where the last letter with its marks begins */
	bool joined = false;
	uint32_t c;

	for (size_t n = 0;; n++) {
		size_t at = s.n - rest.n;
		enum utf8_result r = utf8_next(&rest, &c);

		if (r == UTF8_END)
			return s;
		if (r == UTF8_BAD)
			c = UTF8_REPLACEMENT;
		if (!is_mark(c) && !joined)
			base = at;
		joined = c == 0x200d;
		if (n == chars)
			return str_to(s, base ? base : at);
	}
}

/* RFC 5051, 2: title case, then the compatibility decomposition; UTF-8 keeps
 * the order of the characters' numbers. */
static void add_casemap(struct buf *b, uint32_t c)
{
	UChar wide[64], one[2];
	UChar32 t = u_totitle((UChar32)c);
	UErrorCode e = U_ZERO_ERROR;
	int32_t n;

	if (t < 0x80) {
		buf_add_c(b, (char)t);
		return;
	}
	one[0] = t < 0x10000 ? (UChar)t : U16_LEAD(t);
	one[1] = t < 0x10000 ? 0 : U16_TRAIL(t);
	n = unorm2_normalize(normalizer(true), one, t < 0x10000 ? 1 : 2, wide,
	                     64, &e);
	if (U_FAILURE(e)) {
		utf8_add(b, (uint32_t)t);
		return;
	}
	for (int32_t i = 0; i < n;) {
		UChar32 d;

		U16_NEXT(wide, i, n, d);
		utf8_add(b, (uint32_t)d);
	}
}

struct str text_casemap_key(struct arena *a, struct str s)
{
	enum utf8_result r;
	struct buf b;
	uint32_t c;

	buf_init(&b, s.n * 18 + 16);
	while ((r = utf8_next(&s, &c)) != UTF8_END)
		add_casemap(&b, r == UTF8_CHAR ? c : UTF8_REPLACEMENT);
	s = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return s;
}

int text_casemap_cmp(struct str a, struct str b)
{
	struct arena arena;
	int c;

	arena_init(&arena);
	c = str_cmp(text_casemap_key(&arena, a), text_casemap_key(&arena, b));
	arena_deinit(&arena);
	return c;
}
