#include "wire/sieve/lex.h"

#include <stdio.h>
#include <string.h>

void sieve_lexer_init(struct sieve_lexer *l, struct str text, size_t string_max,
                      struct arena *a, struct sieve_error *err)
{
	*l = (struct sieve_lexer){ .text = text,
		                   .line = 1,
		                   .string_max = string_max,
		                   .arena = a,
		                   .err = err };
}

static struct sieve_position here(const struct sieve_lexer *l)
{
	return (struct sieve_position){ l->line,
		                        (unsigned)(l->i - l->line_start) + 1 };
}

static struct sieve_token bad(struct sieve_lexer *l, struct sieve_position at,
                              const char *why)
{
	l->err->at = at;
	(void)snprintf(l->err->text, sizeof(l->err->text), "%s", why);
	return (struct sieve_token){ .kind = SIEVE_T_BAD, .at = at };
}

static bool more(const struct sieve_lexer *l)
{
	return l->i < l->text.n;
}

static char peek(const struct sieve_lexer *l)
{
	return l->i < l->text.n ? l->text.p[l->i] : '\0';
}

static char take(struct sieve_lexer *l)
{
	char c = l->text.p[l->i++];

	if (c == '\n') {
		l->line++;
		l->line_start = l->i;
	}
	return c;
}

static void skip_line(struct sieve_lexer *l)
{
	while (more(l) && take(l) != '\n')
		;
}

/* White space and comments; false when a bracket comment has no end. */
static bool skip_blank(struct sieve_lexer *l)
{
	while (more(l)) {
		char c = peek(l);

		if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
			(void)take(l);
		} else if (c == '#') {
			skip_line(l);
		} else if (str_starts(str_from(l->text, l->i), STR("/*"))) {
			size_t n = str_find(str_from(l->text, l->i + 2),
			                    STR("*/"));

			if (n == STR_NPOS)
				return false;
			for (n += 4; n > 0; n--)
				(void)take(l);
		} else {
			break;
		}
	}
	return true;
}

/* Quoted: "\" takes the next character as it is (RFC 5228, 2.4.2). */
static struct sieve_token quoted(struct sieve_lexer *l,
                                 struct sieve_position at)
{
	size_t from = ++l->i, n = 0;
	char *out;

	for (size_t i = from; i < l->text.n && l->text.p[i] != '"'; i++, n++)
		if (l->text.p[i] == '\\')
			i++;
	if (n > l->string_max)
		return bad(l, at, "the string is too long");
	out = arena_alloc(l->arena, n + 1);
	n = 0;
	while (more(l)) {
		char c = take(l);

		if (c == '"')
			return (struct sieve_token){ .kind = SIEVE_T_STRING,
				                     .at = at,
				                     .text = { out, n } };
		if (c == '\\') {
			if (!more(l))
				break;
			c = take(l);
		}
		if (c == '\0')
			return bad(l, at, "NUL in a string");
		out[n++] = c;
	}
	return bad(l, at, "the string has no closing quote");
}

static bool is_last_line(struct str rest)
{
	return str_starts(rest, STR(".\n")) || str_starts(rest, STR(".\r\n")) ||
	       str_eq(rest, STR("."));
}

/* Bytes of the lines before the one with a dot alone, or STR_NPOS. */
static size_t text_length(struct str rest)
{
	size_t n = 0;

	while (n < rest.n && !is_last_line(str_from(rest, n))) {
		size_t lf = str_chr(str_from(rest, n), '\n');

		if (lf == STR_NPOS)
			return STR_NPOS;
		n += lf + 1;
	}
	return n < rest.n ? n : STR_NPOS;
}

/* Behind "text:": lines up to one with a dot alone, dots doubled at the start
 * of a line taken back (RFC 5228, 2.4.2). */
static struct sieve_token multi_line(struct sieve_lexer *l,
                                     struct sieve_position at)
{
	size_t n = 0, end;
	char *out;

	while (peek(l) == ' ' || peek(l) == '\t')
		(void)take(l);
	if (peek(l) == '#')
		while (more(l) && peek(l) != '\n')
			(void)take(l);
	if (peek(l) == '\r')
		(void)take(l);
	if (peek(l) != '\n')
		return bad(l, at, "\"text:\" must end its line");
	(void)take(l);
	end = text_length(str_from(l->text, l->i));
	if (end == STR_NPOS)
		return bad(l, at, "the text has no line with a single dot");
	if (end > l->string_max)
		return bad(l, at, "the text is too long");
	out = arena_alloc(l->arena, end + 1);
	for (end += l->i; l->i < end;) {
		if (str_starts(str_from(l->text, l->i), STR("..")))
			(void)take(l);
		for (char c = '\0'; c != '\n';) {
			c = take(l);
			if (c == '\0')
				return bad(l, at, "NUL in a string");
			out[n++] = c;
		}
	}
	skip_line(l);
	return (struct sieve_token){ .kind = SIEVE_T_STRING,
		                     .at = at,
		                     .text = { out, n } };
}

/* number = 1*DIGIT [ "K" / "M" / "G" ]; ours may have 63 bits. */
static struct sieve_token number(struct sieve_lexer *l,
                                 struct sieve_position at)
{
	uint64_t v = 0;
	unsigned shift = 0;
	char q;

	while (ascii_is_digit(peek(l))) {
		uint64_t d = (uint64_t)(take(l) - '0');

		if (v > (INT64_MAX - d) / 10)
			return bad(l, at, "the number is too large");
		v = v * 10 + d;
	}
	q = ascii_lower(peek(l));
	if (q == 'k' || q == 'm' || q == 'g') {
		(void)take(l);
		shift = q == 'k' ? 10 : q == 'm' ? 20 : 30;
	}
	if (v > (uint64_t)INT64_MAX >> shift)
		return bad(l, at, "the number is too large");
	return (struct sieve_token){ .kind = SIEVE_T_NUMBER,
		                     .at = at,
		                     .number = v << shift };
}

static bool is_word_char(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '_';
}

static struct str word(struct sieve_lexer *l)
{
	size_t from = l->i;

	while (more(l) && is_word_char(peek(l)))
		(void)take(l);
	return (struct str){ l->text.p + from, l->i - from };
}

struct sieve_token sieve_lexer_next(struct sieve_lexer *l)
{
	struct sieve_token t = { .kind = SIEVE_T_END };
	struct sieve_position at;
	char c;

	if (!skip_blank(l))
		return bad(l, here(l), "the comment has no end");
	at = t.at = here(l);
	if (!more(l))
		return t;
	c = peek(l);
	if (c == '"')
		return quoted(l, at);
	if (ascii_is_digit(c))
		return number(l, at);
	if (c == ':') {
		(void)take(l);
		t.kind = SIEVE_T_TAG;
		t.text = word(l);
		if (t.text.n == 0 || ascii_is_digit(t.text.p[0]))
			return bad(l, at, "a colon without a word behind it");
		return t;
	}
	if (ascii_is_alpha(c) || c == '_') {
		t.kind = SIEVE_T_WORD;
		t.text = word(l);
		if (peek(l) == ':' && str_eq_case(t.text, STR("text"))) {
			(void)take(l);
			return multi_line(l, at);
		}
		return t;
	}
	if (memchr(";,()[]{}", c, 8)) {
		(void)take(l);
		t.kind = SIEVE_T_PUNCT;
		t.punct = c;
		return t;
	}
	return bad(l, at, "a character that has no place here");
}
