/*
 * wire/mtasts/policy.h - what a domain says of the TLS of its mail hosts
 * (RFC 8461).
 *
 * The record in DNS, at _mta-sts.DOMAIN, says that there is a policy and
 * which version of it; the policy is a small file got over HTTPS.  Both are
 * read without allocating; views point into the text.
 *
 *	if (mtasts_record_parse(txt, &id)) ...
 *	if (mtasts_policy_parse(file, &policy, &why) &&
 *	    mtasts_policy_has(&policy, STR("mx1.example.com"))) ...
 */
#ifndef WIRE_MTASTS_POLICY_H
#define WIRE_MTASTS_POLICY_H

#include "base/attr.h"
#include "base/str.h"

/* RFC 8461, 3.3: larger files need not be read. */
#define MTASTS_POLICY_MAX ((size_t)64 * 1024)
/* A policy that names more hosts is refused. */
#define MTASTS_MX_MAX      256
#define MTASTS_ID_MAX      32
#define MTASTS_MAX_AGE_MAX 31557600 /* a year, in seconds */

/* Is this TXT record one of MTA-STS, well formed or not?  Several, or none,
 * mean that there is no policy (RFC 8461, 3.1). */
bool mtasts_record_is(struct str txt);

/* The id, 1 to 32 letters and digits.  False: no valid record. */
bool mtasts_record_parse(struct str txt, struct str *id_out) ATTR_MUST_USE;

enum mtasts_mode { MTASTS_NONE, MTASTS_TESTING, MTASTS_ENFORCE };

struct mtasts_policy {
	enum mtasts_mode mode;
	uint32_t max_age_s;
	struct str mx[MTASTS_MX_MAX]; /* "mx1.example.com", "*.example.com" */
	size_t mx_n;                  /* 0 with MTASTS_NONE alone */
};

/* False: *why says in a few words what is wrong (RFC 8461, 3.2). */
bool mtasts_policy_parse(struct str file, struct mtasts_policy *out,
                         const char **why) ATTR_MUST_USE;

/* Does one of the patterns match the name of a host?  A star stands for the
 * whole first label (RFC 8461, 4.1). */
bool mtasts_policy_has(const struct mtasts_policy *p, struct str host);

#endif
