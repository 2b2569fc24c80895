#include "wire/message/address.h"

#include <string.h>

#include "wire/message/lex.h"

const struct address_limits address_limits_default = {
	.addresses_max = 4096,
	.bytes_max = 1024 * 1024,
};

/*
 * What is read is written to `text`, one stretch of memory for the whole
 * list: no value is ever longer than the bytes it was read from.
 *
 * A run of words is a display name if "<" or ":" follows, and its tail a
 * local part if "@" does; so words are written as a phrase, and `group` keeps
 * where the words began that are joined by dots.
 */
struct reader {
	struct lex lex;
	struct arena *arena;
	struct address_list *list;
	size_t cap, max;
	char *text, *text_end;
	bool in_group;
};

struct phrase {
	char *begin;
	char *group;  /* of the last words joined by dots, or of the only one */
	bool blank;   /* CFWS stood before what comes next */
	bool dot;     /* the last word ended in a dot */
	bool loose;   /* blanks stand beside dots in the group */
	bool invalid; /* dots out of place: "a..b" */
	size_t words;
};

static struct phrase phrase_begin(struct reader *r)
{
	return (struct phrase){ .begin = r->text, .group = r->text };
}

/* The bytes that end a word (RFC 5322, 3.2.3, "specials"), dot excepted. */
static bool is_special(char c)
{
	switch (c) {
	case '(':
	case ')':
	case '<':
	case '>':
	case '[':
	case ']':
	case ':':
	case ';':
	case '@':
	case '\\':
	case ',':
	case '"': return true;
	default: return false;
	}
}

static bool is_word_char(char c)
{
	return (unsigned char)c > ' ' && c != 0x7f && !is_special(c);
}

/* Never past the end, though no rule here writes more than it reads. */
static void add(struct reader *r, char c)
{
	if (r->text < r->text_end)
		*r->text++ = c;
}

/* Begin a word, with a blank before it if one stood there. */
static void word_begin(struct reader *r, struct phrase *ph, bool dot)
{
	if (ph->words > 0 && ph->blank) {
		add(r, ' ');
		if (ph->dot || dot)
			ph->loose = true;
		else
			ph->group = r->text;
	}
	ph->words++;
	ph->blank = false;
	ph->dot = false;
}

/* Length of the encoded word (RFC 2047) that stands at the cursor, or 0:
 * programs send ones with commas and "@" unencoded in names. */
static size_t encoded_word(const struct lex *x)
{
	const char *p = x->p, *end = x->end;

	if (end - p < 8 || p[0] != '=' || p[1] != '?')
		return 0;
	for (p += 2; p < end && *p != '?'; p++)
		if (!is_word_char(*p))
			return 0;
	if (end - p < 5 || p[2] != '?' || !ascii_is_one_of(p[1], "bBqQ"))
		return 0;
	for (p += 3; p < end && *p != '?'; p++)
		if ((unsigned char)*p <= ' ')
			return 0;
	if (end - p < 2 || p[1] != '=')
		return 0;
	return (size_t)(p + 2 - x->p);
}

static void take_atom(struct reader *r, struct phrase *ph)
{
	struct lex *x = &r->lex;
	size_t n = encoded_word(x);
	bool dot = *x->p == '.';

	word_begin(r, ph, dot);
	if (n > 0) {
		memcpy(r->text, x->p, n);
		r->text += n;
		x->p += n;
		return;
	}
	ph->invalid |= dot && (ph->words == 1 || r->text[-1] == '.');
	while (x->p < x->end && is_word_char(*x->p)) {
		ph->invalid |=
			x->p[0] == '.' && x->p + 1 < x->end && x->p[1] == '.';
		add(r, *x->p++);
	}
	ph->dot = r->text[-1] == '.';
}

static void take_quoted(struct reader *r, struct phrase *ph)
{
	struct str inside;

	if (!lex_quoted(&r->lex, &inside))
		return;
	word_begin(r, ph, false);
	r->text += lex_unquote(r->text, inside);
}

/* Pass what cannot stand here, keeping what a backslash protects. */
static void take_stray(struct reader *r, struct phrase *ph)
{
	struct lex *x = &r->lex;
	char c = *x->p++;

	x->damaged = true;
	if (c == '\\' && x->p < x->end && (unsigned char)*x->p >= ' ') {
		word_begin(r, ph, false);
		add(r, *x->p++);
	}
}

