/*
 * store/emails.h - all Emails of an account as one set, for JMAP.
 *
 * JMAP sees Emails where IMAP sees memberships: one Email with the mailboxes
 * it is in and one set of keywords.  A membership with \Deleted is hidden
 * (it waits for an EXPUNGE), and an Email with no other is not in the set.
 * Memberships may differ in flags: the Email has $seen when all have it, any
 * other flag when one has it.
 *
 * The set is read from the narrow rows at once, and kept
 * until the account changes: asking again, for the next page or the counts of
 * mailboxes, costs one row.  It is shared and does not change.
 *
 *	const struct emails *set;
 *
 *	if (emails_open(&set, s, account, err) < 0) ...
 *	for (size_t i = 0; i < set->n; i++)
 *		if (emails_in(set, &set->rows[i], mailbox_no)) ...
 *	emails_close(&set);
 */
#ifndef STORE_EMAILS_H
#define STORE_EMAILS_H

#include "base/arena.h"
#include "store/query.h"
#include "store/store.h"

struct emails_row {
	uint64_t email, thread;
	int64_t id; /* private: the row in the database */
	uint64_t flags;
	uint64_t size;
	int64_t received_s;
	uint32_t place, places_n; /* in emails.places */
	uint32_t thread_at;       /* in emails.threads */
};

struct emails_thread {
	uint64_t thread;
	uint64_t flags_all, flags_any; /* of its Emails */
	/* Whether one has neither $seen nor $draft. */
	bool unread;
	uint32_t first, n; /* in emails.by_thread */
};

struct emails {
	struct emails_row *rows; /* in order of their numbers */
	size_t n;
	uint64_t *places; /* numbers of mailboxes, each once an Email */
	size_t places_n;  /* private: some may be nobody's */
	struct emails_thread *threads; /* in order of thread number */
	size_t threads_n;
	uint32_t *by_thread;   /* places in rows */
	uint32_t *by_received; /* places in rows, the newest first */
	uint64_t modseq;       /* of the account */
};

int emails_open(const struct emails **out, struct store *s,
                struct store_account a, struct err *err) ATTR_MUST_USE;
void emails_close(const struct emails **set); /* NULL is fine */

bool emails_in(const struct emails *set, const struct emails_row *row,
               uint64_t mailbox);
/* NULL when there is none. */
const struct emails_row *emails_find(const struct emails *set, uint64_t email);
const struct emails_thread *emails_find_thread(const struct emails *set,
                                               uint64_t thread);

struct emails_counts {
	uint64_t mailbox;
	uint64_t total, unread, threads, unread_threads;
};

/* For each mailbox of `out`, whose number is set. */
void emails_count(const struct emails *set, struct emails_counts *out,
                  size_t n);

/* Those of the set that match, as places in rows, in their order.  The query
 * may use QUERY_IN_MAILBOX and its like. */
int emails_query(struct store *s, struct store_account a,
                 const struct emails *set, const struct query *q,
                 const struct query_limits *limits, struct arena *arena,
                 uint32_t **out, size_t *n_out, struct err *err) ATTR_MUST_USE;

/* The same in the order of when they came, and only as far as it is asked
 * for, so that the first page of a large mailbox costs no more than that of a
 * small one. */
struct emails_page {
	bool ascending;
	bool collapse; /* of each thread the first that matches alone */
	size_t max;
};

int emails_query_page(struct store *s, struct store_account a,
                      const struct emails *set, const struct query *q,
                      const struct query_limits *limits,
                      const struct emails_page *page, struct arena *arena,
                      uint32_t **out, size_t *n_out, struct err *err)
	ATTR_MUST_USE;

enum emails_sort {
	EMAILS_RECEIVED,
	EMAILS_SIZE,
	EMAILS_FLAGS,      /* has flags: more than without */
	EMAILS_THREAD_ALL, /* all of the thread have flags */
	EMAILS_THREAD_ANY,
	EMAILS_SENT, /* of the Date field, else received */
	EMAILS_FROM,
	EMAILS_TO,
	EMAILS_SUBJECT, /* the base subject */
};

struct emails_order {
	enum emails_sort by;
	bool descending;
	uint64_t flags;
};

/* Sort places in rows; equal ones in the direction of the first order, by
 * when they came; without any the newest first. */
int emails_sort(struct store *s, struct store_account a,
                const struct emails *set, const struct emails_order *order,
                size_t order_n, uint32_t *list, size_t n, struct err *err)
	ATTR_MUST_USE;

/* ---- private to store/ ---- */

struct emails_cache;

struct emails_cache *emails_cache_new(void);
void emails_cache_free(struct emails_cache **c);

#endif
