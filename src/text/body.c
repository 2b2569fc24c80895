#include "text/body.h"

#include "text/charset.h"
#include "text/extract.h"
#include "wire/html/html.h"
#include "wire/mime/decode.h"

/* Encoded bytes taken at a time. */
#define SLICE ((size_t)16 * 1024)

/* A byte becomes 3 of UTF-8 at most, with GB 18030 and the like less. */
#define UTF8_MAX (SLICE * 6 + 64)

void text_body_init(struct text_body *b)
{
	buf_init(&b->bytes, SLICE + 64);
	buf_init(&b->utf8, UTF8_MAX);
	buf_init(&b->plain, UTF8_MAX * 2);
}

void text_body_deinit(struct text_body *b)
{
	buf_deinit(&b->bytes);
	buf_deinit(&b->utf8);
	buf_deinit(&b->plain);
}

struct reading {
	struct text_body *body;
	struct mime_decoder decoder;
	struct text_decoder charset;
	struct html_text html;
	bool identity, is_html;
	bool (*take)(void *arg, struct str utf8);
	void *arg;
};

static bool pass_text(struct reading *r, bool end)
{
	struct text_body *b = r->body;

	if (!r->is_html)
		return r->take(r->arg, buf_str(&b->utf8));
	buf_reset(&b->plain);
	html_text_add(&r->html, buf_str(&b->utf8));
	if (end)
		html_text_end(&r->html);
	return r->take(r->arg, buf_str(&b->plain));
}

static bool pass_slice(struct reading *r, struct str slice, bool end)
{
	struct text_body *b = r->body;

	buf_reset(&b->utf8);
	if (!r->identity) {
		buf_reset(&b->bytes);
		mime_decode(&r->decoder, slice, &b->bytes);
		if (end)
			mime_decode_end(&r->decoder, &b->bytes);
		slice = buf_str(&b->bytes);
	}
	text_decode(&r->charset, slice, &b->utf8);
	if (end)
		text_decode_end(&r->charset, &b->utf8);
	return pass_text(r, end);
}

static bool is_identity(enum mime_encoding e)
{
	return e != MIME_BASE64 && e != MIME_QUOTED_PRINTABLE &&
	       e != MIME_UUENCODE;
}

void text_body_read(struct text_body *b, struct str message,
                    const struct mime_part *p, bool html_to_text,
                    bool (*take)(void *arg, struct str utf8), void *arg)
{
	struct str body = mime_part_body(p, message);
	struct reading r = {
		.body = b,
		.identity = is_identity(p->encoding),
		.take = take,
		.arg = arg,
	};
	bool more = true;

	r.is_html = html_to_text && mime_part_is(p, "text", "html");
	mime_decoder_init(&r.decoder, p->encoding);
	text_decoder_init(&r.charset,
	                  mime_params_value(&p->params, STR("charset")));
	if (r.is_html)
		html_text_init(&r.html, &b->plain);
	while (more && body.n > 0) {
		size_t n = body.n < SLICE ? body.n : SLICE;

		more = pass_slice(&r, str_to(body, n), false);
		body = str_from(body, n);
	}
	(void)pass_slice(&r, (struct str){ "", 0 }, true);
}

/* Without CR: line ends are LF inside. */
static bool take_whole(void *arg, struct str utf8)
{
	struct buf *out = arg;
	struct str head;

	while (str_cut(&utf8, '\r', &head))
		buf_add(out, head);
	return !buf_overflow(out);
}

bool text_part(struct buf *out, struct str message, const struct mime_part *p,
               bool html_to_text)
{
	struct text_body b;

	text_body_init(&b);
	text_body_read(&b, message, p, html_to_text, take_whole, out);
	text_body_deinit(&b);
	return !buf_overflow(out);
}
