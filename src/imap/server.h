/*
 * imap/server.h - the IMAP server, to be given to listeners.
 *
 *	struct imap_context ctx = { .config = cfg, .store = store, ... };
 *	struct net_listener l = {
 *		.service = &imap_service, .context = &ctx, .fd = fd, ...
 *	};
 *
 * One session serves one account.  Commands are rows of imap/command.c, one
 * file each; what they say to the peer when something fails is one table in
 * imap/reply.c.  Sequence numbers, news and chunks are the store's
 * (store/view.h); the grammar is wire/imap.
 */
#ifndef IMAP_SERVER_H
#define IMAP_SERVER_H

#include "net/session.h"

struct config;
struct directory;
struct gate_client;
struct news;
struct spool_pool;
struct store;

/* All pointers live as long as the listeners do. */
struct imap_context {
	const struct config *config;
	struct store *store;
	struct directory *directory;
	struct gate_client *gate;
	struct spool_pool *spools;
	struct net_engine *engine;
	struct news *news; /* NULL: IDLE looks by itself every few seconds */
	bool starttls;     /* the listeners have certificates */
};

extern const struct net_service imap_service;

#endif
