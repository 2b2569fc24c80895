/*
 * policy/suspect.h - does an account behave as if someone else had it?
 *
 * A pure function of what it did lately.  Owners write to the people they
 * know; who stole a password writes to many whom nobody here ever wrote to,
 * gets bounces in number, logs in from many places, or sets a forward to
 * elsewhere first.  A limit of 0 is none.
 *
 *	enum suspect why = suspect_judge(&facts, &limits);
 */
#ifndef POLICY_SUSPECT_H
#define POLICY_SUSPECT_H

#include <stdbool.h>
#include <stdint.h>

enum suspect {
	SUSPECT_NOT,
	SUSPECT_STRANGERS, /* many recipients that nobody here wrote to */
	SUSPECT_FAILED,    /* many failed deliveries */
	SUSPECT_NETWORKS,  /* logins from many new networks, and it sends */
	SUSPECT_FORWARD,   /* a fresh forward, then many recipients */
};

struct suspect_facts {
	uint32_t strangers_1h;    /* recipients new to this host, this message's
	                           * with them */
	uint32_t recipients_1h;   /* all recipients, likewise */
	uint32_t failed_1h;       /* failed deliveries */
	uint32_t new_networks_1d; /* successful logins from new networks */
	int64_t forward_age_us;   /* since one was set; -1: none */
};

struct suspect_limits {
	uint32_t strangers, failed, networks;
	uint32_t forward_recipients; /* with a forward of the last 24 hours */
};

#define SUSPECT_FORWARD_US (INT64_C(24) * 3600 * 1000000)

/* Over a limit, not at it. */
enum suspect suspect_judge(const struct suspect_facts *f,
                           const struct suspect_limits *l);

/* In words, for the log and the notice. */
const char *suspect_words(enum suspect why);

#endif
