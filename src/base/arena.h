/*
 * base/arena.h - memory that is freed all at once.
 *
 * One arena for a command, a message, a parse: what is taken from it lives
 * until arena_reset() or arena_deinit().  It has no maximum of its own: the
 * parser that fills it has limits.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/str.h"

struct arena {
	struct arena_block *blocks; /* private */
	size_t used, cap;           /* private: of the first block */
	size_t total;               /* bytes given out since the reset */
};

void arena_init(struct arena *a);
void arena_deinit(struct arena *a);
void arena_reset(struct arena *a); /* keeps one block for reuse */

void *arena_alloc(struct arena *a, size_t n);  /* aligned, uninitialised */
void *arena_zalloc(struct arena *a, size_t n); /* aligned, zero */
void *arena_array(struct arena *a, size_t n, size_t size); /* zero */
/* A list with room for one more behind its n elements of `size` bytes: p, or a
 * copy of it, zero behind.  *cap counts elements and begins at 0. */
void *arena_grow(struct arena *a, void *p, size_t n, size_t *cap, size_t size);

/* Copies; the result has a NUL behind it that is not counted. */
struct str arena_dup(struct arena *a, struct str s);
char *arena_strz(struct arena *a, struct str s);
struct str arena_fmt(struct arena *a, const char *fmt, ...) ATTR_PRINTF(2, 3);

#endif
