#include "wire/smtp/answer.h"

#include "base/utf8.h"

void smtp_answer_init(struct smtp_answer *a)
{
	*a = (struct smtp_answer){ .code = 0 };
	buf_init(&a->text, SMTP_ANSWER_TEXT_MAX);
}

void smtp_answer_deinit(struct smtp_answer *a)
{
	buf_deinit(&a->text);
}

void smtp_answer_reset(struct smtp_answer *a)
{
	buf_reset(&a->text);
	a->code = 0;
	a->status[0] = '\0';
	a->line_n = a->bytes = 0;
	a->done = a->any = false;
}

static bool is_number(struct str s)
{
	size_t i;

	if (s.n == 0 || s.n > 3)
		return false;
	for (i = 0; i < s.n; i++)
		if (!ascii_is_digit(s.p[i]))
			return false;
	return true;
}

bool smtp_status_is_valid(struct str s)
{
	struct str rest = s, one;
	unsigned parts = 0;

	if (s.n < 5 || (s.p[0] != '2' && s.p[0] != '4' && s.p[0] != '5') ||
	    s.p[1] != '.' || s.p[s.n - 1] == '.')
		return false;
	while (str_cut(&rest, '.', &one)) {
		if (!is_number(one))
			return false;
		parts++;
	}
	return parts == 3;
}

/* The status at the start of a line, if it agrees with the code. */
static struct str take_status(struct smtp_answer *a, struct str text)
{
	struct str rest = text, word;
	size_t i;

	if (!str_cut(&rest, ' ', &word) || word.n >= sizeof(a->status) ||
	    !smtp_status_is_valid(word) ||
	    (unsigned)(word.p[0] - '0') != a->code / 100)
		return text;
	if (!a->any) {
		for (i = 0; i < word.n; i++)
			a->status[i] = word.p[i];
		a->status[i] = '\0';
	}
	return str_trim(rest);
}

static void keep_text(struct smtp_answer *a, struct str text)
{
	size_t room;

	if (a->any && a->text.n < SMTP_ANSWER_TEXT_MAX)
		buf_add_c(&a->text, '\n');
	room = SMTP_ANSWER_TEXT_MAX - a->text.n;
	buf_add(&a->text, text.n < room ? text : str_to(text, room));
}

/* The code of a line, or 0. */
static unsigned code_of(struct str line)
{
	if (line.n < 3 || line.p[0] < '2' || line.p[0] > '5' ||
	    !ascii_is_digit(line.p[1]) || !ascii_is_digit(line.p[2]))
		return 0;
	if (line.n > 3 && line.p[3] != ' ' && line.p[3] != '-')
		return 0;
	return (unsigned)(line.p[0] - '0') * 100 +
	       (unsigned)(line.p[1] - '0') * 10 + (unsigned)(line.p[2] - '0');
}

/* Mend what could damage a log or a terminal. */
static struct str clean(char *p, size_t n)
{
	bool ascii = !utf8_is_valid((struct str){ p, n });
	size_t i;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if ((c < 32 && c != '\t') || c == 127 || (ascii && c > 127))
			p[i] = '?';
	}
	return str_trim((struct str){ p, n });
}

static enum smtp_answer_result take_line(struct smtp_answer *a)
{
	struct str line = { a->line, a->line_n };
	unsigned code;
	bool last;

	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	code = code_of(line);
	a->line_n = 0;
	if (code == 0 || (a->any && code != a->code))
		return SMTP_ANSWER_BAD;
	a->code = code;
	last = line.n == 3 || line.p[3] == ' ';
	line = line.n > 3 ? clean(a->line + 4, line.n - 4) : STR("");
	keep_text(a, take_status(a, line));
	a->any = true;
	return last ? SMTP_ANSWER_DONE : SMTP_ANSWER_MORE;
}

enum smtp_answer_result smtp_answer_feed(struct smtp_answer *a, struct str *in)
{
	enum smtp_answer_result r = SMTP_ANSWER_MORE;
	size_t i;

	for (i = 0; i < in->n && r == SMTP_ANSWER_MORE; i++) {
		if (++a->bytes > SMTP_ANSWER_BYTES_MAX)
			r = SMTP_ANSWER_BAD;
		else if (in->p[i] == '\n')
			r = take_line(a);
		else if (a->line_n < sizeof(a->line))
			a->line[a->line_n++] = in->p[i];
	}
	*in = str_from(*in, i);
	return r;
}

struct str smtp_answer_text(const struct smtp_answer *a)
{
	return buf_str(&a->text);
}

void smtp_answer_write(const struct smtp_answer *a, struct buf *out)
{
	struct str text = buf_str(&a->text);
	size_t i;

	buf_fmt(out, "%03u", a->code);
	if (a->status[0])
		buf_fmt(out, " %s", a->status);
	if (text.n)
		buf_add_c(out, ' ');
	for (i = 0; i < text.n; i++)
		buf_add_c(out, text.p[i] == '\n' ? ' ' : text.p[i]);
}
