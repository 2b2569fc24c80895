/* What is signed here, checked by OpenSSL as a stranger would. */
#include "crypto/cms.h"

#include <openssl/cms.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include "base/test.h"
#include "crypto/selfsigned.h"

/* Signs as the keys process would; `arg` is the key. */
static int sign(void *arg, const unsigned char id[KEY_ID_SIZE],
                enum key_scheme scheme, enum key_hash hash, struct str digest,
                unsigned char out[KEY_SIGNATURE_MAX], size_t *n_out,
                struct err *err)
{
	unsigned char own[KEY_ID_SIZE];

	key_id(arg, own);
	assert_memory_equal(id, own, sizeof(own));
	assert_int_equal(hash, KEY_SHA256);
	return key_sign(arg, scheme, hash, digest, out, n_out, err);
}

static int refuse(void *arg, const unsigned char id[KEY_ID_SIZE],
                  enum key_scheme scheme, enum key_hash hash, struct str digest,
                  unsigned char out[KEY_SIGNATURE_MAX], size_t *n_out,
                  struct err *err)
{
	(void)arg;
	(void)id;
	(void)scheme;
	(void)hash;
	(void)digest;
	(void)out;
	(void)n_out;
	return err_set(err, ERR_NOT_FOUND, "no such key");
}

static const struct str text =
	STR_INIT("<?xml version=\"1.0\"?>\n<a>\n\xc3\xa4</a>\n");

static void certificate(const struct key *k, struct buf *out)
{
	const struct str name = STR("mail.hosting.example");
	struct err err = ERR_INIT;

	buf_init(out, 16384);
	assert_int_equal(selfsigned_write(k, &name, 1, out, &err), 0);
}

/* True when it is signed by `cert`; the document to `doc`. */
static bool verify(struct str der, struct str cert, struct buf *doc)
{
	const unsigned char *p = (const unsigned char *)der.p;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &p, (long)der.n);
	BIO *in = BIO_new_mem_buf(cert.p, (int)cert.n);
	BIO *out = BIO_new(BIO_s_mem());
	X509 *ca = PEM_read_bio_X509(in, NULL, NULL, NULL);
	X509_STORE *store = X509_STORE_new();
	char *bytes;
	bool ok;

	assert_true(cms && ca);
	assert_int_equal(X509_STORE_add_cert(store, ca), 1);
	X509_STORE_set_purpose(store, X509_PURPOSE_ANY);
	ok = CMS_verify(cms, NULL, store, NULL, out, CMS_BINARY) == 1;
	if (ok) {
		long n = BIO_get_mem_data(out, &bytes);

		buf_add(doc, (struct str){ bytes, (size_t)n });
	}
	X509_STORE_free(store);
	X509_free(ca);
	BIO_free(out);
	BIO_free(in);
	CMS_ContentInfo_free(cms);
	return ok;
}

static void check(struct key *k, struct key *other)
{
	struct tls_signer signer = { .sign = sign, .arg = k };
	struct buf cert, stranger, der, doc;
	struct err err = ERR_INIT;

	certificate(k, &cert);
	certificate(other, &stranger);
	buf_init(&der, 65536);
	buf_init(&doc, 65536);
	if (cms_sign(buf_str(&cert), &signer, text, &der, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(verify(buf_str(&der), buf_str(&cert), &doc));
	assert_true(str_eq(buf_str(&doc), text));
	assert_false(verify(buf_str(&der), buf_str(&stranger), &doc));
	/* One letter of the document. */
	der.p[str_find(buf_str(&der), STR("<a>")) + 1] = 'b';
	assert_false(verify(buf_str(&der), buf_str(&cert), &doc));
	buf_deinit(&doc);
	buf_deinit(&der);
	buf_deinit(&stranger);
	buf_deinit(&cert);
}

static void both_kinds_of_key_sign(void **state)
{
	struct key *ec, *rsa;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(key_generate(&ec, &err), 0);
	assert_int_equal(key_generate_mail(&rsa, false, &err), 0);
	check(ec, rsa);
	check(rsa, ec);
	key_free(&ec);
	key_free(&rsa);
}

static void no_signature_no_document(void **state)
{
	struct tls_signer signer = { .sign = refuse };
	struct err err = ERR_INIT;
	struct buf cert, der;
	struct key *k;

	(void)state;
	assert_int_equal(key_generate(&k, &err), 0);
	certificate(k, &cert);
	buf_init(&der, 65536);
	assert_int_equal(cms_sign(buf_str(&cert), &signer, text, &der, &err),
	                 -1);
	assert_int_equal(err.kind, ERR_TEMP);
	assert_int_equal(der.n, 0);
	assert_int_equal(cms_sign(STR("nonsense"), &signer, text, &der, &err),
	                 -1);
	buf_deinit(&der);
	buf_deinit(&cert);
	key_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_kinds_of_key_sign),
		cmocka_unit_test(no_signature_no_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
