/*
 * jmap/pusher.h - tell subscriptions by Web Push (RFC 8620, 7.2; RFC 8030).
 *
 * Runs in the relay role.  It keeps every subscription of push/push.h in
 * memory and listens to news of their accounts.  One thread looks who is due;
 * a few others ask the push services, which takes as long as those like, and
 * holds up nobody else.  Nothing is queued: a subscription is due or not, and
 * what it is told are the states of the moment.
 *
 * A new one gets its PushVerification and nothing else until the code came
 * back.  Then at most one message in push.interval; after a failure the pause
 * grows to an hour, and after three days without one success it goes, as it
 * does at once when the service says that it is gone, when it expires, and
 * when its login is revoked.
 */
#ifndef JMAP_PUSHER_H
#define JMAP_PUSHER_H

#include "base/err.h"

struct config;
struct directory;
struct dns_client;
struct gate_client;
struct jmap_pusher;
struct keys_client;
struct news;
struct push_book;
struct store;

/* News that a subscription was made or changed: no account's number. */
#define JMAP_NEWS_PUSH (-1)

#define JMAP_ID_PUSH   'P'

/* All pointers live as long as the pusher does. */
struct jmap_pusher_options {
	const struct config *config;
	struct push_book *book;
	struct store *store;
	struct directory *directory;
	struct gate_client *gate;
	struct keys_client *keys;
	struct dns_client *dns;
	struct news *news;
};

int jmap_pusher_start(struct jmap_pusher **out,
                      const struct jmap_pusher_options *o, struct err *err)
	ATTR_MUST_USE;
/* Waits for requests that are on their way, some seconds. */
void jmap_pusher_stop(struct jmap_pusher **p);

#endif
