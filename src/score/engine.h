/*
 * score/engine.h - all that is asked about a message, put together.
 *
 * One object serves all threads of a process.  A message is rated once: its
 * looks (score.h), lists in DNS, rspamd, clamd; then, for each account it
 * goes to, that account's learned words are added, and the account's
 * threshold says what it is.
 *
 *	score_engine_rate(e, &arena, message, &facts, &rated);
 *	if (rated.common.virus.n) ...
 *	score_engine_rate_for(e, &rated, account, &sc);
 *	if (score_class(&sc, threshold) == SCORE_IS_SPAM) ...
 *
 * Others are asked at most score.timeout together; who gives no answer is not
 * asked for a while, and mail goes on without it.  The thread that waits says
 * so (os/blocking.h).
 */
#ifndef SCORE_ENGINE_H
#define SCORE_ENGINE_H

#include "score/learned.h"
#include "score/score.h"

struct config;
struct directory;
struct dns_client;
struct score_engine;

struct score_engine_options {
	const struct config *config;
	const char *dir;        /* of what is learned */
	struct dns_client *dns; /* NULL: no lists are asked */
};

/* What is pointed to is borrowed. */
int score_engine_open(struct score_engine **out,
                      const struct score_engine_options *o, struct err *err)
	ATTR_MUST_USE;
void score_engine_close(struct score_engine **e);

/* For who teaches. */
struct learned *score_engine_learned(struct score_engine *e);

struct score_rated {
	struct score common;
	const struct score_words *words; /* NULL: nothing is learned here */
	struct str vouch;                /* "a.example", "192.0.2" */
	uint64_t sender;                 /* score_sender_number() */
};

void score_engine_rate(struct score_engine *e, struct arena *a,
                       struct str message, const struct score_facts *f,
                       struct score_rated *out);
void score_engine_rate_for(struct score_engine *e, const struct score_rated *r,
                           int64_t account, struct score *out);

/* The account's (its limit "spam_points"), else its domain's, else the host's;
 * in hundredths.  0 is no account. */
int score_engine_threshold_of(const struct score_engine *e,
                              struct directory *dir, int64_t account);

/* Of the host, in hundredths; 0: no message is refused. */
int score_engine_threshold(const struct score_engine *e);
int score_engine_reject(const struct score_engine *e);
/* Ratings are written but move nothing. */
bool score_engine_logs_only(const struct score_engine *e);
bool score_engine_off(const struct score_engine *e);

/* The field on top of a message, with what vouched for its sender, which is
 * read again when its owner teaches. */
void score_rated_field_write(struct buf *out, const struct score_rated *r,
                             const struct score *sc, int threshold);
/* What it said; empty when there is none. */
struct str score_field_vouch(struct str header);

#endif
