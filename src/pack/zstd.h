/*
 * pack/zstd.h - compress and restore, with every size checked.
 *
 * Level 1.  The contexts are kept per thread and freed with it.  A packed
 * value always carries its size, and restoring never writes past the size
 * the caller allows, so that a small value cannot become a large one unasked.
 */
#ifndef PACK_ZSTD_H
#define PACK_ZSTD_H

#include "base/buf.h"
#include "base/err.h"

/* The most bytes that packing `n` bytes can give. */
size_t pack_bound(size_t n);

/* Append the packed form of `in` to `out`: ERR_TOO_BIG past out's maximum. */
int pack_zstd(struct str in, struct buf *out, struct err *err) ATTR_MUST_USE;

/* The size that `in` restores to: ERR_CORRUPT when it is no packed value. */
int pack_zstd_size(struct str in, uint64_t *out, struct err *err) ATTR_MUST_USE;

/* Append the restored bytes to `out`.  ERR_TOO_BIG when they are more than
 * `max` or than out may hold, ERR_CORRUPT when they do not read back. */
int unpack_zstd(struct str in, size_t max, struct buf *out, struct err *err)
	ATTR_MUST_USE;

#endif
