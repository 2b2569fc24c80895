/*
 * Push by event stream (RFC 8620, 7.3): the states of the account, when one
 * changes.
 *
 * A stream is a parked session with a source that waits.  News of the account
 * wake it; one thread for all streams wakes those that owe a ping, so that
 * neither side takes the connection for dead (http ends one that is idle for
 * a minute).
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "base/mem.h"
#include "gate/live.h"
#include "jmap/push.h"
#include "log/log.h"
#include "news/news.h"
#include "os/clock.h"
#include "os/thread.h"

#define PING_MAX_S  45 /* under the minute of http/ */
#define PING_MIN_S  5
#define STREAMS_MAX 10 /* of an account */

struct stream {
	struct jmap_push *push;
	struct jmap_user user; /* its account alone */
	struct net_ref ref;
	struct news_sub *sub;
	unsigned types; /* a bit for each enum change_type */
	bool once, pings, greeted;
	int64_t ping_us;
	atomic_bool look;    /* something changed */
	_Atomic int64_t due; /* of the next ping */
	struct change_state told[CHANGE_TYPES];
	struct stream *prev, *next; /* under the lock */
};

struct jmap_push {
	struct jmap_server *server;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	pthread_t thread;
	bool quit, started;
	struct stream *streams;
};

/* ---- pings ---- */

static void *run(void *arg)
{
	struct jmap_push *p = arg;

	(void)pthread_mutex_lock(&p->lock);
	while (!p->quit) {
		struct timespec until;

		if (!p->streams) {
			(void)pthread_cond_wait(&p->cond, &p->lock);
			continue;
		}
		for (struct stream *s = p->streams; s; s = s->next)
			if (clock_steady_us() >= atomic_load(&s->due))
				net_wake(p->server->ctx.engine, s->ref);
		(void)clock_gettime(CLOCK_REALTIME, &until);
		until.tv_sec++;
		(void)pthread_cond_timedwait(&p->cond, &p->lock, &until);
	}
	(void)pthread_mutex_unlock(&p->lock);
	return NULL;
}

struct jmap_push *jmap_push_new(struct jmap_server *j)
{
	struct jmap_push *p = mem_zalloc(sizeof(*p));
	struct err err = ERR_INIT;

	p->server = j;
	(void)pthread_mutex_init(&p->lock, NULL);
	(void)pthread_cond_init(&p->cond, NULL);
	p->started = thread_start(&p->thread, "jmap-ping", run, p, &err) == 0;
	if (!p->started)
		log_fail(LOG_ERROR, "jmap.push.trouble", &err);
	return p;
}

void jmap_push_free(struct jmap_push **pp)
{
	struct jmap_push *p = *pp;

	if (!p)
		return;
	(void)pthread_mutex_lock(&p->lock);
	p->quit = true;
	(void)pthread_cond_signal(&p->cond);
	(void)pthread_mutex_unlock(&p->lock);
	if (p->started)
		(void)pthread_join(p->thread, NULL);
	(void)pthread_cond_destroy(&p->cond);
	(void)pthread_mutex_destroy(&p->lock);
	mem_free(p);
	*pp = NULL;
}

/* False when the account has too many. */
static bool enter(struct stream *s)
{
	struct jmap_push *p = s->push;
	unsigned n = 0;

	(void)pthread_mutex_lock(&p->lock);
	for (struct stream *o = p->streams; o; o = o->next)
		n += o->user.account.id == s->user.account.id;
	if (n < STREAMS_MAX && p->started) {
		s->next = p->streams;
		if (s->next)
			s->next->prev = s;
		p->streams = s;
		(void)pthread_cond_signal(&p->cond);
	}
	(void)pthread_mutex_unlock(&p->lock);
	return n < STREAMS_MAX && p->started;
}

static void drop(void *arg)
{
	struct stream *s = arg;
	struct jmap_push *p = s->push;

	news_unsubscribe(p->server->ctx.news, &s->sub);
	(void)pthread_mutex_lock(&p->lock);
	if (s->prev)
		s->prev->next = s->next;
	else
		p->streams = s->next;
	if (s->next)
		s->next->prev = s->prev;
	(void)pthread_mutex_unlock(&p->lock);
	mem_free(s);
}

