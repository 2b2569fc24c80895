#include "wire/message/lex.h"

struct lex lex_begin(struct str raw)
{
	return (struct lex){ .p = raw.p, .end = raw.n ? raw.p + raw.n : raw.p };
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Where the comment that begins at `p` ends (its ")"), or NULL. */
static const char *comment_end(const char *p, const char *end)
{
	size_t depth = 0;

	for (; p < end; p++) {
		if (*p == '\\' && p + 1 < end) {
			p++;
			continue;
		}
		if (*p == '(')
			depth++;
		if (*p == ')' && --depth == 0)
			return p;
	}
	return NULL;
}

static bool comment(struct lex *x)
{
	const char *close;

	if (x->no_comment || lex_peek(x) != '(')
		return false;
	close = comment_end(x->p, x->end);
	if (!close) {
		x->no_comment = true;
		x->damaged = true;
		return false;
	}
	x->comment = (struct str){ x->p + 1, (size_t)(close - x->p) - 1 };
	x->p = close + 1;
	return true;
}

bool lex_cfws(struct lex *x)
{
	const char *begin = x->p;

	do
		while (x->p < x->end && is_blank(*x->p))
			x->p++;
	while (comment(x));
	return x->p != begin;
}

bool lex_quoted(struct lex *x, struct str *out)
{
	const char *begin = ++x->p;

	for (const char *p = begin; !x->no_quote && p < x->end; p++) {
		if (*p == '"') {
			*out = (struct str){ begin, (size_t)(p - begin) };
			x->p = p + 1;
			return true;
		}
		if (*p == '\\' && p + 1 < x->end)
			p++;
	}
	x->no_quote = true;
	x->damaged = true;
	return false;
}

size_t lex_unquote(char *to, struct str raw)
{
	size_t n = 0;

	for (size_t i = 0; i < raw.n; i++) {
		char c = raw.p[i];

		if (c == '\\' && i + 1 < raw.n)
			c = raw.p[++i];
		if (c != '\r' && c != '\n' && c != '\0')
			to[n++] = c;
	}
	return n;
}
