/*
 * score/ask.h - private to score/: what others say about a message.
 *
 * Lists in DNS (score.dnsbl, score.uribl), rspamd over HTTP, clamd over its
 * socket.  All are optional, and none of them may stop mail: a service that
 * gives no answer in time is left alone for ASK_REST_US, and its part is
 * missing.
 */
#ifndef SCORE_ASK_H
#define SCORE_ASK_H

#include <stdatomic.h>

#include "score/score.h"

struct config;
struct dns_client;
struct score_look;
struct score_ask;

#define ASK_REST_US INT64_C(30000000)

struct score_ask *score_ask_new(const struct config *cfg,
                                struct dns_client *dns);
void score_ask_free(struct score_ask **k);

void score_ask_all(struct score_ask *k, struct arena *a,
                   const struct score_look *l, const struct score_facts *f,
                   struct score *out);

#endif
