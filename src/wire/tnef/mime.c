#include "wire/tnef/mime.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "wire/tnef/rtf.h"
#include "wire/tnef/tnef.h"

#define BOUNDARY_MAX 40

static const char no_type[] = "application/octet-stream";

static bool write_entity(struct buf *out, struct str bytes, int depth);

/* ---- header fields ---- */

/* RFC 2231: any bytes, of any charset. */
static void add_percent(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (ascii_is_alpha(c) || ascii_is_digit(c) || c == '.' ||
		    c == '-' || c == '_')
			buf_add_c(out, c);
		else
			buf_fmt(out, "%%%02X", (unsigned char)c);
	}
}

static void add_charset(struct buf *out, uint32_t codepage)
{
	const char *name = tnef_charset(codepage);

	buf_add_z(out, name ? name : "windows-1252");
}

static void add_param(struct buf *out, const char *name,
                      const struct tnef_text *value)
{
	if (!value->bytes.n)
		return;
	buf_fmt(out, ";\r\n %s*=", name);
	add_charset(out, value->codepage);
	buf_add_z(out, "''");
	add_percent(out, value->bytes);
}

/* RFC 2047; wide enough for one word, for what reads it is ours. */
static void add_subject(struct buf *out, const struct tnef_text *s)
{
	if (!s->bytes.n)
		return;
	buf_add_z(out, "Subject: =?");
	add_charset(out, s->codepage);
	buf_add_z(out, "?Q?");
	for (size_t i = 0; i < s->bytes.n; i++) {
		char c = s->bytes.p[i];

		if (ascii_is_alpha(c) || ascii_is_digit(c))
			buf_add_c(out, c);
		else
			buf_fmt(out, "=%02X", (unsigned char)c);
	}
	buf_add_z(out, "?=\r\n");
}

/* "image/png" and nothing that ends a field. */
static bool is_type(struct str s)
{
	bool slash = false;

	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '/' && i > 0 && i + 1 < s.n && !slash)
			slash = true;
		else if (!ascii_is_alpha(s.p[i]) && !ascii_is_digit(s.p[i]) &&
		         str_chr(STR("-+._"), s.p[i]) == STR_NPOS)
			return false;
	}
	return slash && !str_starts_case(s, STR("multipart/")) &&
	       !str_starts_case(s, STR("message/"));
}

static bool is_line(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] > '~' || s.p[i] == '<' ||
		    s.p[i] == '>')
			return false;
	return s.n > 0;
}

/* ---- parts ---- */

struct body {
	struct tnef_text text, html;
	struct buf unpacked, made; /* what the RTF became */
};

static void begin_part(struct buf *out, const char *boundary)
{
	buf_fmt(out, "\r\n--%s\r\n", boundary);
}

static void add_text(struct buf *out, const char *subtype,
                     const struct tnef_text *text)
{
	buf_fmt(out, "Content-Type: text/%s; charset=", subtype);
	add_charset(out, text->codepage);
	buf_add_z(out, "\r\nContent-Transfer-Encoding: binary\r\n\r\n");
	buf_add(out, text->bytes);
}

/* HTML is better than RTF, which is better than nothing. */
static void find_body(const struct tnef *t, struct body *b)
{
	uint32_t codepage;

	b->text = t->text;
	b->html = t->html;
	buf_init(&b->unpacked, RTF_BYTES_MAX);
	buf_init(&b->made, RTF_BYTES_MAX);
	if (b->html.bytes.n || !t->rtf.n)
		return;
	if (!rtf_unpack(&b->unpacked, t->rtf) && b->unpacked.n == 0)
		return;
	rtf_to_html(&b->made, buf_str(&b->unpacked), &codepage);
	b->html = (struct tnef_text){ buf_str(&b->made), codepage };
}

