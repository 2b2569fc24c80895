#include <string.h>

#include "base/base64.h"
#include "wire/mime/decode.h"

/* 76 characters (RFC 2045, 6.8) are 57 bytes. */
#define BASE64_LINE 57

void mime_base64_write(struct buf *out, struct str bytes)
{
	while (bytes.n > 0) {
		size_t n = bytes.n < BASE64_LINE ? bytes.n : BASE64_LINE;

		base64_encode(out, str_to(bytes, n));
		buf_add(out, STR("\r\n"));
		bytes = str_from(bytes, n);
	}
}

struct qp {
	struct buf *out;
	size_t column;
};

/* Room for `n` characters and the "=" of a soft break (RFC 2045, 6.7, 5). */
static void qp_room(struct qp *q, size_t n)
{
	if (q->column + n <= 75)
		return;
	buf_add(q->out, STR("=\r\n"));
	q->column = 0;
}

static void qp_hex(struct qp *q, char c)
{
	static const char hex[] = "0123456789ABCDEF";

	qp_room(q, 3);
	buf_add_c(q->out, '=');
	buf_add_c(q->out, hex[(unsigned char)c >> 4]);
	buf_add_c(q->out, hex[(unsigned char)c & 15]);
	q->column += 3;
}

/* A dot at the beginning of a line, and the F of "From ", are encoded: some
 * transports touch them. */
static void qp_char(struct qp *q, struct str s)
{
	qp_room(q, 1);
	if (q->column == 0 && (s.p[0] == '.' || str_starts(s, STR("From ")))) {
		qp_hex(q, s.p[0]);
		return;
	}
	buf_add_c(q->out, s.p[0]);
	q->column++;
}

static size_t line_end(struct str s)
{
	if (s.n > 0 && s.p[0] == '\n')
		return 1;
	return s.n > 1 && s.p[0] == '\r' && s.p[1] == '\n' ? 2 : 0;
}

void mime_qp_write(struct buf *out, struct str bytes, bool text)
{
	struct qp q = { .out = out };

	for (size_t i = 0; i < bytes.n; i++) {
		struct str rest = str_from(bytes, i);
		size_t end = text ? line_end(rest) : 0;
		char c = bytes.p[i];

		if (end > 0) {
			buf_add(out, STR("\r\n"));
			q.column = 0;
			i += end - 1;
			continue;
		}
		if (c == ' ' || c == '\t') {
			struct str next = str_from(rest, 1);

			if (next.n == 0 || line_end(next) > 0)
				qp_hex(&q, c);
			else
				qp_char(&q, rest);
		} else if (c < 33 || c > 126 || c == '=') {
			qp_hex(&q, c);
		} else {
			qp_char(&q, rest);
		}
	}
}
