#include "base/buf.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

void buf_init(struct buf *b, size_t max)
{
	/* so that sums with a maximum never go over */
	*b = (struct buf){ .max = max < SIZE_MAX / 4 ? max : SIZE_MAX / 4 };
}

void buf_deinit(struct buf *b)
{
	if (!b)
		return;
	mem_free(b->p);
	*b = (struct buf){ .max = b->max };
}

void buf_reset(struct buf *b)
{
	b->n = 0;
	b->overflow = false;
}

void buf_truncate(struct buf *b, size_t n)
{
	if (n < b->n)
		b->n = n;
}

/* One byte more than asked, so that buf_z() always has room for its NUL. */
static bool make_room(struct buf *b, size_t n)
{
	size_t want, cap;

	if (b->overflow || n > b->max - b->n) {
		b->overflow = true;
		return false;
	}
	want = b->n + n + 1;
	if (want <= b->cap)
		return true;
	cap = b->cap < 64 ? 64 : b->cap;
	while (cap < want)
		cap += cap / 2 + 32;
	if (cap > b->max + 1)
		cap = b->max + 1;
	b->p = mem_realloc(b->p, cap);
	b->cap = cap;
	return true;
}

void buf_add(struct buf *b, struct str s)
{
	if (s.n == 0 || !make_room(b, s.n))
		return;
	memcpy(b->p + b->n, s.p, s.n);
	b->n += s.n;
}

void buf_add_z(struct buf *b, const char *z)
{
	buf_add(b, str_z(z));
}

void buf_add_c(struct buf *b, char c)
{
	if (!make_room(b, 1))
		return;
	b->p[b->n++] = c;
}

void buf_add_u64(struct buf *b, uint64_t v)
{
	char digits[20];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	buf_add(b, (struct str){ digits + at, sizeof(digits) - at });
}

void buf_add_i64(struct buf *b, int64_t v)
{
	if (v < 0)
		buf_add_c(b, '-');
	buf_add_u64(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vfmt(b, fmt, ap);
	va_end(ap);
}

void buf_vfmt(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0 || !make_room(b, (size_t)n))
		return;
	(void)vsnprintf(b->p + b->n, (size_t)n + 1, fmt, ap);
	b->n += (size_t)n;
}

char *buf_room(struct buf *b, size_t n)
{
	return make_room(b, n) ? b->p + b->n : NULL;
}

void buf_grown(struct buf *b, size_t n)
{
	b->n += n;
}

void buf_consume(struct buf *b, size_t n)
{
	if (n == 0)
		return;
	memmove(b->p, b->p + n, b->n - n);
	b->n -= n;
}

const char *buf_z(struct buf *b)
{
	if (!b->p) {
		b->cap = 1;
		b->p = mem_alloc(1);
	}
	b->p[b->n] = '\0';
	return b->p;
}

char *buf_take(struct buf *b, size_t *n_out)
{
	char *p;

	(void)buf_z(b);
	p = b->p;
	if (n_out)
		*n_out = b->n;
	*b = (struct buf){ .max = b->max };
	return p;
}
