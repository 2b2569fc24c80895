/*
 * sieve/regex.h - extended regular expressions (POSIX, 9.4) for ":regex".
 *
 * An expression becomes a program of at most REGEX_CODE_MAX instructions that
 * runs over the text once, all its possibilities side by side: time is at
 * most program times text, whatever the expression, and is taken from a
 * budget besides.  There are no back references and no equivalence classes.
 *
 * "." and negated sets take a whole character of UTF-8; sets name ASCII alone.
 * Of several ways to match at the first place, that of the first alternative
 * and the longest repetition is taken.
 */
#ifndef SIEVE_REGEX_H
#define SIEVE_REGEX_H

#include "base/arena.h"
#include "sieve/match.h"

#define REGEX_CODE_MAX   1000
#define REGEX_REPEAT_MAX 255

struct sieve_regex;

/* NULL, and words in *why.  It lives in the arena. */
const struct sieve_regex *sieve_regex_compile(struct arena *a,
                                              struct str pattern, bool fold,
                                              const char **why);

/* 1 and, unless NULL, the captures; 0; -1 when the budget of steps is used
 * up. */
int sieve_regex_match(const struct sieve_regex *re, struct str text,
                      uint64_t *budget, struct sieve_captures *caps);

#endif
