/*
 * base/mem.h - small allocation that cannot fail.
 *
 * Out of memory ends the process: mail that was acknowledged is on disk.
 * Sizes that a peer controls are checked against a limit before they come
 * here.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t n);              /* uninitialised */
void *mem_zalloc(size_t n);             /* all zero */
void *mem_array(size_t n, size_t size); /* zero, overflow checked */
void *mem_realloc(void *p, size_t n);
/* A list with room for one more behind its n elements of `size` bytes: p, or
 * what p became when it had to move.  *cap counts elements and begins at 0. */
void *mem_grow(void *p, size_t n, size_t *cap, size_t size);
char *mem_strdup(const char *z);
char *mem_dup(const void *p, size_t n); /* with a NUL after it */
void mem_free(void *p);

/* Overwritten before it is freed: secrets. */
void mem_wipe(void *p, size_t n);

#endif
