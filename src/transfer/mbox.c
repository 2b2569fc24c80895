#include "transfer/mbox.h"

#include <string.h>

#include "base/civil.h"
#include "wire/message/header.h"

void mbox_reader_init(struct mbox_reader *r)
{
	*r = (struct mbox_reader){ .at_line = true };
	buf_init(&r->line, MBOX_LINE_MAX + 2);
	buf_init(&r->blank, 2);
}

void mbox_reader_deinit(struct mbox_reader *r)
{
	buf_deinit(&r->line);
	buf_deinit(&r->blank);
}

void mbox_reader_give(struct mbox_reader *r, struct str piece)
{
	r->in = piece;
}

void mbox_reader_end(struct mbox_reader *r)
{
	r->ended = true;
}

uint64_t mbox_reader_offset(const struct mbox_reader *r)
{
	return r->begin;
}

/* ---- From_ lines ---- */

static bool is_blank_line(struct str line)
{
	return str_eq(line, STR("\n")) || str_eq(line, STR("\r\n"));
}

static bool take_word(struct str *s, struct str *word)
{
	*s = str_trim(*s);
	return str_cut(s, ' ', word);
}

/* "12:34" or "12:34:56". */
static bool parse_time(struct str word, struct civil *c)
{
	struct str part;
	uint64_t v[3] = { 0, 0, 0 };
	size_t n = 0;

	while (n < 3 && str_cut(&word, ':', &part))
		if (!str_to_u64(part, 60, &v[n++]))
			return false;
	if (n < 2 || word.n > 0 || v[0] > 23 || v[1] > 59)
		return false;
	c->hour = (int8_t)v[0];
	c->minute = (int8_t)v[1];
	c->second = (int8_t)v[2];
	return true;
}

/* The words behind a month: the day, then time, zones of any form, year. */
static bool parse_rest(struct str rest, struct civil *c)
{
	bool has_time = false, has_year = false;
	struct str word;
	uint64_t v;

	if (!take_word(&rest, &word) || !str_to_u64(word, 31, &v) || v == 0)
		return false;
	c->day = (int8_t)v;
	while (take_word(&rest, &word)) {
		if (!has_time && parse_time(word, c)) {
			has_time = true;
		} else if (!has_year && word.n == 4 &&
		           str_to_u64(word, 9999, &v) && v >= 1900) {
			c->year = (int32_t)v;
			has_year = true;
		}
	}
	return has_time && has_year;
}

bool mbox_from_date(struct str line, int64_t *out)
{
	struct civil c = { .month = 0 };
	struct str word;

	if (!str_starts(line, STR("From ")) || line.n > MBOX_LINE_MAX)
		return false;
	line = str_from(line, 5);
	while (take_word(&line, &word)) {
		if (word.n != 3)
			continue;
		c.month = (int8_t)civil_month_of(word.p);
		if (c.month && parse_rest(line, &c)) {
			*out = civil_seconds(&c);
			return true;
		}
	}
	return false;
}

/* ---- reading ---- */

static bool is_separator(const struct mbox_reader *r, struct str line)
{
	int64_t date;

	if (!str_starts(line, STR("From ")))
		return false;
	if (r->at == line.n)
		return true; /* the top of the file: whatever it says */
	return r->blank.n > 0 && mbox_from_date(str_trim(line), &date);
}

/* ">From " and ">>From " lose one ">". */
static struct str unquoted(struct str line)
{
	size_t i = 0;

	while (i < line.n && line.p[i] == '>')
		i++;
	if (i > 0 && str_starts(str_from(line, i), STR("From ")))
		return str_from(line, 1);
	return line;
}

/* Lines at the top of the input that need no thought: whole ones that begin
 * with none of the letters that could matter. */
static size_t plain_run(struct str in)
{
	size_t at = 0;

	while (at < in.n && !memchr("F>\r\n", in.p[at], 4)) {
		size_t lf = str_chr(str_from(in, at), '\n');

		if (lf == STR_NPOS)
			break;
		at += lf + 1;
	}
	return at;
}

static struct str take(struct mbox_reader *r, size_t n)
{
	struct str s = str_to(r->in, n);

	r->in = str_from(r->in, n);
	r->at += n;
	return s;
}

enum line_state { LINE_WHOLE, LINE_LONG, LINE_UNFINISHED };

/* Move the next line, or as much as there is of it, to r->line. */
static enum line_state gather(struct mbox_reader *r)
{
	size_t lf = str_chr(r->in, '\n');
	size_t n = lf == STR_NPOS ? r->in.n : lf + 1;
	size_t room = MBOX_LINE_MAX + 2 - r->line.n;

	buf_add(&r->line, take(r, n < room ? n : room));
	if (r->line.n > 0 && r->line.p[r->line.n - 1] == '\n')
		return LINE_WHOLE;
	if (r->line.n == MBOX_LINE_MAX + 2)
		return LINE_LONG;
	return r->ended && r->line.n > 0 ? LINE_WHOLE : LINE_UNFINISHED;
}

