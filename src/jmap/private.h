/*
 * jmap/private.h - between the files of jmap/: a server, a login, a request.
 */
#ifndef JMAP_PRIVATE_H
#define JMAP_PRIVATE_H

#include <pthread.h>

#include "base/arena.h"
#include "jmap/server.h"
#include "push/vapid.h"
#include "store/store.h"
#include "weblogin/weblogin.h"

/* RFC 8620, 2: what the core capability promises. */
#define JMAP_SIZE_REQUEST_MAX    ((size_t)10 * 1000 * 1000)
#define JMAP_CONCURRENT_UPLOAD   4
#define JMAP_CONCURRENT_REQUESTS 4
#define JMAP_CONCURRENT_EXPORT   2
#define JMAP_CALLS_IN_REQUEST    32
#define JMAP_OBJECTS_IN_GET      1000
#define JMAP_OBJECTS_IN_SET      1000
#define JMAP_ANSWER_MAX          ((size_t)64 * 1024 * 1024)
#define JMAP_ID_MAX              255 /* RFC 8620, 1.2 */

/* RFC 8621, 1.3.1. */
#define JMAP_MAILBOX_NAME_MAX 250

enum jmap_seat {
	JMAP_SEAT_REQUEST,
	JMAP_SEAT_UPLOAD,
	JMAP_SEAT_SOCKET,
	JMAP_SEAT_EXPORT,
	JMAP_SEATS
};

struct jmap_server {
	struct jmap_context ctx;
	struct jmap_seats *seats;
	struct jmap_push *push;
	pthread_mutex_t lock; /* of `vapid` */
	struct vapid vapid;
	bool has_vapid;
};

/* Who sent a request. */
struct jmap_user {
	struct store_account account;
	struct str address; /* of the account */
	struct str name;    /* of the person, may be empty */
	int64_t change;     /* of the directory, when it was asked */
	int64_t domain_id;
	bool sending_off;          /* suspended (R41) */
	struct gate_credential by; /* what it logged in with */
	/* From where. */
	struct net_addr peer;
	bool tls;
	uint64_t session;
};

/* ---- login.c ---- */

/* False: it was answered (401, 403, 429, 503).  Strings live in `a`. */
bool jmap_login(struct jmap_server *j, struct http_exchange *x, struct arena *a,
                struct jmap_user *out);

/* ---- seats.c: how many requests of one account at a time ---- */

struct jmap_seats *jmap_seats_new(void);
void jmap_seats_free(struct jmap_seats **s);
/* False when the account has `max` already. */
bool jmap_seat_take(struct jmap_seats *s, int64_t account, enum jmap_seat kind,
                    unsigned max);
void jmap_seat_give(struct jmap_seats *s, int64_t account, enum jmap_seat kind);

/* ---- problem.c: answers of a whole request (RFC 8620, 3.6.1) ---- */

/* The answer, as JSON; packed when the client takes that. */
void jmap_reply(struct http_exchange *x, struct str json);

/* `type` without its prefix "urn:ietf:params:jmap:error:". */
void jmap_problem(struct http_exchange *x, int status, const char *type,
                  const char *detail);
void jmap_problem_limit(struct http_exchange *x, const char *limit);
/* For what is the server's fault: logged, 503. */
void jmap_trouble(struct http_exchange *x, const struct err *err);

/* ---- push.c: event streams ---- */

struct jmap_push *jmap_push_new(struct jmap_server *j);
/* No stream may be left. */
void jmap_push_free(struct jmap_push **p);

/* ---- the routes ---- */

void jmap_serve_session(struct http_exchange *x);
void jmap_serve_api(struct http_exchange *x);
void jmap_serve_events(struct http_exchange *x);
void jmap_serve_socket(struct http_exchange *x);
void jmap_serve_upload(struct http_exchange *x);
void jmap_serve_download(struct http_exchange *x);
void jmap_serve_view(struct http_exchange *x);
void jmap_serve_export(struct http_exchange *x);

/* The first step of what stands behind the route must be the account. */
bool jmap_take_account(const struct jmap_user *u, struct str *path);
/* It is saved, by this name (RFC 6266, with the form of RFC 8187 for what is
 * no plain ASCII). */
void jmap_set_disposition(struct http_exchange *x, struct str name);

/* The same for all of a login and its address: it changes when something in
 * the session object does (RFC 8620, 2). */
struct str jmap_session_state(struct arena *a, const struct jmap_user *u);

/* "A12". */
struct store_id jmap_account_id(const struct jmap_user *u);

#endif
