/*
 * store/report.h - reports that came for what the account sent.
 *
 * A multipart/report (RFC 6522) that is delivered to an account which keeps
 * submissions is noted by the delivery, in its transaction, and the state of
 * the submissions (store/change.h) moves, so that whoever listens asks.  Who
 * asks first reads the report and finds out what it answers (jmap/); until
 * then the note stays.  Of one account the latest REPORTS_MAX are kept.
 *
 *	report_list(s, account, 100, &arena, &list, &n, err)
 *	... body_open_email(account, list[i]) ...
 *	report_done(s, account, list, n, err)
 *
 * Read twice (a crash lies between) is harmless to who remembers which Emails
 * it has joined.
 */
#ifndef STORE_REPORT_H
#define STORE_REPORT_H

#include "base/arena.h"
#include "store/store.h"

#define REPORTS_MAX 1000

/* Numbers of Emails, the oldest first, at most `max`.  They may be gone. */
int report_list(struct store *s, struct store_account a, size_t max,
                struct arena *arena, uint64_t **out, size_t *n_out,
                struct err *err) ATTR_MUST_USE;

/* Forget these. */
int report_done(struct store *s, struct store_account a, const uint64_t *list,
                size_t n, struct err *err) ATTR_MUST_USE;

#endif
