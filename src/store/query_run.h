/*
 * store/query_run.h - private to store/: a query on its way through many
 * messages, reading as little of each as it takes.
 */
#ifndef STORE_QUERY_RUN_H
#define STORE_QUERY_RUN_H

#include "base/arena.h"
#include "base/buf.h"
#include "store/index.h"
#include "store/query_eval.h"
#include "store/shard.h"

struct run {
	struct store *store;
	struct store_account account;
	struct shard *shard;
	struct db *db;
	const struct cond *cond; /* NULL: nothing is asked, meta is read */
	struct candidates may;
	bool without_index; /* query_start() does not ask it */
	struct arena arena; /* of one message */
	struct buf text;
	int64_t deadline, turn_end;
	/* What is found. */
	int (*found)(struct run *r, const struct subject *s, struct err *err);
	void *arg;
};

/* query_stop() is to be called whatever this returns. */
int query_start(struct run *r, struct store *s, struct store_account a,
                const struct query_limits *limits, struct err *err)
	ATTR_MUST_USE;
void query_stop(struct run *r);
/* Ask the index which messages may match; the others are passed over from
 * then on.  Once. */
void query_use_index(struct run *r);

/* The connection is there; others had their turn. */
int query_take_turn(struct run *r, struct err *err) ATTR_MUST_USE;

/* Of `s` what is known of its row; `found` is called if it matches. */
int query_ask(struct run *r, struct subject *s, struct err *err) ATTR_MUST_USE;

#endif