static void add_body(struct buf *out, const struct body *b,
                     const char *boundary, const char *inner)
{
	if (b->text.bytes.n && b->html.bytes.n) {
		begin_part(out, boundary);
		buf_fmt(out,
		        "Content-Type: multipart/alternative; boundary=\"%s\""
		        "\r\n\r\n",
		        inner);
		begin_part(out, inner);
		add_text(out, "plain", &b->text);
		begin_part(out, inner);
		add_text(out, "html", &b->html);
		buf_fmt(out, "\r\n--%s--\r\n", inner);
		return;
	}
	if (!b->text.bytes.n && !b->html.bytes.n)
		return;
	begin_part(out, boundary);
	if (b->html.bytes.n)
		add_text(out, "html", &b->html);
	else
		add_text(out, "plain", &b->text);
}

static bool add_attachment(struct buf *out, const struct tnef_attachment *a,
                           int depth)
{
	if (a->message) {
		buf_add_z(out, "Content-Type: message/rfc822");
		add_param(out, "name", &a->name);
		buf_add_z(out, "\r\nContent-Transfer-Encoding: binary\r\n"
		               "Content-Disposition: attachment");
		add_param(out, "filename", &a->name);
		buf_add_z(out, "\r\n\r\n");
		return write_entity(out, a->data, depth + 1);
	}
	buf_fmt(out, "Content-Type: %.*s",
	        STR_ARG(is_type(a->mime) ? a->mime : str_z(no_type)));
	add_param(out, "name", &a->name);
	buf_fmt(out,
	        "\r\nContent-Transfer-Encoding: binary\r\n"
	        "Content-Disposition: %s",
	        is_line(a->cid) ? "inline" : "attachment");
	add_param(out, "filename", &a->name);
	if (is_line(a->cid))
		buf_fmt(out, "\r\nContent-ID: <%.*s>", STR_ARG(a->cid));
	buf_add_z(out, "\r\n\r\n");
	buf_add(out, a->data);
	return true;
}

/* ---- all of it ---- */

/* Made of the bytes, so that it stands nowhere in them unless somebody meant
 * it to; who did hurts their own message alone.  (FNV-1a) */
static void make_boundary(char out[BOUNDARY_MAX], struct str bytes, int depth)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < bytes.n; i++)
		h = (h ^ (unsigned char)bytes.p[i]) * UINT64_C(1099511628211);
	(void)snprintf(out, BOUNDARY_MAX, "=_tnef_%d_%016llx", depth,
	               (unsigned long long)h);
}

static bool write_entity(struct buf *out, struct str bytes, int depth)
{
	char boundary[BOUNDARY_MAX], inner[BOUNDARY_MAX + 2];
	struct arena a;
	struct tnef t;
	struct body b;
	bool ok;

	arena_init(&a);
	ok = tnef_parse(&a, bytes, &t);
	if (ok) {
		find_body(&t, &b);
		make_boundary(boundary, bytes, depth);
		(void)snprintf(inner, sizeof(inner), "%s_a", boundary);
		add_subject(out, &t.subject);
		buf_fmt(out,
		        "MIME-Version: 1.0\r\n"
		        "Content-Type: multipart/mixed; boundary=\"%s\"\r\n"
		        "\r\n",
		        boundary);
		add_body(out, &b, boundary, inner);
		for (size_t i = 0; i < t.attachments_n && !buf_overflow(out);
		     i++) {
			if (t.attachments[i].message &&
			    depth == TNEF_MESSAGES_DEEP)
				continue;
			begin_part(out, boundary);
			ok = add_attachment(out, &t.attachments[i], depth) &&
			     ok;
		}
		buf_fmt(out, "\r\n--%s--\r\n", boundary);
		buf_deinit(&b.unpacked);
		buf_deinit(&b.made);
	}
	arena_deinit(&a);
	return ok && !buf_overflow(out);
}

bool tnef_write_mime(struct buf *out, struct str bytes)
{
	return write_entity(out, bytes, 0);
}
