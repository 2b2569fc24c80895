/*
 * gate/client.h - ask the gate: who logs in, and is there room.
 *
 * The gate is one process for the whole host.  It alone reads passwords, and
 * because every count is kept in one place every count is exact.  One client
 * serves all threads of a process.  Functions block for a reply (a login up
 * to some hundred milliseconds, the others some microseconds) between
 * blocking_begin() and blocking_end(), never longer than 10 s.
 *
 * An answer of -1 means that the gate could not be asked (a restart took too
 * long): say "temporary failure", never yes.
 */
#ifndef GATE_CLIENT_H
#define GATE_CLIENT_H

#include "base/err.h"
#include "base/str.h"
#include "gate/refused.h"
#include "net/addr.h"

#define GATE_ADDRESS_MAX 512
#define GATE_WHY_MAX     48

struct gate_client;

/* `door` is the clients' end of the gate's door (ipc/ipc.h), not taken. */
struct gate_client *gate_client_new(int door, const char *role);
void gate_client_free(struct gate_client **g);

/* ---- logins ---- */

enum gate_protocol {
	GATE_SMTP,
	GATE_IMAP,
	GATE_POP3,
	GATE_SIEVE,
	GATE_HTTP, /* each request with Basic: programs */
	GATE_WEB,  /* the login page, and whoever is asked again there */
};

enum gate_verdict {
	GATE_OK,
	GATE_WRONG,     /* no such login: name or password, never say which */
	GATE_LOCKED,    /* R25: too many failures, try again in retry_s */
	GATE_CASE,      /* R6: "write the user name in lowercase" */
	GATE_SUSPENDED, /* the password is right, the account may not log in */
	GATE_TEMP,      /* cannot tell now */
	GATE_CODE,      /* the password is right, a second factor is needed */
	GATE_APP_ONLY,  /* it is right, but programs need an app password */
};

/* What somebody logged in with. */
enum gate_credential_kind {
	GATE_BY_PASSWORD,
	GATE_BY_APP,     /* id: of the app password */
	GATE_BY_SESSION, /* id: of a browser's session */
	GATE_BY_ANY,     /* when revoked: all of the account */
};

struct gate_credential {
	enum gate_credential_kind kind;
	int64_t id;
	int64_t as_of; /* what is revoked later ends it: gate/live.h */
};

struct gate_login_request {
	enum gate_protocol protocol;
	struct net_addr peer;
	struct str user; /* as the client wrote it */
	struct str secret;
	/* Where the connection remembers what was refused, or NULL; and the way
	 * by which this came: one bit, GATE_WAY_COMMAND or 1 << the mechanism. */
	struct gate_refused *refused;
	uint32_t way;
};

/* LOGIN, PASS: a command of the protocol itself. */
#define GATE_WAY_COMMAND (UINT32_C(1) << 31)

struct gate_login_result {
	enum gate_verdict verdict;
	int64_t account;                   /* 0 unless OK */
	char address[GATE_ADDRESS_MAX];    /* the account's; "" unless OK */
	uint32_t retry_s;                  /* of LOCKED: 1 to 60 */
	struct gate_credential credential; /* when OK */
	/* The true reason for the log ("alias", "unknown name", "wrong
	 * password", "remembered"): never for the client. */
	char why[GATE_WHY_MAX];
};

/* PLAIN and LOGIN.  On -1 the verdict is GATE_TEMP, so that looking at the
 * verdict is enough. */
int gate_login(struct gate_client *g, const struct gate_login_request *req,
               struct gate_login_result *out, struct err *err);

/* SCRAM-SHA-256: first what the challenge needs (something plausible for a
 * user without keys), then the proof.  gate/auth.h does both. */
struct gate_scram_keys {
	char salt[64];
	size_t salt_n;
	uint32_t iterations;
};

int gate_scram_begin(struct gate_client *g, struct str user,
                     struct gate_scram_keys *out, struct err *err)
	ATTR_MUST_USE;
/* `signature_out` is the server's, when the verdict is OK. */
int gate_scram_prove(struct gate_client *g,
                     const struct gate_login_request *req /* no secret */,
                     struct str auth_message, struct str proof,
                     struct gate_login_result *out, char signature_out[32],
                     struct err *err);

/* ---- passwords (for the panel, the CLI and account changes) ---- */

/* Set or replace; remembered logins are forgotten at once.  `address` is the
 * account's own, in lower case.  Durable when it returns. */
int gate_password_set(struct gate_client *g, int64_t account,
                      struct str address, struct str password, struct err *err)
	ATTR_MUST_USE;
/* An imported hash (crypto/password.h); replaced at the first login. */
int gate_password_import(struct gate_client *g, int64_t account,
                         struct str address, struct str hash, struct err *err)
	ATTR_MUST_USE;
/* The account is gone: all its passwords too. */
int gate_password_remove(struct gate_client *g, int64_t account,
                         struct err *err) ATTR_MUST_USE;
