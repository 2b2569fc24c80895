#include <string.h>

#include "wire/http/request.h"

enum {
	SIZE,      /* the digits of a chunk's size */
	EXTENSION, /* passed over, to the CR */
	SIZE_LF,
	DATA,
	DATA_CR, /* behind the data */
	DATA_LF,
	TRAILER,    /* at the beginning of a trailer line */
	TRAILER_IN, /* within one */
	TRAILER_LF,
	LAST_LF,
	ENDED,
};

void http_chunks_init(struct http_chunks *c)
{
	memset(c, 0, sizeof(*c));
	c->state = SIZE;
}

static bool take_size(struct http_chunks *c, char ch)
{
	int digit = ascii_hex(ch);

	if (digit >= 0) {
		/* 15 digits cannot overflow, and nothing needs more. */
		if (++c->line > 15)
			return false;
		c->left = c->left * 16 + (uint64_t)digit;
		return true;
	}
	if (c->line == 0)
		return false;
	if (ch == '\r')
		c->state = SIZE_LF;
	else if (ch == ';')
		c->state = EXTENSION;
	else
		return false;
	return true;
}

static bool take_extension(struct http_chunks *c, char ch)
{
	if (ch == '\r') {
		c->state = SIZE_LF;
		return true;
	}
	return ++c->line <= HTTP_CHUNK_LINE_MAX &&
	       ((unsigned char)ch >= 0x20 || ch == '\t') && ch != 0x7f;
}

static bool take_trailer(struct http_chunks *c, char ch)
{
	if (++c->trailer > HTTP_TRAILER_MAX)
		return false;
	if (ch == '\r') {
		c->state = c->state == TRAILER ? LAST_LF : TRAILER_LF;
		return true;
	}
	c->state = TRAILER_IN;
	return ((unsigned char)ch >= 0x20 || ch == '\t') && ch != 0x7f;
}

/* One byte that is no body. */
static bool take(struct http_chunks *c, char ch)
{
	switch (c->state) {
	case SIZE: return take_size(c, ch);
	case EXTENSION: return take_extension(c, ch);
	case SIZE_LF:
		c->state = c->left > 0 ? DATA : TRAILER;
		return ch == '\n';
	case DATA_CR: c->state = DATA_LF; return ch == '\r';
	case DATA_LF:
		c->state = SIZE;
		c->line = 0;
		return ch == '\n';
	case TRAILER:
	case TRAILER_IN: return take_trailer(c, ch);
	case TRAILER_LF: c->state = TRAILER; return ch == '\n';
	case LAST_LF: c->state = ENDED; return ch == '\n';
	default: return false;
	}
}

enum http_parse http_chunks_next(struct http_chunks *c, struct str *in,
                                 struct str *piece)
{
	*piece = (struct str){ NULL, 0 };
	while (in->n > 0 && c->state != ENDED) {
		if (c->state == DATA) {
			size_t n = in->n < c->left ? in->n : (size_t)c->left;

			*piece = str_to(*in, n);
			*in = str_from(*in, n);
			c->left -= n;
			if (c->left == 0)
				c->state = DATA_CR;
			return HTTP_MORE;
		}
		if (!take(c, in->p[0]))
			return HTTP_BAD;
		*in = str_from(*in, 1);
	}
	return c->state == ENDED ? HTTP_DONE : HTTP_MORE;
}
