/*
 * http/socket.h - WebSocket (RFC 6455) on a connection of the http server.
 *
 * The handler of a GET route accepts the upgrade; from then on the connection
 * is a socket, and messages of the peer are given to the service one at a
 * time, whole, on a worker.  What is answered goes out before the next one is
 * looked at, so a peer that does not read is not read from either.  A message
 * arrives in a spool (os/spool.h), a long answer leaves in pieces.
 *
 *	static const struct http_socket_service service = {
 *		.protocol = "jmap", .message_max = 10000000,
 *		.message = on_message, .closed = on_closed,
 *	};
 *
 *	if (http_socket_accept(x, &service, arg)) ...
 *
 * Who is quiet is pinged every 45 s and dropped when no byte came by the next
 * one; a message that has begun must go on at the least rate of bodies.
 * Extensions are not offered.  The caller of http_socket_accept() has asked
 * who it is, and whether the page is ours: browsers send cookies with an
 * upgrade from anywhere (RFC 6455, 10.2).
 */
#ifndef HTTP_SOCKET_H
#define HTTP_SOCKET_H

#include "http/server.h"
#include "wire/http/websocket.h"

struct http_socket;

struct http_socket_service {
	const char *protocol; /* Sec-WebSocket-Protocol: must be offered */
	uint64_t message_max; /* more is closed with 1009 */
	/* `message` is good until it returns; of text it is UTF-8. */
	void (*message)(struct http_socket *ws, bool text, struct str message);
	/* net_wake() was called for the session; may be NULL. */
	void (*wake)(struct http_socket *ws);
	/* The last call. */
	void (*closed)(struct http_socket *ws);
};

/* True: 101 is said, and http_socket_arg() is `arg`, which `closed` has to
 * free.  False: the request asks for no such thing, and was answered. */
bool http_socket_accept(struct http_exchange *x,
                        const struct http_socket_service *service, void *arg);

void *http_socket_arg(struct http_socket *ws);
struct net_session *http_socket_session(struct http_socket *ws);

/* A whole message; copied.  In `message` or `wake`. */
void http_socket_send(struct http_socket *ws, struct str text);
/* Nothing more is read or sent but what was sent before. */
void http_socket_close(struct http_socket *ws, enum websocket_code code,
                       const char *reason);

#endif
