#include "crypto/password.h"

#include <crypt.h>
#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/hash.h"
#include "os/random.h"

#define ARGON2_PASSES 2
#define ARGON2_KIB    ((uint64_t)19 * 1024)

/* The dearest imported hash that is checked. */
#define ARGON2_KIB_MAX    ((uint64_t)256 * 1024)
#define ARGON2_PASSES_MAX 16
#define BCRYPT_COST_MAX   14
#define SHA_ROUNDS_MAX    1000000

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void begin_sodium(void)
{
	if (sodium_init() < 0)
		err_die("libsodium does not start");
}

static bool password_fits(struct str password)
{
	return password.n > 0 && password.n <= PASSWORD_MAX;
}

int password_hash(struct str password, char out[PASSWORD_HASH_MAX],
                  struct err *err)
{
	char text[crypto_pwhash_STRBYTES];

	(void)pthread_once(&once, begin_sodium);
	if (password.n > PASSWORD_MAX)
		return err_set(err, ERR_TOO_BIG,
		               "a password has at most %d bytes", PASSWORD_MAX);
	if (password.n == 0)
		return err_set(err, ERR_INVALID, "a password is not empty");
	if (crypto_pwhash_str_alg(text, password.p, password.n, ARGON2_PASSES,
	                          (size_t)ARGON2_KIB * 1024,
	                          crypto_pwhash_ALG_ARGON2ID13) != 0)
		return err_set(err, ERR_TEMP, "no memory to hash a password");
	(void)snprintf(out, PASSWORD_HASH_MAX, "%s", text);
	return 0;
}

/* "<name>=<number>" up to one of `ends`; false when it is something else or
 * over `max`. */
static bool take_number(struct str *s, struct str name, struct str ends,
                        uint64_t max)
{
	struct str digits;
	uint64_t v;
	size_t n = 0;

	if (!str_starts(*s, name))
		return false;
	digits = str_from(*s, name.n);
	while (n < digits.n && ascii_is_digit(digits.p[n]))
		n++;
	if (n == digits.n || str_chr(ends, digits.p[n]) == STR_NPOS ||
	    !str_to_u64(str_to(digits, n), max, &v))
		return false;
	*s = str_from(digits, n + 1);
	return true;
}

/* Within the prices above? */
static bool argon2_affordable(struct str hash)
{
	struct str s = str_from(hash, sizeof("$argon2id$") - 1);

	return take_number(&s, STR("v="), STR("$"), 19) &&
	       take_number(&s, STR("m="), STR(","), ARGON2_KIB_MAX) &&
	       take_number(&s, STR("t="), STR(","), ARGON2_PASSES_MAX) &&
	       take_number(&s, STR("p="), STR("$"), 16);
}

static bool bcrypt_affordable(struct str hash)
{
	struct str s = str_from(hash, 4);

	return take_number(&s, STR(""), STR("$"), BCRYPT_COST_MAX) &&
	       s.n == 22 + 31;
}

static bool sha_affordable(struct str hash)
{
	struct str s = str_from(hash, 3);

	return !str_starts(s, STR("rounds=")) ||
	       take_number(&s, STR("rounds="), STR("$"), SHA_ROUNDS_MAX);
}

static bool is_argon2(struct str hash)
{
	return str_starts(hash, STR("$argon2id$"));
}

static bool is_crypt(struct str hash)
{
	if (str_starts(hash, STR("$2y$")) || str_starts(hash, STR("$2a$")) ||
	    str_starts(hash, STR("$2b$")))
		return bcrypt_affordable(hash);
	if (str_starts(hash, STR("$6$")) || str_starts(hash, STR("$5$")))
		return sha_affordable(hash);
	return str_starts(hash, STR("$1$"));
}

bool password_hash_known(struct str hash)
{
	if (hash.n >= PASSWORD_HASH_MAX || hash.n < 20)
		return false;
	for (size_t i = 0; i < hash.n; i++)
		if (hash.p[i] <= ' ' || hash.p[i] > '~' || hash.p[i] == ':')
			return false;
	return is_argon2(hash) ? argon2_affordable(hash) : is_crypt(hash);
}

