#include "crypto/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>

#include "base/err.h"

/* An explicit fetch, kept: the implicit one costs more than a short digest. */
static const EVP_MD *kinds[HASH_MD5 + 1];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void fetch_all(void)
{
	static const char *const names[] = {
		[HASH_SHA256] = "SHA256",
		[HASH_SHA512] = "SHA512",
		[HASH_SHA1] = "SHA1",
		[HASH_MD5] = "MD5",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		kinds[i] = EVP_MD_fetch(NULL, names[i], NULL);
		if (!kinds[i])
			err_die("OpenSSL has no %s", names[i]);
	}
}

static const EVP_MD *kind(enum hash h)
{
	(void)pthread_once(&once, fetch_all);
	return kinds[h];
}

static void must(int ok)
{
	if (ok != 1)
		err_die("OpenSSL cannot hash");
}

size_t hash_size(enum hash h)
{
	switch (h) {
	case HASH_SHA256: return 32;
	case HASH_SHA512: return 64;
	case HASH_SHA1: return 20;
	case HASH_MD5: return 16;
	}
	return 0;
}

void hash_bytes(enum hash h, struct str s, unsigned char *out)
{
	must(EVP_Digest(s.p, s.n, out, NULL, kind(h), NULL));
}

/* What the header calls a struct hash_state is OpenSSL's context. */
static EVP_MD_CTX *context(struct hash_state *st)
{
	return (EVP_MD_CTX *)st;
}

struct hash_state *hash_begin(enum hash h)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	must(ctx != NULL);
	must(EVP_DigestInit_ex(ctx, kind(h), NULL));
	return (struct hash_state *)ctx;
}

void hash_add(struct hash_state *st, struct str s)
{
	must(EVP_DigestUpdate(context(st), s.p, s.n));
}

void hash_end(struct hash_state **st, unsigned char *out)
{
	if (!*st)
		return;
	if (out)
		must(EVP_DigestFinal_ex(context(*st), out, NULL));
	EVP_MD_CTX_free(context(*st));
	*st = NULL;
}

/* OpenSSL takes lengths as int; no key or password comes near. */
static int length(size_t n)
{
	if (n > 0x7fffffff)
		err_die("a key of %zu bytes", n);
	return (int)n;
}

void hash_hmac(enum hash h, struct str key, struct str s, unsigned char *out)
{
	unsigned int n;
	const char *k = key.p ? key.p : "";

	must(HMAC(kind(h), k, length(key.n), (const unsigned char *)s.p, s.n,
	          out, &n) != NULL);
}

void hash_pbkdf2(enum hash h, struct str password, struct str salt,
                 unsigned int rounds, unsigned char *out, size_t n)
{
	must(PKCS5_PBKDF2_HMAC(password.p ? password.p : "", length(password.n),
	                       (const unsigned char *)salt.p, length(salt.n),
	                       length(rounds), kind(h), length(n), out));
}

bool hash_equal(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}

bool hash_equal_str(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || hash_equal(a.p, b.p, a.n));
}

void hash_hex(const unsigned char *p, size_t n, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	out[2 * n] = '\0';
}
