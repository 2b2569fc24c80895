/*
 * verify/tally.h - what is seen in the name of domains, to be reported, and
 * what others report about ours (RFC 9989, RFC 9990).
 *
 * Each message that DMARC looked at adds one to a row of its day and policy
 * domain.  Adding costs a look-up in memory and never waits: a thread writes
 * what came together to DATA/dmarc.db, each second or two.  A crash loses
 * that much of the counts, never mail.  Both directions are bounded; what is
 * over a bound is left out and counted.
 *
 *	tally_open(&t, dir, true, err)
 *	tally_add(t, &seen)                      in intake
 *
 *	tally_next(t, before_day, &arena, &due, err)    in who reports
 *	tally_rows(t, due.day, due.domain, each, arg, err)
 *	tally_done(t, due.day, due.domain, err)
 *
 * For all threads; several processes may have it open.
 */
#ifndef VERIFY_TALLY_H
#define VERIFY_TALLY_H

#include "wire/dmarc/aggregate.h"

struct directory;
struct tally;

/* Different rows of a domain in a day; a sender who makes each message look
 * different fills no disk. */
#define TALLY_ROWS_MAX 5000
/* Reports of others kept of one domain, and for how long. */
#define TALLY_REPORTS_MAX 1000
#define TALLY_KEEP_DAYS   90

/* With `collect` a thread is started that writes what is added. */
int tally_open(struct tally **out, const char *dir, bool collect,
               struct err *err) ATTR_MUST_USE;
/* Writes what is left. */
void tally_close(struct tally **t);

/* ---- what we saw ---- */

struct tally_seen {
	int64_t at_us;
	struct str domain; /* the policy's */
	struct str record; /* as published: "v=DMARC1; ..." in our words */
	struct dmarc_report_row row; /* its count is not looked at */
};

/* NULL is fine. */
void tally_add(struct tally *t, const struct tally_seen *s);
/* All that was added is written. */
void tally_flush(struct tally *t);
/* Left out because too much was waiting to be written. */
uint64_t tally_dropped(struct tally *t);

struct tally_due {
	int64_t day; /* since 1970 */
	struct str domain, record;
	uint64_t messages;
	unsigned tries;
};

/* A domain of a day before `before_day` whose report is due: 1, 0 none, -1. */
int tally_next(struct tally *t, int64_t before_day, int64_t now_us,
               struct arena *a, struct tally_due *out, struct err *err)
	ATTR_MUST_USE;
int tally_rows(struct tally *t, int64_t day, struct str domain,
               void (*each)(void *arg, const struct dmarc_report_row *row),
               void *arg, struct err *err) ATTR_MUST_USE;
/* It was reported, or nobody wants it: forget it. */
int tally_done(struct tally *t, int64_t day, struct str domain, struct err *err)
	ATTR_MUST_USE;
/* Not now; one more try is counted. */
int tally_later(struct tally *t, int64_t day, struct str domain, int64_t at_us,
                struct err *err) ATTR_MUST_USE;

/* ---- what others saw ---- */

struct tally_report {
	struct dmarc_report r;
	struct str by; /* the domain that vouched for the mail, or "" */
	int64_t received_us;
};

/* Reports that come by mail are read from now on (where it collects), those
 * about domains of this directory, or below one, are kept. */
void tally_use_directory(struct tally *t, struct directory *dir);
/* A message that may hold one: it is copied, and read by the thread.  `by` is
 * the domain that vouched for it, or "".  False when it is none by its
 * subject, or too much waits.  NULL is fine. */
bool tally_offer(struct tally *t, struct str subject, struct str message,
                 struct str by, int64_t received_us);

/* A report with all its rows, once: ERR_EXISTS when it is there already. */
int tally_report_add(struct tally *t, const struct tally_report *report,
                     const struct dmarc_report_row *rows, size_t n,
                     struct err *err) ATTR_MUST_USE;

/* The rows of all reports about `domain` (and names under it) that begin at
 * or after `since_s`, those alike added up, the most first. */
struct tally_line {
	struct dmarc_report_row row;
	uint64_t reports; /* that have it */
	struct str orgs;  /* "a, b": at most a few */
};

int tally_report_each(struct tally *t, struct str domain, int64_t since_s,
                      bool (*each)(void *arg, const struct tally_line *l),
                      void *arg, struct err *err) ATTR_MUST_USE;

/* Drop what is older than TALLY_KEEP_DAYS, and what was never reported. */
int tally_tidy(struct tally *t, int64_t now_us, struct err *err) ATTR_MUST_USE;

#endif
