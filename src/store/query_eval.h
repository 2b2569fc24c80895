/*
 * store/query_eval.h - private to store/: one message against a query.
 *
 * A condition is asked with what is known of the message so far, and answers
 * yes, no or "not known yet"; only then is more read.  Most messages are
 * decided by their row alone.
 */
#ifndef STORE_QUERY_EVAL_H
#define STORE_QUERY_EVAL_H

#include "base/arena.h"
#include "store/meta.h"
#include "store/query.h"
#include "store/shard.h"

struct cond {
	const struct query *q;
	struct cond *kids, *next;
	struct str text;   /* folded */
	struct str header; /* folded, with ':' behind it */
};

/* ERR_TOO_BIG over the limits of query.h; lives in the arena. */
int cond_make(struct arena *a, const struct query *q, struct cond **out,
              struct err *err) ATTR_MUST_USE;

enum known {
	KNOWN_ROW,  /* m */
	KNOWN_META, /* and email .. file */
	KNOWN_TEXT, /* and text, which may be cut */
	KNOWN_ALL,  /* and the message itself */
};

struct subject {
	enum known known;
	struct member m;
	int64_t email, thread, body;
	bool text_cut;
	struct meta_sort sort;
	bool has_sort;
	struct str meta, prefix;
	struct str text;
	struct str header; /* KNOWN_ALL: of the message */
	/* Of an Email alone (emails.h). */
	const uint64_t *places;
	size_t places_n;
	uint64_t thread_all, thread_any; /* flags */
};

enum answer { ANSWER_NO, ANSWER_YES, ANSWER_UNKNOWN };

enum answer cond_ask(const struct cond *c, const struct subject *s,
                     struct arena *scratch);

#endif
