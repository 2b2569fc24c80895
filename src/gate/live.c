#include "gate/live.h"

#include <pthread.h>
#include <time.h>

#include "base/map.h"
#include "base/mem.h"
#include "gate/access.h"
#include "gate/ask.h"
#include "os/random.h"
#include "os/thread.h"

#define POLL_MS 1000

struct held {
	struct held *next; /* another login on the same session */
	struct net_ref ref;
	int64_t account;
	struct gate_credential credential;
	bool told; /* to go */
};

struct gate_live {
	struct gate_client *gate;
	struct net_engine *engine;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool quit;
	struct map held;        /* slot -> struct held */
	struct gate_barred ask; /* without functions: nobody is barred */
	int64_t change;         /* of `barred` */
	struct map barred;      /* account -> anything; the thread's alone */
	/* Asked from the last but one answer on, so that what is held a moment
	 * after its login is compared too. */
	int64_t since, last;
	struct gate_revoked revoked[GATE_REVOKED_MAX];
};

static bool is_hit(const struct held *h, const struct gate_revoked *r)
{
	if (h->account != r->account || r->seq <= h->credential.as_of)
		return false;
	return r->credential.kind == GATE_BY_ANY ||
	       (r->credential.kind == h->credential.kind &&
	        r->credential.id == h->credential.id);
}

struct sweep {
	struct gate_live *live;
	size_t n;
};

static void free_all(struct held *h)
{
	while (h) {
		struct held *next = h->next;

		mem_free(h);
		h = next;
	}
}

/* Told the first time, cut the second. */
static bool keep_held(void *arg, void *value)
{
	struct sweep *s = arg;
	struct held *h = value;

	if (h->told) {
		net_end(s->live->engine, h->ref, true);
		free_all(h);
		return false;
	}
	for (struct held *one = h; one; one = one->next) {
		h->told |= map_get_u64(&s->live->barred,
		                       (uint64_t)one->account) != NULL;
		for (size_t i = 0; i < s->n && !h->told; i++)
			h->told = is_hit(one, &s->live->revoked[i]);
	}
	if (h->told)
		net_end(s->live->engine, h->ref, false);
	return true;
}

static bool drop(void *arg, void *value)
{
	(void)arg;
	(void)value;
	return false;
}

static void bar(void *to, int64_t account)
{
	struct gate_live *l = to;

	(void)map_put_u64(&l->barred, (uint64_t)account, l);
}

/* What cannot be read now is read a second later. */
static void look_barred(struct gate_live *l)
{
	struct err err = ERR_INIT;
	int64_t change;

	if (!l->ask.change || l->ask.change(l->ask.arg, &change, &err) < 0 ||
	    change == l->change)
		return;
	map_sweep(&l->barred, drop, NULL);
	if (l->ask.each(l->ask.arg, bar, l, &err) == 0)
		l->change = change;
}

static void look(struct gate_live *l)
{
	struct err err = ERR_INIT;
	struct sweep s = { .live = l };
	int64_t last;
	bool asked;

	look_barred(l);
	/* A gate that cannot be asked is asked again: what was revoked meanwhile
	 * is still in its list. */
	asked = gate_revoked(l->gate, l->since, l->revoked, &s.n, &last,
	                     &err) == 0;
	if (!asked)
		s.n = 0;
	(void)pthread_mutex_lock(&l->lock);
	map_sweep(&l->held, keep_held, &s);
	(void)pthread_mutex_unlock(&l->lock);
	if (!asked)
		return;
	l->since = l->last;
	l->last = last;
}

static void *run(void *arg)
{
	struct gate_live *l = arg;
	struct timespec until;

	(void)pthread_mutex_lock(&l->lock);
	while (!l->quit) {
		(void)pthread_mutex_unlock(&l->lock);
		look(l);
		(void)pthread_mutex_lock(&l->lock);
		(void)clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec += POLL_MS / 1000;
		if (!l->quit)
			(void)pthread_cond_timedwait(&l->wake, &l->lock,
			                             &until);
	}
	(void)pthread_mutex_unlock(&l->lock);
	return NULL;
}

int gate_live_watch(struct gate_client *g, struct net_engine *e,
                    const struct gate_barred *barred, struct err *err)
{
	struct gate_live *l;

	if (*gate_client_live(g))
		return 0; /* one process serves several protocols */
	l = mem_zalloc(sizeof(*l));
	l->gate = g;
	l->engine = e;
	l->since = l->last = l->change = -1;
	if (barred)
		l->ask = *barred;
	(void)pthread_mutex_init(&l->lock, NULL);
	(void)pthread_cond_init(&l->wake, NULL);
	map_init(&l->held, random_u64());
	map_init(&l->barred, random_u64());
	if (thread_start(&l->thread, "gate-live", run, l, err) < 0) {
		map_deinit(&l->held);
		map_deinit(&l->barred);
		(void)pthread_cond_destroy(&l->wake);
		(void)pthread_mutex_destroy(&l->lock);
		mem_free(l);
		return -1;
	}
	*gate_client_live(g) = l;
	return 0;
}

static bool keep_none(void *arg, void *value)
{
	(void)arg;
	free_all(value);
	return false;
}

void gate_live_unwatch(struct gate_client *g)
{
	struct gate_live **lp = gate_client_live(g), *l = *lp;

	if (!l)
		return;
	(void)pthread_mutex_lock(&l->lock);
	l->quit = true;
	(void)pthread_cond_signal(&l->wake);
	(void)pthread_mutex_unlock(&l->lock);
	(void)pthread_join(l->thread, NULL);
	map_sweep(&l->held, keep_none, NULL);
	map_deinit(&l->held);
	map_deinit(&l->barred);
	(void)pthread_cond_destroy(&l->wake);
	(void)pthread_mutex_destroy(&l->lock);
	mem_free(l);
	*lp = NULL;
}

static bool is_same(const struct held *a, const struct held *b)
{
	return a->account == b->account &&
	       a->credential.kind == b->credential.kind &&
	       a->credential.id == b->credential.id;
}

/* Beside what the session is held for already; instead of what an earlier
 * session in its place was. */
static void keep(struct gate_live *l, struct held *h)
{
	struct held *old = map_get_u64(&l->held, h->ref.slot);

	if (old && old->ref.generation == h->ref.generation) {
		for (struct held *one = old; one; one = one->next)
			if (is_same(one, h)) {
				mem_free(h);
				return;
			}
		h->next = old->next;
		old->next = h;
		return;
	}
	free_all(map_put_u64(&l->held, h->ref.slot, h));
}

void gate_live_hold(struct gate_client *g, const struct net_session *s,
                    int64_t account, const struct gate_credential *by)
{
	struct gate_live *l = *gate_client_live(g);
	struct held *h;

	if (!l)
		return;
	h = mem_zalloc(sizeof(*h));
	h->ref = net_ref(s);
	h->account = account;
	h->credential = *by;
	(void)pthread_mutex_lock(&l->lock);
	keep(l, h);
	(void)pthread_mutex_unlock(&l->lock);
}
