#include "wire/dkim/tags.h"

#include <string.h>

#include "base/base64.h"

static bool is_name(struct str s)
{
	if (s.n == 0 || !ascii_is_alpha(s.p[0]))
		return false;
	for (size_t i = 1; i < s.n; i++)
		if (!ascii_is_alpha(s.p[i]) && !ascii_is_digit(s.p[i]) &&
		    s.p[i] != '_')
			return false;
	return true;
}

/* tval: printable except ";", white space between. */
static bool is_value(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < ' ' && c != '\t' && c != '\r' && c != '\n')
			return false;
	}
	return true;
}

bool dkim_tags_parse(struct dkim_tags *out, struct str text)
{
	struct str spec, name;

	out->n = 0;
	while (str_cut(&text, ';', &spec)) {
		spec = str_trim(spec);
		if (spec.n == 0) {
			if (str_trim(text).n == 0)
				continue; /* one ";" at the end is fine */
			return false;
		}
		if (str_chr(spec, '=') == STR_NPOS ||
		    !str_cut(&spec, '=', &name))
			return false;
		name = str_trim(name);
		spec = str_trim(spec);
		if (!is_name(name) || !is_value(spec) ||
		    out->n == DKIM_TAGS_MAX)
			return false;
		for (size_t i = 0; i < out->n; i++)
			if (str_eq(out->tag[i].name, name))
				return false;
		out->tag[out->n++] = (struct dkim_tag){ name, spec };
	}
	return out->n > 0;
}

bool dkim_tags_get(const struct dkim_tags *t, const char *name, struct str *out)
{
	for (size_t i = 0; i < t->n; i++) {
		if (!str_eq(t->tag[i].name, str_z(name)))
			continue;
		*out = t->tag[i].value;
		return true;
	}
	return false;
}

bool dkim_base64(struct str value, struct buf *out)
{
	struct buf plain;
	bool ok;

	buf_init(&plain, value.n + 3);
	for (size_t i = 0; i < value.n; i++)
		if (!memchr(" \t\r\n", value.p[i], 4))
			buf_add_c(&plain, value.p[i]);
	while (plain.n % 4)
		buf_add_c(&plain, '='); /* some leave it out */
	ok = base64_decode(out, buf_str(&plain));
	buf_deinit(&plain);
	return ok;
}
