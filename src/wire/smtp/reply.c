#include "wire/smtp/reply.h"

#include "base/utf8.h"

void smtp_reply_line(struct buf *out, unsigned code, const char *status,
                     bool more, struct str text)
{
	size_t start = out->n, i;

	buf_fmt(out, "%03u%c", code, more ? '-' : ' ');
	if (status[0] != '\0') {
		buf_add_z(out, status);
		buf_add_c(out, ' ');
	}
	text = utf8_head(text, SMTP_REPLY_LINE_MAX - 2 - (out->n - start));
	for (i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		buf_add_c(out, c < 32 || c == 127 ? '?' : (char)c);
	}
	buf_add(out, STR("\r\n"));
}

void smtp_reply_write(struct buf *out, unsigned code, const char *status,
                      struct str text)
{
	struct str line;

	if (text.n == 0)
		smtp_reply_line(out, code, status, false, text);
	while (str_cut(&text, '\n', &line))
		smtp_reply_line(out, code, status, text.n != 0, line);
}
