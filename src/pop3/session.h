/*
 * pop3/session.h - one POP3 connection, as its commands see it.  Private to
 * pop3/.
 *
 * A command is a function that gets the session and its arguments.  It ends
 * in exactly one of
 *
 *	pop3_ok(), pop3_err(), pop3_fail()  answered now
 *	pop3_send_message(), pop3_list()    answered by a source
 */
#ifndef POP3_SESSION_H
#define POP3_SESSION_H

#include "gate/auth.h"
#include "pop3/maildrop.h"
#include "pop3/server.h"
#include "wire/pop3/command.h"
#include "wire/pop3/stuff.h"

enum pop3_state {
	POP3_AUTHORIZATION = 1,
	POP3_TRANSACTION = 2,
	POP3_ENDED = 4, /* the answer to QUIT, or a goodbye, is on its way */
};

struct pop3_session {
	struct net_session *net;
	const struct pop3_context *ctx;
	uint8_t state;
	uint8_t errors;         /* in a row */
	uint16_t commands;      /* before login */
	char *user;             /* of USER, until PASS */
	struct gate_auth *auth; /* AUTH is going on */
	struct gate_refused refused;
	struct store_account account;
	char *address; /* of the account */
	struct pop3_maildrop drop;
	uint32_t retrieved; /* for the log */
};

/* ---- answers (pop3/reply.c) ---- */

/* "+OK text", "-ERR text"; the text may begin with a response code. */
void pop3_ok(struct pop3_session *s, const char *fmt, ...) ATTR_PRINTF(2, 3);
void pop3_err(struct pop3_session *s, const char *fmt, ...) ATTR_PRINTF(2, 3);
/* A mistake of the client: too many in a row end the session. */
void pop3_bad(struct pop3_session *s, const char *text);
/* The words of the table for what went wrong; logs what is the operator's. */
void pop3_fail(struct pop3_session *s, const struct err *err);
void pop3_log_failure(struct pop3_session *s, const struct err *err);
/* "-ERR text" that nothing asked for, and closes. */
void pop3_bye(struct pop3_session *s, const char *text);

/* ---- what several commands need ---- */

/* The message that the only argument names; NULL and answered when it is
 * none.  *number_out may be NULL. */
struct pop3_message *pop3_take_message(struct pop3_session *s, struct str *args,
                                       uint32_t *number_out);

/* True when `args` is empty; else answered. */
bool pop3_take_end(struct pop3_session *s, struct str args);

/* pop3/send.c: the message as a multi-line answer. */
void pop3_send_message(struct pop3_session *s, const struct pop3_message *m,
                       const struct pop3_stuff *stuff);

/* pop3/listing.c: a line for each message, by `line`, as a multi-line
 * answer. */
typedef void (*pop3_lister)(const struct pop3_maildrop *m, uint32_t number,
                            struct buf *out);
void pop3_list(struct pop3_session *s, pop3_lister line);

/* ---- login (pop3/login.c) ---- */

bool pop3_clear_allowed(const struct pop3_session *s);
bool pop3_scram_on(const struct pop3_session *s);
/* After USER and PASS, or AUTH: answer, and on success open the maildrop. */
void pop3_judge(struct pop3_session *s, struct str user,
                const struct gate_login_result *r);

/* A line while AUTH goes on (pop3/auth.c). */
void pop3_auth_line(struct pop3_session *s, struct str line);

/* ---- the session itself (pop3/session.c) ---- */

/* Before and after a login. */
void pop3_session_timeouts(struct pop3_session *s);

#endif
