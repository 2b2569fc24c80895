/*
 * wire/sasl/sasl.h - the server's side of PLAIN, LOGIN and SCRAM-SHA-256.
 *
 * Pure: it reads what the client says and says what to answer; passwords and
 * proofs are checked by the caller, who alone knows keys (RFC 4422, 4616,
 * 5802, 7677; LOGIN as mail programs speak it).  Messages here are bytes as
 * they are before base64.
 *
 *	s = sasl_new(SASL_PLAIN, &options);
 *	step = has_initial ? sasl_step(s, initial) : sasl_begin(s);
 *	for (;;)
 *		switch (step) {
 *		case SASL_CHALLENGE: send sasl_out(s); step = sasl_step(s, in);
 *		case SASL_PASSWORD:  check sasl_user(s), sasl_secret(s); end
 *		case SASL_KEYS:      step = sasl_scram_keys(s, salt, n);
 *		case SASL_PROOF:     check; step = sasl_scram_proved(s, sig);
 *		case SASL_DONE:      the client is who it says; end
 *		case SASL_BAD:       syntax, or not for us: sasl_why(s); end
 *		}
 *
 * Everything it keeps is wiped by sasl_free().
 */
#ifndef WIRE_SASL_SASL_H
#define WIRE_SASL_SASL_H

#include "base/buf.h"
#include "base/str.h"

#define SASL_MESSAGE_MAX 4096 /* of the client, before base64 */
#define SASL_USER_MAX    512
#define SASL_SECRET_MAX  1024

enum sasl_mech {
	SASL_PLAIN,
	SASL_LOGIN,
	SASL_SCRAM_SHA_256,
	SASL_SCRAM_SHA_256_PLUS,
};

#define SASL_MECH_COUNT 4

/* By name, any case; false when there is none. */
bool sasl_mech_find(struct str name, enum sasl_mech *out);
const char *sasl_mech_name(enum sasl_mech m);
/* It sends the password itself: not without TLS. */
bool sasl_mech_is_clear(enum sasl_mech m);

struct sasl_options {
	/* The server's part of the nonce: printable, no comma, at least 18
	 * characters, new and random each time.  SCRAM only. */
	struct str nonce;
	/* Channel bindings of this connection; empty: there is none.  SCRAM
	 * only.  Borrowed until sasl_free(). */
	struct str tls_exporter;         /* RFC 9266 */
	struct str tls_server_end_point; /* RFC 5929 */
	bool plus_offered;               /* a -PLUS mechanism was announced */
};

enum sasl_result {
	SASL_CHALLENGE,
	SASL_PASSWORD,
	SASL_KEYS,
	SASL_PROOF,
	SASL_DONE,
	SASL_BAD,
};

struct sasl;

struct sasl *sasl_new(enum sasl_mech mech, const struct sasl_options *o);
void sasl_free(struct sasl **s);

/* Without an initial response: the first challenge. */
enum sasl_result sasl_begin(struct sasl *s);
/* The client's next message (or its initial response). */
enum sasl_result sasl_step(struct sasl *s, struct str message);

struct str sasl_out(const struct sasl *s);    /* the challenge */
struct str sasl_user(const struct sasl *s);   /* after PASSWORD, KEYS */
struct str sasl_secret(const struct sasl *s); /* after PASSWORD */
const char *sasl_why(const struct sasl *s);   /* after BAD, for logs */

/* After SASL_KEYS: the salt and iterations of this user (made up for one
 * that does not exist). */
enum sasl_result sasl_scram_keys(struct sasl *s, struct str salt,
                                 uint32_t iterations);
/* After SASL_PROOF. */
struct str sasl_auth_message(const struct sasl *s);
struct str sasl_proof(const struct sasl *s); /* 32 bytes */
/* The proof was right: gives the challenge with the server's signature (to
 * which the client answers with an empty message), then SASL_DONE. */
enum sasl_result sasl_scram_proved(struct sasl *s, struct str signature);

#endif
