#include "crypto/webpush.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/hash.h"
#include "crypto/internal.h"
#include "os/random.h"

#define RECORD_SIZE 4096
#define TAG_SIZE    16
#define CURVE       "prime256v1"

/* What one message is encrypted with. */
struct secrets {
	unsigned char key[HASH_MAX];   /* the first 16 bytes */
	unsigned char nonce[HASH_MAX]; /* the first 12 */
};

/* A key from its public half and, unless that is NULL, the private one. */
static EVP_PKEY *read_key(const unsigned char point[WEBPUSH_POINT_SIZE],
                          const unsigned char private[32])
{
	unsigned char number[32], public[WEBPUSH_POINT_SIZE];
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	OSSL_PARAM params[4], *p = params;
	EVP_PKEY *key = NULL;
	char curve[] = CURVE;

	memcpy(public, point, sizeof(public));
	*p++ = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
	                                        curve, 0);
	*p++ = OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
	                                         public, sizeof(public));
	if (private) {
		/* Numbers are in the order of the machine. */
		BIGNUM *n = BN_bin2bn(private, 32, NULL);

		if (!n || BN_bn2nativepad(n, number, sizeof(number)) < 0)
			err_die("no memory for a key");
		BN_clear_free(n);
		*p++ = OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, number,
		                               sizeof(number));
	}
	*p = OSSL_PARAM_construct_end();
	if (!ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key,
	                      private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
	                      params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	mem_wipe((char *)number, sizeof(number));
	return key;
}

bool webpush_point_is_good(const unsigned char point[WEBPUSH_POINT_SIZE])
{
	EVP_PKEY *key = point[0] == 4 ? read_key(point, NULL) : NULL;
	EVP_PKEY_CTX *ctx = key ? EVP_PKEY_CTX_new(key, NULL) : NULL;
	bool ok = ctx && EVP_PKEY_public_check(ctx) == 1;

	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return ok;
}

static int agree(EVP_PKEY *own, EVP_PKEY *other, unsigned char out[32],
                 struct err *err)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(own, NULL);
	size_t n = 32;
	int rc = 0;

	if (!ctx || EVP_PKEY_derive_init(ctx) != 1 ||
	    EVP_PKEY_derive_set_peer(ctx, other) != 1 ||
	    EVP_PKEY_derive(ctx, out, &n) != 1 || n != 32)
		rc = crypto_fail(err, ERR_INVALID, "no common secret");
	EVP_PKEY_CTX_free(ctx);
	return rc;
}

/* HKDF with SHA-256 (RFC 5869), one block; `info` is without its NUL. */
static void expand(const unsigned char prk[32], struct str info,
                   unsigned char out[HASH_MAX])
{
	struct buf b;

	buf_init(&b, 256);
	buf_add(&b, info);
	buf_add_c(&b, '\1');
	hash_hmac(HASH_SHA256, (struct str){ (const char *)prk, 32 },
	          buf_str(&b), out);
	buf_deinit(&b);
}

static struct str bytes(const unsigned char *p, size_t n)
{
	return (struct str){ (const char *)p, n };
}

/* RFC 8291, 3.4. */
static void derive(const struct webpush_keys *to,
                   const unsigned char sender[WEBPUSH_POINT_SIZE],
                   const unsigned char salt[WEBPUSH_SALT_SIZE],
                   const unsigned char shared[32], struct secrets *out)
{
	unsigned char prk[HASH_MAX], ikm[HASH_MAX];
	struct buf info;

	hash_hmac(HASH_SHA256, bytes(to->auth, sizeof(to->auth)),
	          bytes(shared, 32), prk);
	buf_init(&info, 256);
	buf_add(&info, (struct str){ "WebPush: info", 14 });
	buf_add(&info, bytes(to->p256dh, sizeof(to->p256dh)));
	buf_add(&info, bytes(sender, WEBPUSH_POINT_SIZE));
	expand(prk, buf_str(&info), ikm);
	buf_deinit(&info);
	hash_hmac(HASH_SHA256, bytes(salt, WEBPUSH_SALT_SIZE), bytes(ikm, 32),
	          prk);
	expand(prk, (struct str){ "Content-Encoding: aes128gcm", 28 },
	       out->key);
	expand(prk, (struct str){ "Content-Encoding: nonce", 24 }, out->nonce);
	mem_wipe((char *)prk, sizeof(prk));
	mem_wipe((char *)ikm, sizeof(ikm));
}

