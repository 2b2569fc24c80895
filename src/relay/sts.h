/*
 * relay/sts.h - the MTA-STS policy of a domain (RFC 8461).
 *
 * The record in DNS says that there is a policy and which version; it is
 * fetched over HTTPS, verified, and kept in the book for as long as it says.
 * A policy that was once got holds for its time, whatever the DNS and the web
 * server say afterwards: that is the point of it.
 *
 *	relay_sts_find(&sts, &asker, STR("there.example"), &arena);
 *	if (sts.policy->mode == MTASTS_ENFORCE &&
 *	    !mtasts_policy_has(sts.policy, host)) ...
 */
#ifndef RELAY_STS_H
#define RELAY_STS_H

#include "relay/book.h"
#include "relay/hosts.h"
#include "wire/mtasts/policy.h"

/* A fetch that failed is not made again sooner (RFC 8461, 3.3). */
#define RELAY_STS_RETRY_US (INT64_C(5) * 60 * 1000000)

struct relay_sts {
	const struct mtasts_policy *policy; /* NULL: none holds */
	struct str file;                    /* of it */
	/* Trouble on the way: a result-type of RFC 8460, 4.3.2.2, or "". */
	const char *result;
	char why[200];
};

struct relay_sts_asker {
	struct relay_book *book;
	const struct relay_asker *dns;
	const char *ca_file; /* NULL: the system's authorities */
	uint16_t port;       /* 443 */
	int64_t now_us;
};

/* Never fails: trouble is in out->result and leaves what is known. */
void relay_sts_find(struct relay_sts *out, const struct relay_sts_asker *ask,
                    struct str domain, struct arena *a);

/* The rules alone, for what DNS and the book say. */
struct relay_sts_facts {
	bool recorded;              /* a valid record in DNS */
	bool same;                  /* with the id of what is kept */
	bool kept;                  /* a policy that has not expired */
	int64_t age_us, max_age_us; /* of what is kept */
	int64_t tried_ago_us;       /* the last fetch that failed; -1: none */
};

/* Should it be fetched now? */
bool relay_sts_must_fetch(const struct relay_sts_facts *f);

#endif
