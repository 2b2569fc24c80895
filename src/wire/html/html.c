#include "wire/html/html.h"

#include <string.h>

#include "base/utf8.h"
#include "wire/html/entity.h"

enum {
	IN_TEXT,
	IN_ENTITY,    /* behind "&"; held is its name */
	IN_TAG_OPEN,  /* behind "<" */
	IN_TAG_NAME,  /* held is the name, with its "/" */
	IN_TAG,       /* attributes, to the ">" */
	IN_MARKUP,    /* behind "<!": a comment if "--" follows */
	IN_COMMENT,   /* to "-->" */
	IN_BOGUS,     /* declarations and instructions: to ">" */
	IN_RAW,       /* in a skipped element */
	IN_RAW_LT,    /* behind "<" there */
	IN_RAW_CLOSE, /* behind "</" there; held is the name */
};

/* The longest name of HTML 4 has 8 characters, "&#x0010ffff;" has 10. */
#define ENTITY_MAX 32

void html_text_init(struct html_text *h, struct buf *out)
{
	memset(h, 0, sizeof(*h));
	h->out = out;
}

/* ---- out ---- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static void emit(struct html_text *h, struct str s)
{
	if (s.n == 0)
		return;
	if (h->begun && h->line)
		buf_add_c(h->out, '\n');
	else if (h->begun && h->space)
		buf_add_c(h->out, ' ');
	h->begun = true;
	h->space = false;
	h->line = false;
	buf_add(h->out, s);
}

static void emit_char(struct html_text *h, uint32_t c)
{
	char bytes[4];

	if (c == 0xa0 || (c < 0x80 && is_blank((char)c)))
		h->space = true;
	else if (c >= 0x20 && c != 0x7f)
		emit(h, (struct str){ bytes, utf8_encode(c, bytes) });
}

/* ---- entities ---- */

/* HTML, 13.2.5.80: the numbers 128..159 mean windows-1252. */
static uint32_t number_char(uint32_t c)
{
	static const uint16_t windows_1252[32] = {
		0x20ac, 0x0081, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
		0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008d, 0x017d, 0x008f,
		0x0090, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
		0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x009d, 0x017e, 0x0178
	};

	if (c >= 0x80 && c < 0xa0)
		return windows_1252[c - 0x80];
	if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return UTF8_REPLACEMENT;
	return c;
}

static uint32_t entity_number(struct str s)
{
	bool hex = s.n > 1 && (s.p[1] == 'x' || s.p[1] == 'X');
	size_t i = hex ? 2 : 1;
	uint32_t v = 0;

	if (i == s.n)
		return 0;
	for (; i < s.n; i++) {
		int d = ascii_hex(s.p[i]);

		if (d < 0 || (!hex && d > 9))
			return 0;
		if (v <= 0x10ffff)
			v = v * (hex ? 16 : 10) + (uint32_t)d;
	}
	return number_char(v);
}

uint32_t html_entity(struct str name)
{
	if (name.n > 1 && name.p[0] == '#')
		return entity_number(name);
	return html_entity_named(name);
}

/* The name is whole.  Without its semicolon only numbers and the names that
 * browsers read so (Latin-1) count; what is none is text. */
static void end_entity(struct html_text *h, bool semicolon)
{
	struct str name = { h->held, h->n };
	uint32_t c = html_entity(name);

	h->state = IN_TEXT;
	if (c && (semicolon || c < 0x100 || name.p[0] == '#')) {
		emit_char(h, c);
		return;
	}
	emit(h, STR("&"));
	emit(h, name);
	if (semicolon)
		emit(h, STR(";"));
}

static bool is_entity_char(const struct html_text *h, char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) ||
	       (c == '#' && h->n == 0);
}

/* ---- tags ---- */

enum element {
	ELEMENT_PLAIN,
	ELEMENT_LINE, /* begins and ends a line */
	ELEMENT_CELL,
	ELEMENT_SKIP, /* what is in it is not read */
};

