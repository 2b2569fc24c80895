#include "wire/message/msgid.h"

#include <string.h>

/*
 * Brackets are looked for by hand, not with the tokens of RFC 5322: a stray
 * quote or parenthesis must not hide the ids behind it, since threads hang on
 * them.
 */

static bool is_blank(char c)
{
	return (unsigned char)c <= ' ';
}

/* `s` without any blanks: a view when there are none. */
static struct str without_blanks(struct arena *a, struct str s)
{
	char *p;
	size_t n = 0, i = 0;

	while (i < s.n && !is_blank(s.p[i]))
		i++;
	if (i == s.n)
		return s;
	p = arena_alloc(a, s.n);
	for (i = 0; i < s.n; i++)
		if (!is_blank(s.p[i]))
			p[n++] = s.p[i];
	return (struct str){ p, n };
}

/* The next text in brackets.  "<a <b>" gives "b": a bracket was lost. */
static bool next_bracketed(struct str *rest, struct str *out)
{
	size_t open, close;

	open = str_chr(*rest, '<');
	if (open == STR_NPOS)
		return false;
	*rest = str_from(*rest, open + 1);
	close = str_chr(*rest, '>');
	if (close == STR_NPOS)
		return false;
	*out = str_to(*rest, close);
	*rest = str_from(*rest, close + 1);
	open = str_rchr(*out, '<');
	if (open != STR_NPOS)
		*out = str_from(*out, open + 1);
	return true;
}

static bool next_word(struct str *rest, struct str *out)
{
	size_t n = 0;

	while (rest->n && (is_blank(rest->p[0]) || rest->p[0] == ','))
		*rest = str_from(*rest, 1);
	while (n < rest->n && !is_blank(rest->p[n]) && rest->p[n] != ',')
		n++;
	*out = str_to(*rest, n);
	*rest = str_from(*rest, n);
	return n > 0;
}

/* The next id; `bracketed` says how they are written here. */
static bool next_id(struct str *rest, bool bracketed, struct str *out)
{
	while (bracketed ? next_bracketed(rest, out) : next_word(rest, out)) {
		*out = str_trim(*out);
		if (out->n > 0 && out->n <= MSGID_MAX &&
		    (bracketed || str_chr(*out, '@') != STR_NPOS))
			return true;
	}
	return false;
}

static bool is_bracketed(struct str raw)
{
	struct str id;

	return next_bracketed(&raw, &id);
}

/* Beyond the maximum the second is forgotten, not the first: the list works
 * as a ring behind it. */
void msgid_list_parse(struct arena *a, struct str raw, size_t max,
                      struct msgid_list *out)
{
	bool bracketed = is_bracketed(raw);
	size_t cap = 0, total = 0;
	struct str id, rest = raw, *v = NULL, *ordered;

	*out = (struct msgid_list){ .n = 0 };
	while (max > 0 && next_id(&rest, bracketed, &id)) {
		size_t at = total < max || max == 1
		                    ? total % max
		                    : 1 + (total - max) % (max - 1);

		if (max == 1 && total > 0) {
			out->cut = true;
			break;
		}
		v = arena_grow(a, v, at, &cap, sizeof(*v));
		v[at] = id;
		total++;
	}
	if (total == 0)
		return;
	out->n = total < max ? total : max;
	out->cut |= total > max;
	ordered = arena_array(a, out->n, sizeof(*v));
	for (size_t i = 0; i < out->n; i++) {
		size_t at = i;

		if (total > max && i > 0)
			at = 1 + (total - max + i - 1) % (max - 1);
		ordered[i] = without_blanks(a, v[at]);
	}
	out->v = ordered;
}

struct str msgid_parse(struct arena *a, struct str raw)
{
	bool bracketed = is_bracketed(raw);
	struct str id;

	if (!next_id(&raw, bracketed, &id))
		return (struct str){ NULL, 0 };
	return without_blanks(a, id);
}