/* Suspended, renamed: forget what is remembered of its logins. */
int gate_forget(struct gate_client *g, int64_t account, struct err *err)
	ATTR_MUST_USE;

/* Sessions of a browser, app passwords, second factors: gate/access.h. */

/* ---- room in windows (R26, R27, R29, R30) ---- */

enum gate_count {
	GATE_MESSAGES,   /* of a domain */
	GATE_RECIPIENTS, /* of a domain */
	GATE_BULK,       /* of a domain */
	GATE_SPAM,       /* of a domain */
	GATE_FAILED,     /* failed deliveries of a domain */
	GATE_SCRIPT,     /* foreign script messages of a Unix user */
	GATE_SAME,       /* recipients of one body (R29): never refused */
	GATE_STRANGERS,  /* recipients new to this host: never refused */
};

#define GATE_COUNT_KINDS 8
#define GATE_WANTS_MAX   8

/* How long the recipients of one body count together. */
#define GATE_SAME_US (8 * INT64_C(3600) * 1000000)

struct gate_want {
	enum gate_count what;
	/* Domain id; uid for GATE_SCRIPT; for GATE_SAME a number made of the
	 * domain and the body. */
	int64_t subject;
	uint32_t n; /* 0 only asks whether the limit is passed (R27) */
	/* Who of the domain, or 0: the account's own limits hold too, where it
	 * has some, and it is named in `posthus limits show`. */
	int64_t account;
};

struct gate_room {
	bool granted;
	uint64_t token; /* of what was reserved */
	/* When refused: the first window that is full. */
	enum gate_count what;
	uint32_t limit;
	int64_t window_us; /* its length */
	int64_t free_us;   /* from now until the wanted room is there */
	bool own;          /* it is one of the account, not of the domain */
	/* When GATE_SAME was asked: how many in its window, these with them. */
	uint32_t same;
};

/* Reserve all of `wants` or nothing.  What is reserved counts until it is
 * confirmed or released; it is released when this process ends. */
int gate_reserve(struct gate_client *g, const struct gate_want *wants, size_t n,
                 struct gate_room *out, struct err *err) ATTR_MUST_USE;
/* More on the same token (the next RCPT); refused, the token stays. */
int gate_reserve_more(struct gate_client *g, uint64_t token,
                      const struct gate_want *wants, size_t n,
                      struct gate_room *out, struct err *err) ATTR_MUST_USE;
/* Give back a part of what the token holds. */
int gate_give_back(struct gate_client *g, uint64_t token,
                   const struct gate_want *wants, size_t n, struct err *err)
	ATTR_MUST_USE;
/* The message was accepted: it counts from now, which is on the disk when
 * this returns.  What is confirmed under one `id` twice counts once (the same
 * message, sent again because its answer was lost); 0: the token is the id. */
int gate_confirm(struct gate_client *g, uint64_t token, uint64_t id,
                 struct err *err) ATTR_MUST_USE;
/* It was not: the room is free again.  0 is fine; cannot fail. */
void gate_release(struct gate_client *g, uint64_t token);

/* Count what happened anyway (a failed delivery); no limit is asked. */
int gate_count_add(struct gate_client *g, const struct gate_want *want,
                   struct err *err) ATTR_MUST_USE;

/* How full the windows of a subject are; `out` takes at most `max`. */
struct gate_window_fill {
	enum gate_count what;
	int64_t window_us;
	uint32_t limit, used; /* with what is reserved */
};

int gate_windows(struct gate_client *g, int64_t subject,
                 struct gate_window_fill *out, size_t max, size_t *n_out,
                 struct err *err) ATTR_MUST_USE;

/* The same for the windows that were set for one account; often none. */
int gate_account_windows(struct gate_client *g, int64_t account,
                         struct gate_window_fill *out, size_t max,
                         size_t *n_out, struct err *err) ATTR_MUST_USE;

/* What an account did lately, with what is reserved. */
struct gate_habits {
	uint32_t strangers_1h, recipients_1h, failed_1h;
	/* Logins from networks first seen within 24 hours; 0 while it has no
	 * older one. */
	uint32_t new_networks_1d;
};

int gate_habits(struct gate_client *g, int64_t account, struct gate_habits *out,
                struct err *err) ATTR_MUST_USE;

/* ---- open connections by client address (R16, R32) ---- */

enum gate_connection {
	GATE_CONN_MX,
	GATE_CONN_IMAP,
};

/* Count a connection of net_addr_client(peer) and say how many are open now,
 * this one with them.  Closed by gate_connection_closed(), or with the end of
 * this process.  Networks of limits.connections_exempt give 0. */
int gate_connection_opened(struct gate_client *g, enum gate_connection what,
                           const struct net_addr *peer, uint32_t *open_out,
                           struct err *err) ATTR_MUST_USE;
void gate_connection_closed(struct gate_client *g, enum gate_connection what,
                            const struct net_addr *peer);

#endif
