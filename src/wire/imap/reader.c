#include "wire/imap/reader.h"

#include <string.h>

enum {
	LINE,      /* reading a line into the text */
	ASK,       /* waiting for the answer to IMAP_READ_LITERAL */
	KEEP,      /* literal bytes go to the text */
	STREAM,    /* literal bytes go to the caller */
	SKIP_LINE, /* a line is thrown away up to its end */
	SKIP_DATA, /* so are the bytes of a literal of it */
	REFUSED,   /* the client waits in vain for "+": the command is over */
	DONE,      /* waiting for imap_reader_next() */
};

static size_t text_max(const struct imap_reader_limits *l)
{
	return l->line_max + l->literals_max + 2 * (size_t)l->count_max + 8;
}

void imap_reader_init(struct imap_reader *r,
                      const struct imap_reader_limits *limits)
{
	*r = (struct imap_reader){ .limits = *limits };
	buf_init(&r->text, text_max(limits));
}

void imap_reader_deinit(struct imap_reader *r)
{
	buf_deinit(&r->text);
}

void imap_reader_limit(struct imap_reader *r,
                       const struct imap_reader_limits *limits)
{
	r->limits = *limits;
	r->text.max = text_max(limits);
}

struct str imap_reader_text(const struct imap_reader *r)
{
	return buf_str(&r->text);
}

bool imap_reader_is_idle(const struct imap_reader *r)
{
	return r->state == LINE && r->line_bytes == 0;
}

void imap_reader_next(struct imap_reader *r)
{
	struct imap_reader_limits limits = r->limits;

	buf_deinit(&r->text);
	imap_reader_init(r, &limits);
}

/* Does the line end in a literal's announcement?  "{" 1*DIGIT ["+"] "}", with
 * "~" before it for literal8. */
static bool ends_in_literal(struct str line, struct imap_literal *out)
{
	struct imap_literal lit = { .sync = true };
	struct str digits;
	size_t open;

	if (line.n < 3 || line.p[line.n - 1] != '}')
		return false;
	open = str_rchr(line, '{');
	if (open == STR_NPOS)
		return false;
	digits = (struct str){ line.p + open + 1, line.n - open - 2 };
	if (digits.n > 0 && digits.p[digits.n - 1] == '+') {
		lit.sync = false;
		digits.n--;
	}
	if (digits.n == 0)
		return false;
	for (size_t i = 0; i < digits.n; i++)
		if (!ascii_is_digit(digits.p[i]))
			return false;
	if (!str_to_u64(digits, UINT64_MAX, &lit.size))
		lit.size = UINT64_MAX;
	lit.binary = open > 0 && line.p[open - 1] == '~';
	*out = lit;
	return true;
}

/* The line stands in the text whole, its LF taken. */
static enum imap_read end_line(struct imap_reader *r)
{
	struct str text = buf_str(&r->text);

	if (text.n > 0 && text.p[text.n - 1] == '\r') {
		buf_truncate(&r->text, text.n - 1);
		text.n--;
		r->line_bytes--;
	}
	if (ends_in_literal(text, &r->literal)) {
		buf_add(&r->text, STR("\r\n"));
		r->literal_count++;
		r->state = ASK;
		return IMAP_READ_LITERAL;
	}
	r->state = DONE;
	return IMAP_READ_COMMAND;
}

static void skip_from_text(struct imap_reader *r)
{
	r->state = SKIP_LINE;
	r->tail_n = 0;
}

static enum imap_read feed_line(struct imap_reader *r, struct str in,
                                size_t *used)
{
	size_t lf = str_chr(in, '\n');
	size_t n = lf == STR_NPOS ? in.n : lf;
	size_t max = r->limits.line_max + 1; /* one more, for the CR */
	size_t room = r->line_bytes < max ? max - r->line_bytes : 0;

	if (n > room) {
		buf_add(&r->text, str_to(in, room));
		r->too_long = true;
		skip_from_text(r);
		*used = room;
		return IMAP_READ_MORE;
	}
	buf_add(&r->text, str_to(in, n));
	r->line_bytes += n;
	*used = n;
	if (lf == STR_NPOS)
		return IMAP_READ_MORE;
	*used = n + 1;
	return end_line(r);
}

