/*
 * jmap/criteria.h - what a /query may ask for, and whether it does (RFC 8620,
 * 5.5): the arguments "filter" and "sort" against a type's tables.
 *
 * Both are checked as a whole before any object is looked at, so that what is
 * wrong is refused in an empty account too, and what was checked can be
 * evaluated without an error.
 *
 *	static const struct jmap_condition conditions[] = {
 *		{ "name", JMAP_IS_STRING, has_name },
 *		{ "isActive", JMAP_IS_BOOL, is_active },
 *	};
 *	static const struct jmap_criteria criteria = {
 *		conditions, 2, sorts, 1,
 *	};
 */
#ifndef JMAP_CRITERIA_H
#define JMAP_CRITERIA_H

#include "jmap/call.h"

#define JMAP_FILTER_DEPTH_MAX 20
#define JMAP_FILTER_NODES_MAX 1000 /* operators and conditions */
#define JMAP_SORTS_MAX        8

/* Of a condition's value. */
enum jmap_value {
	JMAP_IS_STRING,
	JMAP_IS_STRING_OR_NULL,
	JMAP_IS_BOOL,
	JMAP_IS_STRINGS, /* a list of them */
	JMAP_IS_DATE,    /* a UTCDate */
};

struct jmap_condition {
	const char *name;
	enum jmap_value value;
	/* Does it hold for the object?  `v` is of that kind, `row` this. */
	bool (*holds)(struct jmap_call *c, const void *object, struct json v,
	              const struct jmap_condition *row);
};

struct jmap_criteria {
	const struct jmap_condition *conditions;
	size_t conditions_n;
	const char *const *sorts;
	size_t sorts_n;
};

struct jmap_order {
	size_t by; /* of criteria.sorts */
	bool descending;
};

/* Why it is refused: the type of the error, and what of it. */
struct jmap_fault {
	const char *error; /* NULL: nothing is wrong */
	const char *why;
	struct str name;
};

/* `filter` may be none or null.  unsupportedFilter: a property that the table
 * does not have, or too deep or long; invalidArguments: no filter at all. */
bool jmap_criteria_filter(const struct jmap_criteria *t, struct json filter,
                          struct jmap_fault *fault) ATTR_MUST_USE;
/* The same of a sort: unsupportedSort, invalidArguments.  *out has room for
 * JMAP_SORTS_MAX. */
bool jmap_criteria_sort(const struct jmap_criteria *t, struct json sort,
                        struct jmap_order *out, size_t *n,
                        struct jmap_fault *fault) ATTR_MUST_USE;

/* Reads both from the call's arguments; 0, or -1 after jmap_error(). */
int jmap_criteria_read(struct jmap_call *c, const struct jmap_criteria *t,
                       struct jmap_order *out, size_t *n) ATTR_MUST_USE;

/* Does the object match the argument "filter", which was checked? */
bool jmap_criteria_match(struct jmap_call *c, const struct jmap_criteria *t,
                         const void *object);

/* A member of a Comparator that is read alike everywhere: "isAscending".
 * False: it is no Boolean. */
bool jmap_criteria_descending(struct json comparator, bool *out) ATTR_MUST_USE;

#endif
