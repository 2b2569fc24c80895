/* wire/sasl/internal.h - private to wire/sasl/. */
#ifndef WIRE_SASL_INTERNAL_H
#define WIRE_SASL_INTERNAL_H

#include "wire/sasl/sasl.h"

enum sasl_state {
	SASL_AT_START,
	SASL_AT_PASSWORD, /* LOGIN: the user name is there */
	SASL_AT_KEYS,     /* SCRAM: the caller owes the keys */
	SASL_AT_FINAL,    /* SCRAM: client-final-message is next */
	SASL_AT_PROOF,    /* SCRAM: the caller owes its verdict */
	SASL_AT_LAST,     /* SCRAM: the client's empty message is next */
	SASL_AT_END,
};

struct sasl {
	enum sasl_mech mech;
	enum sasl_state state;
	const char *why;
	struct buf out;
	struct buf user;
	struct buf secret;

	/* SCRAM (RFC 5802, 5.1) */
	struct buf server_nonce;
	struct str tls_exporter, tls_server_end_point;
	bool plus_offered;
	struct buf gs2;          /* the gs2-header as the client sent it */
	struct str binding;      /* of the type that the client named */
	struct buf nonce;        /* client's and server's */
	struct buf auth_message; /* grows with the exchange */
	char proof[32];
};

enum sasl_result sasl_bad(struct sasl *s, const char *why);

enum sasl_result sasl_scram_step(struct sasl *s, struct str message);

#endif
