#include "gate/conns.h"

#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "os/random.h"

/* How many connections each client has open from one address. */
struct holder {
	struct holder *next;
	uint64_t conn;
	uint32_t n;
};

struct peer {
	struct holder *holders;
	uint64_t sum;
};

struct conns {
	const struct gate_limits *limits;
	struct map peers; /* what and address -> struct peer */
};

struct conns *conns_new(const struct gate_limits *limits)
{
	struct conns *c = mem_zalloc(sizeof(*c));

	c->limits = limits;
	map_init(&c->peers, random_u64());
	return c;
}

static void peer_free(struct peer *p)
{
	while (p->holders) {
		struct holder *h = p->holders;

		p->holders = h->next;
		mem_free(h);
	}
	mem_free(p);
}

void conns_free(struct conns **cp)
{
	struct conns *c = *cp;
	struct map_entry e;
	size_t at = 0;

	if (!c)
		return;
	while (map_next(&c->peers, &at, &e))
		peer_free(e.value);
	map_deinit(&c->peers);
	mem_free(c);
	*cp = NULL;
}

static bool is_exempt(const struct gate_limits *l, const struct net_addr *a)
{
	for (size_t i = 0; i < l->n_exempt; i++)
		if (net_prefix_has(&l->exempt[i], a))
			return true;
	return false;
}

static struct str peer_key(enum gate_connection what,
                           const struct net_addr *client, char out[18])
{
	out[0] = (char)what;
	out[1] = (char)client->family;
	memcpy(out + 2, client->ip, 16);
	return (struct str){ out, 18 };
}

static void set_holder(struct peer *p, uint64_t conn, uint32_t n)
{
	struct holder **at = &p->holders, *h;

	while (*at && (*at)->conn != conn)
		at = &(*at)->next;
	h = *at;
	if (h)
		p->sum -= h->n;
	if (h && !n) {
		*at = h->next;
		mem_free(h);
		return;
	}
	if (!n)
		return;
	if (!h) {
		h = mem_zalloc(sizeof(*h));
		h->conn = conn;
		*at = h;
	}
	h->n = n;
	p->sum += n;
}

uint32_t conns_set(struct conns *c, uint64_t conn, enum gate_connection what,
                   const struct net_addr *peer, uint32_t n)
{
	struct net_addr client = net_addr_client(peer);
	char space[18];
	struct str key = peer_key(what, &client, space);
	struct peer *p = map_get(&c->peers, key);
	uint64_t sum;

	if (!p) {
		if (!n)
			return 0;
		p = mem_zalloc(sizeof(*p));
		(void)map_put(&c->peers, key, p);
	}
	set_holder(p, conn, n);
	sum = p->sum;
	if (!sum) {
		(void)map_remove(&c->peers, key);
		peer_free(p);
	}
	if (is_exempt(c->limits, peer))
		return 0;
	return sum > UINT32_MAX ? UINT32_MAX : (uint32_t)sum;
}

static bool keep_peer(void *arg, void *value)
{
	const uint64_t *conn = arg;
	struct peer *p = value;

	set_holder(p, *conn, 0);
	if (p->sum)
		return true;
	peer_free(p);
	return false;
}

void conns_closed(struct conns *c, uint64_t conn)
{
	map_sweep(&c->peers, keep_peer, &conn);
}
