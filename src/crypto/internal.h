/* crypto/internal.h - what the files of crypto/ share, with OpenSSL's types. */
#ifndef CRYPTO_INTERNAL_H
#define CRYPTO_INTERNAL_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/err.h"
#include "base/str.h"
#include "crypto/key.h"
#include "crypto/tls_server.h"

struct key {
	EVP_PKEY *pkey;
};

/* What OpenSSL last said on this thread, behind words of ours. */
int crypto_fail(struct err *err, enum err_kind kind, const char *fmt, ...)
	ATTR_PRINTF(3, 4);

/* The first certificate of a PEM text; the caller frees it. */
X509 *crypto_read_certificate(struct str pem, struct err *err);
/* SHA-256 of a public key as SubjectPublicKeyInfo. */
int crypto_spki_id(EVP_PKEY *pkey, unsigned char out[KEY_ID_SIZE],
                   struct err *err);

/* A key whose private half is behind `signer`: `cert` has the public half. */
EVP_PKEY *crypto_remote_key_of(EVP_PKEY *pub, const struct tls_signer *signer,
                               struct err *err);
EVP_PKEY *crypto_remote_key(X509 *cert, const struct tls_signer *signer,
                            struct err *err);

#endif
