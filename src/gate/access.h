/*
 * gate/access.h - ways in besides the password: sessions of a browser, app
 * passwords, the second factor; and what was revoked.
 *
 * All of it is kept by the gate (credentials.db), on disk when a function
 * returns.  Functions block as those of gate/client.h do; -1 means that the
 * gate could not be asked, or says why not.
 *
 * A browser logs in once, with password and, when the account has one, a
 * second factor (RFC 6238, or one of ten recovery codes); it is given a token
 * of 256 random bits, of which the gate keeps the digest.  A session ends
 * after 30 days, without "remember" also after 12 hours of silence, by
 * logout, by being revoked, and with a change of the password.
 *
 * With a second factor on, mail programs log in with app passwords alone.
 * One is for some services, until some time, from some network.
 */
#ifndef GATE_ACCESS_H
#define GATE_ACCESS_H

#include "gate/client.h"

#define GATE_NAME_MAX        100 /* bytes of an app password's name */
#define GATE_NETWORK_MAX     64
#define GATE_AGENT_MAX       200
#define GATE_APPS_MAX        50 /* of an account; more are ERR_TOO_BIG */
#define GATE_SESSIONS_MAX    50 /* of an account; the oldest go */
#define GATE_TOKEN_MAX       44 /* with the NUL */
#define GATE_RECOVERY_N      10
#define GATE_RECOVERY_MAX    12 /* with the NUL: "abcde-fghjk" */
#define GATE_CODE_MAX        64 /* of a second factor, as typed */
#define GATE_SIGNINS_MAX     50

#define GATE_SESSION_US      (30 * INT64_C(86400) * 1000000)
#define GATE_SESSION_IDLE_US (12 * INT64_C(3600) * 1000000)

/* How long the link of a new account is good, for one use. */
#define GATE_START_US (30 * INT64_C(60) * 1000000)

/* ---- sessions of a browser ---- */

struct gate_web_request {
	struct gate_login_request login; /* protocol GATE_WEB */
	struct str code;                 /* the second factor, or empty */
	bool remember;
	struct str agent; /* User-Agent; cut at GATE_AGENT_MAX */
};

/* As gate_login(); GATE_CODE when a code is needed.  With OK `token_out` is
 * the new session's, and out->credential names it. */
int gate_web_login(struct gate_client *g, const struct gate_web_request *req,
                   struct gate_login_result *out,
                   char token_out[GATE_TOKEN_MAX], struct err *err);

struct gate_session {
	int64_t id, account;
	int64_t as_of; /* see struct gate_credential */
	bool remember;
	int64_t created_us, seen_us, expires_us;
	char agent[GATE_AGENT_MAX + 1];
	char ip[NET_ADDR_TEXT_MAX]; /* where it was seen last */
};

/* Whose token is this?  It counts as seen.  ERR_NOT_FOUND: nobody's. */
int gate_session_check(struct gate_client *g, struct str token,
                       const struct net_addr *peer, struct gate_session *out,
                       struct err *err) ATTR_MUST_USE;
/* Those that live, newest first; at most GATE_SESSIONS_MAX. */
int gate_session_list(struct gate_client *g, int64_t account,
                      struct gate_session *out, size_t *n_out, struct err *err)
	ATTR_MUST_USE;
/* `id` 0: all but `except` (0: all).  One that is not there is ERR_NOT_FOUND. */
int gate_session_end(struct gate_client *g, int64_t account, int64_t id,
                     int64_t except, struct err *err) ATTR_MUST_USE;

/* A new password; what logged in with the old one ends, and every session of
 * a browser but `keep`. */
int gate_password_change(struct gate_client *g, int64_t account,
                         struct str address, struct str password, int64_t keep,
                         struct err *err) ATTR_MUST_USE;

/* ---- the link at which an owner chooses a password ---- */

/* A new one; an older one of the account is over.  Until it is used nothing
 * else changes.  *until_out: when it is over (of the wall's clock). */
