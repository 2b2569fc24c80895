/*
 * net/peers.h - how many sessions each client has open.
 *
 * A client is what net_addr_client() says: an IPv4 address, an IPv6 /64.  A
 * service adds the peer in `open` and removes it in `closed`:
 *
 *	n = net_peers_add(peers, net_peer(s));
 *	if (n > max) {
 *		net_write(s, STR("421 4.3.2 Connection rate limit "
 *		                 "exceeded\r\n"));
 *		net_close(s);
 *	}
 *
 * Any thread may call; the table holds only clients that have a session.
 */
#ifndef NET_PEERS_H
#define NET_PEERS_H

#include "net/addr.h"

struct net_peers;

struct net_peers *net_peers_new(void);
void net_peers_free(struct net_peers **p);

/* One more, or one less; the number after it. */
uint32_t net_peers_add(struct net_peers *p, const struct net_addr *peer);
uint32_t net_peers_remove(struct net_peers *p, const struct net_addr *peer);
uint32_t net_peers_count(struct net_peers *p, const struct net_addr *peer);

#endif
