#include "wire/message/write.h"

/* RFC 5322, 2.1.1: a line should have no more, CRLF not counted. */
#define LINE_MAX_SOFT 78

struct line {
	struct buf *out;
	size_t column;
};

static bool is_break(char c)
{
	return c == '\r' || c == '\n' || c == '\0';
}

static void put(struct line *l, struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		buf_add_c(l->out, is_break(s.p[i]) ? ' ' : s.p[i]);
	l->column += s.n;
}

static void fold(struct line *l)
{
	buf_add(l->out, STR("\r\n"));
	l->column = 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || is_break(c);
}

/* A run of blanks and the word behind it: what a fold may stand before. */
static size_t chunk_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && is_blank(s.p[n]))
		n++;
	while (n < s.n && !is_blank(s.p[n]))
		n++;
	return n;
}

static bool is_all_blank(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_blank(s.p[i]))
			return false;
	return true;
}

static struct line begin(struct buf *out, struct str name)
{
	struct line l = { .out = out };

	put(&l, name);
	put(&l, STR(":"));
	return l;
}

/* `value` with a blank before it.  A fold is never put before a chunk of
 * blanks alone: a line of blanks would end the header for some. */
static void put_folded(struct line *l, struct str value)
{
	bool first = true;

	while (value.n) {
		size_t n = chunk_length(value);
		struct str chunk = str_to(value, n);

		value = str_from(value, n);
		if (first && (n == 0 || !is_blank(chunk.p[0])))
			put(l, STR(" "));
		else if (l->column + n > LINE_MAX_SOFT && !first &&
		         !is_all_blank(chunk))
			fold(l);
		put(l, chunk);
		first = false;
	}
}

void header_write(struct buf *out, struct str name, struct str value)
{
	struct line l = begin(out, name);

	put_folded(&l, str_trim(value));
	buf_add(out, STR("\r\n"));
}

void header_write_addresses(struct buf *out, struct str name,
                            const struct address_list *list)
{
	struct line l = begin(out, name);
	struct buf one;
	bool comma = false;

	buf_init(&one, out->max);
	for (size_t i = 0; i < list->n; i++) {
		const struct address *a = &list->v[i];
		bool end = a->kind == ADDRESS_GROUP_END;

		buf_reset(&one);
		address_write(&one, a);
		if (comma && !end)
			put(&l, STR(","));
		if (!end && l.column > name.n + 1 &&
		    l.column + one.n + 2 > LINE_MAX_SOFT)
			fold(&l);
		if (end)
			put(&l, buf_str(&one));
		else
			put_folded(&l, buf_str(&one));
		comma = a->kind != ADDRESS_GROUP;
		out->overflow |= buf_overflow(&one);
	}
	buf_deinit(&one);
	buf_add(out, STR("\r\n"));
}
