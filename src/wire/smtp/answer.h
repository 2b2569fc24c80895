/*
 * wire/smtp/answer.h - read the replies of another server.
 *
 * A reply is lines of one code, all but the last with a hyphen behind it
 * (RFC 5321, 4.2.1); its text may begin with an enhanced status code
 * (RFC 2034, 4).  Bytes come in any pieces.
 *
 *	struct smtp_answer a;
 *
 *	smtp_answer_init(&a);
 *	while ((r = smtp_answer_feed(&a, &in)) == SMTP_ANSWER_MORE)
 *		... more bytes
 *	if (r == SMTP_ANSWER_DONE) use(a.code, smtp_answer_text(&a));
 *	smtp_answer_deinit(&a);
 *
 * Of a long line SMTP_ANSWER_LINE_MAX bytes are kept, of a long reply
 * SMTP_ANSWER_TEXT_MAX; past SMTP_ANSWER_BYTES_MAX it is BAD, for a peer that
 * never ends.  Bytes that are no printable US-ASCII or UTF-8 become "?".
 */
#ifndef WIRE_SMTP_ANSWER_H
#define WIRE_SMTP_ANSWER_H

#include "base/buf.h"

#define SMTP_ANSWER_LINE_MAX  1000
#define SMTP_ANSWER_TEXT_MAX  ((size_t)8192)
#define SMTP_ANSWER_BYTES_MAX ((size_t)128 * 1024)

enum smtp_answer_result {
	SMTP_ANSWER_MORE, /* all of *in is used, the reply goes on */
	SMTP_ANSWER_DONE, /* *in is what follows the reply */
	SMTP_ANSWER_BAD,  /* this is no SMTP */
};

struct smtp_answer {
	unsigned code;   /* 200 to 599 */
	char status[12]; /* "4.7.1", of its first line; "" without one */
	/* private */
	struct buf text; /* lines with LF between, codes and status gone */
	char line[SMTP_ANSWER_LINE_MAX];
	size_t line_n, bytes;
	bool done, any;
};

void smtp_answer_init(struct smtp_answer *a);
void smtp_answer_deinit(struct smtp_answer *a);
void smtp_answer_reset(struct smtp_answer *a); /* for the next reply */

enum smtp_answer_result smtp_answer_feed(struct smtp_answer *a, struct str *in)
	ATTR_MUST_USE;

/* The text, lines with LF between them. */
struct str smtp_answer_text(const struct smtp_answer *a);

/* "450 4.2.0 busy, try again" on one line, for people: at most `max`. */
void smtp_answer_write(const struct smtp_answer *a, struct buf *out);

/* Is `s` a status code of RFC 3463: class 2, 4 or 5, two numbers of one to
 * three digits? */
bool smtp_status_is_valid(struct str s);

#endif
