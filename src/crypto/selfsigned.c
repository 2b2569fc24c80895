#include "crypto/selfsigned.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "crypto/internal.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/random.h"

#define DAYS 3650

static bool set_serial(X509 *x)
{
	unsigned char bytes[16];
	BIGNUM *n;
	bool ok;

	random_bytes(bytes, sizeof(bytes));
	bytes[0] = (unsigned char)((bytes[0] & 0x3f) | 0x40); /* positive */
	n = BN_bin2bn(bytes, sizeof(bytes), NULL);
	ok = n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));
	BN_free(n);
	return ok;
}

/* The common name holds 64 characters (RFC 5280, A.1); a longer one stands
 * in the alternative names alone. */
static bool set_name(X509 *x, struct str name)
{
	X509_NAME *n = X509_get_subject_name(x);

	if (name.n > 64)
		name = STR("posthus");
	return X509_NAME_add_entry_by_txt(n, "CN", MBSTRING_UTF8,
	                                  (const unsigned char *)name.p,
	                                  (int)name.n, -1, 0) == 1 &&
	       X509_set_issuer_name(x, n) == 1;
}

static GENERAL_NAME *alt_name(struct str name)
{
	GENERAL_NAME *g = GENERAL_NAME_new();
	ASN1_STRING *s;
	unsigned char ip[16];
	char z[256];
	int ip_n = 0;

	if (!g || name.n >= sizeof(z))
		goto fail;
	memcpy(z, name.p, name.n);
	z[name.n] = '\0';
	if (inet_pton(AF_INET, z, ip) == 1)
		ip_n = 4;
	else if (inet_pton(AF_INET6, z, ip) == 1)
		ip_n = 16;
	s = ip_n ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
	if (!s)
		goto fail;
	if (ASN1_STRING_set(s, ip_n ? (void *)ip : (void *)z,
	                    ip_n ? ip_n : (int)name.n) != 1) {
		ASN1_STRING_free(s);
		goto fail;
	}
	GENERAL_NAME_set0_value(g, ip_n ? GEN_IPADD : GEN_DNS, s);
	return g;
fail:
	GENERAL_NAME_free(g);
	return NULL;
}

static bool set_alt_names(X509 *x, const struct str *names, size_t n)
{
	GENERAL_NAMES *all = sk_GENERAL_NAME_new_null();
	bool ok = all != NULL;

	for (size_t i = 0; ok && i < n; i++) {
		GENERAL_NAME *g = alt_name(names[i]);

		ok = g && sk_GENERAL_NAME_push(all, g) > 0;
		if (!ok)
			GENERAL_NAME_free(g);
	}
	ok = ok && X509_add1_ext_i2d(x, NID_subject_alt_name, all, 0,
	                             X509V3_ADD_DEFAULT) == 1;
	GENERAL_NAMES_free(all);
	return ok;
}

static bool set_constraints(X509 *x)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;
	bool ok;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, NID_basic_constraints,
	                          "critical,CA:FALSE");
	ok = ext && X509_add_ext(x, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	return ok;
}

static bool fill(X509 *x, const struct key *k, const struct str *names,
                 size_t n)
{
	time_t now = (time_t)(clock_wall_us() / US_PER_SEC);

	return X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) &&
	       X509_time_adj_ex(X509_getm_notBefore(x), -1, 0, &now) &&
	       X509_time_adj_ex(X509_getm_notAfter(x), DAYS, 0, &now) &&
	       X509_set_pubkey(x, k->pkey) == 1 && set_name(x, names[0]) &&
	       set_alt_names(x, names, n) && set_constraints(x) &&
	       X509_sign(x, k->pkey, EVP_sha256()) > 0;
}

int selfsigned_write(const struct key *k, const struct str *names, size_t n,
                     struct buf *cert_pem_out, struct err *err)
{
	X509 *x = X509_new();
	BIO *b = BIO_new(BIO_s_mem());
	char *p;
	long len;
	bool ok = n > 0 && x && b && fill(x, k, names, n) &&
	          PEM_write_bio_X509(b, x) == 1;

	if (ok) {
		len = BIO_get_mem_data(b, &p);
		buf_add(cert_pem_out, (struct str){ p, (size_t)len });
	}
	BIO_free(b);
	X509_free(x);
	if (!ok || buf_overflow(cert_pem_out))
		return crypto_fail(err, ERR_INVALID,
		                   "cannot make a certificate");
	return 0;
}

static bool is_there(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

static int write_pair(const struct key *k, const char *key_path,
                      const char *cert_path, const struct str *names, size_t n,
                      struct err *err)
{
	struct buf pem, cert;
	int rc = -1;

	buf_init(&pem, 16384);
	buf_init(&cert, 65536);
	if (key_write_pem(k, &pem, err) == 0 &&
	    selfsigned_write(k, names, n, &cert, err) == 0 &&
	    file_replace(key_path, buf_str(&pem), 0600, err) == 0)
		rc = file_replace(cert_path, buf_str(&cert), 0644, err);
	if (pem.p)
		mem_wipe(pem.p, pem.n);
	buf_deinit(&pem);
	buf_deinit(&cert);
	return rc;
}

int selfsigned_ensure(const char *key_path, const char *cert_path,
                      const struct str *names, size_t n, bool *made_out,
                      struct err *err)
{
	bool made = !is_there(key_path) || !is_there(cert_path);
	struct key *k;
	int rc;

	if (made) {
		if (key_generate(&k, err) < 0)
			return -1;
		rc = write_pair(k, key_path, cert_path, names, n, err);
		key_free(&k);
		if (rc < 0)
			return -1;
	}
	if (made_out)
		*made_out = made;
	return 0;
}
