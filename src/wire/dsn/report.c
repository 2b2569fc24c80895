#include "wire/dsn/report.h"

#include "base/utf8.h"
#include "wire/message/field.h"
#include "wire/mime/decode.h"

static void part_begin(struct buf *out, const struct dsn_parts *p,
                       const char *type, const char *encoding,
                       const char *description)
{
	buf_fmt(out,
	        "\r\n--%.*s\r\nContent-Type: %s\r\n"
	        "Content-Transfer-Encoding: %s\r\n"
	        "Content-Description: %s\r\n\r\n",
	        STR_ARG(p->boundary), type, encoding, description);
}

static void write_text(struct buf *out, const struct dsn_parts *p)
{
	bool ascii = utf8_is_ascii(p->text);

	part_begin(out, p,
	           ascii ? "text/plain; charset=us-ascii"
	                 : "text/plain; charset=utf-8",
	           ascii ? "7bit" : "8bit", "What happened");
	buf_add(out, p->text);
}

static void write_status(struct buf *out, const struct dsn_parts *p)
{
	bool ascii = utf8_is_ascii(p->status);

	part_begin(out, p,
	           ascii ? "message/delivery-status"
	                 : "message/global-delivery-status",
	           ascii ? "7bit" : "8bit", "Delivery report");
	buf_add(out, p->status);
}

/* The message's own types, and what may be sent as it is. */
static void write_original(struct buf *out, const struct dsn_parts *p)
{
	struct str header =
		str_to(p->original, field_header_length(p->original));
	bool ascii = utf8_is_ascii(header);
	bool encode = !ascii && !p->utf8;
	const char *type, *encoding;

	if (p->whole)
		type = ascii ? "message/rfc822" : "message/global";
	else
		type = ascii ? "text/rfc822-headers" : "message/global-headers";
	if (encode)
		encoding = "base64";
	else
		encoding = utf8_is_ascii(p->original) ? "7bit" : "8bit";
	part_begin(out, p, type, encoding,
	           p->whole ? "The message" : "The header of the message");
	if (encode)
		mime_base64_write(out, p->original);
	else
		buf_add(out, p->original);
}

bool dsn_parts_write(struct buf *out, const struct dsn_parts *p)
{
	size_t from;
	struct buf body;
	bool eight;

	buf_init(&body, out->max);
	write_text(&body, p);
	write_status(&body, p);
	write_original(&body, p);
	eight = !utf8_is_ascii(buf_str(&body));
	from = out->n;
	buf_fmt(out,
	        "MIME-Version: 1.0\r\n"
	        "Content-Type: multipart/report; report-type=delivery-status;\r\n"
	        "\tboundary=\"%.*s\"\r\n"
	        "Content-Transfer-Encoding: %s\r\n\r\n"
	        "This is a report about a message, in MIME format.\r\n",
	        STR_ARG(p->boundary), eight ? "8bit" : "7bit");
	buf_add(out, buf_str(&body));
	buf_fmt(out, "\r\n--%.*s--\r\n", STR_ARG(p->boundary));
	if (buf_overflow(&body)) {
		buf_truncate(out, from);
		out->overflow = true;
	}
	buf_deinit(&body);
	return eight;
}
