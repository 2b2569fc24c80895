/*
 * crypto/key.h - private keys: read, made, and used to sign.
 *
 * The process that holds the keys loads them here; the others have a
 * `struct tls_signer` (crypto/tls_server.h) that asks that process, which
 * answers with key_sign().  A key signs what it is given: who may ask is the
 * caller's business.
 */
#ifndef CRYPTO_KEY_H
#define CRYPTO_KEY_H

#include "base/buf.h"
#include "base/err.h"

struct key;

enum key_type { KEY_EC_P256, KEY_EC_OTHER, KEY_RSA, KEY_ED25519 };

/* How the bytes given are signed. */
enum key_scheme {
	KEY_ECDSA,     /* a digest; the signature in DER */
	KEY_RSA_PKCS1, /* a digest of `hash` */
	KEY_RSA_PSS,   /* a digest; salt as long as it, MGF1 with `hash` */
	KEY_EDDSA,     /* the whole text; KEY_NO_HASH */
};

enum key_hash { KEY_NO_HASH, KEY_SHA1, KEY_SHA256, KEY_SHA384, KEY_SHA512 };

#define KEY_SIGNATURE_MAX 1024

/* A new P-256 key. */
int key_generate(struct key **out, struct err *err) ATTR_MUST_USE;
/* One to sign mail with: RSA of 2048 bits (takes up to a second), or
 * Ed25519. */
int key_generate_mail(struct key **out, bool ed25519, struct err *err)
	ATTR_MUST_USE;
/* From PEM (PKCS #8, or the older forms), without a password. */
int key_from_pem(struct str pem, struct key **out, struct err *err)
	ATTR_MUST_USE;
void key_free(struct key **k);

enum key_type key_type(const struct key *k);
/* The private key as PKCS #8 PEM.  Wipe it after use. */
int key_write_pem(const struct key *k, struct buf *out, struct err *err)
	ATTR_MUST_USE;

/* The public half as a DKIM record has it: SubjectPublicKeyInfo of RSA, the
 * 32 bytes of Ed25519 (RFC 8463, 4.2). */
int key_write_public(const struct key *k, struct buf *out, struct err *err)
	ATTR_MUST_USE;

/* SHA-256 of the public key (SubjectPublicKeyInfo): names a key to others. */
#define KEY_ID_SIZE 32
void key_id(const struct key *k, unsigned char out[KEY_ID_SIZE]);
/* The same of the first certificate in `pem`. */
int key_id_of_certificate(struct str pem, unsigned char out[KEY_ID_SIZE],
                          struct err *err) ATTR_MUST_USE;

/* Any number of threads may sign with one key. */
int key_sign(const struct key *k, enum key_scheme scheme, enum key_hash hash,
             struct str in, unsigned char out[KEY_SIGNATURE_MAX], size_t *n_out,
             struct err *err) ATTR_MUST_USE;

#endif
