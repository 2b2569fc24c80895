#include "wire/mime/word.h"

#include <string.h>

#include "base/base64.h"
#include "base/utf8.h"
#include "wire/mime/decode.h"

struct word_reader word_reader(struct str raw)
{
	return (struct word_reader){ .rest = raw };
}

/* "=?charset*language?encoding?text?=" in pieces. */
struct encoded {
	struct str charset;
	char encoding; /* 'b' or 'q' */
	struct str text;
	size_t length;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t blanks(struct str s)
{
	size_t n = 0;

	while (n < s.n && is_blank(s.p[n]))
		n++;
	return n;
}

/* Where the text of the word ends ("?="), or STR_NPOS.  Question marks and
 * blanks within it are wrong but occur; a new word or a text too long to be
 * one ends the search, which keeps the whole linear. */
#define WORD_TEXT_MAX 4096

static size_t text_length(struct str s)
{
	size_t end = s.n < WORD_TEXT_MAX ? s.n : WORD_TEXT_MAX;

	for (size_t i = 0; i + 1 < end; i++) {
		if (s.p[i] == '?' && s.p[i + 1] == '=')
			return i;
		/* a lone "=" at the end of Q is no new word */
		if (s.p[i] == '=' && s.p[i + 1] == '?' &&
		    (i + 2 >= end || s.p[i + 2] != '='))
			return STR_NPOS;
	}
	return STR_NPOS;
}

/* Does `s` begin with an encoded word? */
static bool encoded_parse(struct str s, struct encoded *out)
{
	struct str rest;
	size_t n = 0, star;

	if (s.n < 8 || s.p[0] != '=' || s.p[1] != '?')
		return false;
	rest = str_from(s, 2);
	while (n < rest.n && n < 64 && rest.p[n] != '?' && !is_blank(rest.p[n]))
		n++;
	if (n == 0 || rest.n - n < 3 || rest.p[n] != '?' ||
	    rest.p[n + 2] != '?')
		return false;
	out->charset = str_to(rest, n);
	star = str_chr(out->charset, '*'); /* RFC 2231, 5 */
	if (star != STR_NPOS)
		out->charset.n = star;
	out->encoding = ascii_lower(rest.p[n + 1]);
	if (out->encoding != 'b' && out->encoding != 'q')
		return false;
	rest = str_from(rest, n + 3);
	n = text_length(rest);
	if (n == STR_NPOS)
		return false;
	out->text = str_to(rest, n);
	out->length = (size_t)(rest.p + n + 2 - s.p);
	return true;
}

/* RFC 2047, 4.2: "_" is a blank. */
static size_t decode_q(char *to, struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		int high, low;

		if (s.p[i] == '\r' || s.p[i] == '\n')
			continue;
		if (s.p[i] == '=' && s.n - i > 2 &&
		    (high = ascii_hex(s.p[i + 1])) >= 0 &&
		    (low = ascii_hex(s.p[i + 2])) >= 0) {
			to[n++] = (char)(high * 16 + low);
			i += 2;
		} else {
			to[n++] = s.p[i] == '_' ? ' ' : s.p[i];
		}
	}
	return n;
}

static size_t decode_b(char *to, struct str s)
{
	struct mime_decoder d;
	struct buf b;
	size_t n;

	buf_init(&b, s.n + 4);
	mime_decoder_init(&d, MIME_BASE64);
	mime_decode(&d, s, &b);
	mime_decode_end(&d, &b);
	n = b.n < s.n ? b.n : s.n;
	if (n)
		memcpy(to, b.p, n);
	buf_deinit(&b);
	return n;
}

/* Words side by side with the same charset become one piece: programs cut
 * characters between two. */
static void take_words(struct word_reader *r, struct arena *a, struct encoded e,
                       struct word *out)
{
	size_t room = e.text.n, n = 0, gap;
	struct word_reader look = *r;
	struct encoded next = e;
	char *to;

	do {
		look.rest = str_from(look.rest, next.length);
		gap = blanks(look.rest);
		if (!encoded_parse(str_from(look.rest, gap), &next) ||
		    !str_eq_case(next.charset, e.charset))
			break;
		look.rest = str_from(look.rest, gap);
		room += next.text.n;
	} while (true);
	to = arena_alloc(a, room);
	next = e;
	for (;;) {
		n += next.encoding == 'q' ? decode_q(to + n, next.text)
		                          : decode_b(to + n, next.text);
		r->rest = str_from(r->rest, next.length);
		if (r->rest.p == look.rest.p)
			break;
		r->rest = str_from(r->rest, blanks(r->rest));
		(void)encoded_parse(r->rest, &next);
	}
	*out = (struct word){ e.charset, { to, n } };
	r->after_word = true;
}

