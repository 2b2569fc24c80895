/*
 * Keys whose private half is in another process, as OpenSSL sees them.
 *
 * A provider of our own, in a library context of its own so that nothing else
 * ever picks it by accident, has keys that are a public key and a name, and
 * signatures that ask the signer.  OpenSSL first tries to move the key to its
 * default provider to sign there; as the private half cannot be exported, it
 * comes back to ours.
 */
#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <pthread.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/internal.h"

#define PROVIDER     "posthus-remote"
#define PARAM_REMOTE "posthus-remote"

struct remote {
	const struct tls_signer *signer;
	unsigned char id[KEY_ID_SIZE];
};

/* Key data: without `has_remote` it is a public key alone. */
struct remote_key {
	EVP_PKEY *pub; /* in OpenSSL's own provider */
	struct remote remote;
	bool has_remote;
};

/* ---- keys ---- */

static void *key_new(void *provctx)
{
	(void)provctx;
	return mem_zalloc(sizeof(struct remote_key));
}

static void key_drop(void *data)
{
	struct remote_key *k = data;

	if (!k)
		return;
	EVP_PKEY_free(k->pub);
	mem_free(k);
}

static int key_has(const void *data, int selection)
{
	const struct remote_key *k = data;

	if (!k->pub)
		return 0;
	return !(selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY) || k->has_remote;
}

/* Two keys are one when their public halves are: what we have of a private
 * key is its name, and that follows from the public half. */
static int key_match(const void *a, const void *b, int selection)
{
	const struct remote_key *x = a, *y = b;

	(void)selection;
	return x->pub && y->pub && EVP_PKEY_eq(x->pub, y->pub) == 1;
}

static int import_as(struct remote_key *k, const char *type,
                     const OSSL_PARAM params[])
{
	const OSSL_PARAM *p = OSSL_PARAM_locate_const(params, PARAM_REMOTE);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	OSSL_PARAM *copy = OSSL_PARAM_dup(params);
	int ok =
		ctx && copy && EVP_PKEY_fromdata_init(ctx) == 1 &&
		EVP_PKEY_fromdata(ctx, &k->pub, EVP_PKEY_PUBLIC_KEY, copy) == 1;

	if (ok && p && p->data_size == sizeof(k->remote)) {
		memcpy(&k->remote, p->data, sizeof(k->remote));
		k->has_remote = true;
	}
	OSSL_PARAM_free(copy);
	EVP_PKEY_CTX_free(ctx);
	return ok;
}

static int ec_import(void *data, int selection, const OSSL_PARAM params[])
{
	(void)selection;
	return import_as(data, "EC", params);
}

static int rsa_import(void *data, int selection, const OSSL_PARAM params[])
{
	(void)selection;
	return import_as(data, "RSA", params);
}

static int key_export(void *data, int selection, OSSL_CALLBACK *cb, void *arg)
{
	struct remote_key *k = data;
	OSSL_PARAM *params = NULL;
	int ok;

	if (!k->pub || (selection & OSSL_KEYMGMT_SELECT_PRIVATE_KEY))
		return 0;
	ok = EVP_PKEY_todata(k->pub, EVP_PKEY_PUBLIC_KEY, &params) == 1 &&
	     cb(params, arg);
	OSSL_PARAM_free(params);
	return ok;
}

static const OSSL_PARAM *key_types(int selection)
{
	/* Only asked to see that something can be imported at all. */
	static const OSSL_PARAM types[] = {
		OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
		OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
		OSSL_PARAM_octet_string(PARAM_REMOTE, NULL, 0),
		OSSL_PARAM_END,
	};

	return selection & OSSL_KEYMGMT_SELECT_PUBLIC_KEY ? types : NULL;
}

static int key_get_params(void *data, OSSL_PARAM params[])
{
	struct remote_key *k = data;

	return k->pub && EVP_PKEY_get_params(k->pub, params) == 1;
}

static const OSSL_PARAM *key_gettable(void *provctx)
{
	static const OSSL_PARAM gettable[] = {
		OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL),
		OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL),
		OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, NULL),
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_DEFAULT_DIGEST, NULL, 0),
		OSSL_PARAM_END,
	};

	(void)provctx;
	return gettable;
}

static const char *ec_operation(int operation)
{
	return operation == OSSL_OP_SIGNATURE ? "ECDSA" : NULL;
}

