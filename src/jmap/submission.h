/*
 * jmap/submission.h - what was sent, or is to be (RFC 8621, 7).
 *
 * A submission is an object of the account (store/object.h).  It says which
 * Email went, for whom, and under which id the queue and the trail know it.
 * Whether what is held has gone or was taken back is decided in the queue
 * alone, in one transaction; what stands here follows it: every call first
 * asks about those that are open, so a crash between the two leaves nothing
 * wrong.  The oldest of JMAP_SUBMISSIONS that are settled make room.
 *
 * Reports that come back are joined with it in the same way: the delivery
 * notes that one came (store/report.h), and the next call finds out what it
 * answers, by the ids in the report, among the account's own submissions.
 */
#ifndef JMAP_SUBMISSION_H
#define JMAP_SUBMISSION_H

#include "jmap/object.h"
#include "store/object.h"

#define JMAP_ID_SUBMISSION 'S'
#define JMAP_SUBMISSIONS   5000

enum jmap_undo { JMAP_PENDING, JMAP_FINAL, JMAP_CANCELED };

enum jmap_delivered {
	JMAP_DELIVERED_QUEUED,
	JMAP_DELIVERED_YES,
	JMAP_DELIVERED_NO,
	JMAP_DELIVERED_UNKNOWN, /* another host has it */
};

struct jmap_delivery {
	struct str rcpt, reply;
	enum jmap_delivered delivered;
	/* What a report says goes for what is not known here; UNKNOWN: none
	 * does. */
	enum jmap_delivered told;
	bool displayed; /* a receipt says so */
};

enum jmap_report { JMAP_REPORT_DSN, JMAP_REPORT_MDN, JMAP_REPORT_KINDS };

/* Of one kind; more are mail and no more. */
#define JMAP_REPORTS_MAX 1000

/* object.open */
#define JMAP_OPEN_PENDING  1u
#define JMAP_OPEN_UNDERWAY 2u /* final, and not yet everywhere */

struct jmap_submission {
	/* first: the Email's number, second: that of the identity, at_us:
	 * sendAt, name: the trace. */
	struct object o;
	uint64_t thread;
	int64_t queued; /* its number in the queue, or 0 */
	enum jmap_undo undo;
	struct str envelope; /* JSON */
	struct jmap_delivery *deliveries;
	size_t deliveries_n;
	/* By what a report names it: without brackets, decoded; or empty. */
	struct str message_id, envid;

	/* Numbers of Emails, in the order they came. */
	struct {
		uint64_t *v;
		size_t n;
	} reports[JMAP_REPORT_KINDS];
};

const char *jmap_undo_name(enum jmap_undo undo);

/* Strings live in the arena. */
int jmap_submission_read(struct arena *a, const struct object *o,
                         struct jmap_submission *out, struct err *err)
	ATTR_MUST_USE;
struct str jmap_submission_content(struct arena *a,
                                   const struct jmap_submission *s);
void jmap_write_deliveries(struct json_writer *w,
                           const struct jmap_submission *s);
/* Ids of blobs. */
void jmap_write_reports(struct json_writer *w, const struct jmap_submission *s,
                        enum jmap_report kind);

/* ---- submission_fate.c ---- */

/* Whose submissions, and what is asked about them. */
struct jmap_following {
	struct store *store;
	struct store_account account;
	struct queue *queue;
	const char *dir; /* of the trail */
	struct arena *arena;
};

/* Bring those that are open up to date, then join the reports that came. */
int jmap_submissions_follow(const struct jmap_following *f, struct err *err)
	ATTR_MUST_USE;
/* The same before a call answers; -1 after jmap_fail(). */
int jmap_submissions_refresh(struct jmap_call *c) ATTR_MUST_USE;

/* ---- submission_report.c ---- */

int jmap_reports_join(const struct jmap_following *f, struct err *err)
	ATTR_MUST_USE;

/* ---- submission_send.c ---- */

/* Send the Email s->o.first with its envelope (an object, or no value), in
 * the name of an identity; fills in what is known of it then.  0, or -1 after
 * jmap_set_refuse(). */
int jmap_submission_send(struct jmap_set *set, struct json envelope,
                         struct str identity_email, struct jmap_submission *s)
	ATTR_MUST_USE;

/* Send a message of our own making with the null sender (R42), a receipt. */
int jmap_report_send(struct jmap_set *set, struct str message, struct str to)
	ATTR_MUST_USE;

#endif
