/* score/rules.h - private to score/: a function for each row of rules.def,
 * but for what others said. */
#ifndef SCORE_RULES_H
#define SCORE_RULES_H

#include "score/look.h"
#include "score/score.h"

/* True when it is so; *detail may say more. */
typedef bool (*score_rule_fn)(const struct score_look *l,
                              const struct score_facts *f, struct str *detail);

#define RULE(id, points, ways, sentence)                 \
	bool score_rule_##id(const struct score_look *l, \
	                     const struct score_facts *f, struct str *detail);
#include "score/rules.def"
#undef RULE

/* phrases.c: services where everybody has an address, or may shorten a link. */
bool rules_is_freemail(struct str domain);
bool rules_is_shortener(struct str host);

#endif
