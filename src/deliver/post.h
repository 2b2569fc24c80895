/*
 * deliver/post.h - a message that the host itself writes: where it goes.
 *
 *	struct post p = { .to = address, .null_sender = true, .at_us = now };
 *
 *	if (post_route(&p, dir, store, &arena, err) > 0) {
 *		p.message = ...;
 *		q = post_queue(&p);
 *		queue_add(queue, &q, &id, err);
 *	}
 *
 * To an account here it is a local action, to elsewhere one for the relay; an
 * account that forwards has both.  What its owner must see goes past forward
 * and script, with post_home().
 */
#ifndef DELIVER_POST_H
#define DELIVER_POST_H

#include "base/arena.h"
#include "queue/queue.h"
#include "trail/event.h"

struct directory;
struct directory_account;
struct store;

struct post {
	struct str to;
	bool null_sender;
	struct str sender; /* else */
	int64_t at_us;
	struct str message;
	bool eight, smtputf8;

	/* Filled in by post_route(). */
	char trace[TRAIL_ID_SIZE];
	struct queue_rcpt *rcpts;
	size_t rcpts_n;
};

/* 1, 0 when the address can not be reached (it does not exist here), -1. */
int post_route(struct post *p, struct directory *dir, struct store *store,
               struct arena *a, struct err *err) ATTR_MUST_USE;

/* Into the account's own INBOX and nowhere else: neither a forward nor a
 * script has a say.  Sets `to`; views are of `acc`. */
void post_home(struct post *p, const struct directory_account *acc,
               struct arena *a);

/* Views are of the post, which must live as long. */
struct queue_new post_queue(const struct post *p);

#endif
