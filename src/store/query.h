/*
 * store/query.h - search a mailbox.
 *
 * A query is a tree of conditions.  Text matches as true substring after
 * Unicode folding (case, accents, width), in the decoded message: RFC 2047
 * words, charsets and transfer encodings undone.  The result is complete at
 * any moment; an index only makes it quicker.
 *
 *	struct query *q = query_new(&arena, QUERY_AND);
 *
 *	query_add(q, query_flags(&arena, 0, FLAG_SEEN));
 *	query_add(q, query_text(&arena, QUERY_SUBJECT, STR("faktura")));
 *	if (query_run(s, account, mailbox_no, q, &limits, &uids, err) < 0) ...
 */
#ifndef STORE_QUERY_H
#define STORE_QUERY_H

#include "base/arena.h"
#include "store/store.h"
#include "store/uidset.h"

#define QUERY_DEPTH_MAX 64
#define QUERY_NODES_MAX 1000
#define QUERY_TEXT_MAX  1000 /* bytes of one text */

enum query_op {
	QUERY_AND, /* of its kids; true without any */
	QUERY_OR,  /* of its kids; false without any */
	QUERY_NOT, /* none of its kids */
	QUERY_FLAGS,
	QUERY_UIDS,
	QUERY_LARGER,          /* size > number */
	QUERY_SMALLER,         /* size < number */
	QUERY_MODSEQ,          /* modseq >= number */
	QUERY_INTERNAL_BEFORE, /* date < number, in seconds since 1970 */
	QUERY_INTERNAL_SINCE,  /* date >= number */
	QUERY_SENT_BEFORE, /* of the Date field, as the day it shows there */
	QUERY_SENT_SINCE,
	QUERY_SAVED_BEFORE,
	QUERY_SAVED_SINCE,
	QUERY_EMAIL,  /* the Email with this number */
	QUERY_THREAD, /* in this thread */
	QUERY_HEADER, /* field `header` contains text; empty: has the field */
	QUERY_FROM,
	QUERY_TO,
	QUERY_CC,
	QUERY_BCC,
	QUERY_SUBJECT,
	QUERY_BODY, /* text of the body, attachments' too */
	QUERY_TEXT, /* body, or any header field */
	QUERY_HAS_ATTACHMENT,
	/* Of Emails (emails.h); false of a membership. */
	QUERY_IN_MAILBOX, /* is in mailbox number */
	QUERY_IN_OTHER,   /* is in one that `numbers` has not */
	QUERY_THREAD_ALL, /* all of its thread have flags_all */
	QUERY_THREAD_ANY, /* one of its thread has flags_all */
};

struct query {
	enum query_op op;
	struct query *kids,
		*next; /* children, and the next of the same parent */
	struct str text, header;
	uint64_t number;
	int64_t time_s;
	uint64_t flags_all, flags_none; /* has all of these, none of those */
	const struct uidset *uids;
	const uint64_t *numbers;
	size_t numbers_n;
	struct query *last_kid; /* private */
};

struct query *query_new(struct arena *a, enum query_op op);
void query_add(struct query *parent, struct query *kid);
struct query *query_flags(struct arena *a, uint64_t all, uint64_t none);
struct query *query_uids(struct arena *a, const struct uidset *uids);
struct query *query_number(struct arena *a, enum query_op op, uint64_t n);
struct query *query_time(struct arena *a, enum query_op op, int64_t s);
/* `text` is UTF-8, unfolded. */
struct query *query_text(struct arena *a, enum query_op op, struct str text);
struct query *query_header(struct arena *a, struct str field, struct str text);

struct query_limits {
	int64_t time_us; /* 0: 60 s; ERR_TIMEOUT past it */
};

/* The UIDs of one mailbox that match.
 * ERR_TOO_BIG for a tree over the limits. */
int query_run(struct store *s, struct store_account a, uint64_t mailbox,
              const struct query *q, const struct query_limits *limits,
              struct uidset *out, struct err *err) ATTR_MUST_USE;

/* Over all mailboxes, or one (not 0): Email numbers, each once, newest
 * first; at most `max`. */
int query_emails(struct store *s, struct store_account a, uint64_t mailbox,
                 const struct query *q, const struct query_limits *limits,
                 struct arena *arena, size_t max, uint64_t **out, size_t *n_out,
                 struct err *err) ATTR_MUST_USE;

#endif
