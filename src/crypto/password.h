/*
 * crypto/password.h - hashes of passwords, and passwords.
 *
 * New hashes are Argon2id of 19 MiB and 2 passes ("$argon2id$v=19$..."):
 * about 20-40 ms of one core, so callers bound how many run at a time.
 * Imported hashes of crypt(3) are verified too: $6$, $5$, $2y$ (also $2a$,
 * $2b$), $1$.  What would cost absurdly much (a hash can name its own price)
 * is refused.
 *
 *	if (password_hash(password, hash, err) < 0) ...
 *	if (password_verify(str_z(hash), password) == PASSWORD_MATCH) ...
 */
#ifndef CRYPTO_PASSWORD_H
#define CRYPTO_PASSWORD_H

#include "base/err.h"
#include "base/str.h"

#define PASSWORD_MAX      1024 /* bytes of a password */
#define PASSWORD_HASH_MAX 256  /* with the NUL */

enum password_result {
	PASSWORD_MATCH,
	PASSWORD_WRONG,
	PASSWORD_UNKNOWN, /* no hash that we know, or too costly to check */
	PASSWORD_TEMP,    /* no memory for it now */
};

/* ERR_TOO_BIG over PASSWORD_MAX, ERR_INVALID when empty, ERR_TEMP. */
int password_hash(struct str password, char out[PASSWORD_HASH_MAX],
                  struct err *err) ATTR_MUST_USE;

enum password_result password_verify(struct str hash, struct str password);

/* One that password_verify() would take: for import. */
bool password_hash_known(struct str hash);

/* True when it is not what password_hash() makes today. */
bool password_hash_old(struct str hash);

/* As much work as a password_verify() with a new hash, never a match: for
 * names that do not exist. */
void password_verify_nothing(struct str password);

/* A password to be typed: four groups of five from an alphabet without
 * look-alikes, about 98 bits: "hq4mx-7tkcd-...". */
#define PASSWORD_RANDOM_MAX 24
void password_random(char out[PASSWORD_RANDOM_MAX]);

/* Keyed with a random key, a secret can be remembered for comparison without
 * being kept (HMAC-SHA-256). */
#define PASSWORD_TAG_SIZE 32

struct password_tag_key {
	uint8_t k[32];
};

void password_tag_key(struct password_tag_key *out); /* random */
void password_tag(const struct password_tag_key *key, struct str context,
                  struct str secret, uint8_t out[PASSWORD_TAG_SIZE]);

#endif
