#include "text/fold.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/utf16.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"

/*
 * What a character folds to depends on it alone (but for the rare pairs of
 * compose()), so it is computed once by ICU and kept: in pages of 256
 * characters, made when one of them is first met and shared by all threads.
 */
struct page {
	uint16_t at[257]; /* where in bytes each character's form begins */
	char bytes[];
};

#define PAGES (0x110000 / 256)

static _Atomic(struct page *) pages[PAGES];

static const UNormalizer2 *casefold, *nfd, *nfc;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void get_normalizers(void)
{
	UErrorCode e = U_ZERO_ERROR;

	casefold = unorm2_getNFKCCasefoldInstance(&e);
	nfd = unorm2_getNFDInstance(&e);
	nfc = unorm2_getNFCInstance(&e);
	if (U_FAILURE(e))
		err_die("ICU has no normalization data: %s", u_errorName(e));
}

/* Marks that search looks past: accents of the European scripts, points and
 * vowel signs of Hebrew and Arabic.  In other scripts a mark is a letter's
 * half; so are the two voicing marks of kana. */
static bool is_diacritic(UChar32 c)
{
	UErrorCode e = U_ZERO_ERROR;

	if (c == 0x3099 || c == 0x309a || u_charType(c) != U_NON_SPACING_MARK)
		return false;
	switch (uscript_getScript(c, &e)) {
	case USCRIPT_INHERITED:
	case USCRIPT_COMMON:
	case USCRIPT_LATIN:
	case USCRIPT_GREEK:
	case USCRIPT_CYRILLIC:
	case USCRIPT_HEBREW:
	case USCRIPT_ARABIC: return true;
	default: return false;
	}
}

/* Letters with a stroke have no decomposition (lower case: they are folded
 * already). */
static UChar32 without_stroke(UChar32 c)
{
	switch (c) {
	case 0x00f8: return 'o';
	case 0x0111: return 'd';
	case 0x0127: return 'h';
	case 0x0131: return 'i';
	case 0x0142: return 'l';
	case 0x0167: return 't';
	case 0x0180: return 'b';
	case 0x01e5: return 'g';
	default: return c;
	}
}

/* "ae" for the ligature, and blanks of all kinds as one. */
static int32_t put(UChar32 c, UChar *to, int32_t n)
{
	if (c == 0xe6) {
		to[n++] = 'a';
		to[n++] = 'e';
		return n;
	}
	if (u_isUWhiteSpace(c))
		c = ' ';
	else if (c < 0x20 || u_iscntrl(c))
		return n;
	if (c < 0x10000) {
		to[n++] = (UChar)c;
	} else {
		to[n++] = U16_LEAD(c);
		to[n++] = U16_TRAIL(c);
	}
	return n;
}

#define WIDE 64

/* The folded form of one character as UTF-16. */
static int32_t fold_char(UChar32 c, UChar out[WIDE])
{
	UChar a[WIDE], b[WIDE];
	int32_t n = 0, i = 0, m = 0;
	UErrorCode e = U_ZERO_ERROR;

	if (c >= 0xd800 && c < 0xe000)
		return 0;
	if (u_isUWhiteSpace(c)) {
		out[0] = ' ';
		return 1;
	}
	a[0] = c < 0x10000 ? (UChar)c : U16_LEAD(c);
	a[1] = c < 0x10000 ? 0 : U16_TRAIL(c);
	n = unorm2_normalize(casefold, a, c < 0x10000 ? 1 : 2, b, WIDE, &e);
	n = unorm2_normalize(nfd, b, n, a, WIDE, &e);
	if (U_FAILURE(e))
		return 0;
	while (i < n) {
		UChar32 d;

		U16_NEXT(a, i, n, d);
		if (!is_diacritic(d))
			m = put(without_stroke(d), b, m);
	}
	n = unorm2_normalize(nfc, b, m, out, WIDE, &e);
	return U_FAILURE(e) ? 0 : n;
}

static struct page *make_page(uint32_t number)
{
	struct buf bytes;
	struct page *p;
	uint16_t at[257];

	buf_init(&bytes, UINT16_MAX);
	for (uint32_t i = 0; i < 256; i++) {
		UChar wide[WIDE];
		int32_t n = fold_char((UChar32)(number * 256 + i), wide);

		at[i] = (uint16_t)bytes.n;
		for (int32_t j = 0; j < n;) {
			UChar32 c;

			U16_NEXT(wide, j, n, c);
			utf8_add(&bytes, (uint32_t)c);
		}
	}
	at[256] = (uint16_t)bytes.n;
	p = mem_alloc(sizeof(*p) + bytes.n);
	memcpy(p->at, at, sizeof(at));
	if (bytes.n)
		memcpy(p->bytes, bytes.p, bytes.n);
	buf_deinit(&bytes);
	return p;
}

/* Two threads may make the same page; one of the two is kept. */
static const struct page *page_get(uint32_t number)
{
	struct page *p =
		atomic_load_explicit(&pages[number], memory_order_acquire);
	struct page *none = NULL;

	if (p)
		return p;
	(void)pthread_once(&once, get_normalizers);
	p = make_page(number);
	if (!atomic_compare_exchange_strong(&pages[number], &none, p)) {
		mem_free(p);
		return none;
	}
	return p;
}

static struct str folded(uint32_t c)
{
	const struct page *p = page_get(c / 256);
	uint32_t i = c % 256;

	return (struct str){ p->bytes + p->at[i],
		             (size_t)(p->at[i + 1] - p->at[i]) };
}

/* ---- the folder ---- */

