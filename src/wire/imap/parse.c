#include "wire/imap/parse.h"

#include "wire/imap/chars.h"

struct imap_parser imap_parser(struct str text, struct arena *arena)
{
	return (struct imap_parser){ .in = text, .arena = arena };
}

bool imap_parse_fail(struct imap_parser *p, const char *why)
{
	if (!p->error)
		p->error = why;
	return false;
}

bool imap_peek(const struct imap_parser *p, char c)
{
	return p->in.n > 0 && p->in.p[0] == c;
}

bool imap_accept(struct imap_parser *p, char c)
{
	if (!imap_peek(p, c))
		return false;
	p->in = str_from(p->in, 1);
	return true;
}

bool imap_parse_char(struct imap_parser *p, char c)
{
	if (imap_accept(p, c))
		return true;
	switch (c) {
	case ' ': return imap_parse_fail(p, "Space expected");
	case '(': return imap_parse_fail(p, "\"(\" expected");
	case ')': return imap_parse_fail(p, "\")\" expected");
	case '[': return imap_parse_fail(p, "\"[\" expected");
	case ']': return imap_parse_fail(p, "\"]\" expected");
	default: return imap_parse_fail(p, "Unexpected character");
	}
}

bool imap_parse_sp(struct imap_parser *p)
{
	return imap_parse_char(p, ' ');
}

bool imap_parse_end(struct imap_parser *p)
{
	/* Many programs leave a blank at the end of the line. */
	while (imap_accept(p, ' '))
		;
	return p->in.n == 0 || imap_parse_fail(p, "Unexpected argument");
}

static struct str take_class(struct imap_parser *p, unsigned char class)
{
	size_t n = 0;
	struct str s;

	while (n < p->in.n && imap_is(p->in.p[n], class))
		n++;
	s = str_to(p->in, n);
	p->in = str_from(p->in, n);
	return s;
}

bool imap_accept_word(struct imap_parser *p, struct str word)
{
	if (!str_starts_case(p->in, word))
		return false;
	if (p->in.n > word.n && imap_is(p->in.p[word.n], IMAP_C_ATOM))
		return false;
	p->in = str_from(p->in, word.n);
	return true;
}

bool imap_parse_tag(struct imap_parser *p, struct str *out)
{
	struct str s = take_class(p, IMAP_C_TAG);

	if (s.n == 0)
		return imap_parse_fail(p, "Tag expected");
	*out = s;
	return true;
}

bool imap_parse_atom(struct imap_parser *p, struct str *out)
{
	struct str s = take_class(p, IMAP_C_ATOM);

	if (s.n == 0)
		return imap_parse_fail(p, "Atom expected");
	*out = s;
	return true;
}

/* The text between the quotes has `escapes` backslashes: copy it without. */
static struct str unescape(struct arena *a, struct str s)
{
	char *to = arena_alloc(a, s.n);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		to[n++] = s.p[i];
	}
	return (struct str){ to, n };
}

static bool parse_quoted(struct imap_parser *p, struct str *out)
{
	struct str s = str_from(p->in, 1);
	size_t n = 0;
	bool escaped = false;

	while (n < s.n && s.p[n] != '"') {
		if (s.p[n] == '\r' || s.p[n] == '\n' || s.p[n] == '\0')
			return imap_parse_fail(p, "Bad character in a string");
		if (s.p[n] == '\\') {
			escaped = true;
			n++;
			if (n == s.n || (s.p[n] != '"' && s.p[n] != '\\'))
				return imap_parse_fail(
					p, "Bad escape in a string");
		}
		n++;
	}
	if (n == s.n)
		return imap_parse_fail(p, "Missing closing quote");
	p->in = str_from(s, n + 1);
	*out = escaped ? unescape(p->arena, str_to(s, n)) : str_to(s, n);
	return true;
}

/* "{" number ["+" / "-"] "}" CRLF bytes; the reader has checked the size. */
static bool parse_literal(struct imap_parser *p, struct str *out)
{
	struct str s = p->in, digits;
	size_t close = str_chr(s, '}');
	uint64_t n;

	if (close == STR_NPOS)
		return imap_parse_fail(p, "Bad literal");
	digits = (struct str){ s.p + 1, close - 1 };
	if (digits.n > 0 &&
	    (digits.p[digits.n - 1] == '+' || digits.p[digits.n - 1] == '-'))
		digits.n--;
	s = str_from(s, close + 1);
	if (!str_starts(s, STR("\r\n")) || !str_to_u64(digits, s.n - 2, &n))
		return imap_parse_fail(p, "Bad literal");
	*out = (struct str){ s.p + 2, (size_t)n };
	p->in = str_from(s, 2 + (size_t)n);
	return true;
}