/* Length of the plain text before the next word. */
static size_t plain_length(struct str s)
{
	struct encoded e;
	size_t at = 0;

	while (at < s.n) {
		const char *p = memchr(s.p + at, '=', s.n - at);

		if (!p)
			return s.n;
		at = (size_t)(p - s.p);
		if (encoded_parse(str_from(s, at), &e))
			return at;
		at++;
	}
	return s.n;
}

static struct str without_breaks(struct arena *a, struct str s)
{
	size_t n = 0, i = 0;
	char *p;

	while (i < s.n && s.p[i] != '\r' && s.p[i] != '\n' && s.p[i])
		i++;
	if (i == s.n)
		return s;
	p = arena_alloc(a, s.n);
	for (i = 0; i < s.n; i++)
		if (s.p[i] != '\r' && s.p[i] != '\n' && s.p[i])
			p[n++] = s.p[i];
	return (struct str){ p, n };
}

bool word_next(struct word_reader *r, struct arena *a, struct word *out)
{
	struct encoded e;
	size_t gap = r->after_word ? blanks(r->rest) : 0;
	size_t n;

	if (encoded_parse(str_from(r->rest, gap), &e)) {
		r->rest = str_from(r->rest, gap);
		take_words(r, a, e, out);
		return true;
	}
	if (r->rest.n == 0)
		return false;
	n = plain_length(r->rest);
	*out = (struct word){ { NULL, 0 },
		              without_breaks(a, str_to(r->rest, n)) };
	r->rest = str_from(r->rest, n);
	r->after_word = false;
	return true;
}

/* ---- writing ---- */

bool word_is_plain(struct str utf8)
{
	for (size_t i = 0; i < utf8.n; i++)
		if (utf8.p[i] < 32 || utf8.p[i] > 126)
			return false;
	return str_find(utf8, STR("=?")) == STR_NPOS;
}

/* What Q leaves as it is: in a phrase very little (RFC 2047, 5, rule 3). */
static bool is_q_char(char c, enum word_place place)
{
	if (ascii_is_alpha(c) || ascii_is_digit(c))
		return true;
	if (place == WORD_PHRASE)
		return ascii_is_one_of(c, "!*+-/");
	return c > 32 && c < 127 && c != '=' && c != '?' && c != '_';
}

static size_t q_length(struct str s, enum word_place place)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == ' ' || is_q_char(s.p[i], place) ? 1 : 3;
	return n;
}

static void add_q(struct buf *out, struct str s, enum word_place place)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == ' ') {
			buf_add_c(out, '_');
		} else if (is_q_char(c, place)) {
			buf_add_c(out, c);
		} else {
			buf_add_c(out, '=');
			buf_add_c(out, hex[(unsigned char)c >> 4]);
			buf_add_c(out, hex[(unsigned char)c & 15]);
		}
	}
}

/* 75 less "=?utf-8?Q?" and "?=". */
#define WORD_ROOM 63

/* The longest head that fits into one word. */
static size_t word_length(struct str s, bool q, enum word_place place)
{
	size_t n = 0;

	while (n < s.n) {
		struct str rest = str_from(s, n);
		uint32_t c;
		size_t step;

		if (utf8_next(&rest, &c) == UTF8_END)
			break;
		step = s.n - n - rest.n;
		if (q ? q_length(str_to(s, n + step), place) > WORD_ROOM
		      : base64_length(n + step) > WORD_ROOM)
			break;
		n += step;
	}
	return n;
}

void word_encode(struct buf *out, struct str utf8, enum word_place place)
{
	bool q = q_length(utf8, place) <= base64_length(utf8.n);
	bool first = true;

	if (word_is_plain(utf8)) {
		buf_add(out, utf8);
		return;
	}
	while (utf8.n > 0) {
		size_t n = word_length(utf8, q, place);
		struct str head = str_to(utf8, n);

		buf_add_z(out, first ? "" : " ");
		buf_add_z(out, q ? "=?utf-8?Q?" : "=?utf-8?B?");
		if (q)
			add_q(out, head, place);
		else
			base64_encode(out, head);
		buf_add(out, STR("?="));
		utf8 = str_from(utf8, n);
		first = false;
	}
}
