/*
 * webmail/account.h - what protects an account, for its owner: JSON under
 * /account.
 *
 * All of it needs the session of a browser (weblogin/weblogin.h), and every
 * change but the ending of a session the password once more, as "password".
 * The owner is told of every change by mail.
 * A body is a JSON object; errors are {"type", "status", "detail"}.
 *
 *	GET  /account                       {"username", "name", "session",
 *	     "totp": {"on", "since", "recoveryLeft"}}
 *	POST /account/password              {"password", "new"} -> 204; every
 *	     other session ends, and what mail programs have open
 *	GET  /account/sessions              {"sessions": [{"id", "current",
 *	     "remember", "created", "seen", "expires", "agent", "ip"}]}
 *	POST /account/sessions/end          {"id"}, or {"others": true} -> 204
 *	GET  /account/signins               {"signins": [{"protocol", "result",
 *	     "why", "ip", "first", "last", "count"}]}, 50 at most
 *	POST /account/totp/begin            {"password"} -> {"secret", "uri"}
 *	POST /account/totp/confirm          {"code"} -> {"recovery": [...]};
 *	     401 "wrong-code"
 *	POST /account/totp/off              {"password"} -> 204
 *	GET  /account/app-passwords         {"appPasswords": [{"id", "name",
 *	     "services", "network", "expires", "created", "lastUsed",
 *	     "lastService", "lastIp"}]}
 *	POST /account/app-passwords         {"password", "name", "services":
 *	     ["imap", "pop3", "smtp", "sieve", "jmap"], "expires"?:
 *	     "2026-12-31" (its last day, UTC), "network"?: "192.0.2.0/24"} ->
 *	     {"id", "secret"}, the only time that it is told
 *	POST /account/app-passwords/remove  {"password", "id"} -> 204
 */
#ifndef WEBMAIL_ACCOUNT_H
#define WEBMAIL_ACCOUNT_H

#include "http/server.h"

struct bounce;
struct weblogin;

struct webmail_account {
	struct weblogin *weblogin;
	/* By which the owner is told of changes (deliver/security.h); its
	 * configuration gives the host's name to authenticators. */
	const struct bounce *bounce;
};

#define WEBMAIL_ACCOUNT_ROUTES_N 11

/* `ac` must outlive them. */
void webmail_account_routes(struct webmail_account *ac,
                            struct http_route out[WEBMAIL_ACCOUNT_ROUTES_N]);

#endif
