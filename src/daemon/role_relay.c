/*
 * The role `relay`: what happens behind the scenes.  Local deliveries that
 * wait in the queue, and the store's upkeep: indexing soon after a change,
 * erasing what is past its time.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "base/mem.h"
#include "daemon/certs.h"
#include "daemon/expiry.h"
#include "daemon/roles.h"
#include "daemon/vouch.h"
#include "deliver/post.h"
#include "deliver/runner.h"
#include "jmap/follow.h"
#include "jmap/pusher.h"
#include "log/log.h"
#include "news/bell.h"
#include "news/news.h"
#include "os/clock.h"
#include "os/pause.h"
#include "os/thread.h"
#include "queue/queue.h"
#include "relay/relay.h"
#include "score/engine.h"
#include "score/teach.h"
#include "store/store.h"
#include "verify/sign.h"

#define SLICE_US (200 * US_PER_MS) /* of upkeep, then others get a turn */
#define LOOK_US  (500 * US_PER_MS) /* for changes */
#define IDLE_US  US_PER_MIN        /* upkeep without a change */
/* So many changes in LOOK_US are a rush, for which upkeep waits. */
#define RUSH        50
#define PATIENCE_US (20 * US_PER_SEC)
#define LEARN_MAX   100 /* messages the filter learns from at once */
#define CALM_US     (5 * US_PER_SEC) /* after the start, before old mail goes */

struct role_relay {
	struct deliver_runner *runner;
	struct relay *relay;
	struct signer *signer;
	struct vouch *vouch;
	struct cert_thread *certs;
	struct jmap_pusher *pusher;
	struct jmap_follow *follow;
	struct news_sub *queue_news;
	struct bell *bell;
	struct host *host;
	struct expiry expiry;
	int64_t begun_us;
	pthread_t upkeep;
	bool upkeep_runs;
	struct pause pause;
};

struct rush {
	uint64_t changes;
	int64_t at_us, since_us;
};

/* In a rush everything goes to those who deliver: what is not indexed
 * meanwhile is read by who searches.  A rush that does not end is no excuse. */
static bool in_a_rush(struct rush *r, uint64_t changes, int64_t now_us)
{
	bool is = (int64_t)(changes - r->changes) * LOOK_US >
	          RUSH * (now_us - r->at_us);

	r->changes = changes;
	r->at_us = now_us;
	if (!is || !r->since_us)
		r->since_us = is ? now_us : 0;
	return is && now_us - r->since_us < PATIENCE_US;
}

/* What owners moved into and out of Spam. */
static void learn(struct role_relay *r)
{
	struct host *h = r->host;
	unsigned how = config_choice(h->cfg, OPT_SCORE_LEARN);
	struct learned *lr =
		how == CONFIG_LEARN_OFF ? NULL : score_engine_learned(h->score);
	struct err err = ERR_INIT;
	int n;

	do
		n = teach_run(h->store, lr, how == CONFIG_LEARN_SHARED,
		              LEARN_MAX, &err);
	while (n == LEARN_MAX && !pause_is_over(&r->pause));
	if (n < 0)
		log_fail(LOG_ERROR, "score.learn", &err);
}

static void *run_upkeep(void *arg)
{
	struct role_relay *r = arg;
	struct host *h = r->host;
	struct rush rush = { 0 };
	uint64_t seen = 0;
	int64_t done_us = 0;
	bool more = true;

	thread_background(); /* deliveries come first */
	while (pause_rest(&r->pause, more ? US_PER_MS : LOOK_US)) {
		uint64_t now = news_total(h->news);
		int64_t at = clock_real_us();
		struct err err = ERR_INIT;

		if (at - r->begun_us > CALM_US)
			expiry_run(&r->expiry, h, pause_is_over, &r->pause);
		if (!more && now == seen && at - done_us < IDLE_US)
			continue;
		learn(r);
		if (in_a_rush(&rush, now, at)) {
			more = false; /* look again when it may be over */
			continue;
		}
		seen = now;
		done_us = at;
		if (store_upkeep(h->store, SLICE_US, &more, &err) == 0)
			continue;
		more = false;
		log_fail(LOG_ERROR, "store.upkeep", &err);
	}
	return NULL;
}

static void poke(void *arg)
{
	struct role_relay *r = arg;

	deliver_runner_poke(r->runner);
	relay_poke(r->relay);
}

