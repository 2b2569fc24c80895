/*
 * greylist/greylist.h - senders that must come back once (R19).
 *
 * The database is DATA/greylist.db.  A sender is known, or waits, or is new;
 * who is the same sender is greylist/key.h's.  Asking about a known one is
 * one or two look-ups and no write.  All functions may be called from every
 * thread and process.  Time is an argument.
 *
 *	struct greylist_ask q = { .sender = ..., .recipient = "bo@a.example",
 *	                          .now_us = ..., .wait_us = 5 * US_PER_MIN };
 *	struct greylist_answer a;
 *
 *	if (greylist_ask(g, &q, &a, err) < 0) ...
 *	if (a.result == GREYLIST_WAITS) "try again in a.left_us"
 */
#ifndef GREYLIST_GREYLIST_H
#define GREYLIST_GREYLIST_H

#include "base/err.h"
#include "greylist/key.h"

/* Who does not come back for so long is forgotten. */
#define GREYLIST_FORGET_US (INT64_C(24) * 3600 * 1000000)
/* More that wait at a time: the oldest are forgotten. */
#define GREYLIST_WAITING_MAX 1000000

struct greylist;

int greylist_open(struct greylist **out, const char *dir, struct err *err)
	ATTR_MUST_USE;
void greylist_close(struct greylist **g);

enum greylist_result {
	GREYLIST_KNOWN,
	GREYLIST_PASSED,  /* came back in time, and is known from now on */
	GREYLIST_WAITS,   /* see left_us */
	GREYLIST_LET_IN,  /* someone let it in */
	GREYLIST_BLOCKED, /* someone blocks it */
};

struct greylist_ask {
	struct greylist_sender sender;
	struct str recipient; /* canonical, "bo@customer.example" */
	int64_t now_us;
	int64_t wait_us;
};

struct greylist_answer {
	enum greylist_result result;
	int64_t left_us; /* of WAITS: at least 1 */
};

int greylist_ask(struct greylist *g, const struct greylist_ask *q,
                 struct greylist_answer *out, struct err *err) ATTR_MUST_USE;

/* What would be said, with nothing written down. */
int greylist_peek(struct greylist *g, const struct greylist_ask *q,
                  struct greylist_answer *out, struct err *err) ATTR_MUST_USE;

/* A user here wrote to these: they are known, from wherever they write. */
int greylist_wrote(struct greylist *g, const struct str *addresses, size_t n,
                   int64_t now_us, struct err *err) ATTR_MUST_USE;
/* Was this address written to? */
int greylist_was_written(struct greylist *g, struct str address, bool *out,
                         struct err *err) ATTR_MUST_USE;

/* ---- for people ---- */

struct greylist_item {
	struct str sender;    /* "<>" for the null sender */
	struct str vouched;   /* the domain that passed SPF, or the network */
	struct str recipient; /* one row for each */
	int64_t first_us, last_us;
	uint64_t tries;
};

/* Who waits, the newest first; `scope`: for an address, a domain, or "" for
 * all.  `each` returns false to stop. */
int greylist_waiting(struct greylist *g, struct str scope, int64_t now_us,
                     bool (*each)(void *arg, const struct greylist_item *i),
                     void *arg, struct err *err) ATTR_MUST_USE;

enum greylist_let { GREYLIST_ALLOW, GREYLIST_BLOCK, GREYLIST_NEITHER };

/* Let a sender ("anna@far.example" or "far.example") in at once from now on,
 * or block it; `scope` is for whom: an address, a domain, or "" for all.  The
 * narrower word counts more. */
int greylist_set(struct greylist *g, struct str sender, struct str scope,
                 enum greylist_let what, int64_t now_us, struct err *err)
	ATTR_MUST_USE;

struct greylist_word {
	struct str sender, scope;
	enum greylist_let what;
	int64_t at_us;
};

int greylist_words(struct greylist *g,
                   bool (*each)(void *arg, const struct greylist_word *w),
                   void *arg, struct err *err) ATTR_MUST_USE;

struct greylist_figures {
	uint64_t known, waiting;
};

int greylist_figures(struct greylist *g, struct greylist_figures *out,
                     struct err *err) ATTR_MUST_USE;

/* Forget what is over; now and then, by one process.  A part at a time. */
int greylist_tidy(struct greylist *g, int64_t now_us, struct err *err)
	ATTR_MUST_USE;

#endif
