#include "wire/tnef/rtf.h"

#include <string.h>

#include "wire/tnef/private.h"

/* ---- LZFu ---- */

#define WINDOW     4096u
#define PACKED     0x75465a4cu /* "LZFu" */
#define PLAIN      0x414c454du /* "MELA" */
#define LENGTH_MIN 2u

static const char usual[] =
	"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman "
	"\\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes "
	"New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
	"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

struct window {
	char bytes[WINDOW];
	uint32_t at;
	struct buf *out;
	size_t left; /* of what is to come out */
};

static void put(struct window *w, char c)
{
	w->bytes[w->at] = c;
	w->at = (w->at + 1) % WINDOW;
	if (w->left) {
		buf_add_c(w->out, c);
		w->left--;
	}
}

/* False at the end that the packer wrote. */
static bool copy(struct window *w, uint32_t reference)
{
	uint32_t from = reference >> 4, n = (reference & 15) + LENGTH_MIN;

	if (from == w->at)
		return false;
	for (uint32_t i = 0; i < n; i++)
		put(w, w->bytes[(from + i) % WINDOW]);
	return true;
}

static bool unpack(struct window *w, struct tnef_cursor *c)
{
	while (c->rest.n > 0 && w->left && !buf_overflow(w->out)) {
		uint32_t control = tnef_number(c, 1);

		for (int bit = 0; bit < 8; bit++, control >>= 1) {
			struct str two;

			if (c->rest.n == 0)
				return w->left == 0;
			if (!(control & 1)) {
				put(w, (char)tnef_number(c, 1));
				continue;
			}
			two = tnef_take(c, 2);
			if (c->is_short)
				return w->left == 0;
			if (!copy(w, (uint32_t)((unsigned char)two.p[0] << 8 |
			                        (unsigned char)two.p[1])))
				return true;
		}
	}
	return w->left == 0;
}

bool rtf_unpack(struct buf *out, struct str packed)
{
	struct tnef_cursor c = { packed, false };
	uint32_t raw, how;
	struct window w = { .at = sizeof(usual) - 1, .out = out };

	(void)tnef_number(&c, 4); /* its size packed */
	raw = tnef_number(&c, 4);
	how = tnef_number(&c, 4);
	(void)tnef_number(&c, 4); /* a checksum */
	if (c.is_short || raw > RTF_BYTES_MAX)
		return false;
	if (how == PLAIN) {
		bool whole = c.rest.n >= raw;

		buf_add(out, str_to(c.rest, whole ? raw : c.rest.n));
		return whole && !buf_overflow(out);
	}
	if (how != PACKED)
		return false;
	memcpy(w.bytes, usual, sizeof(usual) - 1);
	memset(w.bytes + sizeof(usual) - 1, ' ', WINDOW - sizeof(usual) + 1);
	w.left = raw;
	return unpack(&w, &c) && !buf_overflow(out);
}

/* ---- RTF to HTML ---- */

#define CODEPAGE_USUAL 1252u
#define WORD_MAX       32

struct group {
	bool skip;     /* a destination that is no text */
	bool in_tag;   /* {\*\htmltag: HTML as it was */
	bool shadowed; /* \htmlrtf: RTF for those who know no HTML */
	bool star;     /* \* was read: what is not known is skipped */
	uint32_t uc;   /* bytes behind \u that stand for it */
};

struct reading {
	struct str rest;
	struct buf *out;
	struct group groups[RTF_DEPTH_MAX];
	size_t depth;
	size_t beyond; /* groups deeper than that */
	bool from_html, begun;
	uint32_t codepage;
	uint32_t pass;      /* bytes to be passed over */
	uint32_t surrogate; /* the first half of a pair */
};

static struct group *top(struct reading *r)
{
	return &r->groups[r->depth];
}

static bool is_shown(struct reading *r)
{
	const struct group *g = top(r);

	return !g->skip && (g->in_tag || !g->shadowed);
}

