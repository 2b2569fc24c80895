/*
 * wire/dkim/signature.h - DKIM-Signature fields and key records.
 *
 * What RFC 6376, 3.5 and 3.6.1 and RFC 8463 say of their contents, checked;
 * no cryptography: that is done by whoever asks, with the canonical bytes of
 * canon.h.
 */
#ifndef WIRE_DKIM_SIGNATURE_H
#define WIRE_DKIM_SIGNATURE_H

#include "base/arena.h"
#include "base/err.h"
#include "wire/dkim/canon.h"
#include "wire/message/header.h"

#define DKIM_HEADERS_MAX 256

enum dkim_algorithm {
	DKIM_RSA_SHA256,
	DKIM_ED25519_SHA256,
	DKIM_RSA_SHA1, /* parsed, never valid (RFC 8301, 3.1) */
};

struct dkim_signature {
	enum dkim_algorithm algorithm;
	enum dkim_canon header_canon, body_canon;
	struct str domain, selector; /* d=, s= */
	struct str identity;         /* i=, or "@" domain */
	struct str b, bh;            /* decoded bytes, in the arena */
	struct str *headers;         /* h=, in order */
	size_t n_headers;
	uint64_t body_limit;               /* l=, or UINT64_MAX */
	unsigned instance;                 /* i= of ARC; else 0 */
	struct str chain;                  /* cv= of ARC-Seal */
	int64_t signed_at_s, expires_at_s; /* t=, x=; 0: not said */
};

/* `value` is the field without its name and colon.  ERR_INVALID with the
 * reason: such a signature is a permerror.  ERR_TOO_BIG over our limits. */
int dkim_signature_parse(struct str value, struct arena *a,
                         struct dkim_signature *out, struct err *err)
	ATTR_MUST_USE;

/* The two signatures of ARC, which are alike (RFC 8617, 4.1.2, 4.1.3): no v=,
 * i= is the set's number, 1 to DKIM_INSTANCE_MAX; a seal has cv= and neither
 * h= nor bh=, is always relaxed, and signs no body. */
#define DKIM_INSTANCE_MAX 50
int dkim_arc_message_parse(struct str value, struct arena *a,
                           struct dkim_signature *out, struct err *err)
	ATTR_MUST_USE;
int dkim_arc_seal_parse(struct str value, struct arena *a,
                        struct dkim_signature *out, struct err *err)
	ATTR_MUST_USE;

struct dkim_key {
	bool ed25519;     /* else RSA */
	struct str bytes; /* p= decoded: DER (RSA), 32 bytes (Ed25519) */
	bool revoked;     /* empty p= */
	bool testing;     /* t=y */
	bool strict;      /* t=s: i= must be the domain itself */
	bool sha256;      /* h= allows it */
};

/* A TXT record under selector._domainkey. */
int dkim_key_parse(struct str text, struct arena *a, struct dkim_key *out,
                   struct err *err) ATTR_MUST_USE;

/* Do two records hold the same key, fit to verify what that key signs?  The
 * words may differ: order, blanks, notes, tags that change nothing. */
bool dkim_key_same(struct str published, struct str ours, struct arena *a);

/* The fields that h= names, in its order, from `header` (a message's header,
 * before the empty line): the nth mention of a name is its nth field counted
 * from below (RFC 6376, 5.4.2); a mention without field adds nothing.  Added
 * to `out` in canonical form, each with CRLF. */
void dkim_signed_headers(struct str header, const struct str *names,
                         size_t n_names, enum dkim_canon canon,
                         struct buf *out);

#endif
