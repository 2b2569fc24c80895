/*
 * push/post.h - one message to a push service (RFC 8030, 5).
 *
 * Blocks until the service has answered or the time is over.
 */
#ifndef PUSH_POST_H
#define PUSH_POST_H

#include "push/push.h"
#include "push/vapid.h"

struct config;
struct dns_client;
struct keys_client;

/* All pointers live as long as they are used here. */
struct push_way {
	const struct config *config;
	struct dns_client *dns;
	struct keys_client *keys;
	const struct vapid *vapid;
	struct str contact; /* who may be asked about us: "mailto:..." */
};

/* The last token for an origin, kept as it takes a signature to make one. */
struct push_token {
	struct buf text; /* buf_init() with PUSH_TOKEN_MAX */
	int64_t until_s;
};

#define PUSH_TOKEN_MAX 12288

struct push_message {
	struct str text; /* JSON */
	unsigned ttl_s;
	const char *urgency; /* "normal" */
	const char *topic;   /* replaces what waits under it */
};

enum push_result {
	PUSH_OK,
	PUSH_GONE,  /* 404, 410: the subscription is no more */
	PUSH_LATER, /* all else: try again */
};

struct push_answer {
	unsigned status;  /* 0: none came */
	int64_t retry_us; /* the service said how long to wait; or 0 */
	char why[256];    /* without a status */
};

/* May this be a URL to push to?  https, as RFC 8620, 7.2 wants it. */
bool push_url_is_good(struct str url);

enum push_result push_post(const struct push_way *w,
                           const struct push_subscription *s,
                           const struct push_message *m,
                           struct push_token *token, struct push_answer *out);

#endif
