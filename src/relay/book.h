/*
 * relay/book.h - what the relay remembers of other domains.
 *
 * DATA/relay.db holds the MTA-STS policies that were fetched (RFC 8461, 5.1)
 * and how TLS went with each domain, day by day, until that was reported
 * (RFC 8460).  A power cut may lose the last moments of it, a crash nothing.
 *
 * For all threads.  Errors: those of db/db.h.
 */
#ifndef RELAY_BOOK_H
#define RELAY_BOOK_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct relay_book;

int relay_book_open(struct relay_book **out, const char *dir, struct err *err)
	ATTR_MUST_USE;
void relay_book_close(struct relay_book **b);

/* ---- policies of MTA-STS ---- */

struct relay_book_policy {
	struct str id;      /* of the record; "" when nothing was ever got */
	struct str file;    /* as it came */
	int64_t fetched_us; /* 0: never */
	int64_t tried_us;   /* the last try to fetch */
	struct str why;     /* it failed, or "" */
};

/* 1, 0: nothing is known, -1.  Strings are of the arena. */
int relay_book_policy_get(struct relay_book *b, struct str domain,
                          struct arena *a, struct relay_book_policy *out,
                          struct err *err) ATTR_MUST_USE;
int relay_book_policy_put(struct relay_book *b, struct str domain,
                          const struct relay_book_policy *p, struct err *err)
	ATTR_MUST_USE;
/* Those fetched, or tried, before this are forgotten. */
int relay_book_policy_tidy(struct relay_book *b, int64_t before_us,
                           struct err *err) ATTR_MUST_USE;

/* ---- how TLS went ---- */

/* RFC 8460, 4.2: policy-type. */
enum relay_policy_kind {
	RELAY_POLICY_NONE, /* "no-policy-found" */
	RELAY_POLICY_STS,
	RELAY_POLICY_TLSA,
};

/* What was found; the same found again is counted on. */
struct relay_note {
	int64_t day; /* since 1970, UTC */
	struct str domain;
	enum relay_policy_kind kind;
	struct str policy; /* its lines or records, LF between them */
	struct str hosts;  /* the mx patterns, LF between them */
	/* A failure has a result-type (RFC 8460, 4.3), a success "". */
	struct str result;
	struct str host, ip, source; /* of a failure; "" when unknown */
	struct str reason;           /* in words */
	uint64_t n;                  /* sessions */
};

int relay_book_note(struct relay_book *b, const struct relay_note *notes,
                    size_t n, struct err *err) ATTR_MUST_USE;

/* The first domain, by day and name, with notes of a day before `before`,
 * and behind `after` (NULL: from the start): 1, 0, -1.  All its notes of that
 * day, successes first in each policy. */
int relay_book_next(struct relay_book *b, int64_t before,
                    const struct relay_note *after, struct arena *a,
                    struct relay_note **out, size_t *n_out, struct err *err)
	ATTR_MUST_USE;
/* It was reported, or nobody wants to know. */
int relay_book_forget(struct relay_book *b, int64_t day, struct str domain,
                      struct err *err) ATTR_MUST_USE;

#endif
