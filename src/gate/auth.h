/*
 * gate/auth.h - a whole AUTH exchange for SMTP, IMAP, POP3 and ManageSieve.
 *
 * The protocol sends and receives lines of base64; this joins them to the
 * state machines of wire/sasl and to the gate.  One is made per exchange and
 * freed at its end, so that a session costs nothing meanwhile.
 *
 *	a = gate_auth_new(gate, GATE_IMAP, session, mech, scram_on);
 *	step = gate_auth_begin(a, has_initial, initial);
 *	if (step == GATE_AUTH_MORE)
 *		net_fmt(s, "+ %.*s\r\n", STR_ARG(gate_auth_challenge(a)));
 *		... later, with the client's line:
 *		step = gate_auth_line(a, line);
 *	if (step == GATE_AUTH_DONE)
 *		look at gate_auth_result(a)->verdict
 */
#ifndef GATE_AUTH_H
#define GATE_AUTH_H

#include "gate/client.h"
#include "net/session.h"
#include "wire/sasl/sasl.h"

/* The longest line of the client (base64) that is worth keeping. */
#define GATE_AUTH_LINE_MAX ((size_t)SASL_MESSAGE_MAX / 3 * 4 + 8)

enum gate_auth_step {
	GATE_AUTH_MORE,      /* send the challenge, come back with the line */
	GATE_AUTH_DONE,      /* see the result */
	GATE_AUTH_CANCELLED, /* the client sent "*" (RFC 4954: 501) */
	GATE_AUTH_SYNTAX,    /* base64 or message malformed (501, BAD) */
};

struct gate_auth;

/* `s` gives peer and channel bindings.  `scram`: auth.scram is on.  `refused`
 * is the connection's and outlives the exchange. */
struct gate_auth *gate_auth_new(struct gate_client *g,
                                enum gate_protocol protocol,
                                struct net_session *s, enum sasl_mech mech,
                                bool scram, struct gate_refused *refused);
void gate_auth_free(struct gate_auth **a); /* NULL is fine; wipes */

/* `initial` is the base64 given with the command; "=" is an empty one. */
enum gate_auth_step gate_auth_begin(struct gate_auth *a, bool has_initial,
                                    struct str initial);
/* The client's line without CRLF. */
enum gate_auth_step gate_auth_line(struct gate_auth *a, struct str line);

struct str gate_auth_challenge(const struct gate_auth *a); /* base64 */
const struct gate_login_result *gate_auth_result(const struct gate_auth *a);
/* The name that was given, for the log; may be empty. */
struct str gate_auth_user(const struct gate_auth *a);
const char *gate_auth_why(const struct gate_auth *a); /* after SYNTAX */

/* The n-th mechanism to announce, or NULL at the end; SCRAM only when on,
 * -PLUS only over TLS, PLAIN and LOGIN only when `clear` (R13). */
const char *gate_auth_mechanism(unsigned n, bool scram, bool tls, bool clear);

/* May this session send a password now?  `option` is auth.plaintext_login:
 * never, loopback, always (R13). */
bool gate_clear_allowed(struct str option, const struct net_session *s);

#endif
