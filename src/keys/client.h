/*
 * keys/client.h - have the keys process sign: private keys stay there.
 *
 * The keys process holds the private keys of TLS certificates and signs
 * digests; nobody else can read them, so what parses the internet cannot
 * lose them.  A key is named as key_id() says (crypto/key.h), which whoever
 * has the certificate can work out.
 *
 *	keys = keys_client_new(door, "imap");
 *	signer = keys_client_signer(keys);
 *	o = (struct tls_options){ .signer = &signer };
 *
 * Calls block (about 50 us for P-256, 1 ms for RSA 2048) between
 * blocking_begin() and blocking_end(), at most 5 s.
 */
#ifndef KEYS_CLIENT_H
#define KEYS_CLIENT_H

#include "base/err.h"
#include "base/str.h"
#include "crypto/key.h"
#include "crypto/tls_server.h"

struct keys_client;

/* `door` is the clients' end of the keys' door (ipc/ipc.h), not taken. */
struct keys_client *keys_client_new(int door, const char *role);
void keys_client_free(struct keys_client **k);

/* Bytes of the signature in out[0..*n_out).  ERR_NOT_FOUND: no such key. */
int keys_client_sign(struct keys_client *k, const unsigned char id[KEY_ID_SIZE],
                     enum key_scheme scheme, enum key_hash hash,
                     struct str digest, unsigned char out[KEY_SIGNATURE_MAX],
                     size_t *n_out, struct err *err) ATTR_MUST_USE;

/* The same in the form that TLS asks for; lives as long as the client. */
struct tls_signer keys_client_signer(struct keys_client *k);

/* ---- DKIM ---- */

#define KEYS_DKIM_MAX 8 /* keys of one domain that sign at a time */

struct keys_dkim {
	char selector[32];
	bool ed25519; /* else RSA */
};

/* The keys that sign for a domain now, perhaps none.  A domain that has no
 * key at all gets an RSA and an Ed25519 key, which takes up to a second; they
 * wait for their records. */
int keys_client_dkim_list(struct keys_client *k, struct str domain,
                          struct keys_dkim out[KEYS_DKIM_MAX], size_t *n_out,
                          struct err *err) ATTR_MUST_USE;
/* Sign a SHA-256 digest.  ERR_NOT_FOUND: the key is gone. */
int keys_client_dkim_sign(struct keys_client *k, struct str domain,
                          const char *selector, const unsigned char digest[32],
                          unsigned char out[KEY_SIGNATURE_MAX], size_t *n_out,
                          struct err *err) ATTR_MUST_USE;
/* The record of a new key was seen in DNS: it signs from now on, and those of
 * its kind before it are retired. */
int keys_client_dkim_seen(struct keys_client *k, struct str domain,
                          const char *selector, struct err *err) ATTR_MUST_USE;
/* The record of a key that signs is gone: it waits again. */
int keys_client_dkim_lost(struct keys_client *k, struct str domain,
                          const char *selector, struct err *err) ATTR_MUST_USE;
/* New keys beside the present ones, which sign until DNS has the new records;
 * it takes up to a second. */
int keys_client_dkim_rotate(struct keys_client *k, struct str domain,
                            struct err *err) ATTR_MUST_USE;
/* Keys of the domain that were retired long ago go. */
int keys_client_dkim_tidy(struct keys_client *k, struct str domain,
                          struct err *err) ATTR_MUST_USE;

/* ---- TLS and ACME ---- */

/* The public half (SubjectPublicKeyInfo, DER) of the P-256 key NAME.key, which
 * is made when there is none: a certificate is renewed with the same key, so
 * that records which name the key stay true (RFC 7671, 5.1).  `name` is a host
 * name or "acme-account".  ERR_INVALID: another name, or a key of another
 * kind. */
int keys_client_make(struct keys_client *k, struct str name, struct buf *spki,
                     struct err *err) ATTR_MUST_USE;

/* Key files were added or replaced: read the folder again. */
int keys_client_reload(struct keys_client *k, struct err *err) ATTR_MUST_USE;

#endif
