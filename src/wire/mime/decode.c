#include "wire/mime/decode.h"

#include <string.h>

void mime_decoder_init(struct mime_decoder *d, enum mime_encoding encoding)
{
	*d = (struct mime_decoder){ .encoding = encoding };
}

/* ---- base64 (RFC 2045, 6.8) ---- */

/* 0..63, or what else the byte is. */
enum {
	B64_PAD = 64,
	B64_BLANK = 65,
	B64_BAD = 66,
};

static const unsigned char base64_class[256] = {
#define B B64_BAD
#define W B64_BLANK
	/* clang-format off */
	B, B, B, B, B, B, B, B, B, W, W, B, B, W, B, B,
	B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
	W, B, B, B, B, B, B, B, B, B, B, 62, B, B, B, 63,
	52, 53, 54, 55, 56, 57, 58, 59, 60, 61, B, B, B, B64_PAD, B, B,
	B, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
	15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, B, B, B, B, B,
	B, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
	41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, B, B, B, B, B,
	B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
	B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
	B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
	B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
	B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
	B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
	B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
	B, B, B, B, B, B, B, B, B, B, B, B, B, B, B, B,
/* clang-format on */
#undef B
#undef W
};

/* Whole groups of four at once; returns how many bytes were used. */
static size_t base64_quads(struct str in, char *to, size_t *wrote)
{
	const unsigned char *p = (const unsigned char *)in.p;
	size_t i = 0, n = 0;

	for (; in.n - i >= 4; i += 4) {
		unsigned a = base64_class[p[i]], b = base64_class[p[i + 1]];
		unsigned c = base64_class[p[i + 2]], e = base64_class[p[i + 3]];

		if ((a | b | c | e) >= 64)
			break;
		to[n++] = (char)(a << 2 | b >> 4);
		to[n++] = (char)(b << 4 | c >> 2);
		to[n++] = (char)(c << 6 | e);
	}
	*wrote = n;
	return i;
}

static void base64_flush(struct mime_decoder *d, struct buf *out)
{
	if (d->bits_n == 1)
		d->damaged = true; /* six bits are no byte */
	if (d->bits_n >= 2)
		buf_add_c(out, (char)(d->bits >> (d->bits_n * 6 - 8)));
	if (d->bits_n == 3)
		buf_add_c(out, (char)(d->bits >> 2));
	d->bits = 0;
	d->bits_n = 0;
}

/* What padding ends is a whole; text behind it begins anew, as when two
 * encoded pieces were put together. */
static void base64_byte(struct mime_decoder *d, unsigned char c,
                        struct buf *out)
{
	unsigned v = base64_class[c];

	if (v == B64_BLANK)
		return;
	if (v == B64_PAD) {
		base64_flush(d, out);
		return;
	}
	if (v == B64_BAD) {
		d->damaged = true;
		return;
	}
	d->bits = d->bits << 6 | v;
	if (++d->bits_n < 4)
		return;
	buf_add_c(out, (char)(d->bits >> 16));
	buf_add_c(out, (char)(d->bits >> 8));
	buf_add_c(out, (char)d->bits);
	d->bits = 0;
	d->bits_n = 0;
}

static void base64_decode_piece(struct mime_decoder *d, struct str in,
                                struct buf *out)
{
	while (in.n > 0 && !buf_overflow(out)) {
		if (d->bits_n == 0 && in.n >= 4) {
			size_t room = in.n / 4 * 3, wrote, used;
			char *to = buf_room(out, room);

			if (!to)
				return;
			used = base64_quads(in, to, &wrote);
			buf_grown(out, wrote);
			in = str_from(in, used);
			if (in.n == 0)
				return;
		}
		do {
			base64_byte(d, (unsigned char)in.p[0], out);
			in = str_from(in, 1);
		} while (in.n > 0 && (d->bits_n != 0 || in.n < 4));
	}
}

/* ---- quoted-printable (RFC 2045, 6.7) ---- */

enum {
	QP_TEXT,
	QP_EQUALS,    /* "=" */
	QP_HEX,       /* "=A" */
	QP_SOFT_CR,   /* "=" CR */
	QP_SOFT_WAIT, /* "=" blanks: a soft break with blanks added on the way */
};

/* Blanks at the end of a line were added by the transport (rule 3): they are
 * counted, and written when something else follows. */
static void qp_blanks(struct mime_decoder *d, struct buf *out)
{
	for (; d->blanks > 0; d->blanks--)
		buf_add_c(out, ' ');
}

static void qp_literal(struct mime_decoder *d, const char *s, size_t n,
                       struct buf *out)
{
	d->damaged = true;
	buf_add(out, (struct str){ s, n });
	d->state = QP_TEXT;
}

static bool is_plain_qp(char c)
{
	return c != '=' && c != ' ' && c != '\r' && c != '\n';
}

static void qp_text(struct mime_decoder *d, char c, struct buf *out)
{
	switch (c) {
	case '=':
		qp_blanks(d, out);
		d->state = QP_EQUALS;
		break;
	case ' ': d->blanks++; break;
	case '\r':
	case '\n':
		d->blanks = 0;
		buf_add_c(out, c);
		break;
	default: qp_blanks(d, out); buf_add_c(out, c);
	}
}