/* In the order of their lengths. */
static enum element element_of(struct str name)
{
	static const struct {
		struct str name;
		enum element element;
	} rows[] = {
		/* clang-format off */
		{ STR_INIT("p"), ELEMENT_LINE },
		{ STR_INIT("br"), ELEMENT_LINE },
		{ STR_INIT("dd"), ELEMENT_LINE },
		{ STR_INIT("dl"), ELEMENT_LINE },
		{ STR_INIT("dt"), ELEMENT_LINE },
		{ STR_INIT("h1"), ELEMENT_LINE },
		{ STR_INIT("h2"), ELEMENT_LINE },
		{ STR_INIT("h3"), ELEMENT_LINE },
		{ STR_INIT("h4"), ELEMENT_LINE },
		{ STR_INIT("h5"), ELEMENT_LINE },
		{ STR_INIT("h6"), ELEMENT_LINE },
		{ STR_INIT("hr"), ELEMENT_LINE },
		{ STR_INIT("li"), ELEMENT_LINE },
		{ STR_INIT("ol"), ELEMENT_LINE },
		{ STR_INIT("td"), ELEMENT_CELL },
		{ STR_INIT("th"), ELEMENT_CELL },
		{ STR_INIT("tr"), ELEMENT_LINE },
		{ STR_INIT("ul"), ELEMENT_LINE },
		{ STR_INIT("div"), ELEMENT_LINE },
		{ STR_INIT("nav"), ELEMENT_LINE },
		{ STR_INIT("pre"), ELEMENT_LINE },
		{ STR_INIT("form"), ELEMENT_LINE },
		{ STR_INIT("main"), ELEMENT_LINE },
		{ STR_INIT("aside"), ELEMENT_LINE },
		{ STR_INIT("style"), ELEMENT_SKIP },
		{ STR_INIT("table"), ELEMENT_LINE },
		{ STR_INIT("tbody"), ELEMENT_LINE },
		{ STR_INIT("tfoot"), ELEMENT_LINE },
		{ STR_INIT("thead"), ELEMENT_LINE },
		{ STR_INIT("title"), ELEMENT_SKIP },
		{ STR_INIT("center"), ELEMENT_LINE },
		{ STR_INIT("figure"), ELEMENT_LINE },
		{ STR_INIT("footer"), ELEMENT_LINE },
		{ STR_INIT("header"), ELEMENT_LINE },
		{ STR_INIT("iframe"), ELEMENT_SKIP },
		{ STR_INIT("legend"), ELEMENT_LINE },
		{ STR_INIT("object"), ELEMENT_SKIP },
		{ STR_INIT("option"), ELEMENT_LINE },
		{ STR_INIT("script"), ELEMENT_SKIP },
		{ STR_INIT("address"), ELEMENT_LINE },
		{ STR_INIT("article"), ELEMENT_LINE },
		{ STR_INIT("caption"), ELEMENT_LINE },
		{ STR_INIT("noembed"), ELEMENT_SKIP },
		{ STR_INIT("section"), ELEMENT_LINE },
		{ STR_INIT("fieldset"), ELEMENT_LINE },
		{ STR_INIT("noframes"), ELEMENT_SKIP },
		{ STR_INIT("template"), ELEMENT_SKIP },
		{ STR_INIT("blockquote"), ELEMENT_LINE },
		/* clang-format on */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].name.n < name.n)
			continue;
		if (rows[i].name.n > name.n)
			break;
		if (str_eq_case(rows[i].name, name))
			return rows[i].element;
	}
	return ELEMENT_PLAIN;
}

static void end_name(struct html_text *h)
{
	bool closing = h->held[0] == '/';
	struct str name = { h->held + closing, (size_t)h->n - closing };

	switch (element_of(name)) {
	case ELEMENT_PLAIN: return;
	case ELEMENT_LINE: h->line = true; return;
	case ELEMENT_CELL: h->space = true; return;
	case ELEMENT_SKIP: break;
	}
	if (closing)
		return;
	for (size_t i = 0; i < name.n; i++)
		h->skip[i] = ascii_lower(name.p[i]);
	h->skip[name.n] = '\0';
}

static void end_tag(struct html_text *h)
{
	h->state = h->skip[0] ? IN_RAW : IN_TEXT;
	h->quote = 0;
}

/* A quote opens a value only behind "=". */
static void tag_byte(struct html_text *h, char c)
{
	if (h->quote == '"' || h->quote == '\'') {
		if (c == (char)h->quote)
			h->quote = 0;
	} else if (c == '>') {
		end_tag(h);
	} else if (h->quote == '=' && (c == '"' || c == '\'')) {
		h->quote = (uint8_t)c;
	} else if (!is_blank(c)) {
		h->quote = c == '=' ? '=' : 0;
	}
}

static void tag_name_byte(struct html_text *h, char c)
{
	if (c == '>' || c == '/' || is_blank(c)) {
		end_name(h);
		h->state = IN_TAG;
		h->quote = 0;
		tag_byte(h, c);
	} else if (h->n < HTML_TAG_MAX) {
		h->held[h->n++] = c;
	}
}

/* False: the byte is to be read again. */
static bool tag_open_byte(struct html_text *h, char c)
{
	if (ascii_is_alpha(c) || c == '/') {
		h->held[0] = c;
		h->n = 1;
		h->state = IN_TAG_NAME;
		return true;
	}
	if (c == '!' || c == '?') {
		h->state = c == '!' ? IN_MARKUP : IN_BOGUS;
		h->dashes = 0;
		return true;
	}
	h->state = IN_TEXT;
	emit(h, STR("<"));
	return false;
}