void text_folder_init(struct text_folder *f, struct buf *out)
{
	*f = (struct text_folder){ .out = out };
}

static void before_char(struct text_folder *f)
{
	if (f->space && f->begun)
		buf_add_c(f->out, ' ');
	f->space = false;
	f->begun = true;
}

/* Hangul in pieces, and kana with a voicing mark behind it: what NFC joins is
 * joined here too. */
static bool compose(struct text_folder *f, uint32_t c)
{
	UChar32 whole;

	if (!(c == 0x3099 || c == 0x309a || (c >= 0x1161 && c < 0x1200)))
		return false;
	if (!f->last || f->space || f->out->n < f->last_n)
		return false;
	whole = unorm2_composePair(nfc, (UChar32)f->last, (UChar32)c);
	if (whole < 0)
		return false;
	buf_truncate(f->out, f->out->n - f->last_n);
	f->last = (uint32_t)whole;
	utf8_add(f->out, f->last);
	f->last_n = 3; /* all such are in the basic plane, above U+0800 */
	return true;
}

/* The only character of `s`, or 0. */
static uint32_t single_char(struct str s)
{
	uint32_t c;

	return utf8_next(&s, &c) == UTF8_CHAR && s.n == 0 ? c : 0;
}

/* A spacing accent folds to a blank and a mark. */
static void add_with_blanks(struct text_folder *f, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == ' ') {
			f->space = true;
			continue;
		}
		before_char(f);
		buf_add_c(f->out, s.p[i]);
	}
}

static void fold_wide(struct text_folder *f, uint32_t c)
{
	struct str s = folded(c);
	uint32_t single = single_char(s);

	if (s.n == 0 || (single && compose(f, single)))
		return;
	if (memchr(s.p, ' ', s.n)) {
		add_with_blanks(f, s);
		f->last = 0;
		return;
	}
	before_char(f);
	buf_add(f->out, s);
	f->last = single;
	f->last_n = (uint8_t)s.n;
}

/* What an ASCII byte folds to; 0: nothing. */
static inline char fold_ascii(unsigned char c)
{
	if (c == ' ' || (c >= '\t' && c <= '\r'))
		return ' ';
	return c < ' ' || c == 0x7f ? '\0' : ascii_lower((char)c);
}

/* The run of ASCII that `s` begins with; its length. */
static size_t fold_run(struct text_folder *f, struct str s)
{
	size_t i = 0, n = 0;
	char *to;

	while (i < s.n && (unsigned char)s.p[i] < 0x80)
		i++;
	to = buf_room(f->out, i + 1);
	if (!to)
		return i;
	for (size_t j = 0; j < i; j++) {
		char c = fold_ascii((unsigned char)s.p[j]);

		if (c > ' ') {
			if (f->space && f->begun)
				to[n++] = ' ';
			f->space = false;
			f->begun = true;
			to[n++] = c;
		} else if (c == ' ') {
			f->space = true;
		}
	}
	buf_grown(f->out, n);
	if (n)
		f->last = 0;
	return i;
}

static size_t utf8_need(unsigned char c)
{
	return c < 0xc2 || c > 0xf4 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}

/* One character that is not ASCII; bytes used, 0 when it may go on. */
static size_t fold_one(struct text_folder *f, struct str s, bool end)
{
	size_t need = utf8_need((unsigned char)s.p[0]);
	struct str rest = s;
	uint32_t c;

	if (s.n < need && !end) {
		size_t n = 1;

		while (n < s.n && ((unsigned char)s.p[n] & 0xc0) == 0x80)
			n++;
		if (n == s.n)
			return 0;
	}
	fold_wide(f, utf8_next(&rest, &c) == UTF8_CHAR ? c : UTF8_REPLACEMENT);
	return s.n - rest.n;
}

static void fold_held(struct text_folder *f, struct str *s, bool end)
{
	while (f->part_n > 0 && (s->n > 0 || end)) {
		struct str part;
		size_t used;

		if (s->n > 0 && f->part_n < sizeof(f->part)) {
			f->part[f->part_n++] = s->p[0];
			*s = str_from(*s, 1);
		}
		part = (struct str){ f->part, f->part_n };
		used = (unsigned char)part.p[0] < 0x80
		               ? fold_run(f, str_to(part, 1))
		               : fold_one(f, part, end);
		f->part_n = (uint8_t)(f->part_n - used);
		memmove(f->part, f->part + used, f->part_n);
	}
}

void text_folder_add(struct text_folder *f, struct str utf8)
{
	fold_held(f, &utf8, false);
	while (utf8.n > 0 && !buf_overflow(f->out)) {
		size_t n = (unsigned char)utf8.p[0] < 0x80
		                   ? fold_run(f, utf8)
		                   : fold_one(f, utf8, false);

		if (n == 0) {
			memcpy(f->part, utf8.p, utf8.n);
			f->part_n = (uint8_t)utf8.n;
			return;
		}
		utf8 = str_from(utf8, n);
	}
}

void text_folder_end(struct text_folder *f)
{
	struct str none = { "", 0 };

	fold_held(f, &none, true);
}

void text_fold(struct buf *out, struct str utf8)
{
	struct text_folder f;

	text_folder_init(&f, out);
	text_folder_add(&f, utf8);
	text_folder_end(&f);
}

struct str text_fold_dup(struct arena *a, struct str utf8)
{
	struct buf b;
	struct str s;

	/* no character folds to more than 33 bytes for its 3 */
	buf_init(&b, utf8.n < SIZE_MAX / 16 ? utf8.n * 11 + 16 : SIZE_MAX);
	text_fold(&b, utf8);
	s = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return s;
}
