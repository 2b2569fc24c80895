/* Variables (RFC 5229) and strings that hold them. */
#include <string.h>

#include "base/utf8.h"
#include "sieve/run.h"

static bool is_identifier(struct str s)
{
	if (s.n == 0 || s.n > 64 || ascii_is_digit(s.p[0]))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!ascii_is_alpha(s.p[i]) && !ascii_is_digit(s.p[i]) &&
		    s.p[i] != '_')
			return false;
	return true;
}

/* Where a variable of this name is kept; "global." is taken off. */
static struct sieve_scope *scope_of(struct sieve_run_state *s, struct str *name)
{
	struct sieve_scope *scope = s->scope;

	if (sieve_requires(s, EXT_INCLUDE) &&
	    str_starts_case(*name, STR("global."))) {
		*name = str_from(*name, 7);
		return &s->globals;
	}
	for (size_t i = 0; i < scope->n_shared; i++)
		if (str_eq_case(scope->shared[i], *name))
			return &s->globals;
	return scope;
}

static struct sieve_variable *find(struct sieve_scope *scope, struct str name)
{
	for (size_t i = 0; i < scope->n_vars; i++)
		if (str_eq_case(scope->vars[i].name, name))
			return &scope->vars[i];
	return NULL;
}

/* ${name} or ${1}; false: the text stands as it is. */
static bool look_up(struct sieve_run_state *s, struct str name, struct str *out)
{
	const struct sieve_variable *v;
	struct sieve_scope *scope;
	uint64_t n;

	*out = (struct str){ NULL, 0 };
	if (str_to_u64(name, 999999999, &n)) {
		if (n < s->captures.n)
			*out = s->captures.v[n];
		return true;
	}
	scope = scope_of(s, &name);
	if (!is_identifier(name))
		return false;
	v = find(scope, name);
	if (v)
		*out = v->value;
	return true;
}

struct str sieve_expand(struct sieve_run_state *s, struct str in)
{
	struct buf out;
	struct str done, value;

	if (str_find(in, STR("${")) == STR_NPOS)
		return in;
	buf_init(&out, SIEVE_VALUE_MAX);
	while (in.n > 0) {
		size_t at = str_find(in, STR("${")), end;

		if (at == STR_NPOS)
			at = in.n;
		buf_add(&out, str_to(in, at));
		in = str_from(in, at);
		if (in.n == 0)
			break;
		end = str_chr(in, '}');
		if (end != STR_NPOS &&
		    look_up(s, (struct str){ in.p + 2, end - 2 }, &value)) {
			buf_add(&out, value);
			in = str_from(in, end + 1);
		} else {
			buf_add(&out, STR("${"));
			in = str_from(in, 2);
		}
	}
	/* What is too long is cut (RFC 5229, 3), not within a character. */
	done = arena_dup(s->a, buf_str(&out));
	buf_deinit(&out);
	return done;
}

struct sieve_strings sieve_values(struct sieve_run_state *s,
                                  const struct sieve_strings *list)
{
	struct sieve_strings out = *list;

	if (!list->variable)
		return out;
	out.v = arena_array(s->a, list->n, sizeof(*out.v));
	for (size_t i = 0; i < list->n; i++)
		out.v[i] = sieve_expand(s, list->v[i]);
	return out;
}

bool sieve_variable_set(struct sieve_run_state *s, struct str name,
                        struct str value)
{
	struct sieve_scope *scope = scope_of(s, &name);
	struct sieve_variable *v = find(scope, name);

	if (!is_identifier(name))
		return false;
	if (!v) {
		if (scope->n_vars == SIEVE_VARIABLES_MAX)
			return false;
		v = &scope->vars[scope->n_vars++];
		v->name = arena_dup(s->a, name);
	}
	if (value.n > SIEVE_VALUE_MAX)
		value.n = SIEVE_VALUE_MAX;
	v->value = arena_dup(s->a, value);
	return true;
}

/* The modifiers of "set" by their tags' numbers in the table. */
enum {
	TAG_LOWER,
	TAG_UPPER,
	TAG_LOWERFIRST,
	TAG_UPPERFIRST,
	TAG_QUOTE,
	TAG_LENGTH,
	TAG_ENCODEURL,
	TAG_QUOTEREGEX
};

static struct str change_case(struct sieve_run_state *s, struct str v, size_t n,
                              bool upper)
{
	char *p = arena_strz(s->a, v);

	for (size_t i = 0; i < n && i < v.n; i++)
		p[i] = upper ? ascii_upper(p[i]) : ascii_lower(p[i]);
	return (struct str){ p, v.n };
}

static struct str quote(struct sieve_run_state *s, struct str v,
                        const char *special)
{
	char *p = arena_alloc(s->a, v.n * 2 + 1);
	size_t n = 0;

	for (size_t i = 0; i < v.n; i++) {
		if (ascii_is_one_of(v.p[i], special))
			p[n++] = '\\';
		p[n++] = v.p[i];
	}
	return (struct str){ p, n };
}

/* RFC 5435, 6: all but RFC 3986's "unreserved". */
static struct str encode_url(struct sieve_run_state *s, struct str v)
{
	static const char hex[] = "0123456789ABCDEF";
	char *p = arena_alloc(s->a, v.n * 3 + 1);
	size_t n = 0;

	for (size_t i = 0; i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];

		if (ascii_is_alpha(v.p[i]) || ascii_is_digit(v.p[i]) ||
		    c == '-' || c == '.' || c == '_' || c == '~') {
			p[n++] = v.p[i];
			continue;
		}
		p[n++] = '%';
		p[n++] = hex[c >> 4];
		p[n++] = hex[c & 15];
	}
	return (struct str){ p, n };
}

/* In the order of their precedence (RFC 5229, 4.1). */
struct str sieve_modify(struct sieve_run_state *s,
                        const struct sieve_tag_value *t, struct str v)
{
	if (t[TAG_LOWER].set || t[TAG_UPPER].set)
		v = change_case(s, v, v.n, t[TAG_UPPER].set);
	if (t[TAG_LOWERFIRST].set || t[TAG_UPPERFIRST].set)
		v = change_case(s, v, 1, t[TAG_UPPERFIRST].set);
	if (t[TAG_QUOTE].set)
		v = quote(s, v, "*?\\");
	if (t[TAG_QUOTEREGEX].set)
		v = quote(s, v, ".[{()*+?^$|\\");
	if (t[TAG_ENCODEURL].set)
		v = encode_url(s, v);
	if (t[TAG_LENGTH].set)
		v = arena_fmt(s->a, "%zu", utf8_count(v));
	return v;
}

int sieve_set(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct str v = sieve_modify(s, op->tag, sieve_value(s, &op->pos[1]));

	if (!sieve_variable_set(s, op->pos[0].v[0], v))
		return sieve_fail(s, op, ERR_INVALID,
		                  "\"%.*s\" cannot be a variable",
		                  STR_ARG(op->pos[0].v[0]));
	return 0;
}