static bool markup_byte(struct html_text *h, char c)
{
	if (c == '-') {
		if (++h->dashes == 2)
			h->state = IN_COMMENT;
		return true;
	}
	h->state = IN_BOGUS;
	return false;
}

/* Two hyphens count already, as browsers end "<!-->" at once. */
static void comment_byte(struct html_text *h, char c)
{
	if (c == '>' && h->dashes >= 2)
		h->state = IN_TEXT;
	else if (c == '-')
		h->dashes = h->dashes < 2 ? h->dashes + 1 : 2;
	else if (c != '!' || h->dashes < 2)
		h->dashes = 0;
}

static bool raw_close_byte(struct html_text *h, char c)
{
	size_t n = strlen(h->skip);

	if (h->n < n && ascii_lower(c) == h->skip[h->n]) {
		h->n++;
		return true;
	}
	if (h->n < n || !(c == '>' || c == '/' || is_blank(c))) {
		h->state = IN_RAW;
		return false;
	}
	h->skip[0] = '\0';
	h->state = IN_TAG;
	h->quote = 0;
	tag_byte(h, c);
	return true;
}

static bool raw_lt_byte(struct html_text *h, char c)
{
	h->state = c == '/' ? IN_RAW_CLOSE : IN_RAW;
	h->n = 0;
	return c == '/';
}

/* ---- in ---- */

/* A run of text, or one byte that changes the state: bytes used. */
static size_t text_bytes(struct html_text *h, struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] != '<' && s.p[n] != '&' &&
	       (unsigned char)s.p[n] > ' ')
		n++;
	if (n > 0) {
		emit(h, str_to(s, n));
		return n;
	}
	if (s.p[0] == '<') {
		h->state = IN_TAG_OPEN;
	} else if (s.p[0] == '&') {
		h->state = IN_ENTITY;
		h->n = 0;
	} else if (is_blank(s.p[0])) {
		h->space = true;
	} /* other control characters are no text */
	return 1;
}

static bool entity_byte(struct html_text *h, char c)
{
	if (is_entity_char(h, c) && h->n < ENTITY_MAX) {
		h->held[h->n++] = c;
		return true;
	}
	end_entity(h, c == ';');
	return c == ';';
}

/* Up to the next `c`, all of `s` when there is none. */
static size_t upto(struct str s, char c)
{
	const char *at = memchr(s.p, c, s.n);

	return at ? (size_t)(at - s.p) : s.n;
}

/* In a tag: what says nothing at once. */
static size_t tag_bytes(struct html_text *h, struct str s)
{
	size_t n = 0;

	if (h->quote == '"' || h->quote == '\'') {
		n = upto(s, (char)h->quote);
	} else if (h->quote == 0) {
		while (n < s.n && s.p[n] != '>' && s.p[n] != '=')
			n++;
	}
	if (n > 0)
		return n;
	tag_byte(h, s.p[0]);
	return 1;
}

static size_t step(struct html_text *h, struct str s)
{
	char c = s.p[0];

	switch (h->state) {
	case IN_TEXT: return text_bytes(h, s);
	case IN_ENTITY: return entity_byte(h, c);
	case IN_TAG_OPEN: return tag_open_byte(h, c);
	case IN_TAG_NAME: tag_name_byte(h, c); return 1;
	case IN_TAG: return tag_bytes(h, s);
	case IN_MARKUP: return markup_byte(h, c);
	case IN_COMMENT: comment_byte(h, c); return 1;
	case IN_BOGUS:
		if (c == '>')
			h->state = IN_TEXT;
		return 1;
	case IN_RAW:
		if (c != '<')
			return upto(s, '<');
		h->state = IN_RAW_LT;
		return 1;
	case IN_RAW_LT: return raw_lt_byte(h, c);
	default: return raw_close_byte(h, c);
	}
}

/* A byte that is read again is so once: its new state takes it. */
void html_text_add(struct html_text *h, struct str utf8)
{
	while (utf8.n > 0 && !buf_overflow(h->out))
		utf8 = str_from(utf8, step(h, utf8));
}

void html_text_end(struct html_text *h)
{
	if (h->state == IN_ENTITY)
		end_entity(h, false);
	else if (h->state == IN_TAG_OPEN)
		emit(h, STR("<"));
}

void html_to_text(struct buf *out, struct str utf8)
{
	struct html_text h;

	html_text_init(&h, out);
	html_text_add(&h, utf8);
	html_text_end(&h);
}

bool html_is_likely(struct str s)
{
	static const struct str marks[] = {
		STR_INIT("<!doctype html"), STR_INIT("<html"),
		STR_INIT("<head"), STR_INIT("<body"), STR_INIT("<meta")
	};

	while (s.n > 0 && is_blank(s.p[0]))
		s = str_from(s, 1);
	if (str_starts(s, STR("\xef\xbb\xbf")))
		s = str_from(s, 3);
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (str_starts_case(s, marks[i]))
			return true;
	return false;
}