/* Only the end of a skipped line matters: is there a literal to skip? */
static void keep_tail(struct imap_reader *r, struct str s)
{
	size_t old;

	if (s.n >= sizeof(r->tail)) {
		s = str_from(s, s.n - sizeof(r->tail));
		r->tail_n = 0;
	}
	old = sizeof(r->tail) - s.n;
	if (r->tail_n > old) {
		memmove(r->tail, r->tail + r->tail_n - old, old);
		r->tail_n = (unsigned char)old;
	}
	if (s.n)
		memcpy(r->tail + r->tail_n, s.p, s.n);
	r->tail_n = (unsigned char)(r->tail_n + s.n);
}

static enum imap_read skipped(struct imap_reader *r)
{
	r->state = DONE;
	return r->too_long ? IMAP_READ_TOO_LONG : IMAP_READ_SKIPPED;
}

static enum imap_read feed_skip_line(struct imap_reader *r, struct str in,
                                     size_t *used)
{
	size_t lf = str_chr(in, '\n');
	struct str tail;

	keep_tail(r, lf == STR_NPOS ? in : str_to(in, lf));
	*used = lf == STR_NPOS ? in.n : lf + 1;
	if (lf == STR_NPOS)
		return IMAP_READ_MORE;
	tail = (struct str){ r->tail, r->tail_n };
	if (str_ends(tail, STR("\r")))
		tail.n--;
	/* Without its "+" a client that waits sends no more of this. */
	if (!ends_in_literal(tail, &r->literal) || r->literal.sync)
		return skipped(r);
	r->left = r->literal.size;
	r->state = SKIP_DATA;
	r->tail_n = 0;
	return IMAP_READ_MORE;
}

static size_t take_data(struct imap_reader *r, struct str in)
{
	size_t n = r->left < in.n ? (size_t)r->left : in.n;

	r->left -= n;
	return n;
}

static enum imap_read step(struct imap_reader *r, struct str in, size_t *used)
{
	switch (r->state) {
	case LINE: return feed_line(r, in, used);
	case KEEP:
		*used = take_data(r, in);
		buf_add(&r->text, str_to(in, *used));
		if (r->left == 0)
			r->state = LINE;
		return IMAP_READ_MORE;
	case STREAM:
		if (r->left == 0) {
			*used = 0;
			r->state = LINE;
			return IMAP_READ_DATA_END;
		}
		*used = take_data(r, in);
		r->data = str_to(in, *used);
		return *used ? IMAP_READ_DATA : IMAP_READ_MORE;
	case SKIP_LINE: return feed_skip_line(r, in, used);
	case SKIP_DATA:
		*used = take_data(r, in);
		if (r->left == 0)
			r->state = SKIP_LINE;
		return IMAP_READ_MORE;
	case REFUSED: *used = 0; return skipped(r);
	default: /* ASK, DONE: the caller owes an answer */
		*used = 0;
		return IMAP_READ_MORE;
	}
}

enum imap_read imap_reader_feed(struct imap_reader *r, struct str in,
                                size_t *used_out)
{
	size_t all = 0, used = 0;
	enum imap_read what;

	do {
		what = step(r, str_from(in, all), &used);
		all += used;
	} while (what == IMAP_READ_MORE && all < in.n && r->state != ASK &&
	         r->state != DONE);
	*used_out = all;
	return what;
}

bool imap_reader_accept(struct imap_reader *r)
{
	const struct imap_reader_limits *l = &r->limits;

	if (r->literal.size > l->literal_max ||
	    r->literal.size > l->literals_max - r->literal_bytes ||
	    r->literal_count > l->count_max)
		return false;
	r->literal_bytes += (size_t)r->literal.size;
	r->left = r->literal.size;
	r->state = r->left ? KEEP : LINE;
	return true;
}

void imap_reader_stream(struct imap_reader *r)
{
	r->left = r->literal.size;
	r->state = STREAM;
	buf_reset(&r->text);
}

void imap_reader_refuse(struct imap_reader *r)
{
	if (r->literal.sync) {
		r->state = REFUSED;
		return;
	}
	r->left = r->literal.size;
	r->state = r->left ? SKIP_DATA : SKIP_LINE;
	r->tail_n = 0;
}

void imap_reader_skip(struct imap_reader *r)
{
	skip_from_text(r);
}
