#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"

#define BLOCK_MIN ((size_t)4096)
#define ALIGN     ((size_t)16)
#define GROW_MIN  ((size_t)8)

struct arena_block {
	struct arena_block *next;
	size_t cap;
	char *data; /* just behind this struct, aligned */
};

void arena_init(struct arena *a)
{
	*a = (struct arena){ .blocks = NULL };
}

static void free_blocks(struct arena_block *b)
{
	while (b) {
		struct arena_block *next = b->next;

		mem_free(b);
		b = next;
	}
}

void arena_deinit(struct arena *a)
{
	if (!a)
		return;
	free_blocks(a->blocks);
	arena_init(a);
}

void arena_reset(struct arena *a)
{
	if (a->blocks) {
		free_blocks(a->blocks->next);
		a->blocks->next = NULL;
	}
	a->used = 0;
	a->total = 0;
}

static size_t aligned(size_t n)
{
	return (n + ALIGN - 1) & ~(ALIGN - 1);
}

static void add_block(struct arena *a, size_t n)
{
	size_t head = aligned(sizeof(struct arena_block));
	size_t cap = a->cap * 2 > BLOCK_MIN ? a->cap * 2 : BLOCK_MIN;
	struct arena_block *b;

	if (cap > 1024 * 1024)
		cap = 1024 * 1024;
	if (cap < n)
		cap = n;
	b = mem_alloc(head + cap);
	b->cap = cap;
	b->data = (char *)b + head;
	b->next = a->blocks;
	a->blocks = b;
	a->used = 0;
	a->cap = cap;
}

void *arena_alloc(struct arena *a, size_t n)
{
	char *p;

	if (n > SIZE_MAX / 2)
		err_die("arena: %zu bytes asked", n);
	n = aligned(n ? n : 1);
	if (!a->blocks || n > a->cap - a->used)
		add_block(a, n);
	p = a->blocks->data + a->used;
	a->used += n;
	a->total += n;
	return p;
}

void *arena_zalloc(struct arena *a, size_t n)
{
	return memset(arena_alloc(a, n), 0, n);
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	if (size && n > SIZE_MAX / 2 / size)
		err_die("arena: array of %zu times %zu bytes", n, size);
	return arena_zalloc(a, n * size);
}

void *arena_grow(struct arena *a, void *p, size_t n, size_t *cap, size_t size)
{
	void *more;

	if (n < *cap)
		return p;
	*cap = n < GROW_MIN ? GROW_MIN : n * 2;
	more = arena_array(a, *cap, size);
	if (n)
		memcpy(more, p, n * size);
	return more;
}

char *arena_strz(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n + 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	p[s.n] = '\0';
	return p;
}

struct str arena_dup(struct arena *a, struct str s)
{
	return (struct str){ arena_strz(a, s), s.n };
}

struct str arena_fmt(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		return (struct str){ NULL, 0 };
	p = arena_alloc(a, (size_t)n + 1);
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return (struct str){ p, (size_t)n };
}
