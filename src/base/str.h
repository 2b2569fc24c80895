/*
 * base/str.h - a view of bytes someone else owns.
 *
 * A `struct str` borrows, always: it is never freed, and lives as long as
 * what it points into.  The bytes may hold anything, NUL too, and are not
 * followed by a NUL.  An empty view may have p == NULL.
 *
 * Comparisons named _case fold US-ASCII letters alone, as mail protocols
 * ask; folding of other scripts is text/'s.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/attr.h"

struct str {
	const char *p;
	size_t n;
};

#define STR_INIT(lit)                   \
	{                               \
		"" lit, sizeof(lit) - 1 \
	}
#define STR(lit) ((struct str)STR_INIT(lit))

/* For printf: printf("%.*s", STR_ARG(s)); cut at INT_MAX. */
#define STR_ARG(s) (int)((s).n > 0x7fffffff ? 0x7fffffff : (s).n), (s).p

/* "Not there", of str_find() and its like. */
#define STR_NPOS SIZE_MAX

/* All from `at` on; `at` is at most s.n. */
static inline struct str str_from(struct str s, size_t at)
{
	/* nothing is added to NULL: that is not defined in C17 */
	return (struct str){ at ? s.p + at : s.p, s.n - at };
}

/* The first `at` bytes; `at` is at most s.n. */
static inline struct str str_to(struct str s, size_t at)
{
	return (struct str){ s.p, at };
}

/* A view of a C string; NULL gives the empty view. */
struct str str_z(const char *z);

bool str_eq(struct str a, struct str b);
bool str_eq_case(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_starts_case(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
bool str_ends_case(struct str s, struct str suffix);

/* Is the domain name `name` the domain itself, or below it?  US-ASCII case is
 * folded; neither has a dot at the end. */
bool str_is_under(struct str name, struct str domain);

/* Order by bytes as unsigned numbers, shorter first: <0, 0, >0. */
int str_cmp(struct str a, struct str b);
int str_cmp_case(struct str a, struct str b);

/* Where `c` or `needle` stands first (last for rchr), or STR_NPOS. */
size_t str_chr(struct str s, char c);
size_t str_rchr(struct str s, char c);
size_t str_find(struct str s, struct str needle);
size_t str_find_case(struct str s, struct str needle);

/* Without spaces, tabs, CR and LF at both ends. */
struct str str_trim(struct str s);

/* Cut at the first `c`: *head is before it, *s what follows.  Without a
 * `c`, *head is all and *s empty.  False when *s was empty already. */
bool str_cut(struct str *s, char c, struct str *head);

/* The whole view as an unsigned decimal: digits only, no sign, at most
 * `max`.  False, *out untouched, for anything else. */
bool str_to_u64(struct str s, uint64_t max, uint64_t *out) ATTR_MUST_USE;
bool str_to_u32(struct str s, uint32_t *out) ATTR_MUST_USE;

/* US-ASCII only, whatever the locale. */
static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static inline char ascii_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

/* Whether `c` is one of the characters of `set`.  NUL never is, where strchr()
 * would find the set's own end. */
static inline bool ascii_is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static inline bool ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool ascii_is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The value of a hexadecimal digit, or -1. */
int ascii_hex(char c);

#endif
