#include <pthread.h>
#include <stdatomic.h>

#include "base/map.h"
#include "base/mem.h"
#include "os/random.h"
#include "smtp/session.h"

struct smtp_shared {
	pthread_mutex_t lock;
	struct map clients; /* address -> number of connections as a pointer */
	_Atomic uint64_t accepted, refused, deferred, bytes;
};

struct smtp_shared *smtp_shared_new(void)
{
	struct smtp_shared *sh = mem_zalloc(sizeof(*sh));

	(void)pthread_mutex_init(&sh->lock, NULL);
	map_init(&sh->clients, random_u64());
	return sh;
}

void smtp_shared_free(struct smtp_shared **shp)
{
	struct smtp_shared *sh = *shp;

	if (!sh)
		return;
	map_deinit(&sh->clients);
	(void)pthread_mutex_destroy(&sh->lock);
	mem_free(sh);
	*shp = NULL;
}

/* The bytes that name a client: family and address, an IPv6 one as /64. */
static struct str client_key(const struct net_addr *peer, char out[17])
{
	struct net_addr a = net_addr_client(peer);
	size_t i;

	out[0] = (char)('0' + a.family);
	for (i = 0; i < sizeof(a.ip); i++)
		out[1 + i] = (char)a.ip[i];
	return (struct str){ out, 17 };
}

uint32_t smtp_shared_open(struct smtp_shared *sh, const struct net_addr *peer)
{
	char bytes[17];
	struct str key = client_key(peer, bytes);
	uintptr_t n;

	(void)pthread_mutex_lock(&sh->lock);
	n = (uintptr_t)map_get(&sh->clients, key) + 1;
	(void)map_put(&sh->clients, key, (void *)n);
	(void)pthread_mutex_unlock(&sh->lock);
	return (uint32_t)n;
}

void smtp_shared_close(struct smtp_shared *sh, const struct net_addr *peer)
{
	char bytes[17];
	struct str key = client_key(peer, bytes);
	uintptr_t n;

	(void)pthread_mutex_lock(&sh->lock);
	n = (uintptr_t)map_get(&sh->clients, key);
	if (n > 1)
		(void)map_put(&sh->clients, key, (void *)(n - 1));
	else
		(void)map_remove(&sh->clients, key);
	(void)pthread_mutex_unlock(&sh->lock);
}

void smtp_shared_accepted(struct smtp_shared *sh, uint64_t bytes)
{
	(void)atomic_fetch_add(&sh->accepted, 1);
	(void)atomic_fetch_add(&sh->bytes, bytes);
}

void smtp_shared_refused(struct smtp_shared *sh, bool for_now)
{
	(void)atomic_fetch_add(for_now ? &sh->deferred : &sh->refused, 1);
}

void smtp_shared_figures(struct smtp_shared *sh, struct smtp_figures *out)
{
	out->accepted = atomic_load(&sh->accepted);
	out->refused = atomic_load(&sh->refused);
	out->deferred = atomic_load(&sh->deferred);
	out->bytes = atomic_load(&sh->bytes);
}