/* Words up to what says what they are: < : ; , @ or the end. */
static void take_words(struct reader *r, struct phrase *ph)
{
	struct lex *x = &r->lex;

	for (;;) {
		if (lex_cfws(x))
			ph->blank = true;
		if (lex_at_end(x))
			return;
		switch (*x->p) {
		case '<':
		case ':':
		case ';':
		case ',':
		case '@': return;
		case '"': take_quoted(r, ph); break;
		default:
			if (is_word_char(*x->p))
				take_atom(r, ph);
			else
				take_stray(r, ph);
		}
	}
}

static struct str span(const char *begin, const char *end)
{
	return (struct str){ begin, (size_t)(end - begin) };
}

/* A literal with its brackets: "[192.0.2.1]" (RFC 5322, 3.4.1). */
static void take_literal(struct reader *r)
{
	struct lex *x = &r->lex;

	add(r, *x->p++);
	while (x->p < x->end && *x->p != ']' && *x->p != '>' && *x->p != ',') {
		if ((unsigned char)*x->p > ' ')
			add(r, *x->p);
		x->p++;
	}
	if (lex_peek(x) != ']') {
		x->damaged = true;
		return;
	}
	add(r, *x->p++);
}

/* Behind the "@".  Blanks and comments may stand around dots (RFC 5322, 4.4,
 * obs-domain). */
static struct str take_domain(struct reader *r)
{
	struct lex *x = &r->lex;
	char *begin = r->text;
	bool dot = true;

	lex_cfws(x);
	if (lex_peek(x) == '[') {
		take_literal(r);
		return span(begin, r->text);
	}
	while (x->p < x->end && is_word_char(*x->p) && (dot || *x->p == '.')) {
		while (x->p < x->end && is_word_char(*x->p)) {
			bool is_dot = *x->p == '.';

			x->damaged |= is_dot && dot;
			dot = is_dot;
			add(r, *x->p++);
		}
		lex_cfws(x);
	}
	x->damaged |= dot; /* nothing, or a dot at its end */
	return span(begin, r->text);
}

static void list_add(struct reader *r, struct address a)
{
	struct address_list *list = r->list;

	if (list->n == r->max) {
		list->cut = true;
		return;
	}
	list->v = arena_grow(r->arena, list->v, list->n, &r->cap,
	                     sizeof(*list->v));
	list->v[list->n++] = a;
}

/* The last comment as a name: "joe@x.example (Joe)", as before RFC 822. */
static struct str comment_name(struct reader *r)
{
	char *begin = r->text;

	r->text += lex_unquote(begin, r->lex.comment);
	return str_trim(span(begin, r->text));
}

/* The group as a local part: without the blanks beside its dots (RFC 5322,
 * 4.4, obs-local-part), which a display name keeps ("John Q. Public"). */
static struct str local_part(struct reader *r, struct phrase *ph)
{
	char *to = ph->group;

	r->lex.damaged |= ph->invalid || ph->dot || ph->words == 0;
	if (!ph->loose)
		return span(ph->group, r->text);
	for (char *p = ph->group; p < r->text; p++) {
		if (*p == ' ' && (to > ph->group && to[-1] == '.'))
			continue;
		if (*p == ' ' && p + 1 < r->text && p[1] == '.')
			continue;
		*to++ = *p;
	}
	r->text = to;
	return span(ph->group, to);
}

/* Between angle brackets. */
static struct str take_local(struct reader *r)
{
	struct phrase ph = phrase_begin(r);
	struct lex *x = &r->lex;

	for (;;) {
		take_words(r, &ph);
		if (lex_peek(x) != ':')
			break;
		x->p++; /* "<mailto:joe@x.example>" */
		x->damaged = true;
		ph = phrase_begin(r);
	}
	if (ph.group != ph.begin)
		x->damaged = true;
	return local_part(r, &ph);
}

/* "@a,@b:" of RFC 5322, 4.4, obs-route. */
static struct str take_route(struct reader *r)
{
	struct lex *x = &r->lex;
	char *begin = r->text;
	bool comma = false;

