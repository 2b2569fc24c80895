/*
 * greylist/key.h - which sender is this?  Pure.
 *
 * The key of a sender is a line of text: its address together with what
 * vouches for it (R19).
 *
 *	a anna@far.example 192.0.2.0        not vouched for: the client's net
 *	s bounces+#@far.example far.example     SPF passed for that domain
 *	n 192.0.2.0                         the null sender
 *	w anna@far.example                  one that a user here wrote to
 *
 * With SPF passed, what changes from message to message is folded to '#':
 * words with digits, what follows a '+' or stands around a '=' (VERP, SRS),
 * and words so long that they are tokens.
 */
#ifndef GREYLIST_KEY_H
#define GREYLIST_KEY_H

#include "base/buf.h"
#include "net/addr.h"

#define GREYLIST_KEY_MAX 800

struct greylist_sender {
	struct str local, domain; /* both empty: the null sender */
	struct str spf;           /* the domain that passed, "" for none */
	struct net_addr client;
};

/* Appends; a key that is too long is cut, alike each time. */
void greylist_key(const struct greylist_sender *s, struct buf *out);
/* The key of an address that was written to; the whole address. */
void greylist_key_wrote(struct str address, struct buf *out);

/* The local part as SPF-passed senders are known by. */
void greylist_fold(struct str local, struct buf *out);

/* The client's network, as its first address: /24, or /64 for IPv6. */
struct net_addr greylist_network(const struct net_addr *client);

#endif
