/*
 * wire/dmarc/evaluate.h - find the policy, compare the domains (RFC 9989, 5.3).
 *
 * The organizational domain comes from the DNS tree walk (RFC 9989, 4.10), at
 * most eight questions a domain, and no list of public suffixes.  DNS is
 * asked through a callback that may block.
 */
#ifndef WIRE_DMARC_EVALUATE_H
#define WIRE_DMARC_EVALUATE_H

#include "base/arena.h"
#include "wire/dmarc/record.h"

enum dmarc_dns_status { DMARC_DNS_OK, DMARC_DNS_NONE, DMARC_DNS_FAIL };

struct dmarc_dns {
	/* TXT records of `name`, the strings of each joined. */
	enum dmarc_dns_status (*txt)(void *ctx, struct str name,
	                             struct arena *a, struct str **out,
	                             size_t *n_out);
	/* Does the name exist (any type)?  For np=. */
	enum dmarc_dns_status (*exists)(void *ctx, struct str name);
	void *ctx;
};

enum dmarc_result {
	DMARC_RESULT_NONE, /* no policy is published */
	DMARC_RESULT_PASS,
	DMARC_RESULT_FAIL,
	DMARC_RESULT_TEMPERROR,
	DMARC_RESULT_PERMERROR, /* no single author domain */
};

struct dmarc_facts {
	struct str author;     /* domain of From:, A-labels; empty: none or
	                        * several different ones */
	struct str spf_domain; /* the domain that SPF passed, or empty */
	const struct str *dkim_domains; /* d= of valid signatures */
	size_t n_dkim;
};

struct dmarc_outcome {
	enum dmarc_result result;
	/* What the domain asks for when the result is fail; testing is taken
	 * into account already (RFC 9989, 4.7, t=). */
	enum dmarc_policy policy;
	struct str policy_domain; /* where the record was found */
	struct str org_domain;    /* of the author */
	bool aligned_spf, aligned_dkim;
	struct dmarc_record record; /* when one was found */
};

void dmarc_evaluate(const struct dmarc_facts *f, const struct dmarc_dns *dns,
                    struct arena *a, struct dmarc_outcome *out);

/* The organizational domain of any domain: the tree walk alone.  False when
 * DNS did not answer. */
bool dmarc_org_domain(struct str domain, const struct dmarc_dns *dns,
                      struct arena *a, struct str *out) ATTR_MUST_USE;

const char *dmarc_result_name(enum dmarc_result r);

#endif