bool imap_parse_string(struct imap_parser *p, struct str *out)
{
	if (imap_peek(p, '"'))
		return parse_quoted(p, out);
	if (imap_peek(p, '{'))
		return parse_literal(p, out);
	if (str_starts(p->in, STR("~{"))) {
		p->in = str_from(p->in, 1);
		return parse_literal(p, out);
	}
	return imap_parse_fail(p, "String expected");
}

static bool parse_word_or_string(struct imap_parser *p, unsigned char class,
                                 struct str *out)
{
	struct str s;

	if (imap_peek(p, '"') || imap_peek(p, '{') ||
	    str_starts(p->in, STR("~{")))
		return imap_parse_string(p, out);
	s = take_class(p, class);
	if (s.n == 0)
		return imap_parse_fail(p, "Argument expected");
	*out = s;
	return true;
}

bool imap_parse_astring(struct imap_parser *p, struct str *out)
{
	return parse_word_or_string(p, IMAP_C_ASTRING, out);
}

bool imap_parse_list_mailbox(struct imap_parser *p, struct str *out)
{
	return parse_word_or_string(p, IMAP_C_LIST, out);
}

bool imap_parse_nstring(struct imap_parser *p, struct str *out,
                        bool *is_nil_out)
{
	if (imap_accept_word(p, STR("NIL"))) {
		*out = (struct str){ NULL, 0 };
		*is_nil_out = true;
		return true;
	}
	if (!imap_parse_string(p, out))
		return false;
	*is_nil_out = false;
	return true;
}

bool imap_parse_number64(struct imap_parser *p, uint64_t *out)
{
	struct str s = take_class(p, IMAP_C_DIGIT);

	/* RFC 9051, 9: number64 is 63 bits. */
	if (!str_to_u64(s, INT64_MAX, out))
		return imap_parse_fail(p, "Number expected");
	return true;
}

bool imap_parse_number(struct imap_parser *p, uint32_t *out)
{
	struct str s = take_class(p, IMAP_C_DIGIT);

	if (!str_to_u32(s, out))
		return imap_parse_fail(p, "Number expected");
	return true;
}

bool imap_parse_nz_number(struct imap_parser *p, uint32_t *out)
{
	uint32_t n;

	if (!imap_parse_number(p, &n))
		return false;
	if (n == 0)
		return imap_parse_fail(p, "Number must not be zero");
	*out = n;
	return true;
}

static const struct {
	struct str name;
	uint32_t bit;
} system_flags[] = {
	{ STR_INIT("Seen"), IMAP_SEEN },
	{ STR_INIT("Answered"), IMAP_ANSWERED },
	{ STR_INIT("Flagged"), IMAP_FLAGGED },
	{ STR_INIT("Deleted"), IMAP_DELETED },
	{ STR_INIT("Draft"), IMAP_DRAFT },
	{ STR_INIT("Recent"), IMAP_RECENT },
};

static bool add_system_flag(struct imap_parser *p, struct str name,
                            struct imap_flags *out)
{
	for (size_t i = 0; i < sizeof(system_flags) / sizeof(*system_flags);
	     i++) {
		if (str_eq_case(name, system_flags[i].name)) {
			out->system |= system_flags[i].bit;
			return true;
		}
	}
	return imap_parse_fail(p, "No such system flag");
}

/* Keywords have no case (RFC 9051, 2.3.2): one that is there is not added. */
static bool has_keyword(const struct imap_flags *f, struct str name)
{
	for (size_t i = 0; i < f->n_keywords; i++)
		if (str_eq_case(f->keywords[i], name))
			return true;
	return false;
}

bool imap_parse_flag(struct imap_parser *p, struct imap_flags *out)
{
	bool is_system = imap_accept(p, '\\');
	struct str name;

	if (!imap_parse_atom(p, &name))
		return false;
	if (is_system)
		return add_system_flag(p, name, out);
	if (name.n > IMAP_KEYWORD_MAX)
		return imap_parse_fail(p, "Keyword too long");
	if (has_keyword(out, name))
		return true;
	if (out->n_keywords == IMAP_FLAGS_MAX)
		return imap_parse_fail(p, "Too many flags");
	if (!out->keywords)
		out->keywords = arena_array(p->arena, IMAP_FLAGS_MAX,
		                            sizeof(struct str));
	out->keywords[out->n_keywords++] = name;
	return true;
}

bool imap_parse_flags(struct imap_parser *p, bool bare, struct imap_flags *out)
{
	bool parens = imap_accept(p, '(');

	*out = (struct imap_flags){ 0 };
	if (!parens && !bare)
		return imap_parse_char(p, '(');
	if (parens && imap_accept(p, ')'))
		return true;
	do {
		if (!imap_parse_flag(p, out))
			return false;
	} while (imap_accept(p, ' '));
	return !parens || imap_parse_char(p, ')');
}
