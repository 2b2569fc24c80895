#include "relay/ways.h"

#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "crypto/tls_client.h"
#include "os/clock.h"
#include "os/random.h"

/* Nothing moves at a host: one more may try it, past the limit. */
#define STUCK_US US_PER_MIN
/* What the DNS and the policies said then is not to be trusted for ever. */
#define LATE_US (10 * US_PER_MIN)
#define WAY_MAX ((size_t)64 * 1024)

/* ---- what a way is ---- */

static void add_part(struct buf *b, struct str s)
{
	buf_fmt(b, "%zu:", s.n);
	buf_add(b, s);
}

static void add_address(struct buf *b, const struct net_addr *addr)
{
	char text[NET_ADDR_TEXT_MAX];

	add_part(b, addr ? str_z(net_addr_text(addr, text)) : STR(""));
	buf_fmt(b, "%u:", addr ? (unsigned)addr->port : 0);
}

static struct str record_bytes(struct arena *a, const struct tls_dane_record *r)
{
	char *p = arena_alloc(a, r->data.n + 3);

	p[0] = (char)r->usage;
	p[1] = (char)r->selector;
	p[2] = (char)r->matching;
	if (r->data.n)
		memcpy(p + 3, r->data.p, r->data.n);
	return (struct str){ p, r->data.n + 3 };
}

/* The DNS gives them in any order. */
static void add_records(struct arena *a, struct buf *b,
                        const struct tls_client_demand *d)
{
	struct str *all = arena_array(a, d->n_records, sizeof(*all));
	size_t i, j;

	for (i = 0; i < d->n_records; i++) {
		struct str one = record_bytes(a, &d->records[i]);

		for (j = i; j > 0 && str_cmp(all[j - 1], one) > 0; j--)
			all[j] = all[j - 1];
		all[j] = one;
	}
	for (i = 0; i < d->n_records; i++)
		add_part(b, all[i]);
}

/* RFC 7672, 3.1.1: with records of usage 3 alone no name is looked at. */
static bool asks_names(const struct tls_client_demand *d)
{
	for (size_t i = 0; i < d->n_records; i++)
		if (d->records[i].usage != 3)
			return true;
	return d->n_records == 0;
}

struct str relay_way_of(struct arena *a, const struct relay_peer *peer)
{
	const struct tls_client_demand *d = peer->demand;
	struct str out = STR("");
	struct buf b;

	if (peer->login.n)
		return out;
	buf_init(&b, WAY_MAX);
	add_address(&b, &peer->addr);
	add_address(&b, peer->source);
	add_part(&b, str_z(peer->name));
	add_part(&b, str_z(peer->helo));
	buf_fmt(&b, "%d:", (int)peer->tls);
	add_part(&b, str_z(peer->trust ? peer->trust : ""));
	if (d) {
		add_part(&b, str_z(d->sni ? d->sni : ""));
		for (size_t i = 0; asks_names(d) && i < d->n_names; i++)
			add_part(&b, str_z(d->names[i]));
		buf_fmt(&b, "%d:", d->soft);
		add_records(a, &b, d);
	}
	if (!buf_overflow(&b))
		out = arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return out;
}

/* ---- places ---- */

struct way {
	size_t used;             /* places that somebody has */
	struct relay_kept *idle; /* the one used last first */
	struct relay_waiter *first, **last;
	int64_t moved_us; /* the last time that anything changed there */
};

struct relay_ways {
	struct map ways; /* relay_way_of() -> struct way */
	size_t idle_n, idle_max, waiting_n, waiting_max;
	struct relay_waiter *called, **called_last;
	size_t called_n;
	struct relay_kept *over;
};

struct relay_ways *relay_ways_new(size_t idle_max, size_t waiting_max)
{
	struct relay_ways *w = mem_zalloc(sizeof(*w));

	map_init(&w->ways, random_u64());
	w->idle_max = idle_max;
	w->waiting_max = waiting_max;
	w->called_last = &w->called;
	return w;
}

static bool drop_way(void *arg, void *value)
{
	(void)arg;
	mem_free(value);
	return false;
}

void relay_ways_free(struct relay_ways **wp)
{
	struct relay_ways *w = *wp;

	if (!w)
		return;
	map_sweep(&w->ways, drop_way, NULL);
	map_deinit(&w->ways);
	mem_free(w);
	*wp = NULL;
}

static struct way *find(struct relay_ways *w, struct str key)
{
	struct way *y = map_get(&w->ways, key);

	if (!y) {
		y = mem_zalloc(sizeof(*y));
		y->last = &y->first;
		(void)map_put(&w->ways, key, y);
	}
	return y;
}

static void forget_if_empty(struct relay_ways *w, struct str key, struct way *y)
{
	if (y->used || y->idle || y->first)
		return;
	(void)map_remove(&w->ways, key);
	mem_free(y);
}

/* ---- the line ---- */

static void line_up(struct relay_ways *w, struct way *y,
                    struct relay_waiter *me, int64_t now_us)
{
	me->next = NULL;
	me->since_us = now_us;
	me->kept = NULL;
	*y->last = me;
	y->last = &me->next;
	w->waiting_n++;
}

/* The first in line; there is one. */
static struct relay_waiter *call(struct relay_ways *w, struct way *y,
                                 enum relay_turn turn)
{
	struct relay_waiter *me = y->first;

	y->first = me->next;
	if (!y->first)
		y->last = &y->first;
	w->waiting_n--;
	me->next = NULL;
	me->turn = turn;
	*w->called_last = me;
	w->called_last = &me->next;
	w->called_n++;
	return me;
}