	for (;;) {
		lex_cfws(x);
		if (lex_peek(x) == ',') {
			x->p++;
			comma = true;
			continue;
		}
		if (lex_peek(x) != '@')
			break;
		x->p++;
		if (r->text != begin && comma)
			add(r, ',');
		add(r, '@');
		comma = false;
		(void)take_domain(r);
	}
	if (lex_peek(x) == ':')
		x->p++;
	else
		x->damaged = true;
	return span(begin, r->text);
}

/* To the comma that ends the entry, or the end of its group. */
static void skip_entry(struct reader *r)
{
	struct lex *x = &r->lex;

	for (;;) {
		struct str ignored;

		lex_cfws(x);
		if (lex_at_end(x) || *x->p == ',' || *x->p == ';')
			return;
		x->damaged = true;
		if (*x->p == '"')
			(void)lex_quoted(x, &ignored);
		else
			x->p++;
	}
}

/* At "<": the rest of "Name <@route:local@domain>". */
static void take_angle(struct reader *r, struct str name)
{
	struct address a = { .kind = ADDRESS_MAILBOX, .name = str_trim(name) };
	struct lex *x = &r->lex;

	x->p++;
	lex_cfws(x);
	while (lex_peek(x) == '<') { /* "<<joe@x.example>>" */
		x->p++;
		x->damaged = true;
	}
	if (lex_peek(x) == '@')
		a.route = take_route(r);
	a.local = take_local(r);
	if (lex_peek(x) == '@') {
		x->p++;
		a.domain = take_domain(r);
	} else {
		x->damaged = true;
	}
	lex_cfws(x);
	x->damaged |= lex_peek(x) != '>';
	while (lex_peek(x) == '>')
		x->p++;
	x->comment = (struct str){ NULL, 0 };
	skip_entry(r);
	if (a.name.n == 0 && x->comment.n)
		a.name = comment_name(r);
	list_add(r, a);
}

/* At "@" behind words: "local@domain", perhaps with damage around. */
static void take_spec(struct reader *r, struct phrase *ph)
{
	struct address a = { .kind = ADDRESS_MAILBOX };
	struct lex *x = &r->lex;

	a.local = local_part(r, ph);
	if (ph->group != ph->begin) { /* "Joe joe@x.example" */
		a.name = str_trim(span(ph->begin, ph->group));
		x->damaged = true;
	}
	x->comment = (struct str){ NULL, 0 };
	x->p++;
	add(r, '@');
	a.domain = take_domain(r);
	while (lex_peek(x) == '@') { /* "a@b@c": the last one counts */
		x->damaged = true;
		x->p++;
		a.local = span(ph->group, r->text);
		add(r, '@');
		a.domain = take_domain(r);
	}
	if (lex_peek(x) == '<') { /* "joe@x.example <joe@x.example>" */
		x->damaged = true;
		take_angle(r, span(ph->begin, r->text));
		return;
	}
	skip_entry(r);
	if (a.name.n == 0 && x->comment.n)
		a.name = comment_name(r);
	list_add(r, a);
}

/* Words that nothing followed: a local part alone, or a name alone. */
static void take_bare(struct reader *r, struct phrase *ph)
{
	struct address a = { .kind = ADDRESS_MAILBOX };

	if (ph->words == 0)
		return;
	r->lex.damaged = true;
	if (ph->group == ph->begin)
		a.local = local_part(r, ph);
	else
		a.name = str_trim(span(ph->begin, r->text));
	list_add(r, a);
}

static void take_colon(struct reader *r, struct phrase *ph)
{
	struct address a = { .kind = ADDRESS_GROUP };

	r->lex.p++;
	if (r->in_group || ph->words == 0) {
		r->lex.damaged = true;
		return;
	}
	a.name = str_trim(span(ph->begin, r->text));
	list_add(r, a);
	r->in_group = true;
}

static void take_semicolon(struct reader *r, struct phrase *ph)
{
	r->lex.p++;
	take_bare(r, ph);
	if (r->in_group)
		list_add(r, (struct address){ .kind = ADDRESS_GROUP_END });
	else
		r->lex.damaged = true; /* some separate with it */
	r->in_group = false;
}