static const char *rsa_operation(int operation)
{
	return operation == OSSL_OP_SIGNATURE ? "RSA" : NULL;
}

/* ---- signatures ---- */

struct signing {
	struct remote_key *key; /* the EVP_PKEY holds it longer than us */
	EVP_MD *md;
	EVP_MD_CTX *parts; /* of a text that comes in parts */
	bool pss;
};

static void *sign_new(void *provctx, const char *propq)
{
	(void)provctx;
	(void)propq;
	return mem_zalloc(sizeof(struct signing));
}

static void sign_drop(void *ctx)
{
	struct signing *s = ctx;

	if (!s)
		return;
	EVP_MD_CTX_free(s->parts);
	EVP_MD_free(s->md);
	mem_free(s);
}

/* OpenSSL ends a copy, so that more could be added to the text. */
static void *sign_dup(void *ctx)
{
	const struct signing *s = ctx;
	struct signing *d = mem_zalloc(sizeof(*d));

	d->key = s->key;
	d->pss = s->pss;
	if (s->md && EVP_MD_up_ref(s->md) == 1)
		d->md = s->md;
	if (s->parts) {
		d->parts = EVP_MD_CTX_new();
		if (!d->parts || EVP_MD_CTX_copy_ex(d->parts, s->parts) != 1) {
			sign_drop(d);
			return NULL;
		}
	}
	return d;
}

static int sign_set(void *ctx, const OSSL_PARAM params[])
{
	struct signing *s = ctx;
	const OSSL_PARAM *p;
	int pad = 0;

	if (!params)
		return 1;
	p = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_PAD_MODE);
	if (!p)
		return 1;
	if (p->data_type == OSSL_PARAM_UTF8_STRING)
		s->pss = strcmp(p->data, OSSL_PKEY_RSA_PAD_MODE_PSS) == 0;
	else if (OSSL_PARAM_get_int(p, &pad) == 1)
		s->pss = pad == RSA_PKCS1_PSS_PADDING;
	else
		return 0;
	return 1;
}

static const OSSL_PARAM *sign_settable(void *ctx, void *provctx)
{
	/* The salt is as long as the digest and MGF1 uses it too: what TLS
	 * asks for (RFC 8446, 4.2.3), and nothing else. */
	static const OSSL_PARAM settable[] = {
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL,
		                       0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, NULL, 0),
		OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, NULL,
		                       0),
		OSSL_PARAM_END,
	};

	(void)ctx;
	(void)provctx;
	return settable;
}

static int sign_begin(void *ctx, const char *mdname, void *key,
                      const OSSL_PARAM params[])
{
	struct signing *s = ctx;

	EVP_MD_CTX_free(s->parts);
	s->parts = NULL;
	EVP_MD_free(s->md);
	s->key = key;
	s->md = EVP_MD_fetch(NULL, mdname ? mdname : "SHA256", NULL);
	return s->md && sign_set(s, params);
}

static enum key_hash hash_of(const EVP_MD *md)
{
	switch (EVP_MD_get_type(md)) {
	case NID_sha1: return KEY_SHA1;
	case NID_sha256: return KEY_SHA256;
	case NID_sha384: return KEY_SHA384;
	case NID_sha512: return KEY_SHA512;
	default: return KEY_NO_HASH;
	}
}

static int ask(struct signing *s, struct str digest, unsigned char *sig,
               size_t *n, size_t max)
{
	const struct remote *r = &s->key->remote;
	enum key_scheme scheme = KEY_ECDSA;
	unsigned char out[KEY_SIGNATURE_MAX];
	struct err err;
	size_t got;

	if (EVP_PKEY_is_a(s->key->pub, "RSA"))
		scheme = s->pss ? KEY_RSA_PSS : KEY_RSA_PKCS1;
	if (r->signer->sign(r->signer->arg, r->id, scheme, hash_of(s->md),
	                    digest, out, &got, &err) < 0)
		return 0;
	if (got > max)
		return 0;
	memcpy(sig, out, got);
	*n = got;
	return 1;
}

static int sign_text(void *ctx, unsigned char *sig, size_t *n, size_t max,
                     const unsigned char *text, size_t text_n)
{
	struct signing *s = ctx;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int digest_n;

	if (!s->key || !s->key->has_remote)
		return 0;
	if (!sig) {
		*n = (size_t)EVP_PKEY_get_size(s->key->pub);
		return 1;
	}
	if (EVP_Digest(text, text_n, digest, &digest_n, s->md, NULL) != 1)
		return 0;
	return ask(s, (struct str){ (char *)digest, digest_n }, sig, n, max);
}

