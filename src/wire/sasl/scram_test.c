#include "base/base64.h"
#include "base/test.h"
#include "wire/sasl/sasl.h"

/* RFC 7677, 3. */
#define CLIENT_NONCE "rOprNGfwEbeRWgbNEkqO"
#define SERVER_NONCE "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define PROOF        "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="

static struct str decoded(const char *b64, char *out, size_t max)
{
	struct buf b;
	size_t n;

	buf_init(&b, max);
	assert_true(base64_decode(&b, str_z(b64)));
	for (n = 0; n < b.n; n++)
		out[n] = b.p[n];
	buf_deinit(&b);
	return (struct str){ out, n };
}

static void scram_rfc(void **state)
{
	struct sasl_options o = { .nonce = STR_INIT(SERVER_NONCE) };
	struct sasl *s = sasl_new(SASL_SCRAM_SHA_256, &o);
	char salt[64], signature[64], proof[64];

	(void)state;
	assert_int_equal(sasl_begin(s), SASL_CHALLENGE);
	assert_str(sasl_out(s), "");
	assert_int_equal(sasl_step(s, STR("n,,n=user,r=" CLIENT_NONCE)),
	                 SASL_KEYS);
	assert_str(sasl_user(s), "user");
	assert_int_equal(sasl_scram_keys(s,
	                                 decoded("W22ZaJ0SNY7soEsUEjb6gQ==",
	                                         salt, sizeof(salt)),
	                                 4096),
	                 SASL_CHALLENGE);
	assert_str(sasl_out(s), "r=" CLIENT_NONCE SERVER_NONCE
	                        ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
	assert_int_equal(sasl_step(s, STR("c=biws,r=" CLIENT_NONCE SERVER_NONCE
	                                  "," PROOF)),
	                 SASL_PROOF);
	assert_str(sasl_auth_message(s),
	           "n=user,r=" CLIENT_NONCE ",r=" CLIENT_NONCE SERVER_NONCE
	           ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=" CLIENT_NONCE
	                   SERVER_NONCE);
	assert_true(str_eq(sasl_proof(s),
	                   decoded(&PROOF[2], proof, sizeof(proof))));
	assert_int_equal(
		sasl_scram_proved(
			s,
			decoded("6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
	                        signature, sizeof(signature))),
		SASL_CHALLENGE);
	assert_str(sasl_out(s),
	           "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
	assert_int_equal(sasl_step(s, STR("")), SASL_DONE);
	sasl_free(&s);
}

static void scram_first(void **state)
{
	static const struct {
		const char *label;
		enum sasl_mech mech;
		bool offered;
		const char *in;
		enum sasl_result want;
		const char *user;
	} rows[] = {
		{ "escapes", SASL_SCRAM_SHA_256, false, "n,,n=a=2Cb=3Dc,r=xyz",
		  SASL_KEYS, "a,b=c" },
		{ "extension kept", SASL_SCRAM_SHA_256, false,
		  "n,,n=a,r=xyz,z=1", SASL_KEYS, "a" },
		{ "authzid the same", SASL_SCRAM_SHA_256, false,
		  "n,a=a,n=a,r=xyz", SASL_KEYS, "a" },
		{ "authzid another", SASL_SCRAM_SHA_256, false,
		  "n,a=b,n=a,r=xyz", SASL_BAD, NULL },
		{ "authzid malformed", SASL_SCRAM_SHA_256, false,
		  "n,x,n=a,r=xyz", SASL_BAD, NULL },
		{ "y, not offered", SASL_SCRAM_SHA_256, false, "y,,n=a,r=xyz",
		  SASL_KEYS, "a" },
		{ "y, offered: downgrade", SASL_SCRAM_SHA_256, true,
		  "y,,n=a,r=xyz", SASL_BAD, NULL },
		{ "n, offered", SASL_SCRAM_SHA_256, true, "n,,n=a,r=xyz",
		  SASL_KEYS, "a" },
		{ "p without PLUS", SASL_SCRAM_SHA_256, true,
		  "p=tls-exporter,,n=a,r=xyz", SASL_BAD, NULL },
		{ "PLUS exporter", SASL_SCRAM_SHA_256_PLUS, true,
		  "p=tls-exporter,,n=a,r=xyz", SASL_KEYS, "a" },
		{ "PLUS end point, not there", SASL_SCRAM_SHA_256_PLUS, true,
		  "p=tls-server-end-point,,n=a,r=xyz", SASL_BAD, NULL },
		{ "PLUS unknown type", SASL_SCRAM_SHA_256_PLUS, true,
		  "p=tls-unique,,n=a,r=xyz", SASL_BAD, NULL },
		{ "PLUS with n", SASL_SCRAM_SHA_256_PLUS, true, "n,,n=a,r=xyz",
		  SASL_BAD, NULL },
		{ "bad escape", SASL_SCRAM_SHA_256, false, "n,,n=a=2c,r=xyz",
		  SASL_BAD, NULL },
		{ "escape cut", SASL_SCRAM_SHA_256, false, "n,,n=a=2,r=xyz",
		  SASL_BAD, NULL },
		{ "no user", SASL_SCRAM_SHA_256, false, "n,,n=,r=xyz", SASL_BAD,
		  NULL },
		{ "no nonce", SASL_SCRAM_SHA_256, false, "n,,n=a,r=", SASL_BAD,
		  NULL },
		{ "nonce missing", SASL_SCRAM_SHA_256, false, "n,,n=a",
		  SASL_BAD, NULL },
		{ "nonce not printable", SASL_SCRAM_SHA_256, false,
		  "n,,n=a,r=x y", SASL_BAD, NULL },
		{ "mandatory extension", SASL_SCRAM_SHA_256, false,
		  "n,,m=1,n=a,r=xyz", SASL_BAD, NULL },
		{ "order", SASL_SCRAM_SHA_256, false, "n,,r=xyz,n=a", SASL_BAD,
		  NULL },
		{ "empty", SASL_SCRAM_SHA_256, false, "", SASL_BAD, NULL },
		{ "flag only", SASL_SCRAM_SHA_256, false, "n", SASL_BAD, NULL },
		{ "unknown flag", SASL_SCRAM_SHA_256, false, "q,,n=a,r=xyz",
		  SASL_BAD, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sasl_options o = { .nonce = STR_INIT("server"),
			                  .tls_exporter = STR_INIT("EXPORT"),
			                  .plus_offered = rows[i].offered };
		struct sasl *s = sasl_new(rows[i].mech, &o);

		if (sasl_step(s, str_z(rows[i].in)) != rows[i].want)
			fail_msg("%s: %s", rows[i].label, sasl_why(s));
		if (rows[i].user)
			assert_str(sasl_user(s), rows[i].user);
		sasl_free(&s);
	}
}

static void scram_final(void **state)
{
	/* cD1... is "p=tls-exporter,,EXPORT". */
	static const struct {
		const char *label;
		const char *in;
		enum sasl_result want;
	} rows[] = {
		{ "good",
		  "c=cD10bHMtZXhwb3J0ZXIsLEVYUE9SVA==,r=xyzserver," PROOF,
		  SASL_PROOF },
		{ "extension",
		  "c=cD10bHMtZXhwb3J0ZXIsLEVYUE9SVA==,"
		  "r=xyzserver,z=1," PROOF,
		  SASL_PROOF },
		{ "other binding",
		  "c=cD10bHMtZXhwb3J0ZXIsLEVYUE9SVQ==,"
		  "r=xyzserver," PROOF,
		  SASL_BAD },
		{ "no binding", "c=biws,r=xyzserver," PROOF, SASL_BAD },
		{ "nonce cut",
		  "c=cD10bHMtZXhwb3J0ZXIsLEVYUE9SVA==,r=xyz," PROOF, SASL_BAD },
		{ "nonce longer",
		  "c=cD10bHMtZXhwb3J0ZXIsLEVYUE9SVA==,"
		  "r=xyzserverx," PROOF,
		  SASL_BAD },
		{ "no proof", "c=cD10bHMtZXhwb3J0ZXIsLEVYUE9SVA==,r=xyzserver",
		  SASL_BAD },
		{ "short proof",
		  "c=cD10bHMtZXhwb3J0ZXIsLEVYUE9SVA==,"
		  "r=xyzserver,p=AAAA",
		  SASL_BAD },
		{ "proof first",
		  PROOF ",c=cD10bHMtZXhwb3J0ZXIsLEVYUE9SVA==,r=xyzserver",
		  SASL_BAD },
		{ "empty", "", SASL_BAD },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sasl_options o = { .nonce = STR_INIT("server"),
			                  .tls_exporter = STR_INIT("EXPORT"),
			                  .plus_offered = true };
		struct sasl *s = sasl_new(SASL_SCRAM_SHA_256_PLUS, &o);

		assert_int_equal(sasl_step(s, STR("p=tls-exporter,,n=a,r=xyz")),
		                 SASL_KEYS);
		assert_int_equal(sasl_step(s, STR("x")), SASL_BAD);
		sasl_free(&s);
		s = sasl_new(SASL_SCRAM_SHA_256_PLUS, &o);
		assert_int_equal(sasl_step(s, STR("p=tls-exporter,,n=a,r=xyz")),
		                 SASL_KEYS);
		assert_int_equal(sasl_scram_keys(s, STR("salt"), 4096),
		                 SASL_CHALLENGE);
		if (sasl_step(s, str_z(rows[i].in)) != rows[i].want)
			fail_msg("%s: %s", rows[i].label, sasl_why(s));
		sasl_free(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scram_rfc),
		cmocka_unit_test(scram_first),
		cmocka_unit_test(scram_final),
	};

	return cmocka_run_group_tests_name("wire-sasl-scram", tests, NULL,
	                                   NULL);
}
