#include "text/charset.h"

#include <pthread.h>
#include <string.h>
#include <unicode/ucnv.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/utf8.h"

enum {
	KIND_GUESS, /* UTF-8; what is not, by windows-1252 */
	KIND_TABLE, /* one of ours, for the bytes from 0x80 on */
	KIND_ICU,
};

/* ---- tables of our own: the commonest, and one that ICU lacks ---- */

static const uint16_t windows_1252_low[32] = {
	0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
	0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008d, 0x017d, 0x008f,
	0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
	0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178
};

static uint32_t windows_1252(unsigned char c)
{
	return c >= 0x80 && c < 0xa0 ? windows_1252_low[c - 0x80] : c;
}

/* Where ISO-8859-16 differs from Latin-1. */
static uint32_t iso_8859_16(unsigned char c)
{
	static const struct {
		unsigned char byte;
		uint16_t c;
	} rows[] = {
		{ 0xa1, 0x0104 }, { 0xa2, 0x0105 }, { 0xa3, 0x0141 },
		{ 0xa4, 0x20ac }, { 0xa5, 0x201e }, { 0xa6, 0x0160 },
		{ 0xa8, 0x0161 }, { 0xaa, 0x0218 }, { 0xac, 0x0179 },
		{ 0xae, 0x017a }, { 0xaf, 0x017b }, { 0xb2, 0x010c },
		{ 0xb3, 0x0142 }, { 0xb4, 0x017d }, { 0xb5, 0x201d },
		{ 0xb8, 0x017e }, { 0xb9, 0x010d }, { 0xba, 0x0219 },
		{ 0xbc, 0x0152 }, { 0xbd, 0x0153 }, { 0xbe, 0x0178 },
		{ 0xbf, 0x017c }, { 0xc3, 0x0102 }, { 0xc5, 0x0106 },
		{ 0xd0, 0x0110 }, { 0xd1, 0x0143 }, { 0xd5, 0x0150 },
		{ 0xd7, 0x015a }, { 0xd8, 0x0170 }, { 0xdd, 0x0118 },
		{ 0xde, 0x021a }, { 0xe3, 0x0103 }, { 0xe5, 0x0107 },
		{ 0xf0, 0x0111 }, { 0xf1, 0x0144 }, { 0xf5, 0x0151 },
		{ 0xf7, 0x015b }, { 0xf8, 0x0171 }, { 0xfd, 0x0119 },
		{ 0xfe, 0x021b },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].byte == c)
			return rows[i].c;
	return c;
}

/* ---- labels ---- */

/* Read as browsers read them (WHATWG Encoding Standard) where that differs
 * from the name's own meaning: the larger set is what programs send.  An
 * empty name: guess. */
