#include "wire/managesieve/reader.h"

#include "base/mem.h"

enum {
	START,     /* before a word or an argument */
	WORD,      /* in the command's name */
	NUMBER,    /* in a number */
	QUOTED,    /* in a quoted string */
	ESCAPED,   /* behind its backslash */
	SIZE,      /* behind "{" */
	SIZE_PLUS, /* behind "+" */
	SIZE_END,  /* behind "}" */
	SIZE_CR,   /* and the CR */
	ASK,       /* waiting for the answer to MANAGESIEVE_LITERAL */
	KEEP,      /* literal bytes go to the text */
	STREAM,    /* literal bytes go to the caller */
	AFTER,     /* behind an argument */
	CR,        /* behind the line's CR */
	SKIP_LINE, /* a line is thrown away up to its end */
	SKIP_DATA, /* so are the bytes of a literal of it */
	LOST,
	DONE, /* waiting for managesieve_reader_next() */
};

/* How much of "{12+}" CR a line that is skipped ends in. */
enum { TAIL_NONE, TAIL_OPEN, TAIL_DIGITS, TAIL_PLUS, TAIL_CLOSE, TAIL_CR };

void managesieve_reader_init(struct managesieve_reader *r,
                             const struct managesieve_limits *limits)
{
	*r = (struct managesieve_reader){ .limits = *limits };
	buf_init(&r->text, limits->text_max);
}

void managesieve_reader_deinit(struct managesieve_reader *r)
{
	if (r->text.p)
		mem_wipe(r->text.p, r->text.n);
	buf_deinit(&r->text);
}

void managesieve_reader_limit(struct managesieve_reader *r,
                              const struct managesieve_limits *limits)
{
	r->limits = *limits;
}

void managesieve_reader_next(struct managesieve_reader *r)
{
	struct managesieve_limits limits = r->limits;

	managesieve_reader_deinit(r);
	managesieve_reader_init(r, &limits);
}

/* ---- words and arguments ---- */

static enum managesieve_read bad(struct managesieve_reader *r, const char *why)
{
	if (!r->why)
		r->why = why;
	r->state = SKIP_LINE;
	r->tail = TAIL_NONE;
	return MANAGESIEVE_MORE;
}

static bool is_word_char(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) || c == '-' || c == '_';
}

static void add(struct managesieve_reader *r, char c)
{
	buf_add_c(&r->text, c);
	if (buf_overflow(&r->text))
		(void)bad(r, "the command is too long");
}

static void end_arg(struct managesieve_reader *r, enum managesieve_kind kind)
{
	r->args[r->n_args].kind = kind;
	r->args[r->n_args].at = r->begin;
	r->args[r->n_args].n = r->text.n - r->begin;
	r->n_args++;
	r->state = AFTER;
}

static void begin_arg(struct managesieve_reader *r, unsigned char state)
{
	if (r->n_args == MANAGESIEVE_ARGS_MAX) {
		(void)bad(r, "too many arguments");
		return;
	}
	r->begin = r->text.n;
	r->state = state;
}

static struct str being_read(const struct managesieve_reader *r)
{
	return str_from(buf_str(&r->text), r->begin);
}

/* The line is whole. */
static enum managesieve_read end_line(struct managesieve_reader *r)
{
	if (r->name_n == 0 && r->n_args == 0)
		r->why = "a command is expected";
	r->state = DONE;
	return r->why ? MANAGESIEVE_BAD : MANAGESIEVE_COMMAND;
}

/* What may stand between arguments: *c is a blank or ends the line. */
static enum managesieve_read between(struct managesieve_reader *r, char c)
{
	if (c == '\n')
		return end_line(r);
	r->state = c == '\r' ? CR : START;
	return MANAGESIEVE_MORE;
}

static bool is_between(char c)
{
	return c == ' ' || c == '\r' || c == '\n';
}

static enum managesieve_read start(struct managesieve_reader *r, char c)
{
	if (is_between(c))
		return between(r, c);
	if (c == '"') {
		begin_arg(r, QUOTED);
	} else if (c == '{') {
		begin_arg(r, SIZE);
		r->size = UINT64_MAX; /* no digit yet */
	} else if (is_word_char(c) && r->name_n == 0 && r->n_args == 0) {
		r->begin = 0;
		r->state = WORD;
		add(r, c);
	} else if (ascii_is_digit(c)) {
		begin_arg(r, NUMBER);
		if (r->state == NUMBER)
			add(r, c);
	} else {
		(void)bad(r, "a string or a number is expected");
	}
	return MANAGESIEVE_MORE;
}

