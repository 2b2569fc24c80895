#include "wire/imap/fetch.h"

#include <string.h>

#include "wire/imap/chars.h"
#include "wire/imap/write.h"

static const struct {
	struct str name;
	uint32_t items;
} simple[] = {
	{ STR_INIT("UID"), IMAP_F_UID },
	{ STR_INIT("FLAGS"), IMAP_F_FLAGS },
	{ STR_INIT("INTERNALDATE"), IMAP_F_INTERNALDATE },
	{ STR_INIT("RFC822.SIZE"), IMAP_F_SIZE },
	{ STR_INIT("ENVELOPE"), IMAP_F_ENVELOPE },
	{ STR_INIT("BODYSTRUCTURE"), IMAP_F_BODYSTRUCTURE },
	{ STR_INIT("MODSEQ"), IMAP_F_MODSEQ },
	{ STR_INIT("EMAILID"), IMAP_F_EMAILID },
	{ STR_INIT("THREADID"), IMAP_F_THREADID },
	{ STR_INIT("SAVEDATE"), IMAP_F_SAVEDATE },
};

/* Macros; only alone (RFC 3501, 6.4.5). */
static const struct {
	struct str name;
	uint32_t items;
} macros[] = {
	{ STR_INIT("FAST"), IMAP_F_FLAGS | IMAP_F_INTERNALDATE | IMAP_F_SIZE },
	{ STR_INIT("ALL"),
	  IMAP_F_FLAGS | IMAP_F_INTERNALDATE | IMAP_F_SIZE | IMAP_F_ENVELOPE },
	{ STR_INIT("FULL"), IMAP_F_FLAGS | IMAP_F_INTERNALDATE | IMAP_F_SIZE |
	                            IMAP_F_ENVELOPE | IMAP_F_BODY },
};

static const struct {
	struct str name;
	enum imap_section_kind kind;
	bool peek;
} sectioned[] = {
	{ STR_INIT("BODY"), IMAP_BODY, false },
	{ STR_INIT("BODY.PEEK"), IMAP_BODY, true },
	{ STR_INIT("BINARY"), IMAP_BINARY, false },
	{ STR_INIT("BINARY.PEEK"), IMAP_BINARY, true },
	{ STR_INIT("BINARY.SIZE"), IMAP_BINARY_SIZE, true },
};