static const struct {
	struct str label;
	const char *name;
} labels[] = {
	/* clang-format off */
	{ STR_INIT("utf-8"), "" },
	{ STR_INIT("utf8"), "" },
	{ STR_INIT("us-ascii"), "" },
	{ STR_INIT("ascii"), "" },
	{ STR_INIT("ansi_x3.4-1968"), "" },
	{ STR_INIT("unknown-8bit"), "" },
	{ STR_INIT("x-unknown"), "" },
	{ STR_INIT("unknown"), "" },
	{ STR_INIT("unicode-1-1-utf-8"), "" },
	{ STR_INIT("utf-8mb4"), "" },
	{ STR_INIT("utf8mb4"), "" },
	{ STR_INIT("default"), "" },
	{ STR_INIT("default_charset"), "" },
	{ STR_INIT("_autodetect"), "" },
	{ STR_INIT("_autodetect_all"), "" },
	{ STR_INIT("iso-8859-1"), "windows-1252" },
	{ STR_INIT("iso8859-1"), "windows-1252" },
	{ STR_INIT("iso-8859-1-windows-3.1-latin-1"), "windows-1252" },
	{ STR_INIT("iso-8859"), "windows-1252" },
	{ STR_INIT("iso_8859-1"), "windows-1252" },
	{ STR_INIT("iso88591"), "windows-1252" },
	{ STR_INIT("8859_1"), "windows-1252" },
	{ STR_INIT("latin1"), "windows-1252" },
	{ STR_INIT("latin-1"), "windows-1252" },
	{ STR_INIT("l1"), "windows-1252" },
	{ STR_INIT("iso-latin-1"), "windows-1252" },
	{ STR_INIT("windows-1252"), "windows-1252" },
	{ STR_INIT("cp1252"), "windows-1252" },
	{ STR_INIT("cp-1252"), "windows-1252" },
	{ STR_INIT("x-cp1252"), "windows-1252" },
	{ STR_INIT("ansi"), "windows-1252" },
	{ STR_INIT("x-ansi"), "windows-1252" },
	{ STR_INIT("iso-8859-16"), "iso-8859-16" },
	{ STR_INIT("iso_8859-16"), "iso-8859-16" },
	{ STR_INIT("latin10"), "iso-8859-16" },
	{ STR_INIT("iso-8859-9"), "windows-1254" },
	{ STR_INIT("iso_8859-9"), "windows-1254" },
	{ STR_INIT("latin5"), "windows-1254" },
	{ STR_INIT("iso-8859-11"), "windows-874" },
	{ STR_INIT("tis-620"), "windows-874" },
	{ STR_INIT("dos-874"), "windows-874" },
	{ STR_INIT("iso-8859-8-i"), "iso-8859-8" },
	{ STR_INIT("iso-8859-8-e"), "iso-8859-8" },
	{ STR_INIT("logical"), "iso-8859-8" },
	{ STR_INIT("visual"), "iso-8859-8" },
	{ STR_INIT("iso-8859-6-i"), "iso-8859-6" },
	{ STR_INIT("iso-8859-6-e"), "iso-8859-6" },
	{ STR_INIT("gb2312"), "gb18030" },
	{ STR_INIT("gb_2312-80"), "gb18030" },
	{ STR_INIT("x-gb2312"), "gb18030" },
	{ STR_INIT("chinese"), "gb18030" },
	{ STR_INIT("euc-cn"), "gb18030" },
	{ STR_INIT("x-euc-cn"), "gb18030" },
	{ STR_INIT("gbk"), "gb18030" },
	{ STR_INIT("x-gbk"), "gb18030" },
	{ STR_INIT("cp936"), "gb18030" },
	{ STR_INIT("ms936"), "gb18030" },
	{ STR_INIT("windows-936"), "gb18030" },
	{ STR_INIT("gb18030"), "gb18030" },
	{ STR_INIT("hz-gb-2312"), "HZ" },
	{ STR_INIT("big5"), "Big5-HKSCS" },
	{ STR_INIT("big-5"), "Big5-HKSCS" },
	{ STR_INIT("cn-big5"), "Big5-HKSCS" },
	{ STR_INIT("x-x-big5"), "Big5-HKSCS" },
	{ STR_INIT("cp950"), "windows-950" },
	{ STR_INIT("euc-kr"), "windows-949" },
	{ STR_INIT("euckr"), "windows-949" },
	{ STR_INIT("ks_c_5601-1987"), "windows-949" },
	{ STR_INIT("ks_c_5601"), "windows-949" },
	{ STR_INIT("ks_c_5601-1989"), "windows-949" },
	{ STR_INIT("ksc5601"), "windows-949" },
	{ STR_INIT("ksc_5601"), "windows-949" },
	{ STR_INIT("korean"), "windows-949" },
	{ STR_INIT("cp949"), "windows-949" },
	{ STR_INIT("uhc"), "windows-949" },
	{ STR_INIT("shift_jis"), "windows-31j" },
	{ STR_INIT("shift-jis"), "windows-31j" },
	{ STR_INIT("shiftjis"), "windows-31j" },
	{ STR_INIT("sjis"), "windows-31j" },
	{ STR_INIT("x-sjis"), "windows-31j" },
	{ STR_INIT("ms_kanji"), "windows-31j" },
	{ STR_INIT("cp932"), "windows-31j" },
	{ STR_INIT("windows-932"), "windows-31j" },
	{ STR_INIT("x-euc-jp"), "EUC-JP" },
	{ STR_INIT("x-euc"), "EUC-JP" },
	{ STR_INIT("ujis"), "EUC-JP" },
	{ STR_INIT("iso-2022-jp"), "ISO-2022-JP-2" },
	{ STR_INIT("iso-2022-jp-ms"), "ISO-2022-JP-2" },
	{ STR_INIT("cp50220"), "ISO-2022-JP-2" },
	{ STR_INIT("csiso2022jp"), "ISO-2022-JP-2" },
	{ STR_INIT("iso-2022-jp-3"), "ISO-2022-JP-2" },
	{ STR_INIT("koi8-ru"), "KOI8-U" },
	{ STR_INIT("koi"), "KOI8-R" },
	{ STR_INIT("koi8"), "KOI8-R" },
	{ STR_INIT("x-koi8-r"), "KOI8-R" },
	{ STR_INIT("macintosh"), "macintosh" },
	{ STR_INIT("x-mac-roman"), "macintosh" },
	{ STR_INIT("mac"), "macintosh" },
	{ STR_INIT("x-mac-centraleurroman"), "x-mac-ce" },
	{ STR_INIT("unicode"), "UTF-16" },
	{ STR_INIT("ucs-2"), "UTF-16" },
	{ STR_INIT("iso-10646-ucs-2"), "UTF-16" },
	{ STR_INIT("unicode-1-1-utf-7"), "UTF-7" },
	{ STR_INIT("x-unicode-2-0-utf-7"), "UTF-7" },
	{ STR_INIT("utf7"), "UTF-7" },
	{ STR_INIT("dos-437"), "IBM437" },
	{ STR_INIT("dos-850"), "IBM850" },
	{ STR_INIT("dos-866"), "IBM866" },
	/* clang-format on */
};