static enum managesieve_read word(struct managesieve_reader *r, char c)
{
	if (is_word_char(c)) {
		add(r, c);
		return MANAGESIEVE_MORE;
	}
	if (!is_between(c))
		return bad(r, "a command is letters alone");
	r->name_n = r->text.n;
	return between(r, c);
}

static enum managesieve_read number(struct managesieve_reader *r, char c)
{
	uint32_t ignored;

	if (ascii_is_digit(c)) {
		add(r, c);
		return MANAGESIEVE_MORE;
	}
	if (!is_between(c))
		return bad(r, "a number is digits alone");
	if (!str_to_u32(being_read(r), &ignored))
		return bad(r, "the number is too large");
	end_arg(r, MANAGESIEVE_NUMBER);
	return between(r, c);
}

static enum managesieve_read quoted(struct managesieve_reader *r, char c)
{
	if (c == '\r' || c == '\n' || c == '\0')
		return bad(r, "a quoted string has no end");
	if (r->state == QUOTED && c == '"') {
		end_arg(r, MANAGESIEVE_STRING);
	} else if (r->state == QUOTED && c == '\\') {
		r->state = ESCAPED;
	} else if (being_read(r).n == MANAGESIEVE_QUOTED_MAX) {
		return bad(r, "a quoted string has at most 1024 octets");
	} else {
		r->state = QUOTED;
		add(r, c);
	}
	return MANAGESIEVE_MORE;
}

/* ---- literals ---- */

static void count_digit(uint64_t *n, char c)
{
	if (*n == UINT64_MAX)
		*n = 0;
	/* so much is over every limit */
	*n = *n > UINT64_MAX / 16 ? UINT64_MAX / 16
	                          : *n * 10 + (uint64_t)(c - '0');
}

static enum managesieve_read begin_literal(struct managesieve_reader *r)
{
	if (r->size <= r->limits.literal_max &&
	    r->size <= r->limits.text_max - r->text.n) {
		r->left = r->size;
		r->state = KEEP;
		if (r->left == 0)
			end_arg(r, MANAGESIEVE_STRING);
		return MANAGESIEVE_MORE;
	}
	r->state = ASK;
	return MANAGESIEVE_LITERAL;
}

static enum managesieve_read head(struct managesieve_reader *r, char c)
{
	if (r->state == SIZE && ascii_is_digit(c)) {
		count_digit(&r->size, c);
	} else if (r->state == SIZE && c == '+' && r->size != UINT64_MAX) {
		r->state = SIZE_PLUS;
	} else if ((r->state == SIZE || r->state == SIZE_PLUS) && c == '}' &&
	           r->size != UINT64_MAX) {
		r->state = SIZE_END;
	} else if (r->state == SIZE_END && c == '\r') {
		r->state = SIZE_CR;
	} else if ((r->state == SIZE_END || r->state == SIZE_CR) && c == '\n') {
		return begin_literal(r);
	} else {
		return bad(r, "a literal is {number+}");
	}
	return MANAGESIEVE_MORE;
}

void managesieve_reader_stream(struct managesieve_reader *r)
{
	r->left = r->size;
	r->state = STREAM;
}

static void skip_data(struct managesieve_reader *r, uint64_t n)
{
	r->left = n;
	r->tail = TAIL_NONE;
	r->state = n > r->limits.skip_max ? LOST : n ? SKIP_DATA : SKIP_LINE;
}

void managesieve_reader_refuse(struct managesieve_reader *r)
{
	r->refused = true;
	skip_data(r, r->size);
}

/* ---- what is thrown away ---- */

static enum managesieve_read skip_line(struct managesieve_reader *r, char c)
{
	bool open = r->tail == TAIL_OPEN || r->tail == TAIL_DIGITS;

	if (c == '\n') {
		if (r->tail >= TAIL_CLOSE) {
			skip_data(r, r->left);
			return MANAGESIEVE_MORE;
		}
		r->state = DONE;
		return r->refused ? MANAGESIEVE_REFUSED : MANAGESIEVE_BAD;
	}
	if (c == '{') {
		r->tail = TAIL_OPEN;
		r->left = 0;
	} else if (open && ascii_is_digit(c)) {
		r->tail = TAIL_DIGITS;
		count_digit(&r->left, c);
	} else if (r->tail == TAIL_DIGITS && c == '+') {
		r->tail = TAIL_PLUS;
	} else if ((r->tail == TAIL_DIGITS || r->tail == TAIL_PLUS) &&
	           c == '}') {
		r->tail = TAIL_CLOSE;
	} else if (r->tail == TAIL_CLOSE && c == '\r') {
		r->tail = TAIL_CR;
	} else {
		r->tail = TAIL_NONE;
	}
	return MANAGESIEVE_MORE;
}

