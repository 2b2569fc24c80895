/*
 * score/words.h - a message as a set of numbers, one for each word.
 *
 * What learned words (learned.h) are counted by: the words of the text and
 * subject, pairs of neighbours, the sender's name and domain, where links
 * lead, how the message is made.  Each is hashed with the place it stands in
 * ("free" in a subject is not "free" in a text), folded over case and
 * diacritics.  Bounded: WORDS_MAX of the first that come, each once.
 */
#ifndef SCORE_WORDS_H
#define SCORE_WORDS_H

#include "base/str.h"

struct score_look;

#define WORDS_MAX 800

struct score_words {
	uint64_t v[WORDS_MAX];
	size_t n;
	uint64_t message; /* of all its bytes: is it known already? */
};

void score_words_make(const struct score_look *l, struct score_words *out);

/* The number of a sender with what vouches for him: a domain that SPF or DKIM
 * passed for, else his network.  0 when either is empty. */
uint64_t score_sender_number(struct str address, struct str vouch);

#endif