#define LABEL_MAX 40

/* Without quotes, blanks and what was glued to it ("utf-8;format=flowed"),
 * lower case.  Empty for what cannot be a label. */
static void clean_label(struct str label, char out[LABEL_MAX + 1])
{
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < label.n; i++) {
		char c = label.p[i];

		if (c == ';' || c == ',' || (c == ' ' && n > 0))
			break;
		if (c == '"' || c == '\'' || c == ' ' || c == '\t')
			continue;
		if (n == LABEL_MAX || c <= ' ' || c > 126 || c == '/' ||
		    c == '\\') {
			n = 0;
			break;
		}
		out[n++] = ascii_lower(c);
	}
	out[n] = '\0';
}

static const char *table_name(struct str label)
{
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (str_eq(labels[i].label, label))
			return labels[i].name;
	return NULL;
}

/* Numbers and families are written in many ways: "windows1252", "win-1251",
 * "cp-1250", "iso8859_2", "iso-8859.15". */
static const char *family_name(struct str label, char out[LABEL_MAX + 1])
{
	static const struct {
		struct str prefix;
		const char *family;
	} rows[] = {
		{ STR_INIT("windows"), "windows-" },
		{ STR_INIT("win"), "windows-" },
		{ STR_INIT("x-cp"), "windows-" },
		{ STR_INIT("cp"), "cp" },
		{ STR_INIT("iso8859"), "iso-8859-" },
		{ STR_INIT("iso-8859"), "iso-8859-" },
		{ STR_INIT("iso_8859"), "iso-8859-" },
		{ STR_INIT("8859"), "iso-8859-" },
		{ STR_INIT("ibm"), "ibm-" },
	};
	struct buf b;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str rest;
		uint32_t n;

		if (!str_starts(label, rows[i].prefix))
			continue;
		rest = str_from(label, rows[i].prefix.n);
		while (rest.n && (rest.p[0] == '-' || rest.p[0] == '_' ||
		                  rest.p[0] == '.' || rest.p[0] == ':'))
			rest = str_from(rest, 1);
		if (!str_to_u32(rest, &n) || rest.n > 5)
			continue;
		buf_init(&b, LABEL_MAX);
		buf_fmt(&b, "%s%u", rows[i].family, n);
		memcpy(out, buf_z(&b), b.n + 1);
		buf_deinit(&b);
		return out;
	}
	return NULL;
}

/* Known to ICU without a look into the file system; not what only its own
 * programs use. */
static bool icu_knows(const char *name)
{
	UErrorCode e = U_ZERO_ERROR;

	if (strcmp(name, "imap-mailbox-name") == 0 ||
	    strcmp(name, "scsu") == 0 || strcmp(name, "bocu-1") == 0)
		return false;
	return ucnv_countAliases(name, &e) > 0 && U_SUCCESS(e);
}

/* The name to convert by; "" for a guess; NULL for an unknown label.  `room`
 * may hold the result. */
