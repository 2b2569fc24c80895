/*
 * policy/admit.h - may this go on?  One table of rules, asked at each step.
 *
 * A rule is a pure function of facts: who, from where, what the directory and
 * the counters said, and the time.  The server gathers the facts (and only
 * those that a rule of the step needs), asks, and says what the verdict says.
 * The table's order is the order of judgement; the first rule that objects
 * wins.  Rules that an operator may set to "log" are then told in the verdict
 * and do not refuse.
 *
 *	struct policy_facts f = { .step = POLICY_RCPT, ... };
 *	struct policy_verdict v = policy_admit(&f);
 *
 *	if (v.ref != REF_NONE)
 *		... reply from policy_reply_text(v.ref)
 */
#ifndef POLICY_ADMIT_H
#define POLICY_ADMIT_H

#include "base/str.h"
#include "policy/replies.h"

enum policy_step {
	POLICY_CONNECT,
	POLICY_MAIL,
	POLICY_RCPT,
	POLICY_DATA, /* the end of the data */
	POLICY_STEPS
};

enum policy_mode { POLICY_ON, POLICY_LOG, POLICY_OFF };

enum policy_where {
	POLICY_ELSEWHERE, /* its domain is not hosted here */
	POLICY_NOBODY,    /* it is, and has no such address */
	POLICY_HERE,
	POLICY_CIRCLE, /* aliases that lead nowhere */
};

/* What a look-up in DNS came to; POLICY_NOT_ASKED never refuses. */
enum policy_dns { POLICY_NOT_ASKED, POLICY_PASS, POLICY_FAIL, POLICY_DNS_TEMP };

/* The windows of R26, in the order in which they refuse. */
enum policy_window {
	POLICY_MESSAGES_5M,
	POLICY_MESSAGES_1H,
	POLICY_RECIPIENTS_5M,
	POLICY_RECIPIENTS_1H,
	POLICY_SCRIPTS_24H, /* R30 */
	POLICY_BULK_8H,
	POLICY_SPAM_8H,
	POLICY_WINDOWS
};

struct policy_facts {
	enum policy_step step;
	bool submission; /* a listener that asks for a login */
	bool logged_in;

	/* CONNECT */
	uint32_t connections, connections_max; /* this one counted; R16 */
	bool exempt;

	/* MAIL */
	uint64_t size, size_max; /* declared at MAIL and RCPT, real at DATA */
	bool sender_null;
	bool sender_own;  /* own or granted (R23) */
	bool sending_off; /* suspended (R41) */

	/* RCPT */
	enum policy_where where;
	bool role;      /* postmaster or abuse (R39) */
	bool suspended; /* receiving, for all it leads to (R41) */
	bool full;      /* no room, for all it leads to (R40) */
	uint32_t recipients, recipients_max; /* before this one */
	enum policy_mode helo_mode, spf_mode, greylist_mode;
	enum policy_dns helo, spf;
	struct str spf_reason;
	int64_t greylist_left_us; /* 0: not greylisted */
	bool blocked;             /* someone said so of the sender */

	/* RCPT and DATA after login: windows of the sender's domain */
	bool window_full[POLICY_WINDOWS];
	uint64_t window_max[POLICY_WINDOWS];
	bool bulk, spam; /* the message's class, known at DATA */
	uint64_t failed_1h, failed_max;
	uint64_t queued, queued_max;
	int64_t free_us; /* from now until what is full has room */
	bool own_limit;  /* it is the account's, not the domain's */

	/* DATA */
	bool bare;         /* CR or LF that stood alone */
	uint32_t hops;     /* Received fields */
	bool from_own;     /* From: is the sender's own or granted (R24) */
	bool dmarc_reject; /* it failed, and its author's domain asks for it */
	enum policy_mode dmarc_mode;
	struct str author; /* the domain of From: */
};

struct policy_verdict {
	enum policy_ref ref;    /* REF_NONE: go on */
	const char *rule;       /* "R20"; "" */
	uint64_t n;             /* for {n} */
	char why[256];          /* for {why} */
	enum policy_ref logged; /* what a rule in log mode objected to */
};

struct policy_verdict policy_admit(const struct policy_facts *f);

/* What each rule of the step says by itself, in the order of judgement, also
 * behind one that refuses: for people who ask why. */
struct policy_opinion {
	const char *rule; /* "R20" */
	enum policy_ref ref;
	enum policy_mode mode;
	uint64_t n;
	const char *why;
};

void policy_each(const struct policy_facts *f,
                 void (*each)(void *arg, const struct policy_opinion *o),
                 void *arg);

/* More Received fields than this are a loop (RFC 5321, 6.3). */
#define POLICY_HOPS_MAX 100

#endif
