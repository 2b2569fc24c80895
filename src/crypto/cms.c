#include "crypto/cms.h"

#include <limits.h>
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "crypto/internal.h"

/* Of the document; what it is made of is in memory several times. */
#define DOCUMENT_MAX ((size_t)16 * 1024 * 1024)
#define CHAIN_MAX    10

/* The certificates above the first, as far as they are given. */
static bool add_chain(CMS_ContentInfo *cms, struct str pem)
{
	BIO *in = BIO_new_mem_buf(pem.p, (int)pem.n);
	X509 *c = NULL;
	bool ok = in != NULL;

	for (int i = 0; ok && i < CHAIN_MAX; i++) {
		c = PEM_read_bio_X509(in, NULL, NULL, NULL);
		if (!c)
			break;
		/* The first came with the signature. */
		ok = i == 0 || CMS_add1_cert(cms, c) == 1;
		X509_free(c);
	}
	ERR_clear_error(); /* that no further one came */
	BIO_free(in);
	return ok;
}

static bool write_der(CMS_ContentInfo *cms, struct buf *out)
{
	unsigned char *der = NULL;
	int n = i2d_CMS_ContentInfo(cms, &der);

	if (n <= 0)
		return false;
	buf_add(out, (struct str){ (char *)der, (size_t)n });
	OPENSSL_free(der);
	return !buf_overflow(out);
}

static CMS_ContentInfo *sign(X509 *cert, EVP_PKEY *key, struct str chain_pem,
                             struct str document)
{
	const unsigned flags = CMS_BINARY | CMS_NOSMIMECAP;
	BIO *in = BIO_new_mem_buf(document.p, (int)document.n);
	CMS_ContentInfo *cms =
		CMS_sign(NULL, NULL, NULL, NULL, flags | CMS_PARTIAL);

	if (in && cms && CMS_add1_signer(cms, cert, key, EVP_sha256(), flags) &&
	    add_chain(cms, chain_pem) && CMS_final(cms, in, NULL, flags) == 1) {
		BIO_free(in);
		return cms;
	}
	CMS_ContentInfo_free(cms);
	BIO_free(in);
	return NULL;
}

int cms_sign(struct str chain_pem, const struct tls_signer *signer,
             struct str document, struct buf *der_out, struct err *err)
{
	CMS_ContentInfo *cms = NULL;
	EVP_PKEY *key = NULL;
	X509 *cert;
	int rc = -1;

	if (document.n > DOCUMENT_MAX || chain_pem.n > INT_MAX)
		return err_set(err, ERR_TOO_BIG, "too much to sign");
	cert = crypto_read_certificate(chain_pem, err);
	if (!cert)
		return -1;
	key = crypto_remote_key(cert, signer, err);
	if (key) {
		cms = sign(cert, key, chain_pem, document);
		if (cms && write_der(cms, der_out))
			rc = 0;
		else
			(void)crypto_fail(err, ERR_TEMP,
			                  "cannot sign the document");
	}
	CMS_ContentInfo_free(cms);
	EVP_PKEY_free(key);
	X509_free(cert);
	return rc;
}
