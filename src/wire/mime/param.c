#include "wire/mime/param.h"

#include <string.h>

#include "base/buf.h"
#include "wire/message/lex.h"

const struct mime_param_limits mime_param_limits_default = {
	.params_max = 64,
	.segments_max = 256,
	.bytes_max = 64 * 1024,
};

/* One "name=value" as it stands in the field. */
struct segment {
	struct str base; /* the name without "*0" and "*" */
	struct str value;
	uint32_t number;
	bool numbered, extended, used;
};

struct reader {
	struct lex lex;
	struct arena *arena;
	struct segment *v;
	size_t n, cap, max;
};

static bool is_name_char(char c)
{
	return (unsigned char)c > ' ' && c != ';' && c != '=' && c != '"' &&
	       c != ',' && c != '(';
}

static bool is_value_char(char c)
{
	return (unsigned char)c > ' ' && c != ';' && c != '(';
}

static struct str take_run(struct lex *x, bool (*is_char)(char))
{
	const char *begin = x->p;

	while (x->p < x->end && is_char(*x->p))
		x->p++;
	return (struct str){ begin, (size_t)(x->p - begin) };
}

static struct str unquoted(struct arena *a, struct str inside)
{
	char *p;

	for (size_t i = 0; i < inside.n; i++) {
		char c = inside.p[i];

		if (c != '\\' && c != '\r' && c != '\n' && c != '\0')
			continue;
		p = arena_alloc(a, inside.n);
		return (struct str){ p, lex_unquote(p, inside) };
	}
	return inside;
}

/* Without folds and zero bytes; backslashes stay, as in "C:\dir\file". */
static struct str cleaned(struct arena *a, struct str s)
{
	size_t n = 0, i = 0;
	char *p;

	while (i < s.n && s.p[i] != '\r' && s.p[i] != '\n' && s.p[i])
		i++;
	if (i == s.n)
		return s;
	p = arena_alloc(a, s.n);
	for (i = 0; i < s.n; i++)
		if (s.p[i] != '\r' && s.p[i] != '\n' && s.p[i])
			p[n++] = s.p[i];
	return (struct str){ p, n };
}

/* "name=" comes next: a semicolon was forgotten. */
static bool begins_param(const struct lex *x)
{
	struct lex ahead = *x;

	return take_run(&ahead, is_name_char).n > 0 && lex_peek(&ahead) == '=';
}

/* A value without quotes.  Blanks in it are wrong but common in file names;
 * comments are left out. */
static struct str take_plain(struct reader *r)
{
	struct lex *x = &r->lex;
	const char *begin = x->p;
	struct str all = take_run(x, is_value_char);

	for (;;) {
		struct str more;

		lex_cfws(x);
		if (lex_at_end(x) || *x->p == ';' || begins_param(x))
			break;
		more = take_run(x, is_value_char);
		if (more.n == 0) { /* a lone "(", a control character */
			x->p++;
			continue;
		}
		all = (struct str){ begin, (size_t)(x->p - begin) };
	}
	while (all.n && all.p[all.n - 1] == ',')
		all.n--;
	return cleaned(r->arena, all);
}

static struct str take_value(struct reader *r)
{
	struct lex *x = &r->lex;
	struct str inside;

	lex_cfws(x);
	if (lex_peek(x) == '"') {
		if (lex_quoted(x, &inside))
			return unquoted(r->arena, inside);
	}
	return take_plain(r);
}

/* Take "*", "*0", "*0*" off a name (RFC 2231, 3 and 4.1). */
static void split_name(struct segment *s, struct str name)
{
	size_t star;

	if (name.n > 1 && name.p[name.n - 1] == '*') {
		s->extended = true;
		name.n--;
	}
	star = str_rchr(name, '*');
	if (star != STR_NPOS && star > 0 &&
	    str_to_u32(str_from(name, star + 1), &s->number)) {
		s->numbered = true;
		name.n = star;
	}
	s->base = name;
}

/* False when there is no room for more. */
static bool segment_add(struct reader *r, struct segment s)
{
	if (r->n == r->max)
		return false;
	r->v = arena_grow(r->arena, r->v, r->n, &r->cap, sizeof(*r->v));
	r->v[r->n++] = s;
	return true;
}

