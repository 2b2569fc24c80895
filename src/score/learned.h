/*
 * score/learned.h - what owners taught the filter, and what it says then.
 *
 * Each account has learned words of its own (model.h); with `shared` the host
 * has some too, taught by all, which speak where an account's own do not.
 * Words speak once LEARNED_LEAST messages of each kind were learned; a sender
 * who is vouched for, at once: who takes a message out of Spam wants the next
 * one of that sender.
 *
 *	learned_judge(lr, account, &words, sender, &score);
 *	...
 *	learned_teach(lr, account, items, n, &count, err)
 *
 * Of the words those 150 that say most are combined as Fisher does: the
 * products of their likelihoods for and against, each by the chi-square
 * distribution.  Judging reads a mapped file, and a damaged one is as none.
 * Teaching rewrites it, one teacher at a time (a lock of processes).
 */
#ifndef SCORE_LEARNED_H
#define SCORE_LEARNED_H

#include "base/err.h"
#include "score/score.h"
#include "score/words.h"

#define LEARNED_LEAST 20

struct learned;

/* `dir` is made when it is missing. */
int learned_open(struct learned **out, const char *dir, struct err *err)
	ATTR_MUST_USE;
void learned_close(struct learned **lr);

/* Add what the words and the sender say (rules WORDS_*, SENDER_*).  `shared`:
 * ask the host's too.  `account` 0: the host's alone. */
void learned_judge(struct learned *lr, int64_t account, bool shared,
                   const struct score_words *w, uint64_t sender,
                   struct score *out);

struct learned_item {
	const struct score_words *words;
	uint64_t sender;
	bool spam;
};

/* Durable when it returns; *new_out counts what it did not know yet. */
int learned_teach(struct learned *lr, int64_t account, bool shared,
                  const struct learned_item *items, size_t n, size_t *new_out,
                  struct err *err) ATTR_MUST_USE;

struct learned_figures {
	uint32_t spam, ham, words;
};

int learned_figures(struct learned *lr, int64_t account,
                    struct learned_figures *out, struct err *err) ATTR_MUST_USE;

/* All that an account taught, but for what the host learned of it. */
int learned_forget(struct learned *lr, int64_t account, struct err *err)
	ATTR_MUST_USE;

#endif