/* ---- the stream ---- */

static void on_news(void *arg)
{
	struct stream *s = arg;

	atomic_store(&s->look, true);
	net_wake(s->push->server->ctx.engine, s->ref);
}

const char *const jmap_type_names[CHANGE_TYPES] = {
	[CHANGE_EMAIL] = "Email",
	[CHANGE_MAILBOX] = "Mailbox",
	[CHANGE_THREAD] = "Thread",
	[CHANGE_IDENTITY] = "Identity",
	[CHANGE_SUBMISSION] = "EmailSubmission",
	[CHANGE_SCRIPT] = "SieveScript",
	[CHANGE_VACATION] = "VacationResponse",
	[CHANGE_ADDRESS_BOOK] = "AddressBook",
	[CHANGE_CARD] = "ContactCard",
	/* Of no objects (RFC 8621, 1.5). */
	[CHANGE_DELIVERY] = "EmailDelivery",
};

void jmap_push_id(const struct change_state now[CHANGE_TYPES],
                  char out[JMAP_PUSH_ID_MAX])
{
	struct buf b;

	buf_init(&b, JMAP_PUSH_ID_MAX - 1);
	buf_fmt(&b, "%u", now[0].epoch);
	for (int i = 0; i < CHANGE_TYPES; i++)
		buf_fmt(&b, "-%llu", (unsigned long long)now[i].modseq);
	(void)snprintf(out, JMAP_PUSH_ID_MAX, "%.*s", STR_ARG(buf_str(&b)));
	buf_deinit(&b);
}

static bool is_other(const struct change_state *a, const struct change_state *b)
{
	return a->modseq != b->modseq || a->epoch != b->epoch;
}

void jmap_write_changed(struct json_writer *w, const struct jmap_user *u,
                        unsigned types,
                        const struct change_state told[CHANGE_TYPES],
                        const struct change_state now[CHANGE_TYPES])
{
	struct arena a;

	arena_init(&a);
	json_member_z(w, "@type", "StateChange");
	json_key(w, STR("changed"));
	json_object(w);
	json_key(w, str_z(jmap_account_id(u).z));
	json_object(w);
	for (int i = 0; i < CHANGE_TYPES; i++)
		if (types & 1u << i && is_other(&now[i], &told[i]))
			json_member_str(w, jmap_type_names[i],
			                jmap_state_text(&a, now[i]));
	json_end(w);
	json_end(w);
	arena_deinit(&a);
}

static void tell(struct http_exchange *x, const struct stream *s,
                 const struct change_state now[CHANGE_TYPES])
{
	struct json_writer w;
	char id[JMAP_PUSH_ID_MAX];
	struct buf b;

	buf_init(&b, 4096);
	jmap_push_id(now, id);
	buf_fmt(&b, "event: state\nid: %s\ndata: ", id);
	w = json_writer(&b);
	json_object(&w);
	jmap_write_changed(&w, &s->user, s->types, s->told, now);
	json_end(&w);
	buf_add_z(&b, "\n\n");
	http_write(x, buf_str(&b));
	buf_deinit(&b);
}

bool jmap_push_differs(unsigned types,
                       const struct change_state told[CHANGE_TYPES],
                       const struct change_state now[CHANGE_TYPES])
{
	for (int i = 0; i < CHANGE_TYPES; i++)
		if (types & 1u << i && is_other(&now[i], &told[i]))
			return true;
	return false;
}

static void ping(struct http_exchange *x, struct stream *s)
{
	char text[80];

	if (s->pings)
		(void)snprintf(text, sizeof(text),
		               "event: ping\ndata: {\"interval\":%lld}\n\n",
		               (long long)(s->ping_us / US_PER_SEC));
	else
		(void)snprintf(text, sizeof(text), ":\n\n");
	http_write(x, str_z(text));
	atomic_store(&s->due, clock_steady_us() + s->ping_us);
}

