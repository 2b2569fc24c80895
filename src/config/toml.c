#include "config/toml.h"

#include "base/buf.h"
#include "base/utf8.h"

struct toml_reader toml_reader(struct str text)
{
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_from(text, 3);
	return (struct toml_reader){ .text = text, .line = 1 };
}

/* The byte `ahead` of the cursor; NUL at the end. */
static char peek(const struct toml_reader *r, size_t ahead)
{
	size_t at = r->at + ahead;

	return at < r->text.n ? r->text.p[at] : '\0';
}

static bool at_end(const struct toml_reader *r)
{
	return r->at >= r->text.n;
}

static bool at_newline(const struct toml_reader *r)
{
	return peek(r, 0) == '\n' || (peek(r, 0) == '\r' && peek(r, 1) == '\n');
}

static bool at_line_end(const struct toml_reader *r)
{
	return at_end(r) || at_newline(r);
}

static void take_newline(struct toml_reader *r)
{
	if (at_end(r))
		return;
	r->at += peek(r, 0) == '\r' ? 2 : 1;
	r->line++;
	r->line_at = r->at;
}

static void skip_blanks(struct toml_reader *r)
{
	while (peek(r, 0) == ' ' || peek(r, 0) == '\t')
		r->at++;
}

static void skip_line(struct toml_reader *r)
{
	while (!at_line_end(r))
		r->at++;
}

static struct str current_line(const struct toml_reader *r)
{
	struct str s = str_from(r->text, r->line_at);
	size_t end = str_chr(s, '\n');

	if (end != STR_NPOS)
		s = str_to(s, end);
	if (s.n && s.p[s.n - 1] == '\r')
		s.n--;
	return s;
}

/* From `from` to the cursor, which are on one line. */
static struct toml_mark mark_from(const struct toml_reader *r, size_t from)
{
	struct str before = { r->text.p + r->line_at, from - r->line_at };
	struct str marked = { r->text.p + from, r->at - from };
	size_t width = utf8_count(marked);

	return (struct toml_mark){
		.line = r->line,
		.column = (unsigned)utf8_count(before) + 1,
		.width = width ? (unsigned)width : 1,
		.source = current_line(r),
	};
}

static bool bad(const struct toml_reader *r, struct toml_item *out, size_t from,
                const char *error, const char *hint)
{
	out->error = error;
	out->hint = hint;
	out->mark = mark_from(r, from);
	return false;
}

static bool is_key_char(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '_' || c == '-';
}

/* bare-key *( "." bare-key ), blanks around the dots allowed. */
static bool read_key(struct toml_reader *r, struct arena *a,
                     struct toml_item *out)
{
	char name[TOML_KEY_MAX];
	size_t n = 0, from = r->at;

	for (;;) {
		size_t part = r->at, length;

		while (is_key_char(peek(r, 0)))
			r->at++;
		length = r->at - part;
		if (!length) {
			r->at += !at_line_end(r);
			return bad(r, out, r->at > part ? part : from,
			           "a key is expected here",
			           "keys are letters, digits and '_'");
		}
		if (n + length + 1 > sizeof(name))
			return bad(r, out, from, "the key is too long", NULL);
		for (size_t i = 0; i < length; i++)
			name[n++] = r->text.p[part + i];
		out->key_mark = mark_from(r, from);
		skip_blanks(r);
		if (peek(r, 0) != '.')
			break;
		name[n++] = '.';
		r->at++;
		skip_blanks(r);
	}
	out->key = arena_dup(a, (struct str){ name, n });
	return true;
}

static bool read_unicode(struct toml_reader *r, unsigned digits,
                         struct buf *text)
{
	uint32_t c = 0;
	char utf8[4];
	size_t n;

	for (unsigned i = 0; i < digits; i++) {
		int v = ascii_hex(peek(r, i));

		if (v < 0)
			return false;
		c = c << 4 | (uint32_t)v;
	}
	n = utf8_encode(c, utf8);
	if (!n || c == 0)
		return false;
	r->at += digits;
	buf_add(text, (struct str){ utf8, n });
	return true;
}

/* The cursor is behind the backslash. */
static bool read_escape(struct toml_reader *r, struct buf *text)
{
	static const char from[] = "btnfr\"\\";
	static const char to[] = "\b\t\n\f\r\"\\";
	char c = peek(r, 0);

	for (size_t i = 0; c && i < sizeof(from) - 1; i++)
		if (c == from[i]) {
			r->at++;
			buf_add_c(text, to[i]);
			return true;
		}
	if (c != 'u' && c != 'U')
		return false;
	r->at++;
	return read_unicode(r, c == 'u' ? 4 : 8, text);
}

