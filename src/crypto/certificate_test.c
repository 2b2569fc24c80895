#include "crypto/certificate.h"

#include "base/test.h"
#include "crypto/selfsigned.h"
#include "os/clock.h"

/* The key is here, and signs as the keys process would. */
static struct key *private_key;

static int sign(void *arg, const unsigned char id[KEY_ID_SIZE],
                enum key_scheme scheme, enum key_hash hash, struct str digest,
                unsigned char out[KEY_SIGNATURE_MAX], size_t *n_out,
                struct err *err)
{
	unsigned char own[KEY_ID_SIZE];

	(void)arg;
	key_id(private_key, own);
	assert_memory_equal(id, own, sizeof(own));
	return key_sign(private_key, scheme, hash, digest, out, n_out, err);
}

static const struct tls_signer signer = { .sign = sign };

static int setup(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	return key_generate(&private_key, &err);
}

static int teardown(void **state)
{
	(void)state;
	key_free(&private_key);
	return 0;
}

static void spki_of(struct buf *out)
{
	struct err err = ERR_INIT;

	buf_init(out, 1024);
	assert_int_equal(key_write_public(private_key, out, &err), 0);
}

static void a_request_has_its_names(void **state)
{
	const struct str names[] = { STR("imap.customer.example"),
		                     STR("pop.customer.example") };
	struct err err = ERR_INIT;
	struct buf spki, der;

	(void)state;
	spki_of(&spki);
	buf_init(&der, 8192);
	assert_int_equal(certificate_request(buf_str(&spki), &signer, names, 2,
	                                     &der, &err),
	                 0);
	assert_true(der.n > 200 && (unsigned char)der.p[0] == 0x30);
	assert_true(str_find(buf_str(&der), names[0]) != STR_NPOS);
	assert_true(str_find(buf_str(&der), names[1]) != STR_NPOS);
	buf_reset(&der);
	assert_int_equal(certificate_request(STR("nonsense"), &signer, names, 2,
	                                     &der, &err),
	                 -1);
	assert_int_equal(certificate_request(buf_str(&spki), &signer, names, 0,
	                                     &der, &err),
	                 -1);
	buf_deinit(&der);
	buf_deinit(&spki);
}

static void a_challenge_is_for_one_name(void **state)
{
	static const char oid[] = "\x06\x08\x2b\x06\x01\x05\x05\x07\x01\x1f";
	unsigned char digest[32] = { 1, 2, 3 };
	struct certificate_facts facts;
	struct err err = ERR_INIT;
	struct buf spki, pem;
	int64_t now = clock_wall_us() / US_PER_SEC;

	(void)state;
	(void)oid;
	spki_of(&spki);
	buf_init(&pem, 8192);
	assert_int_equal(certificate_challenge(buf_str(&spki), &signer,
	                                       STR("imap.customer.example"),
	                                       digest, &pem, &err),
	                 0);
	assert_true(certificate_is_for(buf_str(&pem),
	                               STR("imap.customer.example")));
	assert_false(
		certificate_is_for(buf_str(&pem), STR("pop.customer.example")));
	assert_int_equal(certificate_read(buf_str(&pem), &facts, &err), 0);
	assert_true(facts.from_s < now && facts.until_s > now);
	assert_str(str_z(facts.ari), ""); /* no authority */
	buf_deinit(&pem);
	buf_deinit(&spki);
}

/* RFC 9773, 4.1: its example certificate's name. */
static void the_name_for_renewal(void **state)
{
	static const char pem[] =
		"-----BEGIN CERTIFICATE-----\n"
		"MIIBQzCB66ADAgECAgUAh2VDITAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwpFeGFt\n"
		"cGxlIENBMCIYDzAwMDEwMTAxMDAwMDAwWhgPMDAwMTAxMDEwMDAwMDBaMBYxFDAS\n"
		"BgNVBAMTC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeBZu\n"
		"7cbpAYNXZLbbh8rNIzuOoqOOtmxA1v7cRm//AwyMwWxyHz4zfwmBhcSrf47NUAFf\n"
		"qzLQ2PPQxdTXREYEnKMjMCEwHwYDVR0jBBgwFoAUaYhba4dGQEHhs3uEe6CuLN4B\n"
		"yNQwCgYIKoZIzj0EAwIDRwAwRAIge09+S5TZAlw5tgtiVvuERV6cT4mfutXIlwTb\n"
		"+FYN/8oCIClDsqBklhB9KAelFiYt9+6FDj3z4KGVelYM5MdsO3pK\n"
		"-----END CERTIFICATE-----\n";
	struct certificate_facts facts;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(certificate_read(str_z(pem), &facts, &err), 0);
	assert_str(str_z(facts.ari), "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
	assert_int_equal(certificate_read(STR("x"), &facts, &err), -1);
}

static void keys_and_signatures_as_jose_has_them(void **state)
{
	unsigned char point[64], raw[64], der[KEY_SIGNATURE_MAX];
	struct err err = ERR_INIT;
	struct buf spki;
	size_t n;

	(void)state;
	spki_of(&spki);
	assert_int_equal(certificate_point(buf_str(&spki), point, &err), 0);
	assert_memory_equal(spki.p + spki.n - 64, point, 64);
	assert_int_equal(certificate_point(STR(""), point, &err), -1);
	assert_int_equal(key_sign(private_key, KEY_ECDSA, KEY_SHA256,
	                          STR("0123456789abcdef0123456789abcdef"), der,
	                          &n, &err),
	                 0);
	assert_int_equal(certificate_raw_signature((struct str){ (char *)der,
	                                                         n },
	                                           raw, &err),
	                 0);
	assert_int_equal(certificate_raw_signature(STR("0"), raw, &err), -1);
	buf_deinit(&spki);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_has_its_names),
		cmocka_unit_test(a_challenge_is_for_one_name),
		cmocka_unit_test(the_name_for_renewal),
		cmocka_unit_test(keys_and_signatures_as_jose_has_them),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
