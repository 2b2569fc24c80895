/*
 * crypto/signature.h - check signatures with public keys from elsewhere.
 *
 *	switch (signature_rsa_sha256(der, digest, sig)) {
 *	case SIGNATURE_GOOD: ...
 *
 * Keys come from the internet: sizes are bounded before any arithmetic.
 */
#ifndef CRYPTO_SIGNATURE_H
#define CRYPTO_SIGNATURE_H

#include "base/str.h"

/* RFC 8301, 3.2: below the first never valid; above the second it would cost
 * too much to check what anyone may send. */
#define SIGNATURE_RSA_BITS_MIN 1024
#define SIGNATURE_RSA_BITS_MAX 8192

enum signature_result {
	SIGNATURE_GOOD,
	SIGNATURE_BAD,      /* it does not fit the key and the digest */
	SIGNATURE_KEY_BAD,  /* the bytes are no key of the kind */
	SIGNATURE_KEY_WEAK, /* RSA of too few bits, or too many */
};

/* PKCS #1 v1.5 over a SHA-256 digest.  `key` is DER: SubjectPublicKeyInfo,
 * or the bare RSAPublicKey that some publish. */
enum signature_result signature_rsa_sha256(struct str key,
                                           const unsigned char digest[32],
                                           struct str signature);

/* Ed25519 (RFC 8032); `key` is 32 bytes. */
enum signature_result signature_ed25519(struct str key, struct str text,
                                        struct str signature);

#endif
