/*
 * ipc/ipc.h - questions and answers between the processes of one host.
 *
 * Model.  The supervisor makes a "door" for each process that answers (gate,
 * keys): a pair of sockets without a name, which outlives both sides.  Who
 * has the client end connects by making a pair of its own and passing one end
 * through the door, so there is no path, no port and no password: who was not
 * given the door cannot knock.  A server that was restarted finds what waits
 * at its door.
 *
 * A request has an operation, a body of at most IPC_BODY_MAX bytes, and a
 * deadline.  It is always answered: by the handler, else with an error of the
 * server, else by the client itself when the deadline passes.  When the
 * connection breaks (the server died), what was asked is asked once more on
 * a new one, so operations must bear being asked twice; when that breaks too
 * the result is ERR_TEMP.
 *
 * Client: many threads call at the same time on one connection; no thread of
 * its own.  Waits stand between blocking_begin() and blocking_end().
 *
 *	ipc_client_new(&c, door, "smtp");
 *	buf_init(&reply, IPC_BODY_MAX);
 *	if (ipc_call(c, OP_LOGIN, body, &reply, 10 * US_PER_SEC, err) < 0)
 *		...
 *
 * Server: one thread reads all connections and calls `handle` for each
 * request; a handler answers at once, or hands the request to a pool of a few
 * threads with ipc_defer() when it may take longer.
 *
 * The same code serves with one process: the door is then used within it.
 */
#ifndef IPC_IPC_H
#define IPC_IPC_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define IPC_BODY_MAX        ((size_t)32 * 1024)
#define IPC_OUTSTANDING_MAX 256 /* a client's requests at a time, unless: */
#define IPC_NAME_MAX        16

/* A door: [0] the server's end, [1] the clients'. */
int ipc_door(int fds[2], struct err *err) ATTR_MUST_USE;

/* ---- client ---- */

struct ipc_client;

/* `door` is the clients' end; it is not taken and must stay open.  `name`
 * says who asks ("smtp"), for logs.  Connects at the first call. */
struct ipc_client *ipc_client_new(int door, const char *name);
/* For a server that waits for others itself; before the first call. */
void ipc_client_allow(struct ipc_client *c, unsigned outstanding);
void ipc_client_free(struct ipc_client **c); /* nobody may be in a call */

/* Ask and wait at most `timeout_us`.  Errors: what the server answered
 * (kind and text), ERR_TIMEOUT, ERR_TOO_BIG (body, or answer over
 * reply->max), ERR_TEMP.  `reply` is reset first and may be NULL. */
int ipc_call(struct ipc_client *c, uint16_t op, struct str body,
             struct buf *reply, int64_t timeout_us, struct err *err)
	ATTR_MUST_USE;

/* Counts the connections made so far: one that differs from an earlier one
 * means that the server's memory of this client (its reservations) is gone. */
uint64_t ipc_client_generation(const struct ipc_client *c);

/* ---- server ---- */

struct ipc_server;
struct ipc_request;

struct ipc_service {
	/* On the reading thread: answer, or ipc_defer(), and be quick.  What
	 * is neither answered nor deferred is answered ERR_INVALID. */
	void (*handle)(void *context, struct ipc_request *r);
	/* The client `conn` is gone, on the reading thread: no request of it
	 * comes after this (a deferred one may still run); may be NULL. */
	void (*closed)(void *context, uint64_t conn);
	/* About every `tick_us` on the reading thread; may be NULL. */
	void (*tick)(void *context);
	int64_t tick_us; /* real time; 0: 1 s */
	void *context;
	unsigned threads;   /* the pool; 0: none, ipc_defer() refuses */
	unsigned queue_max; /* deferred and not begun; 0: 256 */
};

/* `door` is the server's end, not taken.  The service is copied. */
int ipc_server_start(struct ipc_server **out, int door,
                     const struct ipc_service *service, struct err *err)
	ATTR_MUST_USE;
/* Runs what is deferred to its end, answers, closes. */
void ipc_server_stop(struct ipc_server **s);

uint16_t ipc_request_op(const struct ipc_request *r);
struct str ipc_request_body(const struct ipc_request *r);
uint64_t ipc_request_conn(const struct ipc_request *r); /* never used again */
const char *ipc_request_peer(const struct ipc_request *r); /* its name */

/* One of these, once; the request is gone afterwards. */
void ipc_reply(struct ipc_request *r, struct str body);
void ipc_reply_err(struct ipc_request *r, const struct err *err);

/* Answer it later, from any thread, but before ipc_server_stop(): for servers
 * that wait for something themselves. */
void ipc_keep(struct ipc_request *r);

/* Have `fn` run on the pool, which must answer.  When the pool's queue is
 * full the request is answered ERR_TEMP here.  When its deadline passes
 * before it begins it is answered ERR_TIMEOUT and fn is not called. */
void ipc_defer(struct ipc_request *r,
               void (*fn)(void *context, struct ipc_request *r));

#endif