/* A string in one line: "..." with escapes, '...' without. */
static bool read_string_text(struct toml_reader *r, struct toml_item *out,
                             struct buf *text)
{
	size_t from = r->at;
	char quote = peek(r, 0);

	r->at++;
	while (peek(r, 0) != quote) {
		char c = peek(r, 0);
		size_t at = r->at;

		if (at_line_end(r))
			return bad(r, out, from,
			           "the string does not end in its line", NULL);
		r->at++;
		if (c == '\\' && quote == '"') {
			if (!read_escape(r, text))
				return bad(r, out, at,
				           "no such escape in a string",
				           "use '...' for a string with "
				           "backslashes");
		} else if (((unsigned char)c < ' ' && c != '\t') || c == 127) {
			return bad(r, out, at,
			           "a control character in a string", NULL);
		} else {
			buf_add_c(text, c);
		}
	}
	r->at++;
	if (buf_overflow(text))
		return bad(r, out, from, "the string is too long", NULL);
	if (!utf8_is_valid(buf_str(text)))
		return bad(r, out, from, "the string is not UTF-8", NULL);
	return true;
}

static bool read_string(struct toml_reader *r, struct arena *a,
                        struct toml_item *out, struct str *text_out)
{
	struct buf text;
	bool ok;

	buf_init(&text, TOML_STRING_MAX);
	ok = read_string_text(r, out, &text);
	if (ok)
		*text_out = arena_dup(a, buf_str(&text));
	buf_deinit(&text);
	return ok;
}

static bool read_word(struct toml_reader *r, struct arena *a,
                      struct toml_item *out)
{
	size_t from = r->at;
	struct str word;

	while (!at_line_end(r) && peek(r, 0) != ' ' && peek(r, 0) != '\t' &&
	       peek(r, 0) != '#' && peek(r, 0) != ',' && peek(r, 0) != ']')
		r->at++;
	word = (struct str){ r->text.p + from, r->at - from };
	if (!word.n)
		return bad(r, out, from, "a value is expected here", NULL);
	if (str_eq(word, STR("true")) || str_eq(word, STR("false"))) {
		out->value.type = TOML_BOOLEAN;
		out->value.truth = word.n == 4;
		out->value.text = word;
		return true;
	}
	if (word.n > 40)
		return bad(r, out, from, "this is no value", NULL);
	return bad(r, out, from, "this is no value",
	           arena_fmt(a, "write text in quotes: \"%.*s\"", STR_ARG(word))
	                   .p);
}

/* [+-]digits, with single '_' between digits. */
static bool read_number(struct toml_reader *r, struct arena *a,
                        struct toml_item *out)
{
	size_t from = r->at, at = r->at;
	struct str s = r->text;
	bool negative = s.p[at] == '-';
	uint64_t v = 0;
	bool fits = true;

	at += s.p[at] == '-' || s.p[at] == '+';
	for (; at < s.n && (ascii_is_digit(s.p[at]) || s.p[at] == '_'); at++) {
		if (s.p[at] == '_') {
			if (at + 1 >= s.n || !ascii_is_digit(s.p[at + 1]) ||
			    !ascii_is_digit(s.p[at - 1]))
				return read_word(r, a, out);
			continue;
		}
		fits &= v <= (UINT64_MAX - 9) / 10;
		v = fits ? v * 10 + (uint64_t)(s.p[at] - '0') : v;
	}
	if (!ascii_is_digit(s.p[at - 1]))
		return read_word(r, a, out);
	if (at < s.n && (is_key_char(s.p[at]) || s.p[at] == '.'))
		return read_word(r, a, out);
	r->at = at;
	if (!fits)
		return bad(r, out, from, "the number is too large", NULL);
	out->value.type = TOML_INTEGER;
	out->value.number = v;
	out->value.negative = negative && v;
	out->value.text = (struct str){ s.p + from, at - from };
	return true;
}

static void skip_comment(struct toml_reader *r)
{
	if (peek(r, 0) == '#')
		skip_line(r);
}

/* Blanks, comments and line ends, inside an array. */
static void skip_space(struct toml_reader *r)
{
	for (;;) {
		skip_blanks(r);
		skip_comment(r);
		if (at_end(r) || !at_newline(r))
			return;
		take_newline(r);
	}
}

static bool read_array_item(struct toml_reader *r, struct arena *a,
                            struct toml_item *out, struct str *item)
{
	char c = peek(r, 0);
	size_t from = r->at;

	if (c == '"' || c == '\'')
		return read_string(r, a, out, item);
	if (at_end(r))
		return bad(r, out, from, "the list is not closed",
		           "end it with ]");
	r->at++;
	return bad(r, out, from, "a list holds strings in quotes", NULL);
}