static const struct {
	struct str name;
	enum imap_section_kind kind;
	enum imap_section_text text;
	bool peek;
} rfc822[] = {
	{ STR_INIT("RFC822"), IMAP_RFC822, IMAP_TEXT_ALL, false },
	{ STR_INIT("RFC822.HEADER"), IMAP_RFC822_HEADER, IMAP_TEXT_HEADER,
	  true },
	{ STR_INIT("RFC822.TEXT"), IMAP_RFC822_TEXT, IMAP_TEXT_TEXT, false },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A name ends where "[" or anything else that is not in one begins. */
static struct str take_name(struct imap_parser *p)
{
	size_t n = 0;
	struct str s;

	while (n < p->in.n && (ascii_is_alpha(p->in.p[n]) ||
	                       ascii_is_digit(p->in.p[n]) || p->in.p[n] == '.'))
		n++;
	s = str_to(p->in, n);
	p->in = str_from(p->in, n);
	return s;
}

/* section-part: nz-number *("." nz-number); stops before ".TEXT" and such. */
static bool parse_part(struct imap_parser *p, struct imap_section *s)
{
	s->part = arena_array(p->arena, IMAP_PART_DEPTH_MAX, sizeof(*s->part));
	for (;;) {
		if (s->n_part == IMAP_PART_DEPTH_MAX)
			return imap_parse_fail(p, "Part too deep");
		if (!imap_parse_nz_number(p, &s->part[s->n_part]))
			return false;
		s->n_part++;
		if (p->in.n < 2 || p->in.p[0] != '.' ||
		    !ascii_is_digit(p->in.p[1]))
			return true;
		p->in = str_from(p->in, 1);
	}
}

static bool parse_fields(struct imap_parser *p, struct imap_section *s)
{
	if (!imap_parse_sp(p) || !imap_parse_char(p, '('))
		return false;
	s->fields = arena_array(p->arena, IMAP_FETCH_FIELDS_MAX,
	                        sizeof(*s->fields));
	do {
		if (s->n_fields == IMAP_FETCH_FIELDS_MAX)
			return imap_parse_fail(p, "Too many header fields");
		if (!imap_parse_astring(p, &s->fields[s->n_fields]))
			return false;
		s->n_fields++;
	} while (imap_accept(p, ' '));
	return imap_parse_char(p, ')');
}

static bool parse_section_text(struct imap_parser *p, struct imap_section *s)
{
	struct str name = take_name(p);

	if (str_eq_case(name, STR("HEADER"))) {
		s->text = IMAP_TEXT_HEADER;
	} else if (str_eq_case(name, STR("TEXT"))) {
		s->text = IMAP_TEXT_TEXT;
	} else if (str_eq_case(name, STR("MIME")) && s->n_part > 0) {
		s->text = IMAP_TEXT_MIME;
	} else if (str_eq_case(name, STR("HEADER.FIELDS"))) {
		s->text = IMAP_TEXT_FIELDS;
		return parse_fields(p, s);
	} else if (str_eq_case(name, STR("HEADER.FIELDS.NOT"))) {
		s->text = IMAP_TEXT_FIELDS_NOT;
		return parse_fields(p, s);
	} else {
		return imap_parse_fail(p, "Unknown section");
	}
	return true;
}

static bool parse_partial(struct imap_parser *p, struct imap_section *s)
{
	if (!imap_accept(p, '<'))
		return true;
	s->partial = true;
	return imap_parse_number(p, &s->offset) && imap_parse_char(p, '.') &&
	       imap_parse_nz_number(p, &s->count) && imap_parse_char(p, '>');
}

bool imap_parse_section(struct imap_parser *p, struct imap_section *s)
{
	bool digit;

	if (!imap_parse_char(p, '['))
		return false;
	digit = p->in.n > 0 && ascii_is_digit(p->in.p[0]);
	if (digit && !parse_part(p, s))
		return false;
	if (s->kind == IMAP_BODY && !imap_peek(p, ']')) {
		if (digit && !imap_parse_char(p, '.'))
			return false;
		if (!parse_section_text(p, s))
			return false;
	}
	if (!imap_parse_char(p, ']'))
		return false;
	return s->kind == IMAP_BINARY_SIZE || parse_partial(p, s);
}

static struct imap_section *add_section(struct imap_parser *p,
                                        struct imap_fetch *f)
{
	if (f->n_sections == IMAP_FETCH_SECTIONS_MAX) {
		(void)imap_parse_fail(p, "Too many attributes");
		return NULL;
	}
	if (!f->sections)
		f->sections = arena_array(p->arena, IMAP_FETCH_SECTIONS_MAX,
		                          sizeof(*f->sections));
	return &f->sections[f->n_sections++];
}

/* PREVIEW [SP "(" "LAZY" ")"], RFC 8970 */
static bool parse_preview(struct imap_parser *p, struct imap_fetch *f)
{
	f->items |= IMAP_F_PREVIEW;
	if (!str_starts(p->in, STR(" (")))
		return true;
	/* Ours is made at delivery, so lazy or not is the same; but "(" may
	 * as well begin the modifiers of the command. */
	if (str_starts_case(p->in, STR(" (LAZY)")))
		p->in = str_from(p->in, 7);
	return true;
}

static bool parse_sectioned(struct imap_parser *p, struct imap_fetch *f,
                            struct str name)
{
	struct imap_section *s;

	for (size_t i = 0; i < COUNT(sectioned); i++) {
		if (!str_eq_case(name, sectioned[i].name))
			continue;
		s = add_section(p, f);
		if (!s)
			return false;
		s->kind = sectioned[i].kind;
		s->peek = sectioned[i].peek;
		return imap_parse_section(p, s);
	}
	return imap_parse_fail(p, "Unknown attribute");
}

static bool parse_rfc822(struct imap_parser *p, struct imap_fetch *f,
                         struct str name)
{
	struct imap_section *s;

	for (size_t i = 0; i < COUNT(rfc822); i++) {
		if (!str_eq_case(name, rfc822[i].name))
			continue;
		s = add_section(p, f);
		if (!s)
			return false;
		s->kind = rfc822[i].kind;
		s->text = rfc822[i].text;
		s->peek = rfc822[i].peek;
		return true;
	}
	return imap_parse_fail(p, "Unknown attribute");
}

static bool parse_att(struct imap_parser *p, struct imap_fetch *f)
{
	struct str name = take_name(p);

	if (imap_peek(p, '['))
		return parse_sectioned(p, f, name);
	if (str_eq_case(name, STR("BODY"))) {
		f->items |= IMAP_F_BODY;
		return true;
	}
	if (str_eq_case(name, STR("PREVIEW")))
		return parse_preview(p, f);
	for (size_t i = 0; i < COUNT(simple); i++) {
		if (str_eq_case(name, simple[i].name)) {
			f->items |= simple[i].items;
			return true;
		}
	}
	return parse_rfc822(p, f, name);
}

static bool parse_modifiers(struct imap_parser *p, struct imap_fetch *f)
{
	if (p->in.n == 0 || str_eq(p->in, STR(" ")))
		return true;
	if (!imap_parse_sp(p) || !imap_parse_char(p, '('))
		return false;
	do {
		if (imap_accept_word(p, STR("CHANGEDSINCE"))) {
			f->changedsince_set = true;
			if (!imap_parse_sp(p) ||
			    !imap_parse_number64(p, &f->changedsince))
				return false;
		} else if (imap_accept_word(p, STR("VANISHED"))) {
			f->vanished = true;
		} else {
			return imap_parse_fail(p, "Unknown fetch modifier");
		}
	} while (imap_accept(p, ' '));
	if (f->vanished && !f->changedsince_set)
		return imap_parse_fail(p, "VANISHED needs CHANGEDSINCE");
	return imap_parse_char(p, ')');
}

bool imap_parse_fetch(struct imap_parser *p, struct imap_fetch *out)
{
	struct imap_fetch f = { 0 };

	if (imap_accept(p, '(')) {
		do {
			if (!parse_att(p, &f))
				return false;
		} while (imap_accept(p, ' '));
		if (!imap_parse_char(p, ')'))
			return false;
	} else {
		for (size_t i = 0; i < COUNT(macros) && !f.items; i++)
			if (imap_accept_word(p, macros[i].name))
				f.items = macros[i].items;
		if (!f.items && !parse_att(p, &f))
			return false;
	}
	if (!parse_modifiers(p, &f))
		return false;
	*out = f;
	return true;
}

static void write_part(struct buf *b, const struct imap_section *s)
{
	for (size_t i = 0; i < s->n_part; i++) {
		if (i > 0)
			buf_add_c(b, '.');
		buf_add_u64(b, s->part[i]);
	}
}

static void write_fields(struct buf *b, const struct imap_section *s)
{
	buf_add(b, STR(" ("));
	for (size_t i = 0; i < s->n_fields; i++) {
		if (i > 0)
			buf_add_c(b, ' ');
		imap_write_astring(b, s->fields[i]);
	}
	buf_add_c(b, ')');
}

static void write_section_text(struct buf *b, const struct imap_section *s)
{
	static const char *const names[] = {
		[IMAP_TEXT_ALL] = "",
		[IMAP_TEXT_HEADER] = "HEADER",
		[IMAP_TEXT_FIELDS] = "HEADER.FIELDS",
		[IMAP_TEXT_FIELDS_NOT] = "HEADER.FIELDS.NOT",
		[IMAP_TEXT_TEXT] = "TEXT",
		[IMAP_TEXT_MIME] = "MIME",
	};

	if (s->n_part > 0 && s->text != IMAP_TEXT_ALL)
		buf_add_c(b, '.');
	buf_add_z(b, names[s->text]);
	if (s->text == IMAP_TEXT_FIELDS || s->text == IMAP_TEXT_FIELDS_NOT)
		write_fields(b, s);
}

void imap_write_section(struct buf *b, const struct imap_section *s)
{
	static const char *const names[] = {
		[IMAP_BODY] = "BODY",
		[IMAP_BINARY] = "BINARY",
		[IMAP_BINARY_SIZE] = "BINARY.SIZE",
		[IMAP_RFC822] = "RFC822",
		[IMAP_RFC822_HEADER] = "RFC822.HEADER",
		[IMAP_RFC822_TEXT] = "RFC822.TEXT",
	};

	buf_add_z(b, names[s->kind]);
	if (s->kind != IMAP_BODY && s->kind != IMAP_BINARY &&
	    s->kind != IMAP_BINARY_SIZE)
		return;
	buf_add_c(b, '[');
	write_part(b, s);
	if (s->kind == IMAP_BODY)
		write_section_text(b, s);
	buf_add_c(b, ']');
	if (s->partial)
		buf_fmt(b, "<%u>", s->offset);
}
