#include "wire/pop3/stuff.h"

#include <string.h>

void pop3_stuff_init(struct pop3_stuff *st)
{
	*st = (struct pop3_stuff){ .line_start = true, .crlf = true };
}

void pop3_stuff_init_top(struct pop3_stuff *st, uint32_t lines)
{
	pop3_stuff_init(st);
	st->top = true;
	st->blank = true;
	st->lines_left = lines;
}

/* A line is over; false when it was the last that TOP wants. */
static bool line_done(struct pop3_stuff *st)
{
	if (!st->top)
		return true;
	if (st->in_body) {
		st->lines_left--;
	} else if (st->blank) {
		st->in_body = true;
	}
	st->blank = true;
	return !st->in_body || st->lines_left > 0;
}

/* What of `line`, which may be a piece of one, says about the next. */
static void remember(struct pop3_stuff *st, struct str line)
{
	for (size_t i = 0; i < line.n && st->blank; i++)
		st->blank = line.p[i] == '\r' || line.p[i] == '\n';
	st->crlf = line.p[line.n - 1] == '\n' &&
	           (line.n > 1 ? line.p[line.n - 2] == '\r' : st->cr);
	st->cr = line.p[line.n - 1] == '\r';
	st->line_start = line.p[line.n - 1] == '\n';
}

bool pop3_stuff_add(struct pop3_stuff *st, struct str in, struct buf *out)
{
	while (in.n > 0) {
		const char *lf = memchr(in.p, '\n', in.n);
		size_t n = lf ? (size_t)(lf - in.p) + 1 : in.n;
		struct str line = str_to(in, n);

		if (st->top && st->in_body && st->lines_left == 0)
			return false;
		if (st->line_start && line.p[0] == '.')
			buf_add_c(out, '.');
		buf_add(out, line);
		remember(st, line);
		if (lf && !line_done(st))
			return false;
		in = str_from(in, n);
	}
	return true;
}

void pop3_stuff_end(struct pop3_stuff *st, struct buf *out)
{
	if (!st->crlf)
		buf_add_z(out, st->cr ? "\n" : "\r\n");
	buf_add(out, STR(".\r\n"));
}
