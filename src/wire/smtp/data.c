#include "wire/smtp/data.h"

#include <string.h>

/*
 * Where the next byte stands.  CR bytes are held back only where they may
 * belong to the end: "\r\n" before the final dot is part of the message, so
 * just ".\r" is ever held.
 */
enum {
	AT_LINE,      /* at the start of a line */
	IN_LINE,      /* inside one */
	AFTER_CR,     /* a CR was given out, its LF must follow */
	AFTER_DOT,    /* a dot at the start of a line is held back */
	AFTER_DOT_CR, /* a dot and a CR are held back */
	FINISHED,
};

/* Give out up to `n` bytes of *in. */
static enum smtp_data_result give(struct str *in, size_t n, struct str *piece)
{
	*piece = str_to(*in, n);
	*in = str_from(*in, n);
	return SMTP_DATA_PIECE;
}

/* Walk from inside a line over as many whole lines as need no change; the
 * number of bytes that may be given out. */
static size_t plain_run(struct smtp_data *d, struct str s)
{
	size_t i = 0;

	while (i < s.n) {
		const char *lf, *cr;
		size_t end;

		if (d->state == AT_LINE && s.p[i] == '.')
			return i;
		if (d->state == AFTER_CR) {
			d->state = IN_LINE;
			if (s.p[i] == '\n') {
				d->state = AT_LINE;
				i++;
				continue;
			}
			d->bare = true;
		}
		lf = memchr(s.p + i, '\n', s.n - i);
		end = lf ? (size_t)(lf - s.p) : s.n;
		cr = memchr(s.p + i, '\r', end - i);
		d->state = IN_LINE;
		if (!cr) {
			if (lf)
				d->bare = true;
			i = lf ? end + 1 : end;
			continue;
		}
		i = (size_t)(cr - s.p) + 1;
		d->state = AFTER_CR;
	}
	return i;
}

enum smtp_data_result smtp_data_next(struct smtp_data *d, struct str *in,
                                     struct str *piece)
{
	size_t n;

	while (in->n && d->state != FINISHED) {
		switch (d->state) {
		case AFTER_DOT:
			if (in->p[0] == '\r') {
				d->state = AFTER_DOT_CR;
				*in = str_from(*in, 1);
				continue;
			}
			d->state = IN_LINE; /* the dot is dropped */
			break;
		case AFTER_DOT_CR:
			if (in->p[0] == '\n') {
				d->state = FINISHED;
				*in = str_from(*in, 1);
				return SMTP_DATA_END;
			}
			/* ".\r" and no LF: the CR was the message's, and
			 * stands alone. */
			d->bare = true;
			d->state = IN_LINE;
			*piece = STR("\r");
			return SMTP_DATA_PIECE;
		default: break;
		}
		n = plain_run(d, *in);
		if (n)
			return give(in, n, piece);
		d->state = AFTER_DOT;
		*in = str_from(*in, 1);
	}
	return d->state == FINISHED ? SMTP_DATA_END : SMTP_DATA_MORE;
}

void smtp_lines_feed(struct smtp_lines *l, struct str s)
{
	size_t i = 0;

	while (i < s.n) {
		const char *lf, *cr;
		size_t end;

		if (l->after_cr) {
			l->after_cr = false;
			if (s.p[i] == '\n') {
				i++;
				continue;
			}
			l->bare = true;
		}
		lf = memchr(s.p + i, '\n', s.n - i);
		end = lf ? (size_t)(lf - s.p) : s.n;
		cr = memchr(s.p + i, '\r', end - i);
		if (!cr) {
			if (lf)
				l->bare = true;
			i = lf ? end + 1 : end;
			continue;
		}
		i = (size_t)(cr - s.p) + 1;
		l->after_cr = true;
	}
}

bool smtp_lines_ok(const struct smtp_lines *l)
{
	return !l->bare && !l->after_cr;
}