/* Text: a tag is as it was, the rest must not look like one. */
static void add_char(struct reading *r, char c)
{
	if (r->pass) {
		r->pass--;
		return;
	}
	if (!is_shown(r))
		return;
	if (top(r)->in_tag) {
		buf_add_c(r->out, c);
		return;
	}
	switch (c) {
	case '<': buf_add_z(r->out, "&lt;"); break;
	case '>': buf_add_z(r->out, "&gt;"); break;
	case '&': buf_add_z(r->out, "&amp;"); break;
	default: buf_add_c(r->out, c); break;
	}
}

static void add_html(struct reading *r, const char *html)
{
	if (is_shown(r))
		buf_add_z(r->out, html);
}

static void add_unicode(struct reading *r, int32_t number)
{
	uint32_t c = (uint32_t)(number < 0 ? number + 65536 : number);

	r->pass = top(r)->uc;
	if (c >= 0xd800 && c < 0xdc00) {
		r->surrogate = c;
		return;
	}
	if (c >= 0xdc00 && c < 0xe000) {
		if (!r->surrogate)
			return;
		c = 0x10000 + ((r->surrogate - 0xd800) << 10) + (c - 0xdc00);
	}
	r->surrogate = 0;
	if (c > 0x10ffff || (c < 32 && c != 9 && c != 10 && c != 13))
		return;
	if (is_shown(r))
		buf_fmt(r->out, "&#%u;", c);
}

/* ---- control words ---- */

static void line_break(struct reading *r)
{
	if (r->from_html || top(r)->in_tag)
		add_html(r, "\r\n");
	else
		add_html(r, "<br>\r\n");
}

