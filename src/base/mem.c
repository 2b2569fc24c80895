#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

#define GROW_MIN ((size_t)8)

static void *checked(void *p, size_t n)
{
	if (!p && n)
		err_die("out of memory for %zu bytes", n);
	return p;
}

void *mem_alloc(size_t n)
{
	return checked(malloc(n ? n : 1), n);
}

void *mem_zalloc(size_t n)
{
	return checked(calloc(1, n ? n : 1), n);
}

void *mem_array(size_t n, size_t size)
{
	return checked(calloc(n ? n : 1, size), n);
}

void *mem_realloc(void *p, size_t n)
{
	return checked(realloc(p, n ? n : 1), n);
}

void *mem_grow(void *p, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return p;
	*cap = n < GROW_MIN ? GROW_MIN : n * 2;
	if (*cap > SIZE_MAX / 2 / size)
		err_die("out of memory for %zu times %zu bytes", *cap, size);
	return mem_realloc(p, *cap * size);
}

char *mem_strdup(const char *z)
{
	return mem_dup(z, strlen(z));
}

char *mem_dup(const void *p, size_t n)
{
	char *copy = mem_alloc(n + 1);

	if (n)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return copy;
}

void mem_free(void *p)
{
	free(p);
}

void mem_wipe(void *p, size_t n)
{
	if (n)
		explicit_bzero(p, n);
}
