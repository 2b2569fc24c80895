#include "crypto/key.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/hash.h"
#include "crypto/internal.h"

int crypto_fail(struct err *err, enum err_kind kind, const char *fmt, ...)
{
	const char *why = ERR_reason_error_string(ERR_peek_last_error());
	char text[160];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ERR_clear_error();
	return err_set(err, kind, "%s: %s", text, why ? why : "no reason");
}

static BIO *pem_bio(struct str pem)
{
	BIO *b = NULL;

	if (pem.n <= 0x7fffffff)
		b = BIO_new_mem_buf(pem.p ? pem.p : "", (int)pem.n);
	if (!b)
		err_die("no memory for a PEM text");
	return b;
}

/* Never ask the terminal for a pass phrase. */
/* NOLINTNEXTLINE(readability-non-const-parameter): OpenSSL calls it. */
static int no_password(char *p, int n, int rw, void *arg)
{
	(void)p;
	(void)n;
	(void)rw;
	(void)arg;
	return 0;
}

static struct key *key_take(EVP_PKEY *pkey)
{
	struct key *k = mem_zalloc(sizeof(*k));

	k->pkey = pkey;
	return k;
}

int key_generate(struct key **out, struct err *err)
{
	EVP_PKEY *pkey = EVP_EC_gen("P-256");

	if (!pkey)
		return crypto_fail(err, ERR_TEMP, "cannot make a key");
	*out = key_take(pkey);
	return 0;
}

int key_generate_mail(struct key **out, bool ed25519, struct err *err)
{
	EVP_PKEY *pkey = ed25519 ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
	                         : EVP_RSA_gen(2048);

	if (!pkey)
		return crypto_fail(err, ERR_TEMP, "cannot make a key");
	*out = key_take(pkey);
	return 0;
}

int key_write_public(const struct key *k, struct buf *out, struct err *err)
{
	unsigned char raw[32], *der = NULL;
	size_t raw_n = sizeof(raw);
	int n;

	if (key_type(k) == KEY_ED25519) {
		if (EVP_PKEY_get_raw_public_key(k->pkey, raw, &raw_n) != 1)
			return crypto_fail(err, ERR_TEMP, "no public key");
		buf_add(out, (struct str){ (char *)raw, raw_n });
		return 0;
	}
	n = i2d_PUBKEY(k->pkey, &der);
	if (n <= 0)
		return crypto_fail(err, ERR_TEMP, "no public key");
	buf_add(out, (struct str){ (char *)der, (size_t)n });
	OPENSSL_free(der);
	return 0;
}

int key_from_pem(struct str pem, struct key **out, struct err *err)
{
	BIO *b = pem_bio(pem);
	EVP_PKEY *pkey = PEM_read_bio_PrivateKey(b, NULL, no_password, NULL);

	BIO_free(b);
	if (!pkey)
		return crypto_fail(err, ERR_INVALID, "not a private key");
	*out = key_take(pkey);
	return 0;
}

void key_free(struct key **k)
{
	if (!*k)
		return;
	EVP_PKEY_free((*k)->pkey);
	mem_free(*k);
	*k = NULL;
}

enum key_type key_type(const struct key *k)
{
	char group[32] = "";
	size_t n;

	if (EVP_PKEY_is_a(k->pkey, "RSA"))
		return KEY_RSA;
	if (EVP_PKEY_is_a(k->pkey, "ED25519"))
		return KEY_ED25519;
	if (EVP_PKEY_get_group_name(k->pkey, group, sizeof(group), &n) == 1 &&
	    strcmp(group, "prime256v1") == 0)
		return KEY_EC_P256;
	return KEY_EC_OTHER;
}

int key_write_pem(const struct key *k, struct buf *out, struct err *err)
{
	BIO *b = BIO_new(BIO_s_secmem());
	char *p;
	long n;
	int ok = b && PEM_write_bio_PKCS8PrivateKey(b, k->pkey, NULL, NULL, 0,
	                                            NULL, NULL);

	if (ok) {
		n = BIO_get_mem_data(b, &p);
		buf_add(out, (struct str){ p, (size_t)n });
	}
	BIO_free(b);
	if (!ok || buf_overflow(out))
		return crypto_fail(err, ERR_TEMP, "cannot write a key");
	return 0;
}

int crypto_spki_id(EVP_PKEY *pkey, unsigned char out[KEY_ID_SIZE],
                   struct err *err)
{
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(pkey, &der);

	if (n <= 0)
		return crypto_fail(err, ERR_INVALID, "no public key");
	hash_bytes(HASH_SHA256, (struct str){ (char *)der, (size_t)n }, out);
	OPENSSL_free(der);
	return 0;
}