static const char *find(struct str label, char room[LABEL_MAX + 1])
{
	char family[LABEL_MAX + 1];
	const char *name;

	clean_label(label, room);
	name = table_name(str_z(room));
	if (name)
		return name;
	if (room[0] && family_name(str_z(room), family)) {
		name = table_name(str_z(family));
		if (name)
			return name;
		if (icu_knows(family)) {
			memcpy(room, family, sizeof(family));
			return room;
		}
	}
	return room[0] && icu_knows(room) ? room : NULL;
}

bool text_charset_known(struct str label)
{
	char room[LABEL_MAX + 1];

	return find(label, room) != NULL;
}

/* ---- converters, a few kept per thread ---- */

#define KEPT 4

struct kept {
	UConverter *converter[KEPT];
	char name[KEPT][LABEL_MAX + 1];
	unsigned next; /* the one to go when another comes */
};

static pthread_key_t kept_key;
static pthread_once_t kept_once = PTHREAD_ONCE_INIT;

static void kept_free(void *p)
{
	struct kept *k = p;

	for (size_t i = 0; i < KEPT; i++)
		if (k->converter[i])
			ucnv_close(k->converter[i]);
	mem_free(k);
}

static void make_key(void)
{
	if (pthread_key_create(&kept_key, kept_free) != 0)
		err_die("no thread-specific storage");
}

static struct kept *kept_get(void)
{
	struct kept *k;

	(void)pthread_once(&kept_once, make_key);
	k = pthread_getspecific(kept_key);
	if (!k) {
		k = mem_zalloc(sizeof(*k));
		if (pthread_setspecific(kept_key, k) != 0)
			err_die("no thread-specific storage");
	}
	return k;
}

/* Take one out, or open it. */
static UConverter *converter_take(const char *name)
{
	struct kept *k = kept_get();
	UErrorCode e = U_ZERO_ERROR;
	UConverter *c;

	for (size_t i = 0; i < KEPT; i++)
		if (k->converter[i] && strcmp(k->name[i], name) == 0) {
			c = k->converter[i];
			k->converter[i] = NULL;
			ucnv_resetToUnicode(c);
			return c;
		}
	c = ucnv_open(name, &e);
	return U_SUCCESS(e) ? c : NULL;
}

static void converter_give(UConverter *c, const char *name)
{
	struct kept *k = kept_get();
	unsigned i = 0;

	while (i < KEPT && k->converter[i])
		i++;
	if (i == KEPT) {
		i = k->next++ % KEPT;
		ucnv_close(k->converter[i]);
	}
	k->converter[i] = c;
	memcpy(k->name[i], name, strlen(name) + 1);
}

/* ---- decoding ---- */

void text_decoder_init(struct text_decoder *d, struct str label)
{
	char room[LABEL_MAX + 1];
	const char *name = find(label, room);

	memset(d, 0, sizeof(*d));
	d->kind = KIND_GUESS;
	if (!name || !*name)
		return;
	if (strcmp(name, "windows-1252") == 0) {
		d->kind = KIND_TABLE;
		d->table = windows_1252;
		return;
	}
	if (strcmp(name, "iso-8859-16") == 0) {
		d->kind = KIND_TABLE;
		d->table = iso_8859_16;
		return;
	}
	d->converter = converter_take(name);
	if (!d->converter)
		return;
	d->kind = KIND_ICU;
	memcpy(d->name, name, strlen(name) + 1); /* at most LABEL_MAX */
}

static size_t ascii_length(struct str s)
{
	size_t n = 0;
	uint64_t word;

	for (; s.n - n >= sizeof(word); n += sizeof(word)) {
		memcpy(&word, s.p + n, sizeof(word));
		if (word & UINT64_C(0x8080808080808080))
			break;
	}
	while (n < s.n && (unsigned char)s.p[n] < 0x80)
		n++;
	return n;
}

static void decode_table(struct text_decoder *d, struct str in, struct buf *out)
{
	while (in.n > 0 && !buf_overflow(out)) {
		size_t n = ascii_length(in);

		buf_add(out, str_to(in, n));
		in = str_from(in, n);
		if (in.n == 0)
			return;
		utf8_add(out, d->table((unsigned char)in.p[0]));
		in = str_from(in, 1);
	}
}

/* How many bytes the character has that begins with `c`. */
static size_t utf8_need(unsigned char c)
{
	if (c < 0xc2)
		return 1;
	if (c < 0xe0)
		return 2;
	return c < 0xf0 ? 3 : c < 0xf5 ? 4 : 1;
}

