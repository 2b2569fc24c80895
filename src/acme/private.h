/* acme/private.h - what the files of acme/ share. */
#ifndef ACME_PRIVATE_H
#define ACME_PRIVATE_H

#include "acme/ca.h"

struct acme_ca {
	struct acme_options o;
	struct tls_signer signer;
	struct arena arena; /* of the directory, the account */
	struct acme_directory dir;
	struct str spki; /* of the account's key */
	unsigned char key_id[KEY_ID_SIZE];
	struct str jwk;
	struct str thumbprint; /* base64url */
	struct str kid;        /* the account's URL; "" before it is known */
	char nonce[256];
	int64_t retry_after_s;
};

struct acme_reply {
	unsigned status;
	struct str body;
	struct str location, nonce;
	int64_t retry_after_s; /* 0: not said */
	struct json_doc *doc;  /* NULL: no JSON; json_free() */
};

/* GET, without a signature. */
int acme_get(struct acme_ca *ca, struct str url, struct arena *a,
             struct acme_reply *out, struct err *err) ATTR_MUST_USE;
/* Signed; payload "" is POST-as-GET (RFC 8555, 6.3). */
int acme_post(struct acme_ca *ca, struct str url, struct str payload,
              struct arena *a, struct acme_reply *out, struct err *err)
	ATTR_MUST_USE;
void acme_reply_end(struct acme_reply *r);

/* False when it is to stop. */
bool acme_rest(struct acme_ca *ca, int64_t us);

#endif