/* Words that stand for text. */
static bool add_word(struct reading *r, struct str word)
{
	static const struct {
		struct str word;
		const char *html;
	} rows[] = {
		{ STR_INIT("tab"), "\t" },
		{ STR_INIT("lquote"), "&lsquo;" },
		{ STR_INIT("rquote"), "&rsquo;" },
		{ STR_INIT("ldblquote"), "&ldquo;" },
		{ STR_INIT("rdblquote"), "&rdquo;" },
		{ STR_INIT("bullet"), "&bull;" },
		{ STR_INIT("endash"), "&ndash;" },
		{ STR_INIT("emdash"), "&mdash;" },
		{ STR_INIT("emspace"), "&emsp;" },
		{ STR_INIT("enspace"), "&ensp;" },
		{ STR_INIT("cell"), " " },
	};

	if (str_eq(word, STR("par")) || str_eq(word, STR("line")) ||
	    str_eq(word, STR("row")) || str_eq(word, STR("page"))) {
		line_break(r);
		return true;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (str_eq(word, rows[i].word)) {
			add_html(r, rows[i].html);
			return true;
		}
	return false;
}

/* Groups that begin with these are no text. */
static bool is_destination(struct str word)
{
	static const struct str words[] = {
		STR_INIT("fonttbl"),    STR_INIT("colortbl"),
		STR_INIT("stylesheet"), STR_INIT("info"),
		STR_INIT("pict"),       STR_INIT("object"),
		STR_INIT("header"),     STR_INIT("footer"),
		STR_INIT("headerl"),    STR_INIT("headerr"),
		STR_INIT("footerl"),    STR_INIT("footerr"),
		STR_INIT("footnote"),   STR_INIT("mhtmltag"),
		STR_INIT("filetbl"),    STR_INIT("listtable"),
		STR_INIT("revtbl"),     STR_INIT("pntext"),
		STR_INIT("xe"),         STR_INIT("tc"),
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eq(word, words[i]))
			return true;
	return false;
}

static void do_word(struct reading *r, struct str word, bool has_number,
                    int32_t number)
{
	struct group *g = top(r);

	if (str_eq(word, STR("u")) && has_number) {
		add_unicode(r, number);
	} else if (str_eq(word, STR("uc"))) {
		g->uc = number >= 0 && number < 16 ? (uint32_t)number : 1;
	} else if (str_eq(word, STR("htmlrtf"))) {
		g->shadowed = !has_number || number != 0;
	} else if (str_eq(word, STR("htmltag"))) {
		g->in_tag = true;
		g->star = false;
	} else if (str_eq(word, STR("fromhtml"))) {
		r->from_html = !has_number || number != 0;
	} else if (str_eq(word, STR("ansicpg")) && number > 0) {
		r->codepage = (uint32_t)number;
	} else if (str_eq(word, STR("bin")) && number > 0) {
		size_t n = (size_t)number;

		r->rest = str_from(r->rest, n < r->rest.n ? n : r->rest.n);
	} else if (g->star || is_destination(word)) {
		g->skip = true;
	} else {
		(void)add_word(r, word);
	}
}

static void read_word(struct reading *r)
{
	struct str word = { r->rest.p, 0 };
	bool has_number = false, minus = false;
	int64_t number = 0;

	while (word.n < r->rest.n && word.n < WORD_MAX &&
	       ascii_is_alpha(word.p[word.n]))
		word.n++;
	r->rest = str_from(r->rest, word.n);
	if (r->rest.n && r->rest.p[0] == '-') {
		minus = true;
		r->rest = str_from(r->rest, 1);
	}
	for (int i = 0; i < 10 && r->rest.n && ascii_is_digit(r->rest.p[0]);
	     i++) {
		number = number * 10 + (r->rest.p[0] - '0');
		has_number = true;
		r->rest = str_from(r->rest, 1);
	}
	if (r->rest.n && r->rest.p[0] == ' ')
		r->rest = str_from(r->rest, 1);
	if (number > INT32_MAX)
		number = INT32_MAX;
	do_word(r, word, has_number, (int32_t)(minus ? -number : number));
}

static void read_hex(struct reading *r)
{
	int high = r->rest.n > 1 ? ascii_hex(r->rest.p[0]) : -1;
	int low = r->rest.n > 1 ? ascii_hex(r->rest.p[1]) : -1;

	if (high < 0 || low < 0)
		return;
	r->rest = str_from(r->rest, 2);
	add_char(r, (char)(high << 4 | low));
}

/* Behind a backslash. */
static void read_control(struct reading *r)
{
	char c;

	if (r->rest.n == 0)
		return;
	c = r->rest.p[0];
	if (ascii_is_alpha(c)) {
		read_word(r);
		return;
	}
	r->rest = str_from(r->rest, 1);
	switch (c) {
	case '\'': read_hex(r); break;
	case '*': top(r)->star = true; break;
	case '~': add_html(r, "&nbsp;"); break;
	case '_': add_html(r, "-"); break;
	case '-': break; /* where a word may be cut */
	case '\r':
	case '\n': line_break(r); break;
	default: add_char(r, c); break;
	}
}

/* ---- groups ---- */

static void open_group(struct reading *r)
{
	if (r->depth + 1 == RTF_DEPTH_MAX) {
		r->beyond++;
		return;
	}
	r->groups[r->depth + 1] = r->groups[r->depth];
	r->depth++;
	top(r)->star = false;
	r->begun = true;
}

static void close_group(struct reading *r)
{
	r->pass = 0;
	if (r->beyond)
		r->beyond--;
	else if (r->depth)
		r->depth--;
}

void rtf_to_html(struct buf *out, struct str rtf, uint32_t *codepage_out)
{
	struct reading r = { .rest = rtf,
		             .out = out,
		             .codepage = CODEPAGE_USUAL };

	r.groups[0].uc = 1;
	while (r.rest.n && !buf_overflow(out)) {
		char c = r.rest.p[0];

		r.rest = str_from(r.rest, 1);
		switch (c) {
		case '{': open_group(&r); break;
		case '}':
			close_group(&r);
			/* Behind the document nothing counts. */
			if (r.begun && r.depth == 0)
				r.rest.n = 0;
			break;
		case '\\': read_control(&r); break;
		case '\r':
		case '\n':
		case '\0': break;
		default:
			if (r.begun)
				add_char(&r, c);
			break;
		}
	}
	*codepage_out = r.codepage;
}