/* One byte; false when it must be read again in the new state. */
static bool qp_byte(struct mime_decoder *d, char c, struct buf *out)
{
	char both[2] = { '=', d->held[0] };

	switch (d->state) {
	case QP_EQUALS:
		if (ascii_hex(c) >= 0) {
			d->held[0] = c;
			d->state = QP_HEX;
		} else if (c == '\r') {
			d->state = QP_SOFT_CR;
		} else if (c == '\n') {
			d->state = QP_TEXT;
		} else if (c == ' ' || c == '\t') {
			d->state = QP_SOFT_WAIT;
		} else {
			qp_literal(d, "=", 1, out);
			return false;
		}
		return true;
	case QP_HEX:
		if (ascii_hex(c) < 0) {
			qp_literal(d, both, 2, out);
			return false;
		}
		buf_add_c(out,
		          (char)(ascii_hex(d->held[0]) * 16 + ascii_hex(c)));
		d->state = QP_TEXT;
		return true;
	case QP_SOFT_CR: d->state = QP_TEXT; return c == '\n';
	case QP_SOFT_WAIT:
		if (c == ' ' || c == '\t')
			return true;
		if (c == '\r') {
			d->state = QP_SOFT_CR;
			return true;
		}
		if (c == '\n') {
			d->state = QP_TEXT;
			return true;
		}
		qp_literal(d, "= ", 2, out);
		return false;
	default: qp_text(d, c, out); return true;
	}
}

static void qp_decode_piece(struct mime_decoder *d, struct str in,
                            struct buf *out)
{
	size_t i = 0;

	while (i < in.n && !buf_overflow(out)) {
		size_t begin = i;

		if (d->state == QP_TEXT && d->blanks == 0) {
			while (i < in.n && is_plain_qp(in.p[i]))
				i++;
			buf_add(out, (struct str){ in.p + begin, i - begin });
			if (i == in.n)
				return;
		}
		if (qp_byte(d, in.p[i], out))
			i++;
	}
}

/* ---- uuencode ---- */

enum {
	UU_SEEK,  /* before "begin 644 name" */
	UU_LINE,  /* at a line's length */
	UU_DATA,  /* within a line */
	UU_SKIP,  /* to the end of the line */
	UU_BEGIN, /* to the end of the "begin" line */
	UU_DONE,  /* behind "end" */
};

static void uu_group(struct mime_decoder *d, struct buf *out)
{
	char bytes[3];
	size_t n = d->left < 3 ? d->left : 3;
	uint32_t v = d->bits << (4 - d->bits_n) * 6;

	bytes[0] = (char)(v >> 16);
	bytes[1] = (char)(v >> 8);
	bytes[2] = (char)v;
	buf_add(out, (struct str){ bytes, n });
	d->left -= (uint32_t)n;
	d->bits = 0;
	d->bits_n = 0;
}

static void uu_seek(struct mime_decoder *d, char c)
{
	static const char begin[] = "begin";

	if (c == '\n') {
		d->held_n = 0;
	} else if (d->held_n < 5) {
		if (c == begin[d->held_n])
			d->held_n++;
		else
			d->held_n = 6; /* not this line */
	} else if (d->held_n == 5) {
		d->state = c == ' ' ? UU_BEGIN : UU_SEEK;
		d->held_n = 6;
	}
}

static void uu_byte(struct mime_decoder *d, char c, struct buf *out)
{
	switch (d->state) {
	case UU_SEEK: uu_seek(d, c); return;
	case UU_LINE:
		if (c == '\n' || c == '\r')
			return;
		if (c == 'e') {
			d->state = UU_DONE;
			return;
		}
		d->left = c < ' ' || c > '`' ? 0 : (uint32_t)(c - ' ') & 63;
		d->damaged |= c < ' ' || c > '`';
		d->state = d->left ? UU_DATA : UU_SKIP;
		return;
	case UU_DATA:
		if (c == '\n') { /* blanks at its end were lost */
			if (d->bits_n > 0)
				uu_group(d, out);
			d->damaged |= d->left > 0;
			d->bits = 0;
			d->bits_n = 0;
			d->state = UU_LINE;
			return;
		}
		if (c < ' ' || c > '`')
			return;
		d->bits = d->bits << 6 | ((uint32_t)(c - ' ') & 63);
		if (++d->bits_n == 4)
			uu_group(d, out);
		if (d->left == 0)
			d->state = UU_SKIP;
		return;
	case UU_BEGIN:
	case UU_SKIP:
		if (c == '\n')
			d->state = UU_LINE;
		return;
	default: return;
	}
}

/* ---- all of them ---- */

void mime_decode(struct mime_decoder *d, struct str in, struct buf *out)
{
	switch (d->encoding) {
	case MIME_BASE64: base64_decode_piece(d, in, out); return;
	case MIME_QUOTED_PRINTABLE: qp_decode_piece(d, in, out); return;
	case MIME_UUENCODE:
		for (size_t i = 0; i < in.n && !buf_overflow(out); i++)
			uu_byte(d, in.p[i], out);
		return;
	case MIME_7BIT:
	case MIME_8BIT:
	case MIME_BINARY:
	case MIME_ENCODING_OTHER: buf_add(out, in); return;
	}
}

void mime_decode_end(struct mime_decoder *d, struct buf *out)
{
	char both[2] = { '=', d->held[0] };

	if (d->encoding == MIME_BASE64) {
		d->damaged |= d->bits_n > 0; /* padding is missing */
		base64_flush(d, out);
	} else if (d->encoding == MIME_QUOTED_PRINTABLE) {
		if (d->state == QP_HEX)
			qp_literal(d, both, 2, out);
		d->blanks = 0;
	} else if (d->encoding == MIME_UUENCODE && d->state == UU_DATA) {
		if (d->bits_n > 0)
			uu_group(d, out);
		d->damaged = true;
	}
}