/* One character, or one byte by windows-1252.  Returns bytes used, 0 when
 * the character may go on behind the end. */
static size_t guess_one(struct str in, bool end, struct buf *out)
{
	size_t need = utf8_need((unsigned char)in.p[0]);
	struct str head = str_to(in, need < in.n ? need : in.n), rest = head;
	uint32_t c;

	if (need > 1 && in.n < need && !end) {
		size_t n = 1;

		while (n < in.n && ((unsigned char)in.p[n] & 0xc0) == 0x80)
			n++;
		if (n == in.n)
			return 0;
	}
	if (utf8_next(&rest, &c) == UTF8_CHAR) {
		buf_add(out, str_to(head, head.n - rest.n));
		return head.n - rest.n;
	}
	utf8_add(out, windows_1252((unsigned char)in.p[0]));
	return 1;
}

/* The bytes held from the last piece, with one more at a time. */
static void guess_held(struct text_decoder *d, struct str *in, bool end,
                       struct buf *out)
{
	while (d->held_n > 0 && (in->n > 0 || end)) {
		size_t used;

		if (in->n > 0 && d->held_n < sizeof(d->held)) {
			d->held[d->held_n++] = in->p[0];
			*in = str_from(*in, 1);
		}
		used = guess_one((struct str){ d->held, d->held_n }, end, out);
		d->held_n = (uint8_t)(d->held_n - used);
		memmove(d->held, d->held + used, d->held_n);
	}
}

static void decode_guess(struct text_decoder *d, struct str in, struct buf *out)
{
	guess_held(d, &in, false, out);
	while (in.n > 0 && !buf_overflow(out)) {
		size_t n = ascii_length(in);

		buf_add(out, str_to(in, n));
		in = str_from(in, n);
		if (in.n == 0)
			return;
		n = guess_one(in, false, out);
		if (n == 0) {
			memcpy(d->held, in.p, in.n);
			d->held_n = (uint8_t)in.n;
			return;
		}
		in = str_from(in, n);
	}
}

static void add_utf16(struct text_decoder *d, const UChar *p, size_t n,
                      struct buf *out)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t c = p[i]; /* NOLINT: ICU filled it */

		if (d->lead && c >= 0xdc00 && c < 0xe000)
			c = 0x10000 + ((uint32_t)(d->lead - 0xd800) << 10) +
			    (c - 0xdc00);
		else if (d->lead)
			utf8_add(out, UTF8_REPLACEMENT);
		d->lead = 0;
		if (c >= 0xd800 && c < 0xdc00)
			d->lead = (uint16_t)c;
		else if (c < 0x80)
			buf_add_c(out, (char)c);
		else
			utf8_add(out, c);
	}
}

static void decode_icu(struct text_decoder *d, struct str in, bool end,
                       struct buf *out)
{
	UChar wide[1024];
	const char *p = in.p, *limit = in.n ? in.p + in.n : in.p;
	UErrorCode e;

	do {
		UChar *to = wide;

		e = U_ZERO_ERROR;
		ucnv_toUnicode(d->converter, &to, wide + 1024, &p, limit, NULL,
		               end, &e);
		add_utf16(d, wide, (size_t)(to - wide), out);
	} while (e == U_BUFFER_OVERFLOW_ERROR && !buf_overflow(out));
}

void text_decode(struct text_decoder *d, struct str in, struct buf *out)
{
	if (d->kind == KIND_ICU)
		decode_icu(d, in, false, out);
	else if (d->kind == KIND_TABLE)
		decode_table(d, in, out);
	else
		decode_guess(d, in, out);
}

void text_decode_end(struct text_decoder *d, struct buf *out)
{
	struct str none = { "", 0 };

	if (d->kind == KIND_GUESS) {
		guess_held(d, &none, true, out);
		return;
	}
	if (d->kind != KIND_ICU)
		return;
	decode_icu(d, none, true, out);
	if (d->lead)
		utf8_add(out, UTF8_REPLACEMENT);
	converter_give(d->converter, d->name);
	d->converter = NULL;
	d->kind = KIND_GUESS;
}

void text_to_utf8(struct buf *out, struct str label, struct str bytes)
{
	struct text_decoder d;

	text_decoder_init(&d, label);
	text_decode(&d, bytes, out);
	text_decode_end(&d, out);
}
