#include "wire/html/walk.h"

#include "base/utf8.h"
#include "wire/html/html.h"

struct html_walk html_walk(struct str html)
{
	return (struct html_walk){ .rest = html };
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_name(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '-' || c == ':';
}

static bool is_raw(struct str name)
{
	static const struct str raw[] = {
		STR_INIT("script"),
		STR_INIT("style"),
		STR_INIT("title"),
		STR_INIT("textarea"),
	};

	for (size_t i = 0; i < sizeof(raw) / sizeof(raw[0]); i++)
		if (str_eq_case(name, raw[i]))
			return true;
	return false;
}

/* Where "</name" stands, or the end. */
static size_t find_close(struct str s, struct str name)
{
	size_t at = 0;

	while (at < s.n) {
		size_t lt = str_chr(str_from(s, at), '<');

		if (lt == STR_NPOS)
			break;
		at += lt;
		if (at + 2 + name.n <= s.n && s.p[at + 1] == '/' &&
		    str_eq_case((struct str){ s.p + at + 2, name.n }, name))
			return at;
		at++;
	}
	return s.n;
}

/* Behind the '>' that ends a tag: not one within quotes. */
static size_t tag_length(struct str s)
{
	char quote = '\0';
	bool value = false;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (quote) {
			if (c == quote)
				quote = '\0';
		} else if (c == '>') {
			return i + 1;
		} else if ((c == '"' || c == '\'') && value) {
			quote = c;
		}
		/* quotes count only where a value begins */
		if (!is_space(c))
			value = c == '=' && !quote;
	}
	/* An open quote: the tag ends at the first '>' then. */
	if (quote) {
		size_t gt = str_chr(s, '>');

		if (gt != STR_NPOS)
			return gt + 1;
	}
	return s.n;
}

/* Something that begins with "<!" or "<?": its length. */
static size_t declaration_length(struct str s)
{
	size_t end;

	if (str_starts(s, STR("<!--"))) {
		end = str_find(str_from(s, 4), STR("-->"));
		return end == STR_NPOS ? s.n : end + 7;
	}
	end = str_chr(s, '>');
	return end == STR_NPOS ? s.n : end + 1;
}

static void take_tag(struct html_walk *w, struct html_token *out)
{
	struct str s = w->rest, tag;
	size_t n = tag_length(s), at = 1;

	*out = (struct html_token){ .kind = HTML_OPEN };
	if (s.p[at] == '/') {
		out->kind = HTML_CLOSE;
		at++;
	}
	tag = str_to(s, n);
	w->rest = str_from(s, n);
	if (str_ends(tag, STR(">")))
		tag.n--;
	out->empty = str_ends(tag, STR("/"));
	out->name = str_from(tag, at);
	while (at < tag.n && is_name(tag.p[at]))
		at++;
	out->attrs = str_from(tag, at);
	out->name.n -= out->attrs.n;
	if (out->kind == HTML_OPEN && is_raw(out->name))
		w->raw = out->name;
}

static bool is_tag(struct str s)
{
	size_t at = s.n > 1 && s.p[1] == '/' ? 2 : 1;

	return at < s.n && ascii_is_alpha(s.p[at]);
}

bool html_next(struct html_walk *w, struct html_token *out)
{
	size_t n;

	if (w->raw.n) {
		struct str name = w->raw;

		w->raw = (struct str){ NULL, 0 };
		n = find_close(w->rest, name);
		*out = (struct html_token){ .kind = HTML_RAW,
			                    .name = name,
			                    .text = str_to(w->rest, n) };
		w->rest = str_from(w->rest, n);
		return true;
	}
	while (w->rest.n > 1 && w->rest.p[0] == '<' &&
	       (w->rest.p[1] == '!' || w->rest.p[1] == '?'))
		w->rest = str_from(w->rest, declaration_length(w->rest));
	if (w->rest.n == 0)
		return false;
	if (w->rest.p[0] == '<' && is_tag(w->rest)) {
		take_tag(w, out);
		return true;
	}
	/* Text up to the next '<'; one that begins no tag is text itself. */
	n = str_chr(str_from(w->rest, 1), '<');
	n = n == STR_NPOS ? w->rest.n : n + 1;
	*out = (struct html_token){ .kind = HTML_TEXT,
		                    .text = str_to(w->rest, n) };
	w->rest = str_from(w->rest, n);
	return true;
}

/* One "name=value" from *s on. */
static bool take_attr(struct str *s, struct str *name, struct str *value)
{
	size_t at = 0, from;

	while (at < s->n && (is_space(s->p[at]) || s->p[at] == '/'))
		at++;
	from = at;
	while (at < s->n && !is_space(s->p[at]) && s->p[at] != '=' &&
	       s->p[at] != '/')
		at++;
	*name = (struct str){ s->p + from, at - from };
	*value = (struct str){ s->p + at, 0 };
	while (at < s->n && is_space(s->p[at]))
		at++;
	if (at == s->n || s->p[at] != '=') {
		bool more = at < s->n || name->n;

		*s = str_from(*s, at);
		return more;
	}
	for (at++; at < s->n && is_space(s->p[at]);)
		at++;
	if (at < s->n && (s->p[at] == '"' || s->p[at] == '\'')) {
		char quote = s->p[at];
		size_t end = str_chr(str_from(*s, at + 1), quote);

		if (end == STR_NPOS)
			end = s->n - at - 1;
		*value = (struct str){ s->p + at + 1, end };
		at += 1 + end;
		at += at < s->n;
	} else {
		from = at;
		while (at < s->n && !is_space(s->p[at]))
			at++;
		*value = (struct str){ s->p + from, at - from };
	}
	*s = str_from(*s, at);
	return true;
}

bool html_attr(struct str attrs, struct str name, struct str *out)
{
	struct str rest = attrs, n, v;

	while (rest.n && take_attr(&rest, &n, &v))
		if (str_eq_case(n, name)) {
			*out = str_trim(v);
			return true;
		}
	return false;
}

/* Longest name of an entity that is looked for. */
#define ENTITY_MAX 32

void html_unescape(struct buf *out, struct str s)
{
	while (s.n) {
		size_t amp = str_chr(s, '&'), end;
		struct str name;
		uint32_t c;

		if (amp == STR_NPOS)
			amp = s.n;
		buf_add(out, str_to(s, amp));
		s = str_from(s, amp);
		if (s.n == 0)
			return;
		name = str_from(s, 1);
		if (name.n > ENTITY_MAX)
			name.n = ENTITY_MAX;
		end = str_chr(name, ';');
		c = end == STR_NPOS ? 0 : html_entity(str_to(name, end));
		if (c) {
			utf8_add(out, c);
			s = str_from(s, end + 2);
		} else {
			buf_add_c(out, '&');
			s = str_from(s, 1);
		}
	}
}
