#include "jmap/pusher.h"

#include <stdio.h>
#include <time.h>

#include "base/mem.h"
#include "config/config.h"
#include "gate/access.h"
#include "jmap/pusher_private.h"
#include "log/log.h"
#include "os/clock.h"
#include "os/thread.h"

#define LOOK_US    US_PER_SEC
#define PUSHES_MAX 200000 /* subscriptions of a host */

/* ---- who there is ---- */

static void on_change(void *arg)
{
	struct pushee *e = arg;
	struct jmap_pusher *p = e->pusher;

	atomic_store(&e->look, true);
	(void)pthread_mutex_lock(&p->lock);
	p->poked = true;
	(void)pthread_cond_signal(&p->look);
	(void)pthread_mutex_unlock(&p->lock);
}

static void on_reload(void *arg)
{
	struct jmap_pusher *p = arg;

	atomic_store(&p->reload, true);
	(void)pthread_mutex_lock(&p->lock);
	p->poked = true;
	(void)pthread_cond_signal(&p->look);
	(void)pthread_mutex_unlock(&p->lock);
}

/* Takes over what the client sets; `told` is ours once it is verified. */
static void copy(struct pushee *e, const struct push_subscription *s)
{
	bool keep = e->s.verified && s->verified;
	bool code_sent = e->s.code_sent;

	arena_reset(&e->arena);
	e->s = *s;
	e->s.device = arena_dup(&e->arena, s->device);
	e->s.url = arena_dup(&e->arena, s->url);
	e->s.types = arena_dup(&e->arena, s->types);
	e->s.told = (struct str){ NULL, 0 };
	e->s.code_sent |= code_sent;
	e->types = s->all_types ? (1u << CHANGE_TYPES) - 1
	                        : jmap_told_types(s->types);
	if (!keep)
		(void)snprintf(e->told, sizeof(e->told), "%.*s",
		               STR_ARG(s->told));
	atomic_store(&e->look, true);
}

static struct pushee *enter(struct jmap_pusher *p,
                            const struct push_subscription *s)
{
	struct pushee *e = mem_zalloc(sizeof(*e));

	e->pusher = p;
	arena_init(&e->arena);
	buf_init(&e->token.text, PUSH_TOKEN_MAX);
	copy(e, s);
	e->sub = news_subscribe(p->o.news, s->account, on_change, e);
	return e;
}

static void leave(struct jmap_pusher *p, struct pushee *e)
{
	news_unsubscribe(p->o.news, &e->sub);
	buf_deinit(&e->token.text);
	arena_deinit(&e->arena);
	mem_free(e);
}

/* The next of the list is to be the subscription `s`; those before it are no
 * more.  False: it is at work now, and is to be asked again. */
static bool merge(struct jmap_pusher *p, struct pushee ***at,
                  const struct push_subscription *s)
{
	struct pushee *fresh;
	bool done = true;

	(void)pthread_mutex_lock(&p->lock);
	while (**at && (**at)->s.id < s->id) {
		(**at)->gone = true;
		*at = &(**at)->next;
	}
	if (**at && (**at)->s.id == s->id) {
		done = !(**at)->busy;
		if (done)
			copy(**at, s);
		*at = &(**at)->next;
		(void)pthread_mutex_unlock(&p->lock);
		return done;
	}
	(void)pthread_mutex_unlock(&p->lock);
	fresh = enter(p, s);
	(void)pthread_mutex_lock(&p->lock);
	fresh->next = **at;
	**at = fresh;
	*at = &fresh->next;
	(void)pthread_mutex_unlock(&p->lock);
	return true;
}

/* Read all of them again. */
static void reload(struct jmap_pusher *p)
{
	struct push_subscription *list;
	struct pushee **at = &p->list;
	struct err err = ERR_INIT;
	struct arena a;
	bool again = false;
	size_t n;

	arena_init(&a);
	if (push_list(p->o.book, 0, &a, &list, &n, &err) < 0) {
		log_fail(LOG_ERROR, "push.trouble", &err);
		atomic_store(&p->reload, true);
		arena_deinit(&a);
		return;
	}
	for (size_t i = 0; i < n && i < PUSHES_MAX; i++)
		if (!merge(p, &at, &list[i]))
			again = true;
	(void)pthread_mutex_lock(&p->lock);
	for (; *at; at = &(*at)->next)
		(*at)->gone = true;
	(void)pthread_mutex_unlock(&p->lock);
	if (again)
		atomic_store(&p->reload, true);
	arena_deinit(&a);
}

