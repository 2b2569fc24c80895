/*
 * verify/spf.h - may this client send for this domain (R18, RFC 7208)?
 *
 * The identity is MAIL FROM, or the HELO name when it is <> (RFC 7208, 2.4).
 * Results that depend on nothing but domain and client are kept for the TTL
 * of the records they came from, an hour at most.
 *
 *	struct verify_spf_result spf;
 *
 *	verify_spf(v, &client, &budget, &arena, &spf);
 *	if (spf.result == SPF_FAIL)
 *		... spf.reason
 */
#ifndef VERIFY_SPF_H
#define VERIFY_SPF_H

#include "verify/verify.h"
#include "wire/spf/check.h"

struct verify_spf_result {
	enum spf_result result;
	struct str domain;    /* whose record it was; "" when it is no name */
	bool helo;            /* the HELO name, because the sender is <> */
	struct str reason;    /* in words; with fail, the domain's own */
	struct str mechanism; /* that decided, or "" */
	bool cached;
};

/* Views lie in `a`. */
void verify_spf(struct verify *v, const struct verify_client *c,
                struct verify_budget *b, struct arena *a,
                struct verify_spf_result *out);

#endif
