#include "crypto/certificate.h"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/base64.h"
#include "crypto/internal.h"
#include "os/clock.h"
#include "os/random.h"

#define NAMES_MAX      100
#define CHALLENGE_DAYS 7

static EVP_PKEY *read_spki(struct str spki)
{
	const unsigned char *p = (const unsigned char *)spki.p;

	return spki.n && spki.n < 4096 ? d2i_PUBKEY(NULL, &p, (long)spki.n)
	                               : NULL;
}

/* ---- names ---- */

static bool add_name(GENERAL_NAMES *all, struct str name)
{
	GENERAL_NAME *g = GENERAL_NAME_new();
	ASN1_IA5STRING *s = ASN1_IA5STRING_new();

	if (!g || !s || ASN1_STRING_set(s, name.p, (int)name.n) != 1) {
		GENERAL_NAME_free(g);
		ASN1_IA5STRING_free(s);
		return false;
	}
	GENERAL_NAME_set0_value(g, GEN_DNS, s);
	if (sk_GENERAL_NAME_push(all, g) > 0)
		return true;
	GENERAL_NAME_free(g);
	return false;
}

static GENERAL_NAMES *make_names(const struct str *names, size_t n)
{
	GENERAL_NAMES *all = sk_GENERAL_NAME_new_null();

	for (size_t i = 0; all && i < n; i++)
		if (names[i].n > 253 || !add_name(all, names[i])) {
			GENERAL_NAMES_free(all);
			return NULL;
		}
	return all;
}

/* ---- a request ---- */

/* The names stand in an extension that is asked for; no subject is needed. */
static bool ask_for_names(X509_REQ *req, const struct str *names, size_t n)
{
	GENERAL_NAMES *all = make_names(names, n);
	STACK_OF(X509_EXTENSION) *exts = NULL;
	bool ok = all &&
	          X509V3_add1_i2d(&exts, NID_subject_alt_name, all, 0,
	                          X509V3_ADD_DEFAULT) == 1 &&
	          X509_REQ_add_extensions(req, exts) == 1;

	sk_X509_EXTENSION_pop_free(exts, X509_EXTENSION_free);
	GENERAL_NAMES_free(all);
	return ok;
}

static bool add_der(struct buf *out, X509_REQ *req)
{
	unsigned char *der = NULL;
	int n = i2d_X509_REQ(req, &der);

	if (n <= 0)
		return false;
	buf_add(out, (struct str){ (char *)der, (size_t)n });
	OPENSSL_free(der);
	return !buf_overflow(out);
}

int certificate_request(struct str spki, const struct tls_signer *signer,
                        const struct str *names, size_t n, struct buf *der_out,
                        struct err *err)
{
	EVP_PKEY *pub = read_spki(spki), *key = NULL;
	X509_REQ *req = X509_REQ_new();
	bool ok;

	if (pub && n > 0 && n <= NAMES_MAX)
		key = crypto_remote_key_of(pub, signer, err);
	ok = key && req && X509_REQ_set_version(req, 0) == 1 &&
	     X509_REQ_set_pubkey(req, pub) == 1 &&
	     ask_for_names(req, names, n) &&
	     X509_REQ_sign(req, key, EVP_sha256()) > 0 && add_der(der_out, req);
	X509_REQ_free(req);
	EVP_PKEY_free(key);
	EVP_PKEY_free(pub);
	return ok ? 0
	          : crypto_fail(err, ERR_TEMP,
	                        "cannot make a request for a certificate");
}

/* ---- the answer to tls-alpn-01 ---- */

/* An octet string in the octet string of the extension, critical. */
static bool add_digest(X509 *x, const unsigned char digest[32])
{
	unsigned char value[34] = { 0x04, 32 };
	ASN1_OBJECT *id = OBJ_txt2obj("1.3.6.1.5.5.7.1.31", 1);
	ASN1_OCTET_STRING *s = ASN1_OCTET_STRING_new();
	X509_EXTENSION *ext = NULL;
	bool ok;

	memcpy(value + 2, digest, 32);
	ok = id && s && ASN1_OCTET_STRING_set(s, value, sizeof(value)) == 1;
	if (ok)
		ext = X509_EXTENSION_create_by_OBJ(NULL, id, 1, s);
	ok = ext && X509_add_ext(x, ext, -1) == 1;
	X509_EXTENSION_free(ext);
	ASN1_OCTET_STRING_free(s);
	ASN1_OBJECT_free(id);
	return ok;
}

static bool name_and_date(X509 *x, struct str name)
{
	time_t now = (time_t)(clock_wall_us() / US_PER_SEC);
	X509_NAME *subject = X509_get_subject_name(x);
	GENERAL_NAMES *all = make_names(&name, 1);
	uint64_t serial = random_u64() >> 1 | 1;
	bool ok;

	ok = all && X509_set_version(x, X509_VERSION_3) == 1 &&
	     ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial) == 1 &&
	     X509_time_adj_ex(X509_getm_notBefore(x), -1, 0, &now) &&
	     X509_time_adj_ex(X509_getm_notAfter(x), CHALLENGE_DAYS, 0, &now) &&
	     X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
	                                (const unsigned char *)"challenge", -1,
	                                -1, 0) == 1 &&
	     X509_set_issuer_name(x, subject) == 1 &&
	     X509_add1_ext_i2d(x, NID_subject_alt_name, all, 0,
	                       X509V3_ADD_DEFAULT) == 1;
	GENERAL_NAMES_free(all);
	return ok;
}

