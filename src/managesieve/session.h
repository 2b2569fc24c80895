/*
 * managesieve/session.h - one connection, as its commands see it.  Private to
 * managesieve/.
 *
 * A command is a function that gets the session and what the client wrote; it
 * answers exactly once by managesieve_ok(), _no(), _bad(), _fail() or _bye().
 */
#ifndef MANAGESIEVE_SESSION_H
#define MANAGESIEVE_SESSION_H

#include "base/arena.h"
#include "gate/auth.h"
#include "managesieve/server.h"
#include "store/script.h"
#include "wire/managesieve/reader.h"

enum managesieve_state {
	MANAGESIEVE_EARLY = 1, /* not logged in */
	MANAGESIEVE_LOGGED_IN = 2,
	MANAGESIEVE_ENDED = 4, /* the last answer is on its way */
};

struct managesieve_session {
	struct net_session *net;
	const struct managesieve_context *ctx;
	uint8_t state;
	uint8_t errors;    /* in a row */
	uint16_t commands; /* before login */
	bool in_literal;
	struct managesieve_reader reader;
	struct gate_auth *auth; /* AUTHENTICATE is going on */
	struct gate_refused refused;
	struct spool *script; /* the literal of PUTSCRIPT, CHECKSCRIPT */
	struct err err;       /* why it cannot be kept */
	struct store_account account;
	char *address; /* of the account */
};

/* ---- answers (managesieve/reply.c) ---- */

/* OK, NO and BYE.  `code` is a response code without its parentheses ("" for
 * none), the rest a text, quoted here. */
void managesieve_ok(struct managesieve_session *s, const char *code,
                    const char *fmt, ...) ATTR_PRINTF(3, 4);
void managesieve_no(struct managesieve_session *s, const char *code,
                    const char *fmt, ...) ATTR_PRINTF(3, 4);
/* A mistake of the client: too many in a row end the session. */
void managesieve_bad(struct managesieve_session *s, const char *text);
/* The words of the table for what went wrong; logs what is the operator's. */
void managesieve_fail(struct managesieve_session *s, const struct err *err);
void managesieve_log_failure(struct managesieve_session *s,
                             const struct err *err);
/* BYE, and closes. */
void managesieve_bye(struct managesieve_session *s, const char *code,
                     const char *text);

/* ---- capabilities (managesieve/capability.c) ---- */

/* The lines of CAPABILITY, without the OK behind them. */
void managesieve_write_capabilities(struct managesieve_session *s);

/* ---- login (managesieve/login.c) ---- */

bool managesieve_clear_allowed(const struct managesieve_session *s);
bool managesieve_scram_on(const struct managesieve_session *s);
/* A line while AUTHENTICATE goes on. */
void managesieve_auth_line(struct managesieve_session *s,
                           const struct managesieve_command *c);

/* ---- the text of a script (managesieve/text.c) ---- */

/* A long literal begins: take it when it is a script, else pass it over. */
void managesieve_text_begin(struct managesieve_session *s);
void managesieve_text_add(struct managesieve_session *s, struct str piece);
void managesieve_text_drop(struct managesieve_session *s);
/* The i-th argument as a script; false and answered when there is none. */
bool managesieve_text(struct managesieve_session *s,
                      const struct managesieve_command *c, size_t i,
                      struct str *out);

/* ---- the session itself (managesieve/session.c) ---- */

/* Before and after a login. */
void managesieve_session_timeouts(struct managesieve_session *s);

#endif
