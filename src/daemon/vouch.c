#include "daemon/vouch.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/mem.h"
#include "log/log.h"
#include "os/clock.h"
#include "os/pause.h"
#include "os/thread.h"
#include "reports/aggregate.h"
#include "verify/key_life.h"
#include "verify/tally.h"
#include "verify/verify.h"

#define LOOK_US US_PER_SEC

struct vouch {
	struct host *host;
	struct key_life *keys;
	struct verify *verify;
	int64_t reported_us, tidied_us; /* when it was looked for last */
	pthread_t thread;
	struct pause pause;
};

static bool is_time(int64_t *last_us, int64_t now_us, int64_t period_us)
{
	/* A clock that was set back does not stop it for long. */
	if (*last_us && now_us - *last_us < period_us && now_us >= *last_us)
		return false;
	*last_us = now_us;
	return true;
}

static void report(struct vouch *v, int64_t now_us)
{
	struct host *h = v->host;
	struct reports r = { .config = h->cfg,
		             .directory = h->directory,
		             .store = h->store,
		             .queue = h->queue,
		             .verify = v->verify,
		             .tally = h->tally };
	struct err err = ERR_INIT;

	if (is_time(&v->reported_us, now_us, US_PER_MIN) &&
	    reports_aggregate_run(&r, now_us, pause_is_over, &v->pause, &err) <
	            0)
		log_fail(LOG_ERROR, "dmarc.trouble", &err);
	if (is_time(&v->tidied_us, now_us, US_PER_DAY) &&
	    tally_tidy(h->tally, now_us, &err) < 0)
		log_fail(LOG_ERROR, "dmarc.trouble", &err);
}

static void *run(void *arg)
{
	struct vouch *v = arg;
	bool failed = false;

	thread_background();
	while (pause_rest(&v->pause,
	                  clock_is_simulated() ? LOOK_US / 5 : LOOK_US)) {
		struct err err = ERR_INIT;
		int64_t now_us = clock_wall_us();
		int n = key_life_run(v->keys, now_us, pause_is_over, &v->pause,
		                     &err);

		if (n < 0 && !failed) /* once is enough */
			log_fail(LOG_ERROR, "dkim.trouble", &err);
		failed = n < 0;
		report(v, now_us);
	}
	return NULL;
}

int vouch_start(struct vouch **out, struct host *h, struct err *err)
{
	struct vouch *v = mem_zalloc(sizeof(*v));
	struct key_life_options k = { .keys = h->keys,
		                      .dns = h->dns,
		                      .public_dir = host_path(h, "dkim") };
	struct verify_options o = { .dns = h->dns,
		                    .hostname = config_hostname(h->cfg) };

	v->host = h;
	v->keys = key_life_new(&k);
	v->verify = verify_new(&o);
	pause_init(&v->pause);
	if (thread_start(&v->thread, "vouch", run, v, err) < 0) {
		key_life_free(&v->keys);
		verify_free(&v->verify);
		pause_deinit(&v->pause);
		mem_free(v);
		return -1;
	}
	*out = v;
	return 0;
}

void vouch_stop(struct vouch **vp)
{
	struct vouch *v = *vp;

	if (!v)
		return;
	pause_end(&v->pause);
	(void)pthread_join(v->thread, NULL);
	key_life_free(&v->keys);
	verify_free(&v->verify);
	pause_deinit(&v->pause);
	mem_free(v);
	*vp = NULL;
}