/* Those that are gone and not at work are freed. */
static void sweep(struct jmap_pusher *p)
{
	struct pushee **at = &p->list, *gone = NULL;

	(void)pthread_mutex_lock(&p->lock);
	while (*at) {
		struct pushee *e = *at;

		if (!e->gone || e->busy) {
			at = &e->next;
			continue;
		}
		*at = e->next;
		e->next = gone;
		gone = e;
	}
	(void)pthread_mutex_unlock(&p->lock);
	while (gone) {
		struct pushee *next = gone->next;

		leave(p, gone);
		gone = next;
	}
}

/* ---- what was revoked ---- */

static bool is_hit(const struct pushee *e, const struct gate_revoked *r)
{
	if (e->s.account != r->account || r->seq <= e->s.by.as_of)
		return false;
	return r->credential.kind == GATE_BY_ANY ||
	       push_is_same_login(&e->s.by, &r->credential);
}

/* Marked, then dropped by a worker as it is due. */
static void revoke(struct jmap_pusher *p, const struct gate_revoked *list,
                   size_t n)
{
	(void)pthread_mutex_lock(&p->lock);
	for (struct pushee *e = p->list; e; e = e->next)
		for (size_t i = 0; i < n && !e->revoked; i++)
			e->revoked = is_hit(e, &list[i]);
	(void)pthread_mutex_unlock(&p->lock);
}

/* Those of the list that came behind the last look. */
static void ask_revoked(struct jmap_pusher *p)
{
	struct gate_revoked *list = mem_alloc(GATE_REVOKED_MAX * sizeof(*list));
	struct err err = ERR_INIT;
	int64_t last;
	size_t n = 0;

	/* A gate that cannot be asked is asked again. */
	while (gate_revoked(p->o.gate, p->revoked, list, &n, &last, &err) ==
	       0) {
		if (last == p->revoked)
			break;
		revoke(p, list, n);
		if (push_revoked_set(p->o.book, last, &err) < 0) {
			log_fail(LOG_ERROR, "push.trouble", &err);
			break;
		}
		p->revoked = last;
		if (n < GATE_REVOKED_MAX)
			break;
	}
	mem_free(list);
}

/* ---- who is due ---- */

static bool is_due(const struct pushee *e, int64_t now, int64_t wall)
{
	if (e->busy || e->gone)
		return false;
	if (e->revoked || push_is_over(&e->s, wall))
		return now >= e->drop_us;
	return now >= e->due_us &&
	       (e->s.verified ? atomic_load(&e->look) : !e->s.code_sent);
}

/* One request at a time for an account: whatever its services do, others have
 * their turn. */
static bool is_alone(const struct jmap_pusher *p, const struct pushee *e)
{
	for (const struct pushee *o = p->list; o; o = o->next)
		if (o->busy && o->s.account == e->s.account)
			return false;
	return true;
}

static struct pushee *find_due(struct jmap_pusher *p)
{
	int64_t now = clock_steady_us(), wall = clock_wall_us();

	for (struct pushee *e = p->list; e; e = e->next)
		if (is_due(e, now, wall) && is_alone(p, e))
			return e;
	return NULL;
}

static void *run_worker(void *arg)
{
	struct jmap_pusher *p = arg;

	(void)pthread_mutex_lock(&p->lock);
	while (!p->quit) {
		struct pushee *e = p->has_vapid ? find_due(p) : NULL;

		if (!e) {
			(void)pthread_cond_wait(&p->work, &p->lock);
			continue;
		}
		e->busy = true;
		(void)pthread_mutex_unlock(&p->lock);
		pusher_tell(p, e);
		(void)pthread_mutex_lock(&p->lock);
		e->busy = false;
	}
	(void)pthread_mutex_unlock(&p->lock);
	return NULL;
}

