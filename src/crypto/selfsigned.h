/*
 * crypto/selfsigned.h - a certificate for the first start.
 *
 * Until a certificate authority gave one, TLS is there with a certificate of
 * our own: P-256, valid for ten years from yesterday, all names in
 * subjectAltName, the first as the common name.
 */
#ifndef CRYPTO_SELFSIGNED_H
#define CRYPTO_SELFSIGNED_H

#include "base/buf.h"
#include "base/err.h"
#include "crypto/key.h"

/* `names`: host names (a wildcard is one) or addresses, at least one. */
int selfsigned_write(const struct key *k, const struct str *names, size_t n,
                     struct buf *cert_pem_out, struct err *err) ATTR_MUST_USE;

/* Make key and certificate files unless both are there already; *made_out
 * (may be NULL) says which.  The key's file has mode 0600, the certificate's
 * 0644. */
int selfsigned_ensure(const char *key_path, const char *cert_path,
                      const struct str *names, size_t n, bool *made_out,
                      struct err *err) ATTR_MUST_USE;

#endif
