/*
 * crypto/cms.h - sign a document with a TLS certificate (RFC 5652).
 *
 * The document stands inside, in the clear; beside it are the certificate and
 * those above it, and a signature with SHA-256.  The private key stays where
 * `signer` has it.
 */
#ifndef CRYPTO_CMS_H
#define CRYPTO_CMS_H

#include "base/buf.h"
#include "base/err.h"
#include "crypto/tls_server.h"

/* SignedData in DER.  `chain_pem` has the signer's certificate first, EC or
 * RSA; blocks as long as the signer does. */
int cms_sign(struct str chain_pem, const struct tls_signer *signer,
             struct str document, struct buf *der_out, struct err *err)
	ATTR_MUST_USE;

#endif
