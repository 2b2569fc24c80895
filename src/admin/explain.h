/*
 * admin/explain.h - why was it refused, and what would happen?
 *
 * For `posthus explain` and the panel: what is known of an address (its last
 * logins, what it is), and a message that nobody sent, put to all rules.
 */
#ifndef ADMIN_EXPLAIN_H
#define ADMIN_EXPLAIN_H

#include "admin/admin.h"
#include "gate/client.h"
#include "policy/admit.h"

struct verify;

struct admin_login {
	enum gate_protocol protocol;
	struct str ip;
	enum gate_verdict verdict;
	struct str why;
	int64_t first_us, last_us;
	uint64_t n;
};

/* Of the week, those with one outcome from one address together; newest
 * first, at most 10. */
int admin_logins(struct admin *adm, struct str user,
                 bool (*each)(void *arg, const struct admin_login *l),
                 void *arg, struct err *err) ATTR_MUST_USE;

#define ADMIN_REFUSALS_MAX 10

struct admin_refusal {
	int64_t at_us;
	struct str trace;  /* of the message, "" for a connection */
	struct str sender; /* of the envelope */
	struct str ref;    /* "R-GREY", or "" */
	struct str words;  /* a sentence */
};

/* What was refused, delayed, held or given up in the last week of mail from
 * or to an address; newest first. */
int admin_refusals(struct admin *adm, struct str address,
                   bool (*each)(void *arg, const struct admin_refusal *r),
                   void *arg, struct err *err) ATTR_MUST_USE;

/* A message from elsewhere, as it would come to port 25; or with `login` one
 * that an account sends, `ip` and `helo` being of no account then. */
struct admin_simulation {
	struct str login; /* "" or the account's address */
	struct str from;  /* "" or "<>": the null sender; after a login "" is
	                   * the account's own address */
	struct str ip, helo, to;
	struct verify *verify; /* NULL: DNS is not asked */
};

struct admin_opinion {
	const char *rule;
	enum policy_ref ref; /* REF_NONE: lets pass */
	enum policy_mode mode;
	bool asked;      /* false: a look-up was not made */
	bool decides;    /* the first that refuses */
	struct str text; /* the first line of the refusal, or words */
};

/* Each rule of RCPT (after a login: of MAIL, too) in the order of judgement.  Nothing is written down. */
int admin_simulate(struct admin *adm, const struct admin_simulation *s,
                   struct arena *a,
                   void (*each)(void *arg, const struct admin_opinion *o),
                   void *arg, struct err *err) ATTR_MUST_USE;

#endif
