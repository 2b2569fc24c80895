/*
 * deliver/notice.h - the words of a delivery report.
 *
 * Of what the queue says about a message (queue/report.h) and the message
 * itself, a whole report is made: header, words for a person in the order
 * "what happened, what the other host said, what to do", the status for
 * programs, and the message or its header (RFC 3461, 6; RFC 3464; RFC 3834).
 *
 * Recipients are named as the sender wrote them: what an alias or a forward
 * leads to is nobody's business, and is taken out of replies too.
 */
#ifndef DELIVER_NOTICE_H
#define DELIVER_NOTICE_H

#include "base/arena.h"
#include "base/buf.h"
#include "queue/report.h"

/* A whole message is returned up to this size, else its header. */
#define NOTICE_WHOLE_MAX ((size_t)1024 * 1024)
/* Of a longer header so much is returned. */
#define NOTICE_HEADER_MAX ((size_t)256 * 1024)

struct notice {
	const struct queue_report *report;
	const struct queue_report_rcpt *const *rcpts; /* to be told of */
	size_t n;
	struct str message;  /* that it is about; as much as there is */
	struct str to;       /* who is told */
	struct str hostname; /* ours */
	struct str trace;    /* our id of the report */
	bool utf8;           /* it may have UTF-8 in addresses */
	int64_t now_us;
};

/* Whether bytes above 127 were written. */
bool notice_write(struct arena *a, const struct notice *n, struct buf *out);

/* What a status means, and what can be done: a sentence or two each, for a
 * person. */
struct notice_words {
	const char *cause, *advice;
};

struct notice_words notice_words(struct str status);

#endif
