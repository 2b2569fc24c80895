#include "relay/convert.h"

#include "base/utf8.h"
#include "wire/message/header.h"
#include "wire/mime/decode.h"
#include "wire/mime/part.h"

static struct str range(struct str message, uint64_t from, uint64_t to)
{
	return (struct str){ message.p + from, (size_t)(to - from) };
}

/* Lines of at most 998 bytes, no NUL, no bare CR or LF: fit for DATA. */
static bool is_seven_bit(struct str body)
{
	size_t i, line = 0;

	for (i = 0; i < body.n; i++) {
		unsigned char c = (unsigned char)body.p[i];

		if (c > 127 || c == 0)
			return false;
		line = c == '\n' ? 0 : line + 1;
		if (line > 999 ||
		    (c == '\n' && (i == 0 || body.p[i - 1] != '\r')) ||
		    (c == '\r' && (i + 1 == body.n || body.p[i + 1] != '\n')))
			return false;
	}
	return true;
}

static bool is_signed(const struct mime_part *p)
{
	return p->kind == MIME_MULTIPART &&
	       (str_eq_case(p->subtype, STR("signed")) ||
	        str_eq_case(p->subtype, STR("encrypted")));
}

/* The header without its encoding, then the new one, and the empty line. */
static void write_header(struct buf *out, struct str header, const char *name)
{
	struct header_reader r = header_reader(header);
	struct header_field f;
	enum header_result what;
	const char *from = header.p;

	/* without the empty line at its end */
	if (str_ends(header, STR("\n\r\n")) || str_eq(header, STR("\r\n")))
		r = header_reader(str_to(header, header.n - 2));
	while ((what = header_next(&r, &f)) != HEADER_END) {
		struct str whole = { from, (size_t)(r.rest.p - from) };

		from = r.rest.p;
		if (what == HEADER_FIELD &&
		    str_eq_case(f.name, STR("Content-Transfer-Encoding")))
			continue;
		buf_add(out, whole);
	}
	buf_fmt(out, "Content-Transfer-Encoding: %s\r\n\r\n", name);
}

static void write_body(struct buf *out, const struct mime_part *p,
                       struct str body)
{
	if (str_eq_case(p->type, STR("text")))
		mime_qp_write(out, body, true);
	else
		mime_base64_write(out, body);
}

/* May this leaf be encoded anew?  Only what is not encoded yet. */
static bool is_plain(const struct mime_part *p)
{
	return p->kind == MIME_SINGLE &&
	       (p->encoding == MIME_7BIT || p->encoding == MIME_8BIT ||
	        p->encoding == MIME_BINARY);
}

/* A multipart, or a message in it, says 8bit of what it holds: no more. */
static bool says_more(const struct mime_part *p)
{
	return p->kind != MIME_SINGLE && p->encoding_name.n > 0 &&
	       p->encoding != MIME_7BIT;
}

enum relay_converted relay_convert(struct str message, struct buf *out)
{
	struct mime_part *root, *p;
	enum relay_converted rc = RELAY_CONVERTED;
	uint64_t at = 0;
	struct arena a;

	arena_init(&a);
	root = mime_parse(&a, message, NULL);
	for (p = root; p && rc == RELAY_CONVERTED; p = mime_part_next(p)) {
		struct str header = range(message, p->header_at, p->body_at);
		struct str body = range(message, p->body_at, p->end);
		bool encode = is_plain(p) && !is_seven_bit(body);

		if (is_signed(p))
			rc = RELAY_CONVERT_SIGNED;
		else if (!utf8_is_ascii(header) || p->header_at < at)
			rc = RELAY_CONVERT_NOT;
		if (rc != RELAY_CONVERTED || (!encode && !says_more(p)))
			continue;
		/* All between the last change and this one. */
		buf_add(out, range(message, at, p->header_at));
		if (encode) {
			write_header(out, header,
			             str_eq_case(p->type, STR("text"))
			                     ? "quoted-printable"
			                     : "base64");
			write_body(out, p, body);
			at = p->end;
		} else {
			write_header(out, header, "7bit");
			at = p->body_at;
		}
	}
	buf_add(out, range(message, at, message.n));
	arena_deinit(&a);
	/* Preambles and what no part has may still have other bytes. */
	if (rc == RELAY_CONVERTED &&
	    (buf_overflow(out) || !is_seven_bit(buf_str(out))))
		rc = RELAY_CONVERT_NOT;
	return rc;
}