/* The one record, which is the last: its padding begins with 2 (RFC 8188, 2). */
static int seal(const struct secrets *s, struct str plain, struct buf *out,
                struct err *err)
{
	static const unsigned char last[] = { 2 };
	unsigned char sealed[RECORD_SIZE], tag[TAG_SIZE];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0, more = 0, end = 0, rc = 0;

	if (!ctx ||
	    EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, s->key,
	                       s->nonce) != 1 ||
	    EVP_EncryptUpdate(ctx, sealed, &n, (const unsigned char *)plain.p,
	                      (int)plain.n) != 1 ||
	    EVP_EncryptUpdate(ctx, sealed + n, &more, last, 1) != 1 ||
	    EVP_EncryptFinal_ex(ctx, sealed + n + more, &end) != 1 ||
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, tag) != 1)
		rc = crypto_fail(err, ERR_TEMP, "cannot encrypt");
	EVP_CIPHER_CTX_free(ctx);
	if (rc == 0) {
		buf_add(out,
		        bytes(sealed, (size_t)n + (size_t)more + (size_t)end));
		buf_add(out, bytes(tag, sizeof(tag)));
	}
	return rc;
}

static int encrypt(const struct webpush_keys *to, EVP_PKEY *own,
                   const unsigned char sender[WEBPUSH_POINT_SIZE],
                   const unsigned char salt[WEBPUSH_SALT_SIZE],
                   struct str plain, struct buf *out, struct err *err)
{
	static const unsigned char head[] = { 0, 0, RECORD_SIZE >> 8, 0,
		                              WEBPUSH_POINT_SIZE };
	EVP_PKEY *other = NULL;
	unsigned char shared[32];
	struct secrets s;
	int rc;

	if (plain.n > WEBPUSH_PLAIN_MAX)
		return err_set(err, ERR_TOO_BIG, "too much for one push");
	if (!webpush_point_is_good(to->p256dh))
		return err_set(err, ERR_INVALID, "p256dh is no key of P-256");
	other = read_key(to->p256dh, NULL);
	rc = agree(own, other, shared, err);
	EVP_PKEY_free(other);
	if (rc < 0)
		return -1;
	derive(to, sender, salt, shared, &s);
	buf_add(out, bytes(salt, WEBPUSH_SALT_SIZE));
	buf_add(out, bytes(head, sizeof(head)));
	buf_add(out, bytes(sender, WEBPUSH_POINT_SIZE));
	rc = seal(&s, plain, out, err);
	mem_wipe((char *)shared, sizeof(shared));
	mem_wipe((char *)&s, sizeof(s));
	return rc;
}

int webpush_encrypt(const struct webpush_keys *to, struct str plain,
                    struct buf *out, struct err *err)
{
	unsigned char sender[WEBPUSH_POINT_SIZE], salt[WEBPUSH_SALT_SIZE];
	EVP_PKEY *own = EVP_EC_gen("P-256");
	size_t n = 0;
	int rc;

	if (!own ||
	    EVP_PKEY_get_octet_string_param(own, OSSL_PKEY_PARAM_PUB_KEY,
	                                    sender, sizeof(sender), &n) != 1 ||
	    n != sizeof(sender)) {
		rc = crypto_fail(err, ERR_TEMP, "cannot make a key");
	} else {
		random_bytes(salt, sizeof(salt));
		rc = encrypt(to, own, sender, salt, plain, out, err);
	}
	EVP_PKEY_free(own);
	return rc;
}

int webpush_encrypt_as(const struct webpush_keys *to,
                       const unsigned char sender_private[32],
                       const unsigned char sender_public[WEBPUSH_POINT_SIZE],
                       const unsigned char salt[WEBPUSH_SALT_SIZE],
                       struct str plain, struct buf *out, struct err *err)
{
	EVP_PKEY *own = read_key(sender_public, sender_private);
	int rc;

	if (!own)
		return crypto_fail(err, ERR_INVALID, "no key of P-256");
	rc = encrypt(to, own, sender_public, salt, plain, out, err);
	EVP_PKEY_free(own);
	return rc;
}
