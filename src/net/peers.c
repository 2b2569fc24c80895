#include "net/peers.h"

#include <pthread.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "os/random.h"

struct net_peers {
	pthread_mutex_t lock;
	struct map counts; /* the value is the count itself, as a pointer */
};

struct peer_key {
	char bytes[1 + 16];
};

static struct str key_of(const struct net_addr *peer, struct peer_key *k)
{
	struct net_addr c = net_addr_client(peer);

	k->bytes[0] = (char)c.family;
	memcpy(k->bytes + 1, c.ip, sizeof(c.ip));
	return (struct str){ k->bytes, sizeof(k->bytes) };
}

struct net_peers *net_peers_new(void)
{
	struct net_peers *p = mem_zalloc(sizeof(*p));

	(void)pthread_mutex_init(&p->lock, NULL);
	map_init(&p->counts, random_u64());
	return p;
}

void net_peers_free(struct net_peers **p)
{
	if (!*p)
		return;
	map_deinit(&(*p)->counts);
	(void)pthread_mutex_destroy(&(*p)->lock);
	mem_free(*p);
	*p = NULL;
}

static uint32_t shift(struct net_peers *p, const struct net_addr *peer, int by)
{
	struct peer_key k;
	struct str key = key_of(peer, &k);
	uintptr_t n;

	(void)pthread_mutex_lock(&p->lock);
	n = (uintptr_t)map_get(&p->counts, key);
	if (by < 0 && n > 0)
		n--;
	else if (by > 0)
		n++;
	if (n > 0 && by != 0)
		(void)map_put(&p->counts, key, (void *)n);
	else if (by < 0)
		(void)map_remove(&p->counts, key);
	(void)pthread_mutex_unlock(&p->lock);
	return (uint32_t)n;
}

uint32_t net_peers_add(struct net_peers *p, const struct net_addr *peer)
{
	return shift(p, peer, 1);
}

uint32_t net_peers_remove(struct net_peers *p, const struct net_addr *peer)
{
	return shift(p, peer, -1);
}

uint32_t net_peers_count(struct net_peers *p, const struct net_addr *peer)
{
	return shift(p, peer, 0);
}
