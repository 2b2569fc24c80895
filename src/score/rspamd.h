/*
 * score/rspamd.h - private to score/: ask an rspamd.
 *
 * One POST of the message to /checkv2 with what is known of it in header
 * fields; the answer is JSON with a score, the score it calls spam
 * (required_score) and an action.  Its scale is brought to ours: what it
 * calls spam is 5 points here, in proportion; at most 20 either way.  An
 * action "reject" counts at least 5.  Errors mean that it gave no answer.
 */
#ifndef SCORE_RSPAMD_H
#define SCORE_RSPAMD_H

#include "base/err.h"
#include "score/score.h"

struct rspamd_answer {
	int points; /* hundredths, ours */
	struct str action;
};

int rspamd_check(struct str url, struct str message,
                 const struct score_facts *f, int64_t timeout_us,
                 struct arena *a, struct rspamd_answer *out, struct err *err)
	ATTR_MUST_USE;

/* The answer's body alone. */
int rspamd_read(struct str json, struct arena *a, struct rspamd_answer *out,
                struct err *err) ATTR_MUST_USE;

#endif
