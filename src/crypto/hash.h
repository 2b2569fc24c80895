/*
 * crypto/hash.h - digests, keyed digests, and comparing secrets.
 *
 *	unsigned char mac[HASH_MAX];
 *
 *	hash_hmac(HASH_SHA256, key, text, mac);
 *	if (!hash_equal(mac, given, hash_size(HASH_SHA256)))
 *		...
 *
 * SHA-1 and MD5 are here for protocols that name them (SCRAM-SHA-1, old
 * password hashes, fingerprints), never for anything new.
 */
#ifndef CRYPTO_HASH_H
#define CRYPTO_HASH_H

#include "base/str.h"

enum hash { HASH_SHA256, HASH_SHA512, HASH_SHA1, HASH_MD5 };

#define HASH_MAX 64 /* bytes of the longest digest */

size_t hash_size(enum hash h); /* bytes of the digest */

/* The digest of `s`; `out` has room for hash_size(). */
void hash_bytes(enum hash h, struct str s, unsigned char *out);

/* Piece by piece.  hash_end() frees, with `out` NULL it only frees. */
struct hash_state;
struct hash_state *hash_begin(enum hash h);
void hash_add(struct hash_state *st, struct str s);
void hash_end(struct hash_state **st, unsigned char *out);

/* RFC 2104. */
void hash_hmac(enum hash h, struct str key, struct str s, unsigned char *out);

/* PBKDF2 (RFC 8018) with HMAC, one block or more: `n` bytes to `out`. */
void hash_pbkdf2(enum hash h, struct str password, struct str salt,
                 unsigned int rounds, unsigned char *out, size_t n);

/* Equal, in a time that does not depend on where they differ. */
bool hash_equal(const void *a, const void *b, size_t n);
/* The same for two views; lengths may show. */
bool hash_equal_str(struct str a, struct str b);

/* Lower-case hexadecimal: 2n characters and a NUL to `out`. */
void hash_hex(const unsigned char *p, size_t n, char *out);

#endif