static bool take_segments(struct reader *r)
{
	struct lex *x = &r->lex;

	for (;;) {
		struct segment s = { .numbered = false };
		struct str name;

		lex_cfws(x);
		if (lex_at_end(x))
			return true;
		name = take_run(x, is_name_char);
		if (name.n == 0) {
			x->p++;
			continue;
		}
		lex_cfws(x);
		if (lex_peek(x) != '=')
			continue; /* a name without a value says nothing */
		x->p++;
		split_name(&s, name);
		s.value = take_value(r);
		if (!segment_add(r, s))
			return false;
	}
}

/* RFC 2231, 7, attribute-char: what needs no percent sign. */
static bool is_attribute_char(char c)
{
	return (unsigned char)c > ' ' && (unsigned char)c < 0x7f &&
	       !ascii_is_one_of(c, "*'%()<>@,;:\\\"/[]?=");
}

static char *add_percent(char *to, struct str s)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (is_attribute_char(s.p[i])) {
			*to++ = s.p[i];
			continue;
		}
		*to++ = '%';
		*to++ = hex[c >> 4];
		*to++ = hex[c & 15];
	}
	return to;
}

/* The pieces in order, in the extended form if any of them has it. */
static struct str joined(struct arena *a, struct segment **v, size_t n,
                         bool extended)
{
	size_t room = 2;
	char *begin, *to;

	for (size_t i = 0; i < n; i++)
		room += v[i]->value.n * 3;
	begin = to = arena_alloc(a, room);
	if (extended && !v[0]->extended) {
		*to++ = '\'';
		*to++ = '\'';
	}
	for (size_t i = 0; i < n; i++) {
		if (extended && !v[i]->extended) {
			to = add_percent(to, v[i]->value);
			continue;
		}
		if (v[i]->value.n)
			memcpy(to, v[i]->value.p, v[i]->value.n);
		to += v[i]->value.n;
	}
	return (struct str){ begin, (size_t)(to - begin) };
}

/* In place, stable; pieces nearly always come in order. */
static void sort_by_number(struct segment **v, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct segment *s = v[i];
		size_t j = i;

		for (; j > 0 && v[j - 1]->number > s->number; j--)
			v[j] = v[j - 1];
		v[j] = s;
	}
}

static struct str starred(struct arena *a, struct str base)
{
	char *p = arena_alloc(a, base.n + 1);

	memcpy(p, base.p, base.n);
	p[base.n] = '*';
	return (struct str){ p, base.n + 1 };
}

/* Make one parameter of segment `at` and, if it is numbered, its fellows. */
static struct mime_param param_of(struct reader *r, struct segment **fellows,
                                  size_t at)
{
	struct segment *s = &r->v[at];
	struct mime_param p = { .name = s->base, .value = s->value };
	bool extended = s->extended;
	size_t n = 0;

	if (s->numbered) {
		extended = false;
		for (size_t i = at; i < r->n; i++) {
			struct segment *t = &r->v[i];

			if (t->used || !t->numbered ||
			    !str_eq_case(t->base, s->base))
				continue;
			t->used = true;
			extended |= t->extended;
			fellows[n++] = t;
		}
		sort_by_number(fellows, n);
		p.value = joined(r->arena, fellows, n, extended);
	}
	if (extended)
		p.name = starred(r->arena, s->base);
	return p;
}

static bool has_param(const struct mime_params *ps, struct str name)
{
	for (size_t i = 0; i < ps->n; i++)
		if (str_eq_case(ps->v[i].name, name))
			return true;
	return false;
}

static bool join_segments(struct reader *r, size_t max, struct mime_params *out)
{
	struct segment **fellows;

	if (r->n == 0)
		return true;
	fellows = arena_array(r->arena, r->n, sizeof(struct segment *));
	out->v =
		arena_array(r->arena, r->n < max ? r->n : max, sizeof(*out->v));
	for (size_t i = 0; i < r->n; i++) {
		struct mime_param p;

		if (r->v[i].used)
			continue;
		p = param_of(r, fellows, i);
		if (has_param(out, p.name))
			continue;
		if (out->n == max)
			return false;
		out->v[out->n++] = p;
	}
	return true;
}

