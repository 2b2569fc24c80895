/*
 * score/score.h - how much a message looks like spam.
 *
 * Points are added up from parts, each with a name and a sentence for people
 * (rules.def): what the message's header and body look like, what SPF, DKIM
 * and DMARC said, what lists in DNS, rspamd and the owner's own learned words
 * say.  Nothing is hidden in a number: the parts are written into a field of
 * the message, into its trail, and `posthus spam explain` shows them.
 *
 * Points are hundredths here: 150 is 1.5.
 *
 *	struct score_facts f = { .now_us = now, .spf = SCORE_PASS, ... };
 *	struct score sc;
 *
 *	score_message(&arena, message, &f, &sc);
 *	if (score_class(&sc, threshold) == SCORE_IS_SPAM) ...
 *
 * Work is bounded whatever the message holds (score/look.h has the limits),
 * and nothing here waits: what asks others is in engine.h.  Views live in the
 * arena and the message.
 */
#ifndef SCORE_SCORE_H
#define SCORE_SCORE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/ip.h"

/* What a check of the sender came to. */
enum score_auth {
	SCORE_NOT_CHECKED,
	SCORE_NONE,
	SCORE_PASS,
	SCORE_FAIL,
	SCORE_SOFTFAIL,
	SCORE_TEMP, /* no answer now, or an answer that can not be read */
};

/* What is known beside the message itself; zero is "not known". */
struct score_facts {
	int64_t now_us;
	bool outgoing; /* sent by one of our own after a login */

	/* the client; an empty `ip` is not known */
	struct str ip; /* "192.0.2.1" */
	struct str helo;
	enum score_auth helo_ok; /* the name is valid and exists: PASS, FAIL */
	enum score_auth ptr;     /* the address has a name: PASS, NONE */

	struct str sender; /* of the envelope */
	struct str rcpt;   /* the first recipient */
	size_t rcpts;

	enum score_auth spf, dkim, dmarc;
	bool aligned;           /* SPF or DKIM, with the domain of From */
	struct str auth_domain; /* that vouches for it, or empty */
};

enum score_rule {

#define RULE(id, points, ways, sentence) SCORE_##id,
#include "score/rules.def"
#undef RULE
	SCORE_RULES
};

struct score_part {
	enum score_rule rule;
	int points;        /* hundredths */
	struct str detail; /* "2 of 3 links", "zen.example", or empty */
};

#define SCORE_PARTS_MAX 64

struct score {
	int points; /* hundredths, of all parts */
	struct score_part parts[SCORE_PARTS_MAX];
	size_t n;
	struct str virus; /* its name; empty for none */
};

/* A row of rules.def. */
struct score_row {
	const char *name; /* "FROM_NONE" */
	int points;
	unsigned ways; /* enum score_ways */
	const char *sentence;
};

enum score_ways {
	SCORE_IN = 1,   /* judged for mail that comes in */
	SCORE_OUT = 2,  /* for mail that goes out */
	SCORE_ASKED = 4 /* no rule of its own: what others said */
};

extern const struct score_row score_rows[SCORE_RULES];

struct score_look;

/* The built-in rules alone; looks at the message and then as below. */
void score_message(struct arena *a, struct str message,
                   const struct score_facts *f, struct score *out);
/* The same of a message that was looked at. */
void score_look_rules(const struct score_look *l, const struct score_facts *f,
                      struct score *out);

/* Add a part with its row's points, or with others. */
void score_add(struct score *sc, enum score_rule rule, struct str detail);
void score_add_points(struct score *sc, enum score_rule rule, int points,
                      struct str detail);

enum score_class { SCORE_IS_HAM, SCORE_IS_SPAM };

/* `threshold` in hundredths; 0 switches it off. */
enum score_class score_class(const struct score *sc, int threshold);

/* ---- as text ---- */

/* "7.2", "-0.5", "3". */
void score_points_write(struct buf *out, int points);
/* "7.2" to 720; -100 to 1000 with at most two decimals. */
bool score_points_parse(struct str s, int *out) ATTR_MUST_USE;

/* "7.2 of 5; DATE_NONE 1, LINK_OTHER 1.5": all of it on one line. */
void score_text_write(struct buf *out, const struct score *sc, int threshold);

/* The field that stands on top of a message that was filed here:
 *
 *	X-Posthus-Spam: yes, 7.2 of 5; DATE_NONE 1, LINK_OTHER 1.2 (2 links)
 *
 * Whoever reads it takes the first of that name: it stands above all that
 * came from outside, so a forged one further down means nothing. */
#define SCORE_FIELD "X-Posthus-Spam"
void score_field_write(struct buf *out, const struct score *sc, int threshold);

#endif
