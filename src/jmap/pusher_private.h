/* jmap/pusher_private.h - what pusher.c and pusher_tell.c share. */
#ifndef JMAP_PUSHER_PRIVATE_H
#define JMAP_PUSHER_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "jmap/pusher.h"
#include "jmap/told.h"
#include "news/news.h"
#include "push/post.h"

#define PUSHER_THREADS 4

/* A subscription.  The fields of its own are the worker's while `busy`, else
 * under the lock. */
struct pushee {
	struct pushee *next;
	struct jmap_pusher *pusher;
	struct push_subscription s; /* strings in `arena`, but for `told` */
	struct arena arena;
	char told[JMAP_PUSH_ID_MAX];
	unsigned types;
	struct news_sub *sub;
	atomic_bool look; /* the account may have changed */
	struct push_token token;
	bool busy;
	atomic_bool gone;
	atomic_bool revoked; /* its login was */
	int64_t due_us;      /* told not before; steady */
	int64_t drop_us;     /* nor dropped, after trouble */
	unsigned fails;
	int64_t failing_us; /* since when; steady */
};

struct jmap_pusher {
	struct jmap_pusher_options o;
	struct vapid vapid;
	struct push_way way;
	struct arena arena; /* way.contact */
	pthread_mutex_t lock;
	pthread_cond_t look; /* of the thread that looks who is due */
	pthread_cond_t work; /* of the others */
	bool quit, poked;
	atomic_bool reload;
	struct pushee *list; /* by number; the looking thread alone links */
	struct news_sub *news;
	pthread_t looking, workers[PUSHER_THREADS];
	bool looks;
	unsigned workers_n;
	/* Of the looking thread. */
	bool has_vapid;
	int64_t revoked; /* read up to there; gate/access.h */
	int64_t asked_us;
};

/* Do what is to be done for one that is due, and set when to look again. */
void pusher_tell(struct jmap_pusher *p, struct pushee *e);

/* It goes, from the disk too; `why` is for the log. */
void pusher_drop(struct jmap_pusher *p, struct pushee *e, const char *why);

#endif