int gate_start_add(struct gate_client *g, int64_t account,
                   char token_out[GATE_TOKEN_MAX], int64_t *until_out,
                   struct err *err) ATTR_MUST_USE;
/* Whose is it?  ERR_NOT_FOUND: nobody's, or it is over. */
int gate_start_find(struct gate_client *g, struct str token,
                    int64_t *account_out, struct err *err) ATTR_MUST_USE;
/* The password, for the link, which is used up by it: both or neither.
 * ERR_NOT_FOUND: as above. */
int gate_start_use(struct gate_client *g, struct str token, int64_t account,
                   struct str address, struct str password, struct err *err)
	ATTR_MUST_USE;

/* ---- app passwords ---- */

struct gate_app {
	int64_t id;
	char name[GATE_NAME_MAX + 1];
	unsigned services;              /* a bit for each gate_protocol */
	char network[GATE_NETWORK_MAX]; /* "192.0.2.0/24"; "" anywhere */
	int64_t created_us, expires_us; /* 0: never */
	int64_t last_us;                /* used; 0: never, then no more */
	enum gate_protocol last_protocol;
	char last_ip[NET_ADDR_TEXT_MAX];
};

/* All that one may be for. */
#define GATE_SERVICES                                          \
	(1u << GATE_SMTP | 1u << GATE_IMAP | 1u << GATE_POP3 | \
	 1u << GATE_SIEVE | 1u << GATE_HTTP)

/* Of `app` name, services, network and expires_us; it is shown once. */
int gate_app_add(struct gate_client *g, int64_t account,
                 const struct gate_app *app, char password_out[24],
                 int64_t *id_out, struct err *err) ATTR_MUST_USE;
int gate_app_list(struct gate_client *g, int64_t account, struct gate_app *out,
                  size_t *n_out, struct err *err) ATTR_MUST_USE;
int gate_app_remove(struct gate_client *g, int64_t account, int64_t id,
                    struct err *err) ATTR_MUST_USE;

/* ---- the second factor ---- */

struct gate_totp {
	bool on;
	int64_t since_us;
	uint32_t recovery_left;
};

int gate_totp_get(struct gate_client *g, int64_t account, struct gate_totp *out,
                  struct err *err) ATTR_MUST_USE;
/* A new secret that is not in force yet; ERR_EXISTS when one is on. */
int gate_totp_begin(struct gate_client *g, int64_t account,
                    uint8_t secret_out[20], struct err *err) ATTR_MUST_USE;
/* The first code shows that the secret arrived: on from now; what is logged
 * in with the password alone ends.  ERR_DENIED: it is not the code. */
int gate_totp_confirm(struct gate_client *g, int64_t account, struct str code,
                      char recovery_out[GATE_RECOVERY_N][GATE_RECOVERY_MAX],
                      struct err *err) ATTR_MUST_USE;
int gate_totp_off(struct gate_client *g, int64_t account, struct err *err)
	ATTR_MUST_USE;

/* ---- attempts to log in ---- */

struct gate_signin {
	enum gate_protocol protocol;
	enum gate_verdict verdict;
	int64_t first_us, last_us;
	uint64_t n;
	char ip[NET_ADDR_TEXT_MAX];
	char why[GATE_WHY_MAX];
};

/* The latest of a user name, newest first, at most GATE_SIGNINS_MAX. */
int gate_signins(struct gate_client *g, struct str user,
                 struct gate_signin *out, size_t *n_out, struct err *err)
	ATTR_MUST_USE;

/* ---- what was revoked (gate/live.h) ---- */

struct gate_revoked {
	int64_t seq, account;
	struct gate_credential credential;
};

#define GATE_REVOKED_MAX 500

/* Those behind `since`, oldest first; with since -1 none, and *last_out is
 * where to begin. */
int gate_revoked(struct gate_client *g, int64_t since, struct gate_revoked *out,
                 size_t *n_out, int64_t *last_out, struct err *err)
	ATTR_MUST_USE;

#endif