static int sign_part(void *ctx, const unsigned char *text, size_t text_n)
{
	struct signing *s = ctx;

	if (!s->parts) {
		s->parts = EVP_MD_CTX_new();
		if (!s->parts || EVP_DigestInit_ex(s->parts, s->md, NULL) != 1)
			return 0;
	}
	return EVP_DigestUpdate(s->parts, text, text_n);
}

static int sign_end(void *ctx, unsigned char *sig, size_t *n, size_t max)
{
	struct signing *s = ctx;
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned int digest_n;

	if (!s->key || !s->key->has_remote)
		return 0;
	if (!sig) {
		*n = (size_t)EVP_PKEY_get_size(s->key->pub);
		return 1;
	}
	if (!s->parts || EVP_DigestFinal_ex(s->parts, digest, &digest_n) != 1)
		return 0;
	return ask(s, (struct str){ (char *)digest, digest_n }, sig, n, max);
}

static const OSSL_PARAM *sign_gettable(void *ctx, void *provctx)
{
	static const OSSL_PARAM gettable[] = {
		OSSL_PARAM_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, NULL,
		                        0),
		OSSL_PARAM_int(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL),
		OSSL_PARAM_END,
	};

	(void)ctx;
	(void)provctx;
	return gettable;
}

/* How the signature is named in what is signed: requests and challenges are
 * signed with ecdsa-with-SHA256 (RFC 5758, 3.2). */
static int sign_get(void *ctx, OSSL_PARAM params[])
{
	static const unsigned char ecdsa_sha256[] = {
		0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
		0x48, 0xce, 0x3d, 0x04, 0x03, 0x02,
	};
	struct signing *s = ctx;
	OSSL_PARAM *p =
		OSSL_PARAM_locate(params, OSSL_SIGNATURE_PARAM_PAD_MODE);

	if (p && OSSL_PARAM_set_int(p, s->pss ? RSA_PKCS1_PSS_PADDING
	                                      : RSA_PKCS1_PADDING) != 1)
		return 0;
	p = OSSL_PARAM_locate(params, OSSL_SIGNATURE_PARAM_ALGORITHM_ID);
	if (!p)
		return 1;
	return s->key && EVP_PKEY_is_a(s->key->pub, "EC") && s->md &&
	       EVP_MD_get_type(s->md) == NID_sha256 &&
	       OSSL_PARAM_set_octet_string(p, ecdsa_sha256,
	                                   sizeof(ecdsa_sha256)) == 1;
}

/* ---- the provider ---- */

#define FN(id, f)                       \
	{                               \
		id, (void (*)(void))(f) \
	}
#define FN_END          \
	{               \
		0, NULL \
	}

#define KEY_FUNCTIONS(import, operation)                                       \
	{                                                                      \
		FN(OSSL_FUNC_KEYMGMT_NEW, key_new),                            \
			FN(OSSL_FUNC_KEYMGMT_FREE, key_drop),                  \
			FN(OSSL_FUNC_KEYMGMT_HAS, key_has),                    \
			FN(OSSL_FUNC_KEYMGMT_MATCH, key_match),                \
			FN(OSSL_FUNC_KEYMGMT_IMPORT, import),                  \
			FN(OSSL_FUNC_KEYMGMT_IMPORT_TYPES, key_types),         \
			FN(OSSL_FUNC_KEYMGMT_EXPORT, key_export),              \
			FN(OSSL_FUNC_KEYMGMT_EXPORT_TYPES, key_types),         \
			FN(OSSL_FUNC_KEYMGMT_GET_PARAMS, key_get_params),      \
			FN(OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS, key_gettable),   \
			FN(OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, operation), \
			FN_END                                                 \
	}

static const OSSL_DISPATCH ec_functions[] =
	KEY_FUNCTIONS(ec_import, ec_operation);
static const OSSL_DISPATCH rsa_functions[] =
	KEY_FUNCTIONS(rsa_import, rsa_operation);

