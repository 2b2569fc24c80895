#include "wire/imap/metadata.h"

static bool add_entry(struct imap_parser *p, struct imap_entries *e)
{
	if (e->n == IMAP_ENTRIES_MAX)
		return imap_parse_fail(p, "Too many entries");
	if (!e->v)
		e->v = arena_array(p->arena, IMAP_ENTRIES_MAX, sizeof(*e->v));
	if (!imap_parse_astring(p, &e->v[e->n]))
		return false;
	e->n++;
	return true;
}

bool imap_parse_entries(struct imap_parser *p, struct imap_entries *out)
{
	*out = (struct imap_entries){ 0 };
	if (!imap_accept(p, '('))
		return add_entry(p, out);
	do {
		if (!add_entry(p, out))
			return false;
	} while (imap_accept(p, ' '));
	return imap_parse_char(p, ')');
}

static bool parse_depth(struct imap_parser *p, enum imap_depth *out)
{
	static const struct str words[] = {
		[IMAP_DEPTH_0] = STR_INIT("0"),
		[IMAP_DEPTH_1] = STR_INIT("1"),
		[IMAP_DEPTH_INFINITY] = STR_INIT("infinity"),
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (imap_accept_word(p, words[i])) {
			*out = (enum imap_depth)i;
			return true;
		}
	}
	return imap_parse_fail(p, "DEPTH is 0, 1 or infinity");
}

static bool parse_option(struct imap_parser *p, struct imap_getmetadata *g)
{
	if (imap_accept_word(p, STR("MAXSIZE"))) {
		g->has_maxsize = true;
		return imap_parse_sp(p) && imap_parse_number(p, &g->maxsize);
	}
	if (imap_accept_word(p, STR("DEPTH")))
		return imap_parse_sp(p) && parse_depth(p, &g->depth);
	return imap_parse_fail(p, "Unknown option");
}

/* "(" option *(SP option) ")" SP */
static bool parse_options(struct imap_parser *p, struct imap_getmetadata *g)
{
	if (!imap_parse_char(p, '('))
		return false;
	do {
		if (!parse_option(p, g))
			return false;
	} while (imap_accept(p, ' '));
	return imap_parse_char(p, ')') && imap_parse_sp(p);
}

/* A list of entries begins with a name or a string, options with a word. */
static bool is_options(const struct imap_parser *p)
{
	return p->in.n > 1 && p->in.p[0] == '(' && p->in.p[1] != '/' &&
	       p->in.p[1] != '"' && p->in.p[1] != '{' && p->in.p[1] != '~';
}

bool imap_parse_getmetadata(struct imap_parser *p, struct imap_getmetadata *out)
{
	struct imap_getmetadata g = { 0 };

	if (imap_peek(p, '(') && !parse_options(p, &g))
		return false;
	if (!imap_parse_astring(p, &g.mailbox) || !imap_parse_sp(p) ||
	    (is_options(p) && !parse_options(p, &g)))
		return false;
	if (imap_peek(p, '(')) {
		if (!imap_parse_entries(p, &g.entries))
			return false;
	} else {
		do {
			if (!add_entry(p, &g.entries))
				return false;
		} while (p->in.n > 1 && imap_accept(p, ' '));
	}
	*out = g;
	return true;
}

bool imap_parse_setmetadata(struct imap_parser *p, struct imap_setmetadata *out)
{
	struct imap_setmetadata s = { 0 };
	bool nil;

	if (!imap_parse_astring(p, &s.mailbox) || !imap_parse_sp(p) ||
	    !imap_parse_char(p, '('))
		return false;
	s.v = arena_array(p->arena, IMAP_ENTRIES_MAX, sizeof(*s.v));
	do {
		if (s.n == IMAP_ENTRIES_MAX)
			return imap_parse_fail(p, "Too many entries");
		if (!imap_parse_astring(p, &s.v[s.n].entry) ||
		    !imap_parse_sp(p) ||
		    !imap_parse_nstring(p, &s.v[s.n].value, &nil))
			return false;
		s.n++;
	} while (imap_accept(p, ' '));
	if (!imap_parse_char(p, ')'))
		return false;
	*out = s;
	return true;
}
