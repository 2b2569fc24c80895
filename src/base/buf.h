/*
 * base/buf.h - bytes that grow, up to a maximum they are born with.
 *
 * What would go over the maximum sets `overflow`, which sticks; nothing more
 * is added and the caller checks once, where the bytes are used.
 *
 *	struct buf b;
 *
 *	buf_init(&b, 4096);
 *	buf_add(&b, STR("220 "));
 *	buf_fmt(&b, "%u", n);
 *	if (buf_overflow(&b))
 *		...
 *	buf_deinit(&b);
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>

#include "base/str.h"

struct buf {
	char *p; /* owned */
	size_t n;
	size_t cap; /* private */
	size_t max;
	bool overflow; /* private: buf_overflow() */
};

/* No memory is taken until the first byte is added. */
void buf_init(struct buf *b, size_t max);
void buf_deinit(struct buf *b); /* NULL and twice are fine */

/* Empty again, overflow forgotten, memory kept. */
void buf_reset(struct buf *b);

/* Drop what lies behind `n`, which is at most b->n. */
void buf_truncate(struct buf *b, size_t n);

void buf_add(struct buf *b, struct str s);
void buf_add_z(struct buf *b, const char *z);
void buf_add_c(struct buf *b, char c);
void buf_add_u64(struct buf *b, uint64_t v); /* decimal */
void buf_add_i64(struct buf *b, int64_t v);
void buf_fmt(struct buf *b, const char *fmt, ...) ATTR_PRINTF(2, 3);
void buf_vfmt(struct buf *b, const char *fmt, va_list ap) ATTR_PRINTF(2, 0);

/* Room for `n` more, to be written from buf_room()'s result on, then told
 * with buf_grown(); NULL (and overflow) when it would pass the maximum. */
char *buf_room(struct buf *b, size_t n);
void buf_grown(struct buf *b, size_t n);

/* Remove the first `n` bytes; the rest moves down. */
void buf_consume(struct buf *b, size_t n);

/* The bytes as a view, valid until the next change. */
static inline struct str buf_str(const struct buf *b)
{
	return (struct str){ b->p, b->n };
}

static inline bool buf_overflow(const struct buf *b)
{
	return b->overflow;
}

/* The bytes with a NUL behind them (not counted in n). */
const char *buf_z(struct buf *b);

/* Give the bytes away, NUL-ended; the caller frees with mem_free().  The
 * buffer is empty afterwards. */
char *buf_take(struct buf *b, size_t *n_out);

#endif
