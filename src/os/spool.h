/*
 * os/spool.h - the bytes of one message while they arrive.
 *
 * A spool takes bytes in pieces, keeps them in memory up to
 * SPOOL_MEMORY_MAX within a budget that all spools of the process share, and
 * from there on in a temporary file of its folder.  It is written once, then
 * sealed, then read any number of times, also by several readers.  One
 * thread at a time.
 *
 *	struct spool *sp = spool_new(pool, 73400320);
 *
 *	if (spool_add(sp, piece, err) < 0) ...   (ERR_TOO_BIG, ERR_NO_SPACE)
 *	if (spool_seal(sp, err) < 0) ...
 *	if (spool_view(sp, &all, err) < 0) ...   (memory, or the file mapped)
 *	spool_free(&sp);
 */
#ifndef OS_SPOOL_H
#define OS_SPOOL_H

#include "base/err.h"
#include "base/str.h"

#define SPOOL_MEMORY_MAX ((size_t)256 * 1024)

/* Shared by all spools of the process. */
struct spool_pool;

/* `dir` is made if missing; what an earlier life left there is removed when
 * `clean`.  `budget` is the memory, in bytes, for all spools together. */
int spool_pool_open(struct spool_pool **out, const char *dir, uint64_t budget,
                    bool clean, struct err *err) ATTR_MUST_USE;
void spool_pool_free(struct spool_pool **p);

struct spool;

/* `max`: the most bytes it takes. */
struct spool *spool_new(struct spool_pool *pool, uint64_t max);
void spool_free(struct spool **sp); /* removes its file, if it still has one */

int spool_add(struct spool *sp, struct str s, struct err *err) ATTR_MUST_USE;
uint64_t spool_size(const struct spool *sp);

/* No more bytes come; spool_view() and spool_read() may be used. */
int spool_seal(struct spool *sp, struct err *err) ATTR_MUST_USE;

/* All bytes as one view, valid until spool_free(); a file is mapped, so this
 * takes no memory of its own. */
int spool_view(struct spool *sp, struct str *out, struct err *err)
	ATTR_MUST_USE;

/* The path of its file, or NULL while it is in memory.  With spool_take_file
 * the caller becomes the file's owner (to sync and rename it into place, on
 * the same file system); the view stays good. */
const char *spool_path(const struct spool *sp);
int spool_fd(const struct spool *sp); /* -1 while in memory */
void spool_take_file(struct spool *sp);

#endif
