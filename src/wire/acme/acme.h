/*
 * wire/acme/acme.h - what an ACME server says (RFC 8555, RFC 9773).
 *
 * Pure: JSON to structs.  Views lie in the json_doc that was parsed; what is
 * missing or of another kind is empty.  A server is not trusted to be sane:
 * lists are cut to their limits, a token that could be no token is empty.
 *
 *	json_parse(&doc, body, &acme_limits, err);
 *	acme_order_read(json_root(doc), &order);
 */
#ifndef WIRE_ACME_ACME_H
#define WIRE_ACME_ACME_H

#include "base/buf.h"
#include "wire/json/read.h"

#define ACME_NAMES_MAX      100 /* of an order */
#define ACME_CHALLENGES_MAX 8
#define ACME_TOKEN_MAX      128

extern const struct json_limits acme_limits;

/* RFC 8555, 7.1.1; RFC 9773, 4.2 for renewal_info. */
struct acme_directory {
	struct str new_nonce, new_account, new_order, renewal_info;
	struct str terms; /* where they can be read */
	bool eab;         /* an account needs a binding (7.3.4) */
};

/* False when one of the first three is missing. */
bool acme_directory_read(struct json v, struct acme_directory *out);

/* RFC 8555, 6.7 and RFC 9457. */
struct acme_problem {
	struct str type; /* without "urn:ietf:params:acme:error:" */
	struct str detail;
};

void acme_problem_read(struct json v, struct acme_problem *out);

enum acme_status {
	ACME_PENDING,
	ACME_READY,
	ACME_PROCESSING,
	ACME_VALID,
	ACME_INVALID, /* also revoked, expired, deactivated, and unknown */
};

/* RFC 8555, 7.1.3. */
struct acme_order {
	enum acme_status status;
	struct str authorizations[ACME_NAMES_MAX];
	size_t n;
	struct str finalize, certificate;
	struct acme_problem error;
};

void acme_order_read(struct json v, struct acme_order *out);

/* RFC 8555, 8. */
struct acme_challenge {
	struct str type, url;
	struct str token; /* base64url */
	enum acme_status status;
	struct acme_problem error;
};

/* RFC 8555, 7.1.4. */
struct acme_authorization {
	enum acme_status status;
	struct str name;
	bool wildcard;
	struct acme_challenge challenges[ACME_CHALLENGES_MAX];
	size_t n;
};

void acme_authorization_read(struct json v, struct acme_authorization *out);
/* NULL: it does not offer it. */
const struct acme_challenge *acme_challenge_find(
	const struct acme_authorization *a, const char *type);

/* RFC 9773, 4.2; seconds since 1970.  False when it is no window. */
struct acme_window {
	int64_t from_s, until_s;
	struct str explanation; /* a URL */
};

bool acme_window_read(struct json v, struct acme_window *out);

/* ---- what is sent ---- */

/* The public key of an account in its one form, of which the thumbprint is
 * taken (RFC 7638, 3.1); `xy` as certificate_point() gives it. */
void acme_jwk(struct buf *out, const unsigned char xy[64]);

/* {"protected":..,"payload":..,"signature":..} (RFC 7515, 7.2.2). */
void acme_jws(struct buf *out, struct str protected_b64, struct str payload_b64,
              struct str signature);

#endif
