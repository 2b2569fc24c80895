/*
 * gate/server.h - the process behind gate/client.h.
 *
 * Files, in the data folder: credentials.db (hashes, SCRAM keys, app
 * passwords; every change synced; mode 0600, the gate's alone), gate.db
 * (failed logins, known networks; survives a crash of the process, and may
 * lose the last moments in a power cut) and counts.db (events of the windows,
 * synced before a message is answered; many in one commit).
 *
 * Who exists is the directory's business: the gate asks `resolve` at each
 * login.  It runs on several threads.
 */
#ifndef GATE_SERVER_H
#define GATE_SERVER_H

#include "base/err.h"
#include "base/str.h"
#include "gate/client.h"
#include "gate/window.h"

enum gate_user_kind {
	GATE_USER_ACCOUNT,
	GATE_USER_ALIAS, /* exists, cannot log in (R2) */
	GATE_USER_NONE,
};

struct gate_user {
	enum gate_user_kind kind;
	int64_t account;
	bool suspended;                 /* login of account or domain */
	bool case_differs;              /* typed with other than lower case */
	char address[GATE_ADDRESS_MAX]; /* the account's own */
};

#define GATE_EXEMPT_MAX 64
#define GATE_OWN_MAX    8

struct gate_limits {
	uint32_t failures_per_minute; /* R25 */
	bool login_case_strict;       /* R6 */
	bool scram;                   /* make SCRAM keys */
	struct window_rule windows[GATE_COUNT_KINDS][2];
	uint8_t n_windows[GATE_COUNT_KINDS];
	struct net_prefix exempt[GATE_EXEMPT_MAX]; /* of connection counts */
	size_t n_exempt;
};

/* Limits that one domain or account has of its own; bits and places are those
 * of gate_limit_rows[] (gate/limits.h). */
struct gate_own {
	uint32_t set;
	uint32_t limit[GATE_OWN_MAX];
};

struct gate_options {
	const char *dir; /* of the two databases */
	int door;        /* the server's end, not taken */
	struct gate_limits limits;
	unsigned hashers; /* passwords hashed at a time; 0: the cores */
	/* 0 with *out filled (GATE_USER_NONE too), or -1: cannot tell now. */
	int (*resolve)(void *arg, struct str user, struct gate_user *out,
	               struct err *err);
	void *resolve_arg;
	/* What a subject has of its own; may be NULL.  On the reading thread:
	 * a quick look.  -1: take what is configured. */
	int (*own)(void *arg, int64_t subject, struct gate_own *out,
	           struct err *err);
	void *own_arg;
};

struct gate_server;

int gate_server_start(struct gate_server **out, const struct gate_options *o,
                      struct err *err) ATTR_MUST_USE;
/* Limits of a changed configuration; what is counted stays. */
void gate_server_limits(struct gate_server *g, const struct gate_limits *l);
void gate_server_stop(struct gate_server **g);

#endif
