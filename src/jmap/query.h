/*
 * jmap/query.h - /query and /queryChanges over objects that lie in memory
 * (RFC 8620, 5.5 and 5.6): filter operators, sorting, the window.
 *
 * A type says what a condition means and how two of its objects compare; the
 * caller has read all of them.
 *
 *	static const struct jmap_query_type type = {
 *		.type = CHANGE_SUBMISSION, .letter = 'S',
 *		.condition = condition, .sorts = names, .sorts_n = 3,
 *		.compare = compare,
 *	};
 *
 *	return jmap_query_run(c, &type, items, n);
 */
#ifndef JMAP_QUERY_H
#define JMAP_QUERY_H

#include "jmap/object.h"

#define JMAP_FILTER_DEPTH_MAX 20
#define JMAP_SORTS_MAX        8

struct jmap_query_item {
	uint64_t no;
	const void *object;
};

struct jmap_query_type {
	enum change_type type;
	char letter;
	/* 1, 0, or -1 after jmap_error(); jmap_query_unsupported() for a name
	 * it does not know. */
	int (*condition)(struct jmap_call *c, const void *object,
	                 struct str name, struct json v);
	/* The items are those that match: jmap_query_matches() said so. */
	bool filtered;
	const char *const *sorts;
	size_t sorts_n;
	int (*compare)(const void *a, const void *b, size_t sort);
};

/* unsupportedFilter; always -1. */
int jmap_query_unsupported(struct jmap_call *c, struct str name);

/* Does it match the argument "filter"?  1, 0, or -1 after jmap_error(); for
 * objects that are too large to lie in memory together. */
int jmap_query_matches(struct jmap_call *c, const struct jmap_query_type *t,
                       const void *object) ATTR_MUST_USE;

/* The whole answer.  What is equal stands in the order of numbers. */
int jmap_query_run(struct jmap_call *c, const struct jmap_query_type *t,
                   struct jmap_query_item *items, size_t n) ATTR_MUST_USE;
int jmap_query_changes_run(struct jmap_call *c, const struct jmap_query_type *t,
                           struct jmap_query_item *items, size_t n)
	ATTR_MUST_USE;

#endif
