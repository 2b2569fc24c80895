#include "wire/smtp/trace.h"

#include <stdio.h>

#include "wire/message/date.h"
#include "wire/smtp/command.h"

/* Bytes of a peer inside a comment or an address: no CR, LF, NUL, and no
 * bracket that would end what they stand in. */
static void add_safe(struct buf *out, struct str s, struct str not )
{
	size_t i;

	for (i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 32 || c == 127 || str_chr(not, s.p[i]) != STR_NPOS)
			buf_add_c(out, '?');
		else
			buf_add_c(out, s.p[i]);
	}
}

const char *smtp_with(const struct smtp_received *r, char out[20])
{
	const char *base = r->lmtp ? "LMTP" : r->esmtp ? "ESMTP" : "SMTP";

	/* RFC 6531, 4.3: UTF8SMTP takes the place of ESMTP. */
	if (r->utf8)
		base = r->lmtp ? "UTF8LMTP" : "UTF8SMTP";
	(void)snprintf(out, 20, "%s%s%s", base,
	               r->tls && (r->esmtp || r->lmtp) ? "S" : "",
	               r->auth && (r->esmtp || r->lmtp) ? "A" : "");
	return out;
}

static void write_from(struct buf *out, const struct smtp_received *r)
{
	enum smtp_helo kind = smtp_helo_kind(r->helo);
	bool v6 = str_chr(r->ip, ':') != STR_NPOS;
	struct buf lit;

	buf_init(&lit, 128);
	buf_fmt(&lit, "[%s%.*s]", v6 ? "IPv6:" : "", STR_ARG(r->ip));
	buf_add(out, STR("from "));
	if (kind == SMTP_HELO_BAD) {
		/* RFC 5321, 4.4 wants a name here; what was said is none. */
		buf_add(out, r->ip.n ? buf_str(&lit) : STR("localhost"));
		buf_add(out, STR(" (HELO "));
		add_safe(out,
		         str_to(r->helo, r->helo.n > 255 ? 255 : r->helo.n),
		         STR("()\\"));
		buf_add_c(out, ')');
	} else {
		add_safe(out, r->helo, STR("()\\"));
		if (r->ip.n) {
			buf_add(out, STR(" ("));
			buf_add(out, buf_str(&lit));
			buf_add_c(out, ')');
		}
	}
	buf_add(out, STR("\r\n\t"));
	buf_deinit(&lit);
}

void smtp_received_write(struct buf *out, const struct smtp_received *r)
{
	char with[20];

	buf_add(out, STR("Received: "));
	if (r->helo.n || r->ip.n)
		write_from(out, r);
	buf_add(out, STR("by "));
	buf_add(out, r->by);
	buf_add(out, STR(" with "));
	if (r->protocol.n)
		buf_add(out, r->protocol);
	else
		buf_add_z(out, smtp_with(r, with));
	if (r->tls && r->tls_version.n) {
		buf_add(out, STR(" ("));
		add_safe(out, r->tls_version, STR("()\\"));
		buf_add_c(out, ' ');
		add_safe(out, r->tls_cipher, STR("()\\"));
		buf_add_c(out, ')');
	}
	buf_add(out, STR("\r\n\tid "));
	buf_add(out, r->id);
	if (r->rcpt.n) {
		buf_add(out, STR(" for <"));
		add_safe(out, r->rcpt, STR("<>"));
		buf_add_c(out, '>');
	}
	buf_add(out, STR(";\r\n\t"));
	date_write(out, r->at_us, 0);
	buf_add(out, STR("\r\n"));
}

void smtp_return_path_write(struct buf *out, struct str sender)
{
	buf_add(out, STR("Return-Path: <"));
	add_safe(out, sender, STR("<>"));
	buf_add(out, STR(">\r\n"));
}

void smtp_delivered_to_write(struct buf *out, struct str address)
{
	buf_add(out, STR("Delivered-To: "));
	add_safe(out, address, STR("<>"));
	buf_add(out, STR("\r\n"));
}
