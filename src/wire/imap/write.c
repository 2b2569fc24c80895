#include "wire/imap/write.h"

#include "wire/imap/chars.h"

/* Longer strings go as literals, which need no second look at each byte by
 * the client. */
#define QUOTED_MAX 1000

static bool is_quotable(struct str s, bool utf8)
{
	if (s.n > QUOTED_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (imap_is(s.p[i], IMAP_C_QUOTABLE))
			continue;
		if (!utf8 || (unsigned char)s.p[i] < 0x80)
			return false;
	}
	return true;
}

static void write_quoted(struct buf *b, struct str s)
{
	buf_add_c(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_add_c(b, '\\');
		buf_add_c(b, s.p[i]);
	}
	buf_add_c(b, '"');
}

void imap_write_literal(struct buf *b, struct str s)
{
	buf_add_c(b, '{');
	buf_add_u64(b, s.n);
	buf_add(b, STR("}\r\n"));
	buf_add(b, s);
}

void imap_write_string(struct buf *b, struct str s, bool utf8)
{
	if (is_quotable(s, utf8))
		write_quoted(b, s);
	else
		imap_write_literal(b, s);
}

void imap_write_nstring(struct buf *b, struct str s, bool utf8)
{
	if (s.p)
		imap_write_string(b, s, utf8);
	else
		buf_add(b, STR("NIL"));
}

static bool is_atom(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!imap_is(s.p[i], IMAP_C_ATOM))
			return false;
	/* NIL as an atom would read as no string. */
	return s.n > 0 && s.n <= QUOTED_MAX && !str_eq_case(s, STR("NIL"));
}

void imap_write_astring(struct buf *b, struct str s)
{
	if (is_atom(s))
		buf_add(b, s);
	else
		imap_write_string(b, s, false);
}

void imap_write_quoted_text(struct buf *b, struct str s)
{
	buf_add_c(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '"' || c == '\\')
			buf_add_c(b, '\\');
		buf_add_c(b, imap_is(c, IMAP_C_QUOTABLE) ? c : '?');
	}
	buf_add_c(b, '"');
}

void imap_write_flags(struct buf *b, uint32_t system,
                      const struct str *keywords, size_t n_keywords)
{
	static const struct str names[] = {
		STR_INIT("\\Seen"),    STR_INIT("\\Answered"),
		STR_INIT("\\Flagged"), STR_INIT("\\Deleted"),
		STR_INIT("\\Draft"),   STR_INIT("\\Recent"),
	};
	bool first = true;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!(system & (1u << i)))
			continue;
		if (!first)
			buf_add_c(b, ' ');
		buf_add(b, names[i]);
		first = false;
	}
	for (size_t i = 0; i < n_keywords; i++) {
		if (!first)
			buf_add_c(b, ' ');
		buf_add(b, keywords[i]);
		first = false;
	}
}