static enum password_result verify_argon2(const char *hash, struct str password)
{
	int rc;

	errno = 0;
	rc = crypto_pwhash_str_verify(hash, password.p, password.n);
	if (rc == 0)
		return PASSWORD_MATCH;
	return errno == ENOMEM ? PASSWORD_TEMP : PASSWORD_WRONG;
}

static enum password_result verify_crypt(const char *hash, struct str password)
{
	enum password_result r = PASSWORD_UNKNOWN;
	struct crypt_data *data = mem_zalloc(sizeof(*data));
	char *z = mem_dup(password.p, password.n);
	const char *got = crypt_r(z, hash, data);

	if (got && got[0] != '*')
		r = hash_equal_str(str_z(got), str_z(hash)) ? PASSWORD_MATCH
		                                            : PASSWORD_WRONG;
	mem_wipe(z, password.n);
	mem_free(z);
	mem_wipe(data, sizeof(*data));
	mem_free(data);
	return r;
}

enum password_result password_verify(struct str hash, struct str password)
{
	char z[PASSWORD_HASH_MAX];

	(void)pthread_once(&once, begin_sodium);
	if (!password_hash_known(hash))
		return PASSWORD_UNKNOWN;
	if (!password_fits(password))
		return PASSWORD_WRONG;
	memcpy(z, hash.p, hash.n);
	z[hash.n] = '\0';
	if (is_argon2(hash))
		return verify_argon2(z, password);
	/* To crypt(3) a password ends at a NUL: "a\0b" is not "a". */
	if (str_chr(password, '\0') != STR_NPOS)
		return PASSWORD_WRONG;
	return verify_crypt(z, password);
}

bool password_hash_old(struct str hash)
{
	char want[48];

	(void)snprintf(want, sizeof(want), "$argon2id$v=19$m=%llu,t=%d,p=1$",
	               (unsigned long long)ARGON2_KIB, ARGON2_PASSES);
	return !str_starts(hash, str_z(want));
}

void password_verify_nothing(struct str password)
{
	static const unsigned char salt[crypto_pwhash_SALTBYTES] = { 1 };
	unsigned char key[32];
	struct str p = password_fits(password) ? password : STR("x");

	(void)pthread_once(&once, begin_sodium);
	if (crypto_pwhash(key, sizeof(key), p.p, p.n, salt, ARGON2_PASSES,
	                  (size_t)ARGON2_KIB * 1024,
	                  crypto_pwhash_ALG_ARGON2ID13) == 0)
		mem_wipe(key, sizeof(key));
}

void password_random(char out[PASSWORD_RANDOM_MAX])
{
	/* No i, l, o, 0, 1: they are mistaken for each other. */
	static const char alphabet[] = "abcdefghjkmnpqrstuvwxyz23456789";
	size_t at = 0;

	for (int group = 0; group < 4; group++) {
		if (group)
			out[at++] = '-';
		for (int i = 0; i < 5; i++)
			out[at++] =
				alphabet[random_below(sizeof(alphabet) - 1)];
	}
	out[at] = '\0';
}

void password_tag_key(struct password_tag_key *out)
{
	random_bytes(out->k, sizeof(out->k));
}

void password_tag(const struct password_tag_key *key, struct str context,
                  struct str secret, uint8_t out[PASSWORD_TAG_SIZE])
{
	struct str k = { (const char *)key->k, sizeof(key->k) };
	uint8_t inner[2 * PASSWORD_TAG_SIZE];

	/* Two tags of the parts, then one of both: no joining is ambiguous. */
	hash_hmac(HASH_SHA256, k, context, inner);
	hash_hmac(HASH_SHA256, k, secret, inner + PASSWORD_TAG_SIZE);
	hash_hmac(HASH_SHA256, k, (struct str){ (char *)inner, sizeof(inner) },
	          out);
	mem_wipe(inner, sizeof(inner));
}