struct relay_waiter *relay_ways_called(struct relay_ways *w)
{
	struct relay_waiter *me = w->called;

	if (!me)
		return NULL;
	w->called = me->next;
	if (!w->called)
		w->called_last = &w->called;
	w->called_n--;
	return me;
}

size_t relay_ways_called_n(const struct relay_ways *w)
{
	return w->called_n;
}

/* ---- coming and going ---- */

bool relay_ways_has(const struct relay_ways *w, struct str key)
{
	const struct way *y = map_get(&w->ways, key);

	return y && y->idle;
}

static enum relay_turn take_idle(struct relay_ways *w, struct way *y,
                                 struct relay_kept **out)
{
	*out = y->idle;
	y->idle = y->idle->next;
	w->idle_n--;
	y->used++;
	return RELAY_TURN_TAKEN;
}

enum relay_turn relay_ways_enter(struct relay_ways *w, struct str key,
                                 size_t most, struct relay_waiter *me,
                                 int64_t now_us, struct relay_kept **out)
{
	struct way *y = find(w, key);

	if (y->idle)
		return take_idle(w, y, out);
	/* Those that wait though there is room were not let in. */
	if (me && w->waiting_n < w->waiting_max &&
	    (y->used >= most || y->first)) {
		if (!y->first)
			y->moved_us = now_us;
		line_up(w, y, me, now_us);
		return RELAY_TURN_WAITS;
	}
	y->used++;
	return RELAY_TURN_OPEN;
}

void relay_ways_give(struct relay_ways *w, struct str key,
                     struct relay_session *s, int64_t until_us, int64_t now_us)
{
	struct relay_kept *kept = mem_zalloc(sizeof(*kept));
	struct way *y = find(w, key);

	kept->session = *s;
	kept->until_us = until_us;
	y->moved_us = now_us;
	if (y->first) {
		call(w, y, RELAY_TURN_TAKEN)->kept = kept;
		return;
	}
	y->used--;
	if (until_us > now_us && w->idle_n < w->idle_max) {
		kept->next = y->idle;
		y->idle = kept;
		w->idle_n++;
		return;
	}
	kept->next = w->over;
	w->over = kept;
	forget_if_empty(w, key, y);
}

void relay_ways_leave(struct relay_ways *w, struct str key, int64_t now_us)
{
	struct way *y = find(w, key);

	y->moved_us = now_us;
	if (y->first) {
		(void)call(w, y, RELAY_TURN_OPEN);
		return;
	}
	y->used--;
	forget_if_empty(w, key, y);
}

enum relay_turn relay_ways_fail(struct relay_ways *w, struct str key,
                                struct relay_waiter *me,
                                const struct relay_outcome *why, int64_t now_us,
                                struct relay_kept **out)
{
	struct way *y = find(w, key);

	y->used--;
	if (y->idle)
		return take_idle(w, y, out);
	if (y->used && me && w->waiting_n < w->waiting_max) {
		line_up(w, y, me, now_us);
		return RELAY_TURN_WAITS;
	}
	while (y->first && y->used == 0)
		call(w, y, RELAY_TURN_FAILED)->why = *why;
	forget_if_empty(w, key, y);
	return RELAY_TURN_FAILED;
}

/* ---- what is over ---- */

static void drop_idle(struct relay_ways *w, struct way *y, int64_t now_us)
{
	struct relay_kept **at = &y->idle;

	while (*at) {
		struct relay_kept *kept = *at;

		if (kept->until_us > now_us) {
			at = &kept->next;
			continue;
		}
		*at = kept->next;
		kept->next = w->over;
		w->over = kept;
		w->idle_n--;
	}
}

static void call_late(struct relay_ways *w, struct way *y, int64_t now_us)
{
	while (y->first && now_us - y->first->since_us >= LATE_US)
		(void)call(w, y, RELAY_TURN_LATE);
	if (!y->first || now_us - y->moved_us < STUCK_US)
		return;
	(void)call(w, y, RELAY_TURN_OPEN);
	y->used++;
	y->moved_us = now_us;
}

struct sweep {
	struct relay_ways *w;
	int64_t now_us, next_us;
};

static bool sweep_way(void *arg, void *value)
{
	struct sweep *s = arg;
	struct way *y = value;

	drop_idle(s->w, y, s->now_us);
	call_late(s->w, y, s->now_us);
	for (const struct relay_kept *k = y->idle; k; k = k->next)
		if (k->until_us < s->next_us)
			s->next_us = k->until_us;
	if (y->first && y->moved_us + STUCK_US < s->next_us)
		s->next_us = y->moved_us + STUCK_US;
	if (y->used || y->idle || y->first)
		return true;
	mem_free(y);
	return false;
}

int64_t relay_ways_expire(struct relay_ways *w, int64_t now_us)
{
	struct sweep s = { .w = w, .now_us = now_us, .next_us = INT64_MAX };

	map_sweep(&w->ways, sweep_way, &s);
	return s.next_us;
}

static bool end_way(void *arg, void *value)
{
	struct relay_ways *w = arg;
	struct way *y = value;

	drop_idle(w, y, INT64_MAX);
	while (y->first)
		(void)call(w, y, RELAY_TURN_LATE);
	if (y->used)
		return true;
	mem_free(y);
	return false;
}

void relay_ways_end(struct relay_ways *w)
{
	map_sweep(&w->ways, end_way, w);
}

struct relay_kept *relay_ways_over(struct relay_ways *w)
{
	struct relay_kept *over = w->over;

	w->over = NULL;
	return over;
}
