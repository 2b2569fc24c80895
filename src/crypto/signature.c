#include "crypto/signature.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/err.h"

#define KEY_BYTES_MAX 4096

static EVP_PKEY *read_rsa(struct str key)
{
	const unsigned char *p = (const unsigned char *)key.p;
	EVP_PKEY *k;

	if (key.n == 0 || key.n > KEY_BYTES_MAX)
		return NULL;
	k = d2i_PUBKEY(NULL, &p, (long)key.n);
	if (!k) {
		p = (const unsigned char *)key.p;
		k = d2i_PublicKey(EVP_PKEY_RSA, NULL, &p, (long)key.n);
	}
	if (k && !EVP_PKEY_is_a(k, "RSA")) {
		EVP_PKEY_free(k);
		k = NULL;
	}
	return k;
}

static bool fits(EVP_PKEY *k, const unsigned char digest[32], struct str sig)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(k, NULL);
	bool ok = ctx && EVP_PKEY_verify_init(ctx) == 1 &&
	          EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0 &&
	          EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) > 0 &&
	          EVP_PKEY_verify(ctx, (const unsigned char *)sig.p, sig.n,
	                          digest, 32) == 1;

	EVP_PKEY_CTX_free(ctx);
	return ok;
}

enum signature_result signature_rsa_sha256(struct str key,
                                           const unsigned char digest[32],
                                           struct str signature)
{
	EVP_PKEY *k = read_rsa(key);
	enum signature_result r = SIGNATURE_BAD;
	int bits = k ? EVP_PKEY_get_bits(k) : 0;

	if (!k)
		r = SIGNATURE_KEY_BAD;
	else if (bits < SIGNATURE_RSA_BITS_MIN || bits > SIGNATURE_RSA_BITS_MAX)
		r = SIGNATURE_KEY_WEAK;
	else if (fits(k, digest, signature))
		r = SIGNATURE_GOOD;
	EVP_PKEY_free(k);
	ERR_clear_error();
	return r;
}

enum signature_result signature_ed25519(struct str key, struct str text,
                                        struct str signature)
{
	EVP_PKEY *k = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
	                                          (const unsigned char *)key.p,
	                                          key.n);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	enum signature_result r = SIGNATURE_BAD;

	if (!ctx)
		err_die("no memory to check a signature");
	if (!k)
		r = SIGNATURE_KEY_BAD;
	else if (EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, k) == 1 &&
	         EVP_DigestVerify(ctx, (const unsigned char *)signature.p,
	                          signature.n, (const unsigned char *)text.p,
	                          text.n) == 1)
		r = SIGNATURE_GOOD;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(k);
	ERR_clear_error();
	return r;
}
