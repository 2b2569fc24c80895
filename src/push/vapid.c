#include "push/vapid.h"

#include <string.h>

#include "base/base64.h"
#include "crypto/certificate.h"
#include "crypto/hash.h"
#include "crypto/key.h"
#include "keys/client.h"
#include "wire/json/write.h"

#define KEY_NAME  "vapid"
#define TOKEN_MAX 8192

int vapid_load(struct vapid *v, struct keys_client *keys, struct err *err)
{
	struct buf spki;
	int rc;

	buf_init(&spki, 4096);
	rc = keys_client_make(keys, STR(KEY_NAME), &spki, err);
	if (rc == 0) {
		hash_bytes(HASH_SHA256, buf_str(&spki), v->id);
		v->point[0] = 4;
		rc = certificate_point(buf_str(&spki), v->point + 1, err);
	}
	buf_deinit(&spki);
	return rc;
}

void vapid_claims(struct buf *out, struct str origin, struct str contact,
                  int64_t until_s)
{
	struct json_writer w;
	struct buf b;

	buf_init(&b, TOKEN_MAX);
	base64_encode_url(out, STR("{\"typ\":\"JWT\",\"alg\":\"ES256\"}"));
	buf_add_c(out, '.');
	w = json_writer(&b);
	json_object(&w);
	json_member_str(&w, "aud", origin);
	json_member_i64(&w, "exp", until_s);
	json_member_str(&w, "sub", contact);
	json_end(&w);
	base64_encode_url(out, buf_str(&b));
	buf_deinit(&b);
}

static int sign(const struct vapid *v, struct keys_client *keys,
                struct str text, unsigned char out[64], struct err *err)
{
	unsigned char digest[32], der[KEY_SIGNATURE_MAX];
	size_t n;

	hash_bytes(HASH_SHA256, text, digest);
	if (keys_client_sign(keys, v->id, KEY_ECDSA, KEY_SHA256,
	                     (struct str){ (char *)digest, sizeof(digest) },
	                     der, &n, err) < 0)
		return -1;
	return certificate_raw_signature((struct str){ (char *)der, n }, out,
	                                 err);
}

int vapid_authorization(const struct vapid *v, struct keys_client *keys,
                        struct str origin, struct str contact, int64_t until_s,
                        struct buf *out, struct err *err)
{
	unsigned char signature[64];
	struct buf claims;
	int rc;

	buf_init(&claims, TOKEN_MAX);
	vapid_claims(&claims, origin, contact, until_s);
	rc = sign(v, keys, buf_str(&claims), signature, err);
	if (rc == 0) {
		buf_add(out, STR("vapid t="));
		buf_add(out, buf_str(&claims));
		buf_add_c(out, '.');
		base64_encode_url(out, (struct str){ (char *)signature,
		                                     sizeof(signature) });
		buf_add(out, STR(", k="));
		base64_encode_url(out, (struct str){ (const char *)v->point,
		                                     sizeof(v->point) });
	}
	buf_deinit(&claims);
	return rc;
}