static bool source(struct http_exchange *x, void *arg)
{
	struct stream *s = arg;
	struct change_state now[CHANGE_TYPES];
	struct err err = ERR_INIT;

	if (net_is_draining(http_session(x)))
		return false;
	if (!s->greeted) {
		s->greeted = true;
		http_write(x, STR(":\n\n"));
	}
	if (atomic_exchange(&s->look, false)) {
		if (change_states(s->push->server->ctx.store, s->user.account,
		                  now, &err) < 0) {
			log_fail(LOG_ERROR, "jmap.push.trouble", &err);
			return false; /* the client comes again */
		}
		if (jmap_push_differs(s->types, s->told, now)) {
			tell(x, s, now);
			for (int i = 0; i < CHANGE_TYPES; i++)
				s->told[i] = now[i];
			atomic_store(&s->due, clock_steady_us() + s->ping_us);
			return !s->once;
		}
	}
	if (clock_steady_us() >= atomic_load(&s->due))
		ping(x, s);
	return true;
}

/* ---- the request ---- */

static bool read_types(struct str list, unsigned *out)
{
	struct str name;

	*out = 0;
	if (str_eq(list, STR("*"))) {
		*out = (1u << CHANGE_TYPES) - 1;
		return true;
	}
	while (str_cut(&list, ',', &name))
		for (int i = 0; i < CHANGE_TYPES; i++)
			if (str_eq(name, str_z(jmap_type_names[i])))
				*out |= 1u << i;
	return true;
}

static bool read_query(struct http_exchange *x, struct arena *a,
                       struct stream *s)
{
	struct str query = http_request(x)->query, name, value;
	uint64_t seconds = 0;
	bool has_types = false;

	while (http_query_next(&query, &name, &value)) {
		char *z = arena_alloc(a, value.n + 1);
		struct str v = { z, 0 };

		if (!http_query_decode(value, z, &v.n))
			return false;
		if (str_eq(name, STR("types")))
			has_types = read_types(v, &s->types);
		else if (str_eq(name, STR("closeafter")))
			s->once = str_eq(v, STR("state"));
		else if (str_eq(name, STR("ping")) &&
		         !str_to_u64(v, INT32_MAX, &seconds))
			return false;
	}
	s->pings = seconds > 0;
	if (seconds == 0 || seconds > PING_MAX_S)
		seconds = PING_MAX_S;
	if (seconds < PING_MIN_S)
		seconds = PING_MIN_S;
	s->ping_us = (int64_t)seconds * US_PER_SEC;
	return has_types;
}

static bool begin(struct jmap_server *j, struct http_exchange *x,
                  struct stream *s)
{
	struct str last = http_head_get(http_request(x), "Last-Event-ID");
	struct err err = ERR_INIT;
	char id[JMAP_PUSH_ID_MAX];

	if (!enter(s)) {
		jmap_problem_limit(x, "maxConcurrentRequests");
		mem_free(s);
		return false;
	}
	/* First listen, then look: nothing falls between. */
	s->sub = news_subscribe(j->ctx.news, s->user.account.id, on_news, s);
	if (change_states(j->ctx.store, s->user.account, s->told, &err) < 0) {
		jmap_trouble(x, &err);
		drop(s);
		return false;
	}
	jmap_push_id(s->told, id);
	if (last.p && !str_eq(last, str_z(id))) {
		/* It missed something: tell it at once. */
		for (int i = 0; i < CHANGE_TYPES; i++)
			s->told[i].epoch = UINT32_MAX;
		atomic_store(&s->look, true);
	}
	return true;
}

void jmap_serve_events(struct http_exchange *x)
{
	struct jmap_server *j = http_arg(x);
	struct stream *s = mem_zalloc(sizeof(*s));
	struct arena a;

	arena_init(&a);
	s->push = j->push;
	s->ref = net_ref(http_session(x));
	if (!jmap_login(j, x, &a, &s->user)) {
		mem_free(s);
	} else if (!j->ctx.news || !read_query(x, &a, s)) {
		jmap_problem(x, 400, NULL, "types, closeafter and ping");
		mem_free(s);
	} else {
		/* The names live no longer than this call. */
		s->user.address = s->user.name = (struct str){ NULL, 0 };
		atomic_store(&s->due, clock_steady_us() + s->ping_us);
		gate_live_hold(j->ctx.gate, http_session(x), s->user.account.id,
		               &s->user.by);
		if (begin(j, x, s))
			http_send(x, 200, "text/event-stream", UINT64_MAX,
			          source, drop, s);
	}
	arena_deinit(&a);
}
