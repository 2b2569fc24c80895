/*
 * deliver/autoreply.h - messages that the host writes by itself in answer to
 * one that came: whether it may, and how they look.
 *
 * An automatic answer must never go to a list, to another machine, to who did
 * not write to the owner, nor start a conversation of machines (RFC 3834, 2;
 * RFC 5230, 4.5 and 4.6).  It has the null sender, Auto-Submitted, and
 * In-Reply-To and References, so that it stands beside its question.
 *
 *	enum autoreply_why why = autoreply_judge(&q);
 *
 *	if (why == AUTOREPLY_MAY)
 *		autoreply_write(&out, &reply, &arena);
 */
#ifndef DELIVER_AUTOREPLY_H
#define DELIVER_AUTOREPLY_H

#include "base/arena.h"
#include "base/buf.h"

enum autoreply_why {
	AUTOREPLY_MAY,
	AUTOREPLY_NULL_SENDER,  /* a bounce, or an answer itself */
	AUTOREPLY_OWN,          /* the owner wrote it */
	AUTOREPLY_MACHINE,      /* Auto-Submitted, X-Auto-Response-Suppress */
	AUTOREPLY_LIST,         /* List-*, Precedence */
	AUTOREPLY_SENDER,       /* "noreply@", "-request@", mailer-daemon */
	AUTOREPLY_NOT_ADDRESSED /* in neither To nor Cc */
};

const char *autoreply_words(enum autoreply_why why); /* for the log */

struct autoreply_question {
	struct str header;     /* of what came */
	struct str sender;     /* MAIL FROM */
	const struct str *own; /* the owner's addresses */
	size_t own_n;
	bool to_anyone; /* need not stand in To or Cc: a refusal */
};

/* Was the message written by a machine?  Then no word of it goes elsewhere
 * (RFC 5436, 2.7.1). */
bool autoreply_is_automatic(struct str header);

enum autoreply_why autoreply_judge(const struct autoreply_question *q);

struct autoreply {
	struct str from;    /* as for From: an address, or "Name <address>" */
	struct str to;      /* the address alone */
	struct str subject; /* "": "Auto: " and that of what came */
	struct str text;    /* UTF-8 */
	struct str html;    /* the same for programs that show it, or "" */
	bool mime;          /* `text` is an entity with its header */
	struct str kind;    /* Auto-Submitted: "auto-replied" ... */
	struct str message_id; /* without brackets */
	struct str header;     /* of what came; "" when it answers none */
	struct str importance; /* "high", "low" or "" */
	int64_t at_us;
	/* Instead of `text`: multipart/report with a disposition
	 * notification (RFC 8098), as RFC 5429, 2.2 asks of "reject". */
	struct str mdn_recipient; /* whose mailbox refuses; "" for none */
	struct str reporting;     /* the host's name */
};

/* The whole message with CRLF lines. */
void autoreply_write(struct buf *out, const struct autoreply *r,
                     struct arena *a);

/* What the text of an automatic answer may not be over. */
#define AUTOREPLY_TEXT_MAX ((size_t)64 * 1024)

#endif