/* The line in r->line is data: the empty line before it comes first. */
static enum mbox_event give_line(struct mbox_reader *r, struct str *out)
{
	r->pending = unquoted(buf_str(&r->line));
	if (r->blank.n > 0) {
		*out = buf_str(&r->blank);
		r->blank.n = 0; /* its bytes stay until the next call */
		return MBOX_DATA;
	}
	*out = r->pending;
	r->pending = STR("");
	r->line.n = 0;
	return MBOX_DATA;
}

static enum mbox_event begin_message(struct mbox_reader *r, struct str *out)
{
	r->hold_begin = false;
	r->in_message = true;
	r->begin = r->at - r->line.n;
	*out = str_trim(buf_str(&r->line));
	r->line.n = 0;
	return MBOX_BEGIN;
}

/* A whole line is in r->line.  MBOX_MORE: nothing to say about it. */
static enum mbox_event whole_line(struct mbox_reader *r, struct str *out)
{
	struct str line = buf_str(&r->line);

	if (is_separator(r, line)) {
		r->blank.n = 0;
		if (!r->in_message)
			return begin_message(r, out);
		r->hold_begin = true;
		*out = STR("");
		return MBOX_END;
	}
	if (!r->in_message) {
		r->blank.n = 0;
		if (is_blank_line(line))
			buf_add(&r->blank, line);
		r->line.n = 0;
		return MBOX_MORE;
	}
	if (!is_blank_line(line))
		return give_line(r, out);
	if (r->blank.n > 0) {
		/* The earlier one is given out, the later one is held. */
		*out = r->blank.n == 2 ? STR("\r\n") : STR("\n");
		r->blank.n = 0;
		buf_add(&r->blank, line);
		r->line.n = 0;
		return MBOX_DATA;
	}
	buf_add(&r->blank, line);
	r->line.n = 0;
	return MBOX_MORE;
}

/* Inside a line that is longer than a From_ line can be. */
static enum mbox_event long_line(struct mbox_reader *r, struct str *out)
{
	size_t lf = str_chr(r->in, '\n');

	if (r->in.n == 0)
		return MBOX_MORE;
	r->at_line = lf != STR_NPOS;
	*out = take(r, r->at_line ? lf + 1 : r->in.n);
	return MBOX_DATA;
}

static enum mbox_event at_end(struct mbox_reader *r, struct str *out)
{
	r->blank.n = 0;
	*out = STR("");
	if (!r->in_message)
		return MBOX_MORE;
	r->in_message = false;
	return MBOX_END;
}

enum mbox_event mbox_reader_next(struct mbox_reader *r, struct str *out)
{
	if (r->pending.n > 0) {
		*out = r->pending;
		r->pending = STR("");
		r->line.n = 0;
		return MBOX_DATA;
	}
	if (r->hold_begin)
		return begin_message(r, out);
	for (;;) {
		enum mbox_event e = MBOX_MORE;

		if (!r->at_line) {
			e = long_line(r, out);
			if (e == MBOX_MORE)
				return r->ended ? at_end(r, out) : MBOX_MORE;
			if (r->in_message)
				return e;
			continue;
		}
		if (r->line.n == 0 && r->in_message && r->blank.n == 0) {
			size_t run = plain_run(r->in);

			if (run > 0) {
				*out = take(r, run);
				return MBOX_DATA;
			}
		}
		switch (gather(r)) {
		case LINE_UNFINISHED:
			return r->ended ? at_end(r, out) : MBOX_MORE;
		case LINE_LONG:
			r->at_line = false;
			if (r->in_message)
				return give_line(r, out);
			r->line.n = 0;
			break;
		case LINE_WHOLE:
			e = whole_line(r, out);
			if (e != MBOX_MORE)
				return e;
			break;
		}
	}
}

/* ---- the lines above a message ---- */

static void status_letters(struct str value, struct mbox_marks *out)
{
	for (size_t i = 0; i < value.n; i++) {
		switch (value.p[i]) {
		case 'R': out->seen = true; break;
		case 'A': out->answered = true; break;
		case 'F': out->flagged = true; break;
		case 'D': out->deleted = true; break;
		case 'T': out->draft = true; break;
		default: break;
		}
	}
}

static void our_line(struct str value, struct mbox_marks *out)
{
	struct str word;
	uint64_t v;

	while (take_word(&value, &word)) {
		if (str_starts(word, STR("size=")) &&
		    str_to_u64(str_from(word, 5), UINT64_MAX, &v)) {
			out->size = v;
			out->ours = true;
		} else if (str_starts(word, STR("arrived=")) &&
		           str_to_u64(str_from(word, 8), INT64_MAX, &v)) {
			out->arrived_s = (int64_t)v;
		}
	}
}

