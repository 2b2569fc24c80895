/* jmap/filter.h - the filter of Email/query as a query of the store. */
#ifndef JMAP_FILTER_H
#define JMAP_FILTER_H

#include "jmap/call.h"
#include "store/query.h"

/* NULL filter: all.  unsupportedFilter, invalidArguments.  *texts, which may
 * be NULL, gets what was searched for as text, for snippets. */
struct jmap_texts {
	struct str v[64];
	size_t n;
	bool by_thread; /* a condition looks at other Emails of the thread */
};

int jmap_filter_read(struct jmap_call *c, struct json filter,
                     struct query **out, struct jmap_texts *texts)
	ATTR_MUST_USE;

#endif
