#include "crypto/hash.h"

#include "base/test.h"

static void digests_known_texts(void **state)
{
	static const struct {
		enum hash h;
		const char *in, *want;
	} rows[] = {
		{ HASH_SHA256, "abc",
		  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ HASH_SHA256, "",
		  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
		{ HASH_SHA1, "abc",
		  "a9993e364706816aba3e25717850c26c9cd0d89d" },
		{ HASH_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72" },
		{ HASH_SHA512, "abc",
		  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		  "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str in = str_z(rows[i].in);
		unsigned char got[HASH_MAX];
		char hex[2 * HASH_MAX + 1];
		struct hash_state *st;

		hash_bytes(rows[i].h, in, got);
		hash_hex(got, hash_size(rows[i].h), hex);
		assert_string_equal(hex, rows[i].want);
		for (size_t cut = 0; cut <= in.n; cut++) {
			st = hash_begin(rows[i].h);
			hash_add(st, str_to(in, cut));
			hash_add(st, str_from(in, cut));
			hash_end(&st, got);
			hash_hex(got, hash_size(rows[i].h), hex);
			assert_string_equal(hex, rows[i].want);
			assert_null(st);
		}
	}
}

/* RFC 4231, 4.3; RFC 6070, 2 (two rounds). */
static void keyed(void **state)
{
	unsigned char got[HASH_MAX];
	char hex[2 * HASH_MAX + 1];

	(void)state;
	hash_hmac(HASH_SHA256, STR("Jefe"), STR("what do ya want for nothing?"),
	          got);
	hash_hex(got, 32, hex);
	assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c7"
	                         "5a003f089d2739839dec58b964ec3843");
	hash_hmac(HASH_SHA1, (struct str){ NULL, 0 }, STR(""), got);
	hash_hex(got, 20, hex);
	assert_string_equal(hex, "fbdb1d1b18aa6c08324b7d64b71fb76370690e1d");
	hash_pbkdf2(HASH_SHA1, STR("password"), STR("salt"), 2, got, 20);
	hash_hex(got, 20, hex);
	assert_string_equal(hex, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957");
}

static void compares(void **state)
{
	(void)state;
	assert_true(hash_equal_str(STR("secret"), STR("secret")));
	assert_false(hash_equal_str(STR("secret"), STR("secreT")));
	assert_false(hash_equal_str(STR("secret"), STR("secret1")));
	assert_true(hash_equal_str((struct str){ NULL, 0 }, STR("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_known_texts),
		cmocka_unit_test(keyed),
		cmocka_unit_test(compares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