static const OSSL_DISPATCH sign_functions[] = {
	FN(OSSL_FUNC_SIGNATURE_NEWCTX, sign_new),
	FN(OSSL_FUNC_SIGNATURE_FREECTX, sign_drop),
	FN(OSSL_FUNC_SIGNATURE_DUPCTX, sign_dup),
	FN(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT, sign_begin),
	FN(OSSL_FUNC_SIGNATURE_DIGEST_SIGN, sign_text),
	FN(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_UPDATE, sign_part),
	FN(OSSL_FUNC_SIGNATURE_DIGEST_SIGN_FINAL, sign_end),
	FN(OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS, sign_set),
	FN(OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, sign_settable),
	FN(OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS, sign_get),
	FN(OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, sign_gettable),
	FN_END,
};

static const OSSL_ALGORITHM key_algorithms[] = {
	{ "EC:id-ecPublicKey:1.2.840.10045.2.1", "provider=" PROVIDER,
	  ec_functions, "EC key in another process" },
	{ "RSA:rsaEncryption:1.2.840.113549.1.1.1", "provider=" PROVIDER,
	  rsa_functions, "RSA key in another process" },
	{ NULL, NULL, NULL, NULL },
};

static const OSSL_ALGORITHM sign_algorithms[] = {
	{ "ECDSA", "provider=" PROVIDER, sign_functions, "signs elsewhere" },
	{ "RSA:rsaEncryption:1.2.840.113549.1.1.1", "provider=" PROVIDER,
	  sign_functions, "signs elsewhere" },
	{ NULL, NULL, NULL, NULL },
};

static const OSSL_ALGORITHM *query(void *provctx, int operation, int *no_cache)
{
	(void)provctx;
	*no_cache = 0;
	switch (operation) {
	case OSSL_OP_KEYMGMT: return key_algorithms;
	case OSSL_OP_SIGNATURE: return sign_algorithms;
	default: return NULL;
	}
}

static int init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
                const OSSL_DISPATCH **out, void **provctx)
{
	static const OSSL_DISPATCH functions[] = {
		FN(OSSL_FUNC_PROVIDER_QUERY_OPERATION, query),
		FN_END,
	};
	static int context; /* a provider must have one */

	(void)handle;
	(void)in;
	*out = functions;
	*provctx = &context;
	return 1;
}

static OSSL_LIB_CTX *library;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load_provider(void)
{
	library = OSSL_LIB_CTX_new();
	if (!library ||
	    OSSL_PROVIDER_add_builtin(library, PROVIDER, init) != 1 ||
	    !OSSL_PROVIDER_load(library, PROVIDER))
		err_die("OpenSSL does not take our provider");
}

/* ---- a key ---- */

/* The public key's parameters with the name of the private half added. */
static OSSL_PARAM *with_remote(OSSL_PARAM *params, struct remote *r)
{
	OSSL_PARAM one[2] = {
		OSSL_PARAM_octet_string(PARAM_REMOTE, r, sizeof(*r)),
		OSSL_PARAM_END,
	};

	return OSSL_PARAM_merge(params, one);
}

static EVP_PKEY *make(const char *type, EVP_PKEY *pub, struct remote *r)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(library, type, NULL);
	OSSL_PARAM *params = NULL, *all = NULL;
	EVP_PKEY *key = NULL;

	if (ctx && EVP_PKEY_todata(pub, EVP_PKEY_PUBLIC_KEY, &params) == 1)
		all = with_remote(params, r);
	if (all && EVP_PKEY_fromdata_init(ctx) == 1)
		(void)EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, all);
	OPENSSL_free(all);
	OSSL_PARAM_free(params);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

EVP_PKEY *crypto_remote_key_of(EVP_PKEY *pub, const struct tls_signer *signer,
                               struct err *err)
{
	EVP_PKEY *key = NULL;
	struct remote r;

	memset(&r, 0, sizeof(r));
	r.signer = signer;
	(void)pthread_once(&once, load_provider);
	if (!pub || crypto_spki_id(pub, r.id, err) < 0) {
		(void)err_set(err, ERR_INVALID, "no public key");
		return NULL;
	}
	if (EVP_PKEY_is_a(pub, "EC"))
		key = make("EC", pub, &r);
	else if (EVP_PKEY_is_a(pub, "RSA"))
		key = make("RSA", pub, &r);
	if (!key)
		(void)crypto_fail(err, ERR_INVALID,
		                  "no key of this kind can be elsewhere");
	return key;
}

EVP_PKEY *crypto_remote_key(X509 *cert, const struct tls_signer *signer,
                            struct err *err)
{
	return crypto_remote_key_of(X509_get0_pubkey(cert), signer, err);
}