void key_id(const struct key *k, unsigned char out[KEY_ID_SIZE])
{
	struct err err;

	if (crypto_spki_id(k->pkey, out, &err) < 0)
		err_die("%s", err.text);
}

X509 *crypto_read_certificate(struct str pem, struct err *err)
{
	BIO *b = pem_bio(pem);
	X509 *x = PEM_read_bio_X509(b, NULL, no_password, NULL);

	BIO_free(b);
	if (!x)
		(void)crypto_fail(err, ERR_INVALID, "not a certificate");
	return x;
}

int key_id_of_certificate(struct str pem, unsigned char out[KEY_ID_SIZE],
                          struct err *err)
{
	X509 *x = crypto_read_certificate(pem, err);
	EVP_PKEY *pkey;
	int rc;

	if (!x)
		return -1;
	pkey = X509_get0_pubkey(x);
	rc = pkey ? crypto_spki_id(pkey, out, err)
	          : crypto_fail(err, ERR_INVALID, "no public key");
	X509_free(x);
	return rc;
}

static const EVP_MD *digest_of(enum key_hash h)
{
	switch (h) {
	case KEY_SHA1: return EVP_sha1();
	case KEY_SHA256: return EVP_sha256();
	case KEY_SHA384: return EVP_sha384();
	case KEY_SHA512: return EVP_sha512();
	case KEY_NO_HASH: break;
	}
	return NULL;
}

static bool set_scheme(EVP_PKEY_CTX *ctx, enum key_scheme scheme,
                       const EVP_MD *md)
{
	switch (scheme) {
	case KEY_ECDSA:
	case KEY_EDDSA: return true;
	case KEY_RSA_PKCS1:
		return md &&
		       EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) >
		               0 &&
		       EVP_PKEY_CTX_set_signature_md(ctx, md) > 0;
	case KEY_RSA_PSS:
		return md &&
		       EVP_PKEY_CTX_set_rsa_padding(ctx,
		                                    RSA_PKCS1_PSS_PADDING) >
		               0 &&
		       EVP_PKEY_CTX_set_signature_md(ctx, md) > 0 &&
		       EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md) > 0 &&
		       EVP_PKEY_CTX_set_rsa_pss_saltlen(
			       ctx, RSA_PSS_SALTLEN_DIGEST) > 0;
	}
	return false;
}

static bool fits(const struct key *k, enum key_scheme scheme, enum key_hash h,
                 size_t n)
{
	const EVP_MD *md = digest_of(h);
	enum key_type t = key_type(k);

	switch (scheme) {
	case KEY_EDDSA: return t == KEY_ED25519 && h == KEY_NO_HASH;
	case KEY_ECDSA:
		return (t == KEY_EC_P256 || t == KEY_EC_OTHER) && n > 0 &&
		       n <= HASH_MAX;
	case KEY_RSA_PKCS1:
	case KEY_RSA_PSS:
		return t == KEY_RSA && md && n == (size_t)EVP_MD_get_size(md);
	}
	return false;
}

/* Ed25519 takes the text itself, so it goes another way in OpenSSL. */
static bool sign_text(const struct key *k, struct str in, unsigned char *out,
                      size_t *n)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok = ctx &&
	          EVP_DigestSignInit(ctx, NULL, NULL, NULL, k->pkey) == 1 &&
	          EVP_DigestSign(ctx, out, n, (const unsigned char *)in.p,
	                         in.n) == 1;

	EVP_MD_CTX_free(ctx);
	return ok;
}

static bool sign_digest(const struct key *k, enum key_scheme scheme,
                        enum key_hash hash, struct str in, unsigned char *out,
                        size_t *n)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(k->pkey, NULL);
	bool ok = ctx && EVP_PKEY_sign_init(ctx) == 1 &&
	          set_scheme(ctx, scheme, digest_of(hash)) &&
	          EVP_PKEY_sign(ctx, out, n, (const unsigned char *)in.p,
	                        in.n) == 1;

	EVP_PKEY_CTX_free(ctx);
	return ok;
}

int key_sign(const struct key *k, enum key_scheme scheme, enum key_hash hash,
             struct str in, unsigned char out[KEY_SIGNATURE_MAX], size_t *n_out,
             struct err *err)
{
	size_t n = KEY_SIGNATURE_MAX;
	bool ok;

	if (!fits(k, scheme, hash, in.n))
		return err_set(err, ERR_INVALID, "the key does not sign so");
	if (scheme == KEY_EDDSA)
		ok = sign_text(k, in, out, &n);
	else
		ok = sign_digest(k, scheme, hash, in, out, &n);
	if (!ok)
		return crypto_fail(err, ERR_TEMP, "cannot sign");
	*n_out = n;
	return 0;
}