static void load_vapid(struct jmap_pusher *p)
{
	struct vapid v;
	struct err err = ERR_INIT;

	if (vapid_load(&v, p->o.keys, &err) < 0) {
		log_fail(LOG_WARN, "push.trouble", &err);
		return;
	}
	(void)pthread_mutex_lock(&p->lock);
	p->vapid = v;
	p->has_vapid = true;
	(void)pthread_mutex_unlock(&p->lock);
}

static void look_once(struct jmap_pusher *p)
{
	int64_t now = clock_real_us();

	if (atomic_exchange(&p->reload, false))
		reload(p);
	sweep(p);
	if (!p->list || now - p->asked_us < LOOK_US)
		return;
	p->asked_us = now;
	if (!p->has_vapid)
		load_vapid(p);
	ask_revoked(p);
}

static void *run_looking(void *arg)
{
	struct jmap_pusher *p = arg;

	(void)pthread_mutex_lock(&p->lock);
	while (!p->quit) {
		struct timespec until;

		p->poked = false;
		(void)pthread_mutex_unlock(&p->lock);
		look_once(p);
		(void)pthread_mutex_lock(&p->lock);
		(void)pthread_cond_broadcast(&p->work);
		(void)clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec++;
		if (p->quit || p->poked)
			continue;
		/* Without any it waits for the first. */
		if (p->list || atomic_load(&p->reload))
			(void)pthread_cond_timedwait(&p->look, &p->lock,
			                             &until);
		else
			(void)pthread_cond_wait(&p->look, &p->lock);
	}
	(void)pthread_mutex_unlock(&p->lock);
	return NULL;
}

/* ---- beginning and end ---- */

static struct str contact_of(struct jmap_pusher *p)
{
	struct str given = config_str(p->o.config, OPT_PUSH_CONTACT);

	if (given.n)
		return given;
	return arena_fmt(&p->arena, "mailto:postmaster@%.*s",
	                 STR_ARG(config_provider_domain(p->o.config)));
}

static int begin(struct jmap_pusher *p, struct err *err)
{
	if (push_revoked_get(p->o.book, &p->revoked, err) < 0 ||
	    thread_start(&p->looking, "push-look", run_looking, p, err) < 0)
		return -1;
	p->looks = true;
	for (; p->workers_n < PUSHER_THREADS; p->workers_n++)
		if (thread_start(&p->workers[p->workers_n], "push", run_worker,
		                 p, err) < 0)
			return -1;
	p->news = news_subscribe(p->o.news, JMAP_NEWS_PUSH, on_reload, p);
	/* What was made between the first look and now. */
	on_reload(p);
	return 0;
}

int jmap_pusher_start(struct jmap_pusher **out,
                      const struct jmap_pusher_options *o, struct err *err)
{
	struct jmap_pusher *p = mem_zalloc(sizeof(*p));

	p->o = *o;
	arena_init(&p->arena);
	(void)pthread_mutex_init(&p->lock, NULL);
	thread_cond_init(&p->look);
	(void)pthread_cond_init(&p->work, NULL);
	p->way = (struct push_way){ .config = o->config,
		                    .dns = o->dns,
		                    .keys = o->keys,
		                    .vapid = &p->vapid,
		                    .contact = contact_of(p) };
	*out = p;
	if (begin(p, err) == 0)
		return 0;
	jmap_pusher_stop(out);
	return err_prefix(err, "push");
}

void jmap_pusher_stop(struct jmap_pusher **pp)
{
	struct jmap_pusher *p = *pp;

	if (!p)
		return;
	(void)pthread_mutex_lock(&p->lock);
	p->quit = true;
	(void)pthread_cond_broadcast(&p->look);
	(void)pthread_cond_broadcast(&p->work);
	(void)pthread_mutex_unlock(&p->lock);
	if (p->looks)
		(void)pthread_join(p->looking, NULL);
	for (unsigned i = 0; i < p->workers_n; i++)
		(void)pthread_join(p->workers[i], NULL);
	news_unsubscribe(p->o.news, &p->news);
	while (p->list) {
		struct pushee *e = p->list;

		p->list = e->next;
		leave(p, e);
	}
	(void)pthread_cond_destroy(&p->work);
	(void)pthread_cond_destroy(&p->look);
	(void)pthread_mutex_destroy(&p->lock);
	arena_deinit(&p->arena);
	mem_free(p);
	*pp = NULL;
}
