/*
 * weblogin/weblogin.h - who sent this request?
 *
 * A browser logs in once and is given a cookie, whose token the gate keeps
 * the digest of (gate/access.h); a program sends Authorization: Basic
 * (RFC 7617) with each request.  Every API of the web takes both through one
 * function:
 *
 *	struct weblogin_user u;
 *
 *	if (!weblogin_user(w, x, &arena, &u))
 *		return;                          it was answered
 *	... u.account.id, u.account.address ...
 *
 * A browser sends the cookie whoever made it ask.  With the cookie, all but
 * GET and HEAD must therefore show that the page is ours: Origin (RFC 6454, 7)
 * is this host, or Sec-Fetch-Site is same-origin; else 403.  What GET changes
 * or tells by other ways (WebSocket) asks weblogin_is_own_page().
 *
 * Routes:
 *	POST /login    {"username", "password", "totp"?, "remember"?} -> 200
 *	               {"username"} and the cookie; 401 {"type": "wrong" or
 *	               "totp" (a code is needed)}, 429 "throttled", 403
 *	               "suspended", each with "detail" and a "reference"
 *	GET /login     {"username"}, or 401
 *	POST /logout   204
 *	GET /start/T   a page on which the owner of a new account chooses the
 *	               first password, in the browser's language; POST of its
 *	               form does that, once, and logs in. T comes from posthus
 *	               setup and account link
 *
 * Over TLS the cookie is __Host-posthus: Secure, HttpOnly, SameSite=Lax; over
 * plain loopback (the demo) it is "posthus", and not Secure.
 */
#ifndef WEBLOGIN_WEBLOGIN_H
#define WEBLOGIN_WEBLOGIN_H

#include "base/arena.h"
#include "directory/directory.h"
#include "gate/access.h"
#include "http/server.h"

/* A password was chosen at a link: what its owner is told. */
struct weblogin_chosen {
	struct str address; /* the account's */
	struct str ip;
	struct str agent; /* the browser, as it calls itself; may be empty */
};

struct weblogin {
	struct directory *directory;
	struct gate_client *gate;
	/* Called when that was done; may be NULL. */
	void (*chosen)(void *arg, const struct weblogin_chosen *c);
	void *chosen_arg;
};

struct weblogin_user {
	struct directory_account account; /* its strings lie in the arena */
	int64_t change;                   /* of the directory, before */
	struct gate_credential by;
	int64_t session; /* of the browser; 0: a program */
};

/* False: it was answered, as a problem (RFC 7807): 401, 403, 429 or 503. */
bool weblogin_user(const struct weblogin *w, struct http_exchange *x,
                   struct arena *a, struct weblogin_user *out);

/* The owner, who is logged in, gives the password once more: for changes of
 * what protects the account.  False: it was answered, as POST /login does. */
bool weblogin_again(const struct weblogin *w, struct http_exchange *x,
                    const struct weblogin_user *u, struct str password);

/* Was the request made by a page of this host? */
bool weblogin_is_own_page(struct http_exchange *x);

/* {"type", "detail"} and, when it is not NULL, "reference". */
void weblogin_refuse(struct http_exchange *x, int status, const char *type,
                     const char *detail, const char *reference);

/* What is wrong with a new password. */
enum weblogin_wrong {
	WEBLOGIN_GOOD,
	WEBLOGIN_SHORT,
	WEBLOGIN_LONG,
	WEBLOGIN_NO_TEXT, /* no UTF-8 */
	WEBLOGIN_CONTROL, /* it has control characters */
	WEBLOGIN_WRONG_N,
};

enum weblogin_wrong weblogin_wrong(struct str password);
/* The same in English, a sentence without a full stop, or NULL. */
const char *weblogin_objection(struct str password);

#define WEBLOGIN_ROUTES_N 5

/* `w` must outlive them. */
void weblogin_routes(struct weblogin *w,
                     struct http_route out[WEBLOGIN_ROUTES_N]);

#endif
