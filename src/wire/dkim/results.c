#include "wire/dkim/results.h"

#include <string.h>

#define DEPTH_MAX 32

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A comment at the start of *s, nested ones too; false when it never ends. */
static bool skip_comment(struct str *s)
{
	unsigned depth = 0;
	size_t i;

	for (i = 0; i < s->n; i++) {
		char c = s->p[i];

		if (c == '\\' && i + 1 < s->n)
			i++;
		else if (c == '(' && ++depth > DEPTH_MAX)
			return false;
		else if (c == ')' && --depth == 0)
			break;
	}
	if (i == s->n)
		return false;
	*s = str_from(*s, i + 1);
	return true;
}

static bool skip_cfws(struct str *s)
{
	while (s->n > 0) {
		if (is_space(s->p[0]))
			*s = str_from(*s, 1);
		else if (s->p[0] != '(')
			return true;
		else if (!skip_comment(s))
			return false;
	}
	return true;
}

static bool quoted(struct str s, struct arena *a, struct str *out)
{
	char *p = arena_alloc(a, s.n + 1);
	size_t n = 0;

	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '"') {
			*out = (struct str){ p, n };
			return true;
		}
		if (s.p[i] == '\\' && i + 1 < s.n)
			i++;
		p[n++] = s.p[i];
	}
	return false;
}

/* RFC 2045: no space, no control, none of the specials. */
static bool is_token(char c)
{
	return (unsigned char)c > 0x20 && c != 0x7f &&
	       !memchr("()<>@,;:\\\"/[]?=", c, 15);
}

/* A token or a quoted string behind comments, taken off *s. */
static bool take_word(struct str *s, const char *more, struct arena *a,
                      struct str *out)
{
	size_t n = 0;

	if (!skip_cfws(s) || s->n == 0)
		return false;
	if (s->p[0] == '"') {
		if (!quoted(*s, a, out))
			return false;
		for (n = 1; n < s->n && s->p[n] != '"'; n++)
			n += s->p[n] == '\\';
		*s = str_from(*s, n + 1);
		return true;
	}
	while (n < s->n && (is_token(s->p[n]) ||
	                    (*more && memchr(more, s->p[n], strlen(more)))))
		n++;
	if (n == 0)
		return false;
	*out = str_to(*s, n);
	*s = str_from(*s, n);
	return true;
}

bool auth_results_id(struct str raw, struct arena *a, struct str *out)
{
	struct str s = raw;

	return take_word(&s, "", a, out);
}

static bool take_char(struct str *s, char c)
{
	if (!skip_cfws(s) || s->n == 0 || s->p[0] != c)
		return false;
	*s = str_from(*s, 1);
	return true;
}

/* To behind the next ";" that is in no comment and no quotes. */
static bool skip_result(struct str *s)
{
	while (skip_cfws(s) && s->n > 0) {
		char c = s->p[0];

		*s = str_from(*s, 1);
		if (c == ';')
			return true;
		if (c != '"')
			continue;
		while (s->n > 0 && s->p[0] != '"')
			*s = str_from(*s, s->p[0] == '\\' && s->n > 1 ? 2 : 1);
		*s = str_from(*s, s->n > 0);
	}
	return false;
}

bool auth_results_begin(struct str raw, struct arena *a,
                        struct auth_results_reader *out)
{
	struct str s = raw, id;

	if (!take_word(&s, "", a, &id))
		return false;
	*out = (struct auth_results_reader){ s };
	if (!skip_result(&out->rest))
		out->rest.n = 0;
	return true;
}

/* propspec: "ptype.property=value", or "reason=value". */
static bool take_property(struct str *s, struct arena *a, struct str *name,
                          struct str *value)
{
	struct str rest;

	if (!take_word(s, "", a, name) || !take_char(s, '='))
		return false;
	if (!take_word(s, "@/+=:", a, value))
		return false;
	/* "local"@domain */
	if (s->n > 0 && s->p[0] == '@') {
		*s = str_from(*s, 1);
		if (!take_word(s, "", a, &rest))
			return false;
		*value = arena_fmt(a, "%.*s@%.*s", STR_ARG(*value),
		                   STR_ARG(rest));
	}
	return true;
}

static bool read_result(struct str s, struct arena *a, struct auth_result *out)
{
	struct str name, value, version;

	*out = (struct auth_result){ .n = 0 };
	if (!take_word(&s, "", a, &out->method))
		return false;
	if (take_char(&s, '/') && !take_word(&s, "", a, &version))
		return false;
	if (!take_char(&s, '=') || !take_word(&s, "", a, &out->result))
		return false;
	while (out->n < AUTH_RESULT_PROPERTIES &&
	       take_property(&s, a, &name, &value)) {
		out->property[out->n].name = name;
		out->property[out->n++].value = value;
	}
	return true;
}

bool auth_results_next(struct auth_results_reader *r, struct arena *a,
                       struct auth_result *out)
{
	while (r->rest.n > 0) {
		struct str one = r->rest;

		if (skip_result(&r->rest))
			one.n -= r->rest.n + 1;
		else
			r->rest.n = 0;
		if (read_result(one, a, out))
			return true;
	}
	return false;
}

struct str auth_result_get(const struct auth_result *r, const char *name)
{
	for (size_t i = 0; i < r->n; i++)
		if (str_eq_case(r->property[i].name, str_z(name)))
			return r->property[i].value;
	return (struct str){ NULL, 0 };
}

void auth_results_value(struct buf *out, struct str value)
{
	bool token = value.n > 0;

	/* Addresses and domains may stand bare (RFC 8601, 2.2, pvalue). */
	for (size_t i = 0; i < value.n; i++)
		token &= is_token(value.p[i]) || value.p[i] == '@' ||
		         value.p[i] == '/';
	if (token) {
		buf_add(out, value);
		return;
	}
	buf_add_c(out, '"');
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if ((unsigned char)c < 0x20 || c == 0x7f)
			continue;
		if (c == '"' || c == '\\')
			buf_add_c(out, '\\');
		buf_add_c(out, c);
	}
	buf_add_c(out, '"');
}
