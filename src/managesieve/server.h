/*
 * managesieve/server.h - the ManageSieve server, to be given to listeners
 * (RFC 5804).
 *
 *	struct managesieve_context ctx = { .config = cfg, .store = store, ... };
 *	struct net_listener l = {
 *		.service = &managesieve_service, .context = &ctx, .fd = fd, ...
 *	};
 *
 * A session reads and changes the scripts of one account.  A script is
 * compiled before it is kept, and what is wrong is told with line and column.
 * Its text arrives in a spool while the session is parked.  OK to a change
 * comes after commit, fsync and the note in the directory: the next message
 * is filtered by it.  Others are woken by the store's news.
 *
 * STARTTLS, AUTHENTICATE with every mechanism of the gate, UNAUTHENTICATE.
 */
#ifndef MANAGESIEVE_SERVER_H
#define MANAGESIEVE_SERVER_H

#include "net/session.h"

struct config;
struct directory;
struct gate_client;
struct spool_pool;
struct store;

/* All pointers live as long as the listeners do. */
struct managesieve_context {
	const struct config *config;
	struct store *store;
	struct directory *directory;
	struct gate_client *gate;
	struct spool_pool *spools;
	bool starttls; /* the listeners have certificates */
};

extern const struct net_service managesieve_service;

#endif
