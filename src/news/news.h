/*
 * news/news.h - "something changed in this account", between all processes.
 *
 * Model.  The supervisor makes one shared memory table of change numbers and
 * one eventfd for each role.  news_publish() counts up the number of the
 * account's slot and rings the roles that sleep.  A thread of each process
 * that has subscribers wakes, finds the slots that changed and calls their
 * subscribers.  There is no queue: nothing can overflow and nothing is lost;
 * many changes may be one call.  Accounts share slots by hash: a call may be
 * in vain and means "look", nothing more.
 *
 *	sub = news_subscribe(news, account, on_news, session);
 *	...                             (on_news: net_wake(engine, ref))
 *	news_unsubscribe(news, &sub);
 */
#ifndef NEWS_NEWS_H
#define NEWS_NEWS_H

#include <stdint.h>

#include "base/err.h"

#define NEWS_ROLES_MAX 12

/* What the supervisor makes and every child is given. */
struct news_fds {
	int memory;
	int wake[NEWS_ROLES_MAX]; /* eventfds; -1 where there is no role */
};

int news_make(struct news_fds *out, unsigned roles, struct err *err)
	ATTR_MUST_USE;
void news_fds_close(struct news_fds *fds);

struct news;

/* `self` is the place of this process in fds->wake.  The fds are not taken
 * and must stay open. */
int news_open(struct news **out, const struct news_fds *fds, unsigned self,
              struct err *err) ATTR_MUST_USE;
void news_close(struct news **n); /* no subscriber may be left */

/* After the change is committed.  From any thread; does not block. */
void news_publish(struct news *n, int64_t account);

/* Goes up with every change of the account (and of those in its slot). */
uint64_t news_number(struct news *n, int64_t account);

/* Goes up with every change of any account. */
uint64_t news_total(struct news *n);

struct news_sub;

/* `fn` is called on the news thread for every change from now on.  It must
 * be quick and must not call news_subscribe() or news_unsubscribe(). */
struct news_sub *news_subscribe(struct news *n, int64_t account,
                                void (*fn)(void *arg), void *arg);
/* When it returns fn does not run and will not again; NULL is fine. */
void news_unsubscribe(struct news *n, struct news_sub **sub);

#endif
