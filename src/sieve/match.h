/* sieve/match.h - compare two strings as Sieve asks (RFC 5228, 2.7). */
#ifndef SIEVE_MATCH_H
#define SIEVE_MATCH_H

#include "sieve/program.h"

/* ${0} is the whole, ${1} to ${9} what the wildcards took (RFC 5229, 3.2). */
struct sieve_captures {
	struct str v[10];
	size_t n;
};

/* "*" and "?" with "\" before a character that stands for itself.  Each "*"
 * takes as little as it can.  Time is at most pattern times text.  `caps` may
 * be NULL; it is set when the pattern matches. */
bool sieve_glob(struct str pattern, struct str text, bool fold_case,
                struct sieve_captures *caps);

/* i;ascii-numeric (RFC 4790, 9.1): -1, 0, 1; what is no number is larger
 * than all numbers and equal to its like. */
int sieve_numeric_cmp(struct str a, struct str b);

#endif
