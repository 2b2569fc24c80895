#include "daemon/certs.h"

#include <pthread.h>

#include "acme/certs.h"
#include "base/mem.h"
#include "log/log.h"
#include "os/clock.h"
#include "os/hook.h"
#include "os/pause.h"
#include "os/thread.h"

#define LOOK_US  (2 * US_PER_SEC)
#define CALM_US  (2 * US_PER_SEC) /* after the start: the http role listens */
#define AFTER_US US_PER_MIN       /* trouble of our own */
#define HOOK_US  (2 * US_PER_MIN)

struct cert_thread {
	struct host *host;
	struct certs *certs;
	pthread_t thread;
	struct pause pause;
};

static bool is_stopping(void *arg)
{
	struct cert_thread *t = arg;

	return pause_is_over(&t->pause);
}

static void told(void *arg, struct str name, int64_t until_s,
                 const struct err *why)
{
	struct log_line l;

	(void)arg;
	log_begin(&l, why ? LOG_WARN : LOG_INFO,
	          why ? "acme.failed" : "acme.issued");
	log_str(&l, "name", name);
	if (why)
		log_err(&l, why);
	else
		log_i64(&l, "until", until_s);
	log_end(&l);
}

static int set_record(void *arg, const char *verb, struct str name,
                      struct str text, struct err *err)
{
	struct cert_thread *t = arg;
	const struct str words[] = { str_z(verb), name, text };

	return hook_run(t->host->cert_hook, words, 3, HOOK_US, err);
}

static void *run(void *arg)
{
	struct cert_thread *t = arg;
	int64_t wait_us = CALM_US;

	thread_background();
	while (pause_rest(&t->pause, wait_us)) {
		struct err err = ERR_INIT;

		wait_us = LOOK_US;
		if (certs_run(t->certs, clock_wall_us(), &err) < 0) {
			log_fail(LOG_ERROR, "acme.trouble", &err);
			wait_us = AFTER_US;
		}
	}
	return NULL;
}

int cert_hook_start(struct host *h, struct err *err)
{
	const char *program = config_z(h->cfg, OPT_ACME_DNS_HOOK);

	if (!*config_z(h->cfg, OPT_ACME_DIRECTORY) || !*program ||
	    config_choice(h->cfg, OPT_ACME_CHALLENGE) != CONFIG_ACME_DNS)
		return 0;
	return hook_start(&h->cert_hook, program, err);
}

int cert_thread_start(struct cert_thread **out, struct host *h, struct err *err)
{
	struct cert_thread *t;
	struct certs_options o = { .config = h->cfg,
		                   .dir = h->dir,
		                   .keys = h->keys,
		                   .dns = h->dns,
		                   .directory = h->directory,
		                   .stop = is_stopping,
		                   .told = told };

	*out = NULL;
	if (!*config_z(h->cfg, OPT_ACME_DIRECTORY))
		return 0;
	t = mem_zalloc(sizeof(*t));
	t->host = h;
	o.arg = t;
	if (h->cert_hook)
		o.set_record = set_record;
	pause_init(&t->pause);
	if (certs_open(&t->certs, &o, err) < 0 ||
	    thread_start(&t->thread, "certs", run, t, err) < 0) {
		certs_close(&t->certs);
		pause_deinit(&t->pause);
		mem_free(t);
		return -1;
	}
	*out = t;
	return 0;
}

void cert_thread_stop(struct cert_thread **tp)
{
	struct cert_thread *t = *tp;

	if (!t)
		return;
	pause_end(&t->pause);
	(void)pthread_join(t->thread, NULL);
	certs_close(&t->certs);
	pause_deinit(&t->pause);
	mem_free(t);
	*tp = NULL;
}

/* ---- what is shown ---- */

static void answer(struct http_exchange *x)
{
	struct host *h = http_arg(x);
	struct err ignored = ERR_INIT;
	struct arena a;
	struct str text;

	arena_init(&a);
	if (certs_http_answer(h->dir, http_path_rest(x), &a, &text, &ignored) ==
	    0)
		http_reply(x, 200, "application/octet-stream", text);
	else
		http_reply(x, 404, "text/plain; charset=utf-8",
		           STR("There is no such challenge.\n"));
	arena_deinit(&a);
}

void cert_routes(struct host *h, struct http_route out[CERT_ROUTES_N])
{
	out[0] = (struct http_route){
		.method = "GET",
		.path = "/.well-known/acme-challenge/*",
		.handle = answer,
		.arg = h,
		.in_clear = true,
	};
}
