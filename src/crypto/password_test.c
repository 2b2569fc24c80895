#include "crypto/password.h"

#include <string.h>

#include "base/test.h"
#include "crypto/scram.h"

static void makes_and_checks(void **state)
{
	char hash[PASSWORD_HASH_MAX], again[PASSWORD_HASH_MAX];
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(password_hash(STR("correct horse"), hash, &err), 0);
	assert_true(str_starts(str_z(hash),
	                       STR("$argon2id$v=19$m=19456,t=2,p=1$")));
	assert_true(password_hash_known(str_z(hash)));
	assert_false(password_hash_old(str_z(hash)));
	assert_int_equal(password_verify(str_z(hash), STR("correct horse")),
	                 PASSWORD_MATCH);
	assert_int_equal(password_verify(str_z(hash), STR("correct horsf")),
	                 PASSWORD_WRONG);
	assert_int_equal(password_verify(str_z(hash), STR("")), PASSWORD_WRONG);
	assert_int_equal(password_hash(STR("correct horse"), again, &err), 0);
	assert_string_not_equal(hash, again);
}

static void refuses(void **state)
{
	static char long_one[PASSWORD_MAX + 1];
	char hash[PASSWORD_HASH_MAX] = "untouched";
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(password_hash(STR(""), hash, &err), -1);
	assert_int_equal(err.kind, ERR_INVALID);
	assert_int_equal(password_hash((struct str){ long_one,
	                                             sizeof(long_one) },
	                               hash, &err),
	                 -1);
	assert_int_equal(err.kind, ERR_TOO_BIG);
	assert_string_equal(hash, "untouched");
}