/* What the relay itself has to say, to whoever it is. */
static int post_letter(void *arg, const struct relay_letter *l, struct err *err)
{
	struct host *h = arg;
	struct post p = { .to = l->to, .null_sender = true, .at_us = l->at_us };
	struct queue_new q;
	struct arena a;
	int64_t id;
	int rc;

	arena_init(&a);
	rc = post_route(&p, h->directory, h->store, &a, err);
	if (rc > 0) {
		p.message = l->message;
		q = post_queue(&p);
		q.key = l->key;
		/* RFC 8460, 5.3: also where TLS is what is wrong. */
		q.tls_optional = true;
		rc = queue_add(h->queue, &q, &id, err) < 0 ? -1 : 1;
	}
	arena_deinit(&a);
	return rc;
}

static int start_relay(struct role_relay *r, struct host *h, struct err *err)
{
	struct relay_options o = {
		.config = h->cfg,
		.queue = h->queue,
		.dir = h->dir,
		.dns = h->dns,
		.gate = h->gate,
		.trail = h->trail,
		.directory = h->directory,
		.post = post_letter,
		.post_arg = h,
	};

	if (config_bool(h->cfg, OPT_DKIM_SIGN))
		o.signer = r->signer = signer_new(h->keys);
	if (!config_bool(h->cfg, OPT_RELAY_SEND))
		return 0;
	return relay_start(&r->relay, &o, err);
}

static int start_pusher(struct role_relay *r, struct host *h, struct err *err)
{
	struct jmap_pusher_options o = {
		.config = h->cfg,
		.book = h->push,
		.store = h->store,
		.directory = h->directory,
		.gate = h->gate,
		.keys = h->keys,
		.dns = h->dns,
		.news = h->news,
	};

	return h->push ? jmap_pusher_start(&r->pusher, &o, err) : 0;
}

/* Before anything of the queue is claimed. */
static int start_follow(struct role_relay *r, struct host *h, struct err *err)
{
	struct jmap_follow_options o = { .store = h->store,
		                         .directory = h->directory,
		                         .queue = h->queue,
		                         .dir = h->dir };

	if (jmap_follow_start(&r->follow, &o, err) < 0)
		return -1;
	queue_watch(h->queue, jmap_follow_account, r->follow);
	return 0;
}

/* Without it those who are logged in see later what a command changed. */
static void listen_for_news(struct role_relay *r, struct host *h)
{
	struct err err = ERR_INIT;

	if (bell_listen(&r->bell, host_path(h, BELL_SOCKET), h->news, &err) < 0)
		log_fail(LOG_WARN, "listen.news", &err);
}

int role_relay_start(struct host *h, struct err *err)
{
	struct role_relay *r = mem_zalloc(sizeof(*r));

	h->state[ROLE_RELAY] = r;
	r->host = h;
	r->begun_us = clock_real_us();
	pause_init(&r->pause);
	if (start_follow(r, h, err) < 0)
		return -1;
	if (deliver_runner_start(&r->runner, h->cfg, h->directory, h->store,
	                         h->queue, h->trail, err) < 0)
		return -1;
	if (start_relay(r, h, err) < 0)
		return -1;
	r->queue_news = news_subscribe(h->news, NEWS_QUEUE, poke, r);
	if (thread_start(&r->upkeep, "upkeep", run_upkeep, r, err) < 0)
		return -1;
	r->upkeep_runs = true;
	listen_for_news(r, h);
	if (cert_thread_start(&r->certs, h, err) < 0 ||
	    start_pusher(r, h, err) < 0)
		return -1;
	return vouch_start(&r->vouch, h, err);
}

void role_relay_stop(struct host *h)
{
	struct role_relay *r = h->state[ROLE_RELAY];

	if (!r)
		return;
	pause_end(&r->pause);
	if (r->upkeep_runs)
		(void)pthread_join(r->upkeep, NULL);
	jmap_pusher_stop(&r->pusher);
	vouch_stop(&r->vouch);
	cert_thread_stop(&r->certs);
	bell_close(&r->bell);
	news_unsubscribe(h->news, &r->queue_news);
	relay_stop(&r->relay);
	signer_free(&r->signer);
	deliver_runner_stop(&r->runner);
	queue_watch(h->queue, NULL, NULL);
	jmap_follow_stop(&r->follow);
	pause_deinit(&r->pause);
	mem_free(r);
	h->state[ROLE_RELAY] = NULL;
}