static void take_entry(struct reader *r)
{
	struct phrase ph = phrase_begin(r);

	r->lex.comment = (struct str){ NULL, 0 };
	take_words(r, &ph);
	switch (lex_peek(&r->lex)) {
	case '<': take_angle(r, span(ph.begin, r->text)); break;
	case '@': take_spec(r, &ph); break;
	case ':': take_colon(r, &ph); break;
	case ';': take_semicolon(r, &ph); break;
	case ',':
		r->lex.p++;
		take_bare(r, &ph);
		break;
	default: take_bare(r, &ph);
	}
}

void address_list_parse(struct arena *a, struct str raw,
                        const struct address_limits *limits,
                        struct address_list *out)
{
	const struct address_limits *l =
		limits ? limits : &address_limits_default;
	struct reader r = { .arena = a, .list = out, .max = l->addresses_max };

	*out = (struct address_list){ .n = 0 };
	raw = str_trim(raw);
	if (raw.n > l->bytes_max) {
		raw = str_to(raw, l->bytes_max);
		out->cut = true;
	}
	if (raw.n == 0)
		return;
	r.lex = lex_begin(raw);
	r.text = arena_alloc(a, raw.n);
	r.text_end = r.text + raw.n;
	while (!lex_at_end(&r.lex) && out->n < r.max)
		take_entry(&r);
	if (!lex_at_end(&r.lex))
		out->cut = true;
	if (r.in_group) { /* a list is balanced, whatever was sent */
		r.max++;
		r.lex.damaged = true;
		list_add(&r, (struct address){ .kind = ADDRESS_GROUP_END });
	}
	out->damaged = r.lex.damaged;
}

const struct address *address_list_first(const struct address_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].kind == ADDRESS_MAILBOX)
			return &list->v[i];
	return NULL;
}

bool address_same(const struct address *a, const struct address *b)
{
	return str_eq_case(a->local, b->local) &&
	       str_eq_case(a->domain, b->domain);
}

/* RFC 5322, 3.2.3, atext, and RFC 6532's UTF-8. */
static bool is_atext(char c)
{
	return is_word_char(c) && c != '.';
}

bool address_is_dot_atom(struct str s)
{
	bool dot = true;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '.' && dot)
			return false;
		dot = s.p[i] == '.';
		if (!dot && !is_atext(s.p[i]))
			return false;
	}
	return !dot;
}

static bool is_atoms(struct str s)
{
	bool blank = true;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == ' ' && blank)
			return false;
		blank = s.p[i] == ' ';
		if (!blank && !is_atext(s.p[i]))
			return false;
	}
	return !blank;
}

/* Never a byte that ends the line or the string of C that follows. */
static void add_safe(struct buf *out, struct str s, bool quoted)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '\r' || c == '\n' || c == '\0')
			continue;
		if (quoted && (c == '"' || c == '\\'))
			buf_add_c(out, '\\');
		buf_add_c(out, c);
	}
}

static void add_quoted(struct buf *out, struct str s)
{
	buf_add_c(out, '"');
	add_safe(out, s, true);
	buf_add_c(out, '"');
}

void address_write_spec(struct buf *out, const struct address *a)
{
	if (address_is_dot_atom(a->local))
		buf_add(out, a->local);
	else
		add_quoted(out, a->local);
	if (a->domain.n == 0)
		return;
	buf_add_c(out, '@');
	add_safe(out, a->domain, false);
}

static void write_name(struct buf *out, struct str name)
{
	if (is_atoms(name))
		buf_add(out, name);
	else
		add_quoted(out, name);
}

void address_write(struct buf *out, const struct address *a)
{
	switch (a->kind) {
	case ADDRESS_GROUP:
		write_name(out, a->name);
		buf_add_c(out, ':');
		return;
	case ADDRESS_GROUP_END: buf_add_c(out, ';'); return;
	case ADDRESS_MAILBOX: break;
	}
	if (a->name.n == 0) {
		address_write_spec(out, a);
		return;
	}
	write_name(out, a->name);
	if (a->local.n == 0 && a->domain.n == 0)
		return; /* it was read so: a name alone */
	buf_add(out, STR(" <"));
	address_write_spec(out, a);
	buf_add_c(out, '>');
}
