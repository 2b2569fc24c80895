/*
 * crypto/certificate.h - certificates of ours: asked for, and read.
 *
 * Private keys stay in the keys process: what is signed here is signed by a
 * `struct tls_signer`, and the key is known by its public half, a
 * SubjectPublicKeyInfo (keys_client_make(), key_write_public()).  P-256 alone.
 *
 *	certificate_request(spki, &signer, names, n, &der, err)
 *	...                     finalize an order of ACME (RFC 8555, 7.4)
 *	certificate_read(chain_pem, &facts, err)
 */
#ifndef CRYPTO_CERTIFICATE_H
#define CRYPTO_CERTIFICATE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "crypto/tls_server.h"

/* A request for these names (RFC 2986), in DER. */
int certificate_request(struct str spki, const struct tls_signer *signer,
                        const struct str *names, size_t n, struct buf *der_out,
                        struct err *err) ATTR_MUST_USE;

/* The certificate with which a host shows that it is asked by `name`
 * (RFC 8737, 3): self-signed, with the digest of the key authorization. */
int certificate_challenge(struct str spki, const struct tls_signer *signer,
                          struct str name, const unsigned char digest[32],
                          struct buf *pem_out, struct err *err) ATTR_MUST_USE;

struct certificate_facts {
	int64_t from_s, until_s; /* seconds since 1970 */
	unsigned char key_id[KEY_ID_SIZE];
	bool self_signed;
	/* base64url of the key identifier of its authority, ".", and of its
	 * serial number: its name in RFC 9773, 4.1; "" without the first */
	char ari[120];
};

/* Of the first certificate in `pem`. */
int certificate_read(struct str pem, struct certificate_facts *out,
                     struct err *err) ATTR_MUST_USE;
/* Whether a client that asks for `name` would take it. */
bool certificate_is_for(struct str pem, struct str name);

/* The coordinates of a P-256 key: x, then y (RFC 7518, 6.2.1). */
int certificate_point(struct str spki, unsigned char out[64], struct err *err)
	ATTR_MUST_USE;
/* An ECDSA signature as JOSE has it, r then s (RFC 7518, 3.4), from DER. */
int certificate_raw_signature(struct str der, unsigned char out[64],
                              struct err *err) ATTR_MUST_USE;

#endif