static bool read_array(struct toml_reader *r, struct arena *a,
                       struct toml_item *out)
{
	struct str *items = NULL;
	size_t n = 0, cap = 0;
	size_t open = r->at;
	struct toml_mark mark;

	r->at++;
	r->in_list = true;
	mark = mark_from(r, open);
	for (skip_space(r); peek(r, 0) != ']'; skip_space(r)) {
		if (n == TOML_ITEMS_MAX)
			return bad(r, out, r->at, "the list is too long", NULL);
		items = arena_grow(a, items, n, &cap, sizeof(*items));
		if (!read_array_item(r, a, out, &items[n++]))
			return false;
		skip_space(r);
		if (peek(r, 0) == ',')
			r->at++;
		else if (peek(r, 0) != ']')
			return bad(r, out, r->at,
			           "a comma or ] is expected here", NULL);
	}
	r->at++;
	r->in_list = false;
	if (r->line == mark.line)
		mark = mark_from(r, open);
	out->value.type = TOML_ARRAY;
	out->value.items = items;
	out->value.items_n = n;
	out->value_mark = mark;
	return true;
}

static bool read_value(struct toml_reader *r, struct arena *a,
                       struct toml_item *out)
{
	size_t from = r->at;
	char c = peek(r, 0);
	bool ok;

	if (c == '[')
		return read_array(r, a, out);
	if (at_line_end(r) || c == '#')
		return bad(r, out, from, "the value is missing", NULL);
	if (c == '"' || c == '\'') {
		out->value.type = TOML_STRING;
		ok = read_string(r, a, out, &out->value.text);
	} else if (ascii_is_digit(c) ||
	           ((c == '-' || c == '+') && ascii_is_digit(peek(r, 1)))) {
		ok = read_number(r, a, out);
	} else {
		ok = read_word(r, a, out);
	}
	if (ok)
		out->value_mark = mark_from(r, from);
	return ok;
}

static bool read_section(struct toml_reader *r, struct arena *a,
                         struct toml_item *out)
{
	size_t from = r->at;

	r->at++;
	if (peek(r, 0) == '[') {
		r->at++;
		return bad(r, out, from, "tables in a list are not used here",
		           "write [section]");
	}
	skip_blanks(r);
	if (!read_key(r, a, out))
		return false;
	if (peek(r, 0) != ']')
		return bad(r, out, from, "the section's name is not closed",
		           "end it with ]");
	r->at++;
	return true;
}

static bool read_pair(struct toml_reader *r, struct arena *a,
                      struct toml_item *out)
{
	if (!read_key(r, a, out))
		return false;
	if (peek(r, 0) != '=')
		return bad(r, out, r->at, "= is expected here",
		           "a setting is written  key = value");
	r->at++;
	skip_blanks(r);
	return read_value(r, a, out);
}

/* After a mistake in a list, pass the lines that look like more of it: one
 * mistake should not be told as many. */
static void skip_list(struct toml_reader *r)
{
	while (r->in_list && !at_end(r)) {
		struct toml_reader next = *r;
		char c;

		take_newline(&next);
		skip_blanks(&next);
		c = peek(&next, 0);
		if (c != '"' && c != '\'' && c != ']' && c != ',' && c != '#')
			break;
		skip_line(&next);
		*r = next;
	}
	r->in_list = false;
}

enum toml_result toml_next(struct toml_reader *r, struct arena *a,
                           struct toml_item *out)
{
	enum toml_result result;
	bool ok;

	*out = (struct toml_item){ .error = NULL };
	skip_space(r);
	if (at_end(r))
		return TOML_END;
	result = peek(r, 0) == '[' ? TOML_SECTION : TOML_PAIR;
	ok = result == TOML_SECTION ? read_section(r, a, out)
	                            : read_pair(r, a, out);
	skip_blanks(r);
	if (ok && !at_line_end(r) && peek(r, 0) != '#') {
		size_t from = r->at;

		skip_line(r);
		ok = bad(r, out, from, "the line should end here",
		         "one setting in a line");
	}
	skip_line(r);
	skip_list(r);
	return ok ? result : TOML_BAD;
}

void toml_write_string(struct buf *out, struct str s)
{
	buf_add_c(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '"' || c == '\\')
			buf_fmt(out, "\\%c", c);
		else if ((unsigned char)c < ' ' || c == 127)
			buf_fmt(out, "\\u%04x", (unsigned)c);
		else
			buf_add_c(out, c);
	}
	buf_add_c(out, '"');
}
