/*
 * verify/sign.h - sign what is sent from here (RFC 6376, RFC 8463).
 *
 * Each message gets a signature by every key of its domain that signs now,
 * usually RSA and Ed25519.  The private keys stay in the keys process, which
 * gets a digest.  Fields that readers see are signed once more than they are
 * there, so that none can be put on top (RFC 6376, 5.4).
 *
 *	buf_init(&top, VERIFY_SIGN_MAX);
 *	if (verify_sign(signer, domain, header, body, now_s, &top, err) < 0)
 *		...
 *
 * `top` goes in front of the message.  Errors are those of the keys process.
 */
#ifndef VERIFY_SIGN_H
#define VERIFY_SIGN_H

#include "base/buf.h"
#include "base/err.h"

struct keys_client;
struct signer;

/* What all signatures take together. */
#define VERIFY_SIGN_MAX ((size_t)16 * 1024)

/* Remembers for a minute which keys a domain has; for all threads. */
struct signer *signer_new(struct keys_client *keys);
void signer_free(struct signer **s);

/* `domain` is the author's, in the one form.  `header` ends behind the empty
 * line or before it, `body` begins behind it.  One that cannot be signed (no
 * From: field) gets no signature. */
int verify_sign(struct signer *s, struct str domain, struct str header,
                struct str body, int64_t now_s, struct buf *out,
                struct err *err) ATTR_MUST_USE;

#endif
