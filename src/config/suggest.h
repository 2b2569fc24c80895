/*
 * config/suggest.h - "did you mean ...?"
 *
 *	struct suggest s = suggest(word);
 *
 *	for (...)
 *		suggest_try(&s, names[i]);
 *	if (s.best)
 *		... "did you mean \"%s\"?"
 */
#ifndef CONFIG_SUGGEST_H
#define CONFIG_SUGGEST_H

#include "base/str.h"

/* Longer words get no suggestion. */
#define SUGGEST_MAX 64

struct suggest {
	struct str word;
	const char *best;  /* the nearest so far that is near, or NULL */
	unsigned distance; /* private */
};

struct suggest suggest(struct str word);
void suggest_try(struct suggest *s, const char *candidate);

/* Steps from one word to the other: letters added, taken away, replaced,
 * neighbours swapped; case does not count.  At most SUGGEST_MAX bytes each,
 * else a large number. */
unsigned suggest_distance(struct str a, struct str b);

#endif
