/*
 * verify/dkim.h - whose signatures a message carries (RFC 6376, RFC 8463).
 *
 * All signatures, up to VERIFY_DKIM_MAX of them from the top, are checked in
 * one pass over the body; the key of each is asked for only when the body
 * fits.  rsa-sha256 and ed25519-sha256 are known; rsa-sha1 and RSA keys under
 * 1024 bits are permerror (RFC 8301).
 *
 *	struct verify_dkim_result r;
 *
 *	verify_dkim(v, header, body, &budget, &arena, &r);
 *	for (size_t i = 0; i < r.n; i++)
 *		if (r.v[i].status == DKIM_PASS) ... r.v[i].domain
 *
 * A signature with l= that leaves part of the body unsigned is DKIM_POLICY,
 * whatever else holds: what was added may say anything (RFC 6376, 8.2).
 */
#ifndef VERIFY_DKIM_H
#define VERIFY_DKIM_H

#include "verify/verify.h"
#include "wire/dkim/signature.h"

#define VERIFY_DKIM_MAX 8

/* As RFC 8601, 2.7.1 has them. */
enum dkim_status {
	DKIM_PASS,
	DKIM_FAIL,
	DKIM_POLICY,  /* it holds, and is not good enough for us */
	DKIM_NEUTRAL, /* failed, with a key that is only on trial (t=y) */
	DKIM_TEMPERROR,
	DKIM_PERMERROR,
};

struct verify_dkim {
	enum dkim_status status;
	struct str domain, selector; /* d=, s=; empty when not readable */
	struct str identity;         /* i= */
	struct str b;                /* the first of b=, 8 characters */
	enum dkim_algorithm algorithm;
	struct str why; /* in words, unless it passed */
};

struct verify_dkim_result {
	struct verify_dkim v[VERIFY_DKIM_MAX];
	size_t n;
	size_t skipped; /* more than we look at */
};

/* `header` ends before or behind the empty line, `body` begins behind it.
 * Views lie in `a` and the message. */
void verify_dkim(struct verify *v, struct str header, struct str body,
                 struct verify_budget *b, struct arena *a,
                 struct verify_dkim_result *out);

const char *verify_dkim_status_name(enum dkim_status s);

/* ---- for ARC, which signs alike ---- */

/* The key, and with DKIM_PASS the signature over `digest` holds. */
enum dkim_status verify_dkim_key(struct verify *v, struct verify_budget *b,
                                 const struct dkim_signature *s,
                                 const unsigned char digest[32],
                                 struct arena *a, struct str *why);

/* What the signature `raw` (a whole field) signs of `header`, hashed. */
void verify_dkim_digest(struct str header, struct str raw,
                        const struct dkim_signature *s,
                        unsigned char digest[32]);

/* Body hashes by canonical form and length, each taken once. */
struct dkim_bodies;
struct dkim_bodies *dkim_bodies_new(struct arena *a);
size_t dkim_bodies_add(struct dkim_bodies *b, enum dkim_canon canon,
                       uint64_t limit);
void dkim_bodies_run(struct dkim_bodies *b, struct str body);
/* SHA-256 and the whole length of the canonical body. */
const unsigned char *dkim_bodies_get(const struct dkim_bodies *b, size_t i,
                                     uint64_t *length_out);

/* Does the body that was hashed as `i` fit?  PASS, POLICY (part of it is not
 * signed), FAIL or PERMERROR. */
enum dkim_status verify_dkim_body(const struct dkim_bodies *b, size_t i,
                                  const struct dkim_signature *s,
                                  struct str *why);

/* What needs neither body nor DNS: algorithm, times. */
bool verify_dkim_usable(const struct dkim_signature *s, int64_t now_s,
                        struct str *why);

#endif