/* True when the field is one that mbox writers add. */
static bool mark_field(const struct header_field *f, struct mbox_marks *out)
{
	if (str_eq_case(f->name, STR("Status")) ||
	    str_eq_case(f->name, STR("X-Status")))
		status_letters(f->raw, out);
	else if (str_eq_case(f->name, STR("X-Keywords")))
		out->keywords = str_trim(f->raw);
	else if (str_eq_case(f->name, STR("X-Posthus-Message")))
		our_line(f->raw, out);
	else
		return false;
	return true;
}

/* The header alone: up to the empty line. */
static struct str header_of(struct str head)
{
	size_t at = 0;

	while (at < head.n) {
		size_t lf = str_chr(str_from(head, at), '\n');

		if (lf == 0 || (lf == 1 && head.p[at] == '\r'))
			return str_to(head, at);
		if (lf == STR_NPOS)
			break;
		at += lf + 1;
	}
	return head;
}

/* The block of lines that we write, at the top; a line is a line here, for a
 * message that begins with a blank is not folded into it. */
static bool our_marks(struct str head, struct mbox_marks *out)
{
	struct str rest = head, line;

	while (str_cut(&rest, '\n', &line)) {
		struct header_field f = { .raw = line };

		if (!str_cut(&f.raw, ':', &f.name) || !mark_field(&f, out))
			return false;
		out->skip = head.n - rest.n;
		if (out->ours)
			return true;
	}
	return false;
}

void mbox_marks(struct str head, struct mbox_marks *out)
{
	struct header_reader r = header_reader(header_of(head));
	struct header_field f;
	enum header_result got;

	*out = (struct mbox_marks){ .keywords = STR("") };
	if (our_marks(head, out))
		return;
	*out = (struct mbox_marks){ .keywords = STR("") };
	while ((got = header_next(&r, &f)) != HEADER_END)
		if (got == HEADER_FIELD)
			(void)mark_field(&f, out);
	/* Further down it is a message that was once exported and sent on. */
	out->ours = false;
}

/* ---- writing ---- */

void mbox_write_begin(struct buf *b, const struct mbox_marks *m)
{
	struct civil c = civil_of(m->arrived_s);

	buf_fmt(b, "From MAILER-DAEMON %s %s %2d %02d:%02d:%02d %04d\n",
	        civil_weekday_name(c.weekday), civil_month_name(c.month), c.day,
	        c.hour, c.minute, c.second, (int)c.year);
	buf_fmt(b, "Status: %sO\nX-Status: %s%s%s%s\n", m->seen ? "R" : "",
	        m->answered ? "A" : "", m->flagged ? "F" : "",
	        m->deleted ? "D" : "", m->draft ? "T" : "");
	if (m->keywords.n > 0)
		buf_fmt(b, "X-Keywords: %.*s\n", STR_ARG(m->keywords));
	buf_fmt(b, "X-Posthus-Message: size=%llu arrived=%lld\n",
	        (unsigned long long)m->size, (long long)m->arrived_s);
}

/* How far into ">>From " the line is: at its start, behind some ">", behind 1
 * to 4 letters (which are not yet written, for another ">" may have to come
 * before them), or past it. */
enum quoting { AT_START = 0, HELD_FIRST = 1, PAST = 5, BEHIND_GT = 6 };

static const char from[] = "From ";

static void write_held(struct buf *b, int state)
{
	if (state >= HELD_FIRST && state < PAST)
		buf_add(b, (struct str){ from, (size_t)state });
}

static int write_byte(struct buf *b, int state, char c)
{
	size_t matched =
		state == AT_START || state == BEHIND_GT ? 0 : (size_t)state;

	if (c == '>' && matched == 0) {
		buf_add_c(b, c);
		return BEHIND_GT;
	}
	if (c == from[matched]) {
		if (matched < 4)
			return (int)matched + 1;
		buf_add_z(b, ">From ");
		return PAST;
	}
	write_held(b, state);
	buf_add_c(b, c);
	return c == '\n' ? AT_START : PAST;
}

void mbox_write_piece(struct buf *b, int *state, struct str piece)
{
	while (piece.n > 0) {
		size_t n;

		if (*state != PAST) {
			*state = write_byte(b, *state, piece.p[0]);
			piece = str_from(piece, 1);
			continue;
		}
		n = str_chr(piece, '\n');
		n = n == STR_NPOS ? piece.n : n + 1;
		buf_add(b, str_to(piece, n));
		if (piece.p[n - 1] == '\n')
			*state = AT_START;
		piece = str_from(piece, n);
	}
}

void mbox_write_end(struct buf *b, int state)
{
	write_held(b, state);
	if (state != AT_START)
		buf_add_c(b, '\n');
	buf_add_c(b, '\n');
}
