/*
 * wire/spf/record.h - an SPF record in parts (RFC 7208, 4.6, 5, 6, 12).
 *
 * spf_record_parse() checks the whole record before anything of it is used,
 * as RFC 7208, 4.6 asks: one syntax error anywhere makes the result permerror.
 * Views point into the text that was given.
 */
#ifndef WIRE_SPF_RECORD_H
#define WIRE_SPF_RECORD_H

#include "base/err.h"
#include "base/str.h"

/* A record has at most 450 useful bytes of terms; more terms than this are a
 * permerror of ours. */
#define SPF_TERMS_MAX 128

enum spf_mechanism {
	SPF_ALL,
	SPF_INCLUDE,
	SPF_A,
	SPF_MX,
	SPF_PTR,
	SPF_IP4,
	SPF_IP6,
	SPF_EXISTS,
};

enum spf_qualifier {
	SPF_QUAL_PASS = '+',
	SPF_QUAL_FAIL = '-',
	SPF_QUAL_SOFTFAIL = '~',
	SPF_QUAL_NEUTRAL = '?',
};

struct spf_term {
	enum spf_mechanism mechanism;
	enum spf_qualifier qualifier;
	struct str domain; /* domain-spec with macros, or empty: the domain */
	uint8_t ip[16];    /* of ip4 (first 4) and ip6 */
	uint8_t bits4;     /* 0-32, default 32; of ip4, a, mx */
	uint8_t bits6;     /* 0-128, default 128; of ip6, a, mx */
};

struct spf_record {
	struct spf_term terms[SPF_TERMS_MAX];
	size_t n_terms;
	struct str redirect; /* p == NULL without one */
	struct str exp;
};

/* Is this TXT text an SPF record at all ("v=spf1" alone or with a space
 * behind, RFC 7208, 4.5)? */
bool spf_record_is(struct str text);

/* ERR_INVALID with the reason in words, fit for the sender's postmaster. */
int spf_record_parse(struct str text, struct spf_record *out, struct err *err)
	ATTR_MUST_USE;

#endif
