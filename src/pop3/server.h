/*
 * pop3/server.h - the POP3 server, to be given to listeners (RFC 1939).
 *
 *	struct pop3_context ctx = { .config = cfg, .store = store, ... };
 *	struct net_listener l = {
 *		.service = &pop3_service, .context = &ctx, .fd = fd, ...
 *	};
 *
 * A session sees INBOX as it stood at the login: numbers, sizes and unique ids
 * do not change under it.  No lock is taken: several programs may read one
 * mailbox at a time, together with IMAP and the webmail; what another removed
 * meanwhile is answered -ERR to RETR, and is no error for DELE.  What DELE
 * marks is removed at QUIT, before its +OK, and stays recoverable (R35).
 * RETR does not set \Seen: a program that fetches in the background has not
 * shown the message to anybody.
 *
 * Unique ids are the Emails' numbers, which survive a move of the account and
 * a restore; should an Email be in INBOX twice, the later ones have their UID
 * behind it.
 *
 * CAPA (RFC 2449), STLS (RFC 2595), AUTH (RFC 5034), SYS/TEMP (RFC 3206), UTF8
 * (RFC 6856).  RFC 6856, 2.1, not obeyed: a client that did not say UTF8 gets
 * messages with UTF-8 headers as they are, not a changed copy.
 */
#ifndef POP3_SERVER_H
#define POP3_SERVER_H

#include "net/session.h"

struct config;
struct directory;
struct gate_client;
struct store;

/* All pointers live as long as the listeners do. */
struct pop3_context {
	const struct config *config;
	struct store *store;
	struct directory *directory;
	struct gate_client *gate;
	bool stls; /* the listeners have certificates */
};

extern const struct net_service pop3_service;

#endif
