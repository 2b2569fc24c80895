/* net/sockaddr.h - between the system's addresses and ours. */
#ifndef NET_SOCKADDR_H
#define NET_SOCKADDR_H

#include <sys/socket.h>

#include "net/addr.h"

/* NET_NONE for a family we do not know. */
void net_sockaddr_read(const struct sockaddr_storage *from,
                       struct net_addr *out);
/* IPv4 or IPv6; the length to give to bind() or connect(). */
socklen_t net_sockaddr_write(const struct net_addr *a,
                             struct sockaddr_storage *out);

#endif
