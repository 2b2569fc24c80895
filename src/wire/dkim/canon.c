#include "wire/dkim/canon.h"

#include <string.h>

void dkim_body_init(struct dkim_body *b, enum dkim_canon canon, uint64_t limit,
                    dkim_sink sink, void *ctx)
{
	b->canon = canon;
	b->limit = limit;
	b->sink = sink;
	b->ctx = ctx;
	b->empty_lines = 0;
	b->cr = b->space = b->in_line = b->any = false;
	b->n = 0;
}

static void flush(struct dkim_body *b)
{
	if (b->n)
		b->sink(b->ctx, (struct str){ b->gathered, b->n });
	b->n = 0;
}

static void give(struct dkim_body *b, struct str s)
{
	if (s.n > b->limit)
		s.n = (size_t)b->limit;
	if (b->limit != UINT64_MAX)
		b->limit -= s.n;
	if (s.n > sizeof(b->gathered) - b->n)
		flush(b);
	if (s.n > sizeof(b->gathered)) {
		b->sink(b->ctx, s);
		return;
	}
	if (s.n)
		memcpy(b->gathered + b->n, s.p, s.n);
	b->n += s.n;
}

/* Empty lines count only when something follows them. */
static void give_pending_lines(struct dkim_body *b)
{
	static const char lines[] = "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n";

	while (b->empty_lines > 0) {
		size_t n = b->empty_lines < 8 ? (size_t)b->empty_lines : 8;

		give(b, (struct str){ lines, n * 2 });
		b->empty_lines -= n;
	}
}

/* Bytes of a line other than its end. */
static void give_text(struct dkim_body *b, struct str s)
{
	if (s.n == 0)
		return;
	give_pending_lines(b);
	if (b->space) {
		give(b, STR(" "));
		b->space = false;
	}
	b->in_line = true;
	b->any = true;
	give(b, s);
}

/* Runs of spaces and tabs shrink to one space, none before the line's end. */
static void give_relaxed(struct dkim_body *b, struct str s)
{
	size_t from = 0;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != ' ' && s.p[i] != '\t')
			continue;
		give_text(b, (struct str){ s.p + from, i - from });
		b->space = true;
		from = i + 1;
	}
	give_text(b, str_from(s, from));
}

static void give_part(struct dkim_body *b, struct str s)
{
	if (b->canon == DKIM_RELAXED)
		give_relaxed(b, s);
	else
		give_text(b, s);
}

static void end_line(struct dkim_body *b)
{
	b->space = false;
	if (!b->in_line) {
		b->empty_lines++;
		return;
	}
	give(b, STR("\r\n"));
	b->in_line = false;
}

void dkim_body_add(struct dkim_body *b, struct str s)
{
	while (s.n > 0) {
		size_t cr;

		if (b->cr) {
			b->cr = false;
			if (s.p[0] == '\n') {
				end_line(b);
				s = str_from(s, 1);
				continue;
			}
			give_text(b, STR("\r"));
		}
		cr = str_chr(s, '\r');
		give_part(b, cr == STR_NPOS ? s : str_to(s, cr));
		if (cr == STR_NPOS)
			return;
		b->cr = true;
		s = str_from(s, cr + 1);
	}
}

/* RFC 6376, 3.4.3: an empty body is one CRLF in the simple form; 3.4.4: and
 * nothing in the relaxed one.  A last line without CRLF gets one. */
void dkim_body_end(struct dkim_body *b)
{
	if (b->cr)
		give_text(b, STR("\r"));
	b->cr = false;
	if (b->in_line)
		end_line(b);
	else if (!b->any && b->canon == DKIM_SIMPLE)
		give(b, STR("\r\n"));
	flush(b);
}

static struct str without_crlf(struct str s)
{
	if (str_ends(s, STR("\r\n")))
		s.n -= 2;
	else if (str_ends(s, STR("\n")))
		s.n--;
	return s;
}

static bool is_wsp(char c)
{
	return c == ' ' || c == '\t';
}

/* Unfold and shrink white space (RFC 6376, 3.4.2). */
static void add_relaxed_value(struct str v, struct buf *out)
{
	bool space = false;

	v = str_trim(v);
	for (size_t i = 0; i < v.n; i++) {
		char c = v.p[i];

		if (is_wsp(c)) {
			space = true;
			continue;
		}
		if (c == '\r' && i + 1 < v.n && v.p[i + 1] == '\n') {
			i++;
			continue;
		}
		if (space)
			buf_add_c(out, ' ');
		space = false;
		buf_add_c(out, c);
	}
}

void dkim_header_canon(enum dkim_canon canon, struct str raw, bool crlf,
                       struct buf *out)
{
	size_t colon = str_chr(raw, ':');

	raw = without_crlf(raw);
	if (canon == DKIM_SIMPLE || colon == STR_NPOS) {
		buf_add(out, raw);
	} else {
		struct str name = str_trim(str_to(raw, colon));

		for (size_t i = 0; i < name.n; i++)
			buf_add_c(out, ascii_lower(name.p[i]));
		buf_add_c(out, ':');
		add_relaxed_value(str_from(raw, colon + 1), out);
	}
	if (crlf)
		buf_add(out, STR("\r\n"));
}

/* At the start of a tag named "b"? */
static bool is_b_tag(struct str tag)
{
	size_t eq = str_chr(tag, '=');

	return eq != STR_NPOS && str_eq(str_trim(str_to(tag, eq)), STR("b"));
}

void dkim_without_b(struct str raw, struct buf *out)
{
	size_t colon = str_chr(raw, ':');
	struct str rest;

	if (colon == STR_NPOS) {
		buf_add(out, raw);
		return;
	}
	buf_add(out, str_to(raw, colon + 1));
	rest = str_from(raw, colon + 1);
	while (rest.n > 0) {
		size_t semi = str_chr(rest, ';');
		size_t n = semi == STR_NPOS ? rest.n : semi;
		struct str tag = str_to(rest, n);

		if (is_b_tag(tag))
			buf_add(out, str_to(tag, str_chr(tag, '=') + 1));
		else
			buf_add(out, tag);
		if (semi != STR_NPOS)
			buf_add_c(out, ';');
		rest = str_from(rest, semi == STR_NPOS ? n : n + 1);
	}
}
