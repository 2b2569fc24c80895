/*
 * gate/conns.h - how many connections each client address has open.
 *
 * Private to gate/; the reading thread's alone, so it has no lock.
 */
#ifndef GATE_CONNS_H
#define GATE_CONNS_H

#include "gate/server.h"

struct conns;

/* `limits` gives the exempt networks and may change while it lives. */
struct conns *conns_new(const struct gate_limits *limits);
void conns_free(struct conns **c);

/* The client `conn` has `n` connections open from there now; the sum of all
 * clients, 0 for an exempt address. */
uint32_t conns_set(struct conns *c, uint64_t conn, enum gate_connection what,
                   const struct net_addr *peer, uint32_t n);

/* The client is gone with all that it held. */
void conns_closed(struct conns *c, uint64_t conn);

#endif