static bool add_pem(struct buf *out, X509 *x)
{
	BIO *b = BIO_new(BIO_s_mem());
	char *p;
	long n;
	bool ok = b && PEM_write_bio_X509(b, x) == 1;

	if (ok) {
		n = BIO_get_mem_data(b, &p);
		buf_add(out, (struct str){ p, (size_t)n });
	}
	BIO_free(b);
	return ok && !buf_overflow(out);
}

int certificate_challenge(struct str spki, const struct tls_signer *signer,
                          struct str name, const unsigned char digest[32],
                          struct buf *pem_out, struct err *err)
{
	EVP_PKEY *pub = read_spki(spki), *key = NULL;
	X509 *x = X509_new();
	bool ok;

	if (pub)
		key = crypto_remote_key_of(pub, signer, err);
	ok = key && x && name_and_date(x, name) &&
	     X509_set_pubkey(x, pub) == 1 && add_digest(x, digest) &&
	     X509_sign(x, key, EVP_sha256()) > 0 && add_pem(pem_out, x);
	X509_free(x);
	EVP_PKEY_free(key);
	EVP_PKEY_free(pub);
	return ok ? 0
	          : crypto_fail(err, ERR_TEMP,
	                        "cannot make a certificate for a challenge");
}

/* ---- reading ---- */

static bool read_time(const ASN1_TIME *t, int64_t *out)
{
	struct tm tm;

	if (!t || ASN1_TIME_to_tm(t, &tm) != 1)
		return false;
	*out = (int64_t)timegm(&tm);
	return true;
}

/* RFC 9773, 4.1: the serial number as in DER, with its sign's byte. */
static void write_ari(X509 *x, char out[120])
{
	const ASN1_OCTET_STRING *aki = X509_get0_authority_key_id(x);
	const ASN1_INTEGER *serial = X509_get0_serialNumber(x);
	unsigned char number[64], *p = number;
	BIGNUM *bn = serial ? ASN1_INTEGER_to_BN(serial, NULL) : NULL;
	int n = bn ? BN_num_bytes(bn) : 0;
	struct buf b;

	out[0] = '\0';
	buf_init(&b, 119);
	if (aki && ASN1_STRING_length(aki) > 0 && n > 0 && n < 60) {
		if (BN_num_bits(bn) % 8 == 0)
			*p++ = 0;
		(void)BN_bn2bin(bn, p);
		p += n;
		base64_encode_url(
			&b,
			(struct str){ (const char *)ASN1_STRING_get0_data(aki),
		                      (size_t)ASN1_STRING_length(aki) });
		buf_add_c(&b, '.');
		base64_encode_url(&b, (struct str){ (char *)number,
		                                    (size_t)(p - number) });
		if (!buf_overflow(&b)) {
			memcpy(out, b.p, b.n);
			out[b.n] = '\0';
		}
	}
	buf_deinit(&b);
	BN_free(bn);
}

int certificate_read(struct str pem, struct certificate_facts *out,
                     struct err *err)
{
	X509 *x = crypto_read_certificate(pem, err);
	EVP_PKEY *pub;
	bool ok;

	if (!x)
		return -1;
	pub = X509_get0_pubkey(x);
	ok = read_time(X509_get0_notBefore(x), &out->from_s) &&
	     read_time(X509_get0_notAfter(x), &out->until_s) && pub &&
	     crypto_spki_id(pub, out->key_id, err) == 0;
	out->self_signed = X509_NAME_cmp(X509_get_subject_name(x),
	                                 X509_get_issuer_name(x)) == 0;
	write_ari(x, out->ari);
	X509_free(x);
	return ok ? 0 : err_set(err, ERR_INVALID, "a damaged certificate");
}

bool certificate_is_for(struct str pem, struct str name)
{
	struct err ignored = ERR_INIT;
	X509 *x = crypto_read_certificate(pem, &ignored);
	bool yes = x && X509_check_host(x, name.p, name.n, 0, NULL) == 1;

	X509_free(x);
	return yes;
}

int certificate_point(struct str spki, unsigned char out[64], struct err *err)
{
	EVP_PKEY *pub = read_spki(spki);
	unsigned char point[65];
	size_t n = 0;
	bool ok =
		pub && EVP_PKEY_get_octet_string_param(pub, "pub", point,
	                                               sizeof(point), &n) == 1;

	EVP_PKEY_free(pub);
	if (!ok || n != sizeof(point) || point[0] != 4)
		return crypto_fail(err, ERR_INVALID, "not a key of P-256");
	memcpy(out, point + 1, 64);
	return 0;
}

int certificate_raw_signature(struct str der, unsigned char out[64],
                              struct err *err)
{
	const unsigned char *p = (const unsigned char *)der.p;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)der.n);
	bool ok = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, 32) == 32 &&
	          BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + 32, 32) == 32;

	ECDSA_SIG_free(sig);
	return ok ? 0 : crypto_fail(err, ERR_INVALID, "not a signature");
}
