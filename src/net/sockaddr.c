#include "net/sockaddr.h"

#include <netinet/in.h>
#include <string.h>

static void read_ipv6(const struct sockaddr_in6 *in, struct net_addr *out)
{
	out->port = ntohs(in->sin6_port);
	if (IN6_IS_ADDR_V4MAPPED(&in->sin6_addr)) {
		out->family = NET_IPV4;
		memcpy(out->ip, in->sin6_addr.s6_addr + 12, 4);
	} else {
		out->family = NET_IPV6;
		memcpy(out->ip, in->sin6_addr.s6_addr, 16);
	}
}

void net_sockaddr_read(const struct sockaddr_storage *from,
                       struct net_addr *out)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	*out = (struct net_addr){ .family = NET_NONE };
	switch (from->ss_family) {
	case AF_INET:
		memcpy(&in, from, sizeof(in));
		out->family = NET_IPV4;
		out->port = ntohs(in.sin_port);
		memcpy(out->ip, &in.sin_addr, 4);
		break;
	case AF_INET6:
		memcpy(&in6, from, sizeof(in6));
		read_ipv6(&in6, out);
		break;
	case AF_UNIX: out->family = NET_UNIX; break;
	default: break;
	}
}

socklen_t net_sockaddr_write(const struct net_addr *a,
                             struct sockaddr_storage *out)
{
	struct sockaddr_in in = { .sin_family = AF_INET,
		                  .sin_port = htons(a->port) };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
		                    .sin6_port = htons(a->port) };

	memset(out, 0, sizeof(*out));
	if (a->family == NET_IPV4) {
		memcpy(&in.sin_addr, a->ip, 4);
		memcpy(out, &in, sizeof(in));
		return sizeof(in);
	}
	memcpy(in6.sin6_addr.s6_addr, a->ip, 16);
	memcpy(out, &in6, sizeof(in6));
	return sizeof(in6);
}