/* ---- feeding ---- */

static enum managesieve_read feed_char(struct managesieve_reader *r, char c)
{
	switch (r->state) {
	case START: return start(r, c);
	case WORD: return word(r, c);
	case NUMBER: return number(r, c);
	case QUOTED:
	case ESCAPED: return quoted(r, c);
	case SIZE:
	case SIZE_PLUS:
	case SIZE_END:
	case SIZE_CR: return head(r, c);
	case AFTER:
		return is_between(c) ? between(r, c)
		                     : bad(r, "a blank is expected");
	case CR:
		return c == '\n' ? end_line(r)
		                 : bad(r, "CR without LF stands in the line");
	default: return skip_line(r, c);
	}
}

/* A mistake is passed to skip_line() too: it may end the line. */
static enum managesieve_read feed_one(struct managesieve_reader *r, char c)
{
	unsigned char before = r->state;
	enum managesieve_read what = feed_char(r, c);

	if (what == MANAGESIEVE_MORE && before != SKIP_LINE &&
	    before != SKIP_DATA && r->state == SKIP_LINE)
		what = skip_line(r, c);
	return what;
}

static enum managesieve_read feed_bytes(struct managesieve_reader *r,
                                        struct str in, size_t *used)
{
	size_t n = r->left < in.n ? (size_t)r->left : in.n;
	unsigned char state = r->state;

	*used = n;
	r->left -= n;
	r->data = str_to(in, n);
	if (state == KEEP)
		buf_add(&r->text, r->data);
	if (r->left == 0 && state == SKIP_DATA)
		r->state = SKIP_LINE;
	else if (r->left == 0)
		end_arg(r, state == KEEP ? MANAGESIEVE_STRING
		                         : MANAGESIEVE_STREAMED);
	return state == STREAM ? MANAGESIEVE_DATA : MANAGESIEVE_MORE;
}

enum managesieve_read managesieve_reader_feed(struct managesieve_reader *r,
                                              struct str in, size_t *used_out)
{
	enum managesieve_read what = MANAGESIEVE_MORE;
	size_t all = 0, used;

	while (what == MANAGESIEVE_MORE && all < in.n) {
		if (r->state == DONE || r->state == ASK || r->state == LOST)
			break; /* the caller owes an answer */
		if (r->state == KEEP || r->state == STREAM ||
		    r->state == SKIP_DATA) {
			what = feed_bytes(r, str_from(in, all), &used);
			all += used;
		} else {
			what = feed_one(r, in.p[all++]);
		}
	}
	*used_out = all;
	return r->state == LOST ? MANAGESIEVE_LOST : what;
}

void managesieve_reader_get(const struct managesieve_reader *r,
                            struct managesieve_command *out)
{
	struct str all = buf_str(&r->text);

	*out = (struct managesieve_command){ .name = str_to(all, r->name_n),
		                             .n = r->n_args };
	for (size_t i = 0; i < r->n_args; i++) {
		struct managesieve_arg *a = &out->args[i];

		a->kind = r->args[i].kind;
		a->text = str_to(str_from(all, r->args[i].at), r->args[i].n);
		if (a->kind == MANAGESIEVE_NUMBER &&
		    !str_to_u32(a->text, &a->number))
			a->number = UINT32_MAX; /* cannot be: number() looked */
	}
}

/* ---- writing ---- */

static bool is_quotable(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '\r' || s.p[i] == '\n' || s.p[i] == '\0')
			return false;
	return s.n <= MANAGESIEVE_QUOTED_MAX;
}

void managesieve_write_string(struct buf *out, struct str s)
{
	if (!is_quotable(s)) {
		buf_fmt(out, "{%zu}\r\n", s.n);
		buf_add(out, s);
		return;
	}
	buf_add_c(out, '"');
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '"' || s.p[i] == '\\')
			buf_add_c(out, '\\');
		buf_add_c(out, s.p[i]);
	}
	buf_add_c(out, '"');
}
