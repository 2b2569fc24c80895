/*
 * pack/gzip.h - the gzip format (RFC 1952), as HTTP sends it.
 *
 * A stream takes about 100 KB while it lives: its window is 8 KiB, so that
 * many answers can be on their way at a time.  Restoring never gives more
 * than is allowed.
 *
 *	struct gzip *z = gzip_new();
 *
 *	gzip_add(z, piece, false, &out);
 *	gzip_add(z, STR(""), true, &out);
 *	gzip_free(&z);
 */
#ifndef PACK_GZIP_H
#define PACK_GZIP_H

#include "base/buf.h"
#include "base/err.h"

struct gzip;

struct gzip *gzip_new(void);
void gzip_free(struct gzip **gp); /* NULL is fine */

/* Append the packed form of `in` to `out`, which must have room for it
 * (gzip_bound()); what does not fill a block yet is kept.  `last`: all that is
 * kept too, and the end; nothing may be added after it. */
void gzip_add(struct gzip *g, struct str in, bool last, struct buf *out);

/* The most bytes that one gzip_add() of `n` appends. */
size_t gzip_bound(size_t n);

/* Append the restored bytes of a whole file: ERR_TOO_BIG over out's maximum,
 * ERR_CORRUPT when they do not read back. */
int gunzip(struct str in, struct buf *out, struct err *err) ATTR_MUST_USE;

/* The same of deflated data without any frame, as ZIP archives have it (RFC
 * 1951); what follows its end is passed over. */
int inflate_raw(struct str in, struct buf *out, struct err *err) ATTR_MUST_USE;

#endif
