/*
 * jmap/query.h - /query and /queryChanges over objects that lie in memory
 * (RFC 8620, 5.5 and 5.6): filter operators, sorting, the window.
 *
 * A type has a table of what may be asked, reads its objects, and says how two
 * of them compare.
 *
 *	static const struct jmap_query_type type = {
 *		.type = CHANGE_SUBMISSION, .letter = 'S',
 *		.criteria = &criteria,
 *		.read = read_all, .compare = compare,
 *	};
 *
 *	return jmap_query_run(c, &type);
 */
#ifndef JMAP_QUERY_H
#define JMAP_QUERY_H

#include "jmap/criteria.h"
#include "jmap/object.h"

struct jmap_query_item {
	uint64_t no;
	const void *object;
};

struct jmap_query_type {
	enum change_type type;
	char letter;
	const struct jmap_criteria *criteria;
	/* All objects, after the arguments were found good; 0, or -1 after
	 * jmap_error(). */
	int (*read)(struct jmap_call *c, struct jmap_query_item **out,
	            size_t *n);
	/* `read` gives those alone that match: it asked
	 * jmap_criteria_match(), as they are too large to lie in memory
	 * together. */
	bool filtered;
	int (*compare)(const void *a, const void *b, size_t sort);
};

/* The whole answer.  What is equal stands in the order of numbers. */
int jmap_query_run(struct jmap_call *c, const struct jmap_query_type *t)
	ATTR_MUST_USE;
int jmap_query_changes_run(struct jmap_call *c, const struct jmap_query_type *t)
	ATTR_MUST_USE;

#endif