static bool is_lead_char(char c)
{
	return is_value_char(c) && c != '"' && c != '=';
}

/* What stands before the first semicolon; "text / plain" loses its blanks
 * (RFC 2045, 5.1 forbids them, programs send them). */
static struct str take_lead(struct reader *r)
{
	struct lex *x = &r->lex;
	struct str all, more;

	lex_cfws(x);
	if (lex_peek(x) == '"' && lex_quoted(x, &all))
		return unquoted(r->arena, all);
	all = take_run(x, is_lead_char);
	lex_cfws(x);
	while (all.n && (lex_peek(x) == '/' || all.p[all.n - 1] == '/')) {
		more = take_run(x, is_lead_char);
		if (more.n == 0)
			break;
		all = arena_fmt(r->arena, "%.*s%.*s", STR_ARG(all),
		                STR_ARG(more));
		lex_cfws(x);
	}
	return all;
}

bool mime_params_parse(struct arena *a, struct str raw,
                       const struct mime_param_limits *limits,
                       struct str *value_out, struct mime_params *out)
{
	const struct mime_param_limits *l =
		limits ? limits : &mime_param_limits_default;
	struct reader r = { .arena = a, .max = l->segments_max };
	bool whole = raw.n <= l->bytes_max;

	*out = (struct mime_params){ .n = 0 };
	if (!whole)
		raw = str_to(raw, l->bytes_max);
	r.lex = lex_begin(raw);
	*value_out = take_lead(&r);
	if (value_out->n && lex_peek(&r.lex) == '=') {
		/* the value is missing: "charset=utf-8" */
		r.lex = lex_begin(raw);
		value_out->n = 0;
	}
	whole &= take_segments(&r);
	whole &= join_segments(&r, l->params_max, out);
	return whole;
}

const struct mime_param *mime_params_find(const struct mime_params *ps,
                                          struct str name)
{
	const struct mime_param *plain = NULL;

	for (size_t i = 0; i < ps->n; i++) {
		const struct mime_param *p = &ps->v[i];

		if (p->name.n == name.n + 1 && p->name.p[name.n] == '*' &&
		    str_eq_case(str_to(p->name, name.n), name))
			return p;
		if (!plain && str_eq_case(p->name, name))
			plain = p;
	}
	return plain;
}

struct str mime_params_value(const struct mime_params *ps, struct str name)
{
	const struct mime_param *p = mime_params_find(ps, name);
	struct str v = { NULL, 0 };

	if (!p)
		return v;
	v = p->value;
	if (p->name.n == name.n)
		return v;
	/* "charset*=us-ascii''utf-8": nobody means the percent signs */
	for (int quotes = 0; quotes < 2; quotes++) {
		size_t at = str_chr(v, '\'');

		if (at == STR_NPOS)
			return p->value;
		v = str_from(v, at + 1);
	}
	return v;
}

static struct str percent_decoded(struct arena *a, struct str s)
{
	size_t n = 0;
	char *p;

	if (str_chr(s, '%') == STR_NPOS)
		return s;
	p = arena_alloc(a, s.n);
	for (size_t i = 0; i < s.n; i++) {
		int high, low;

		if (s.p[i] == '%' && s.n - i > 2 &&
		    (high = ascii_hex(s.p[i + 1])) >= 0 &&
		    (low = ascii_hex(s.p[i + 2])) >= 0) {
			p[n++] = (char)(high * 16 + low);
			i += 2;
		} else {
			p[n++] = s.p[i];
		}
	}
	return (struct str){ p, n };
}

struct str mime_param_bytes(struct arena *a, const struct mime_param *p,
                            struct str *charset_out, struct str *language_out)
{
	struct str v = p->value, charset, language;

	*charset_out = *language_out = (struct str){ NULL, 0 };
	if (p->name.n == 0 || p->name.p[p->name.n - 1] != '*')
		return v;
	if (str_chr(v, '\'') == STR_NPOS) /* no charset: take it as it is */
		return percent_decoded(a, v);
	(void)str_cut(&v, '\'', &charset);
	if (str_chr(v, '\'') == STR_NPOS)
		return percent_decoded(a, p->value);
	(void)str_cut(&v, '\'', &language);
	*charset_out = charset;
	*language_out = language;
	return percent_decoded(a, v);
}