/* Vectors of the crypt(3) specifications and of mkpasswd. */
static void imported(void **state)
{
	static const struct {
		const char *label;
		struct str hash, password;
		enum password_result want;
	} rows[] = {
		{ "sha512",
		  STR_INIT(
			  "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817"
			  "G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"),
		  STR_INIT("Hello world!"), PASSWORD_MATCH },
		{ "sha512 wrong",
		  STR_INIT(
			  "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817"
			  "G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"),
		  STR_INIT("hello world!"), PASSWORD_WRONG },
		{ "sha512 NUL",
		  STR_INIT(
			  "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817"
			  "G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"),
		  STR_INIT("Hello world!\0x"), PASSWORD_WRONG },
		{ "sha512 rounds",
		  STR_INIT(
			  "$6$rounds=10000$saltstringsaltst$OW1/O6BYHV6BcXZu8QVeX"
			  "bDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6H9qs"
			  "/y3RnOaw5v."),
		  STR_INIT("Hello world!"), PASSWORD_MATCH },
		{ "sha512 absurd rounds",
		  STR_INIT(
			  "$6$rounds=999999999$saltstringsaltst$OW1/O6BYHV6BcXZu8"
			  "QVeXbDWra3Oeqh0sbHbbMCVNSnCM/UrjmM0Dp8vOuZeHBy/YTBmSK6"
			  "H9qs/y3RnOaw5v."),
		  STR_INIT("Hello world!"), PASSWORD_UNKNOWN },
		{ "sha256",
		  STR_INIT(
			  "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGW"
			  "Ec5"),
		  STR_INIT("Hello world!"), PASSWORD_MATCH },
		{ "bcrypt",
		  STR_INIT(
			  "$2y$05$abcdefghijklmnopqrstuuZFBUbfXoM8LFiPx8LYlO/sX"
			  "ZB/Cwk3K"),
		  STR_INIT("pass"), PASSWORD_MATCH },
		{ "md5", STR_INIT("$1$saltsalt$hZR.9zfJXcVTsa9iTxnQR1"),
		  STR_INIT("pass"), PASSWORD_MATCH },
		{ "bcrypt absurd cost",
		  STR_INIT(
			  "$2y$31$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZI"
			  "IVFJeBui"),
		  STR_INIT("x"), PASSWORD_UNKNOWN },
		{ "argon2 absurd memory",
		  STR_INIT("$argon2id$v=19$m=99999999,t=2,p=1$c2FsdHNhbHQ$"
		           "aGFzaGhhc2hoYXNoaGFzaA"),
		  STR_INIT("x"), PASSWORD_UNKNOWN },
		{ "plain text is no hash", STR_INIT("secretsecretsecretsecret"),
		  STR_INIT("secretsecretsecretsecret"), PASSWORD_UNKNOWN },
		{ "DES is not taken", STR_INIT("abJnggxhB/yWI"), STR_INIT("x"),
		  PASSWORD_UNKNOWN },
		{ "empty", STR_INIT(""), STR_INIT(""), PASSWORD_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (password_verify(rows[i].hash, rows[i].password) !=
		    rows[i].want)
			fail_msg("%s", rows[i].label);
		if (rows[i].want == PASSWORD_MATCH)
			assert_true(password_hash_old(rows[i].hash));
	}
}

static void random_ones(void **state)
{
	char a[PASSWORD_RANDOM_MAX], b[PASSWORD_RANDOM_MAX];

	(void)state;
	password_random(a);
	password_random(b);
	assert_int_equal(strlen(a), 23);
	assert_string_not_equal(a, b);
	assert_int_equal(strspn(a, "abcdefghjkmnpqrstuvwxyz23456789-"), 23);
}

static void tags(void **state)
{
	struct password_tag_key k;
	uint8_t a[PASSWORD_TAG_SIZE], b[PASSWORD_TAG_SIZE];

	(void)state;
	password_tag_key(&k);
	password_tag(&k, STR("1"), STR("2secret"), a);
	password_tag(&k, STR("1"), STR("2secret"), b);
	assert_memory_equal(a, b, sizeof(a));
	password_tag(&k, STR("12"), STR("secret"), b);
	assert_memory_not_equal(a, b, sizeof(a));
}

/* RFC 7677, 3. */
static void scram_rfc(void **state)
{
	static const unsigned char salt[] = { 0x5b, 0x6d, 0x99, 0x68,
		                              0x9d, 0x12, 0x35, 0x8e,
		                              0xec, 0xa0, 0x4b, 0x14,
		                              0x12, 0x36, 0xfa, 0x81 };
	static const unsigned char want_proof[] = {
		0x74, 0x7c, 0xdb, 0x65, 0xaa, 0x56, 0x22, 0x4e,
		0x23, 0x52, 0x13, 0x7e, 0x52, 0xd7, 0xbd, 0xca,
		0xd6, 0xa0, 0xf7, 0x38, 0xdf, 0x30, 0x78, 0x2c,
		0xaa, 0x69, 0xa2, 0xcf, 0xb0, 0x27, 0x75, 0x54
	};
	static const unsigned char want_signature[] = {
		0xea, 0xba, 0xe2, 0x4d, 0x10, 0x62, 0xdb, 0x75,
		0xa9, 0x45, 0x1f, 0xf0, 0xb6, 0xea, 0x7e, 0x98,
		0xc8, 0x54, 0x65, 0x49, 0xff, 0x74, 0x1e, 0x67,
		0x2d, 0x32, 0x51, 0xb2, 0x39, 0x7d, 0xe4, 0x6e
	};
	struct str message =
		STR("n=user,r=rOprNGfwEbeRWgbNEkqO,"
	            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
	            "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,"
	            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0");
	struct str salt_str = { (const char *)salt, sizeof(salt) };
	struct scram_keys keys, fresh;
	uint8_t proof[SCRAM_KEY_SIZE], signature[SCRAM_KEY_SIZE];

	(void)state;
	scram_keys_derive(&keys, STR("pencil"), salt_str, 4096);
	scram_proof(STR("pencil"), salt_str, 4096, message, proof);
	assert_memory_equal(proof, want_proof, sizeof(want_proof));
	assert_true(scram_verify(&keys, message, proof, signature));
	assert_memory_equal(signature, want_signature, sizeof(want_signature));
	proof[31] ^= 1;
	assert_false(scram_verify(&keys, message, proof, signature));
	scram_keys_make(&fresh, STR("pencil"));
	assert_int_equal(fresh.iterations, SCRAM_ITERATIONS);
	scram_proof(STR("pencil"),
	            (struct str){ (char *)fresh.salt, SCRAM_SALT_SIZE }, 4096,
	            message, proof);
	assert_true(scram_verify(&fresh, message, proof, signature));
	assert_false(scram_verify(&keys, message, proof, signature));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_and_checks),
		cmocka_unit_test(refuses),
		cmocka_unit_test(imported),
		cmocka_unit_test(random_ones),
		cmocka_unit_test(tags),
		cmocka_unit_test(scram_rfc),
	};

	return cmocka_run_group_tests_name("crypto-password", tests, NULL,
	                                   NULL);
}
