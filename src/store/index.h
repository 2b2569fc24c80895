/*
 * store/index.h - private to store/: the trigram index of an account.
 *
 * One file per account, outside the shard's lock and the backup; it can be
 * deleted at any time and is made anew.  It only says which messages may have
 * a text: each is verified against the text itself, and what is not indexed
 * yet is read, so that no result is ever missing.
 *
 * The indexer goes through the shard's emails in the order of their row ids,
 * in batches, behind delivery.  A file UPTO says how far it came; an index
 * file says how far its own account is, and whether it is being built anew.
 */
#ifndef STORE_INDEX_H
#define STORE_INDEX_H

#include "store/query_eval.h"
#include "store/shard.h"

/* Emails, by row id, that may match. */
struct candidates {
	bool on;      /* false: there is no help, all may */
	int64_t upto; /* only those up to here are judged by the list */
	int64_t *ids; /* in order */
	size_t n;
};

/* Never fails: without an index, `on` is false. */
void index_candidates(struct shard *sh, int64_t account,
                      const struct cond *cond, struct candidates *out);
void index_candidates_deinit(struct candidates *c);

/* False: this email does not match, whatever else. */
static inline bool index_may_match(const struct candidates *c, int64_t email)
{
	size_t lo = 0, hi = c->n;

	if (!c->on || email > c->upto)
		return true;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (c->ids[mid] < email)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < c->n && c->ids[lo] == email;
}

/* One batch; *more_out says that there is more to do. */
int index_step(struct shard *sh, bool *more_out, struct err *err) ATTR_MUST_USE;

/* The account is gone. */
void index_drop(struct shard *sh, int64_t account);

#endif
