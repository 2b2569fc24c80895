/* Begin and end; and the reports of other days. */
#include "relay/relay.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "crypto/tls_client.h"
#include "log/log.h"
#include "os/clock.h"
#include "os/random.h"
#include "os/thread.h"
#include "relay/pace.h"
#include "relay/private.h"
#include "relay/report.h"
#include "relay/tally.h"

/* ---- reports of other days ---- */

#define REPORT_US   (10 * US_PER_MIN)
#define WAITING_MAX 2000               /* destinations in line at hosts */
#define POLICY_MAX  (400 * US_PER_DAY) /* over the longest max_age */

static void report(struct relay *r)
{
	const char *ca = config_z(r->o.config, OPT_RELAY_AUTHORITIES);
	struct relay_reporter rep = {
		.o = &r->o,
		.book = r->book,
		.ca_file = *ca ? ca : NULL,
		.now_us = clock_wall_us(),
		.stop = &r->stop,
	};
	struct err err = ERR_INIT;

	if (relay_tally_write(r->tally, &err) < 0 ||
	    relay_book_policy_tidy(r->book, rep.now_us - POLICY_MAX, &err) <
	            0 ||
	    (r->o.post && config_bool(r->o.config, OPT_RELAY_TLS_REPORTS) &&
	     relay_report_run(&rep, &err) < 0))
		log_fail(LOG_WARN, "relay.report", &err);
}

static void *run_reports(void *arg)
{
	struct relay *r = arg;
	struct pollfd p = { .fd = r->stop_fd, .events = POLLIN };
	int64_t wait_us = clock_is_simulated() ? US_PER_SEC : REPORT_US;

	/* The first one soon: what a stop left. */
	(void)poll(&p, 1, (int)(US_PER_SEC / US_PER_MS));
	while (!atomic_load(&r->stop)) {
		report(r);
		(void)poll(&p, 1, (int)(wait_us / US_PER_MS));
	}
	return NULL;
}

/* ---- outside ---- */

void relay_poke(struct relay *r)
{
	uint64_t one = 1;

	if (r && write(r->wake, &one, sizeof(one)) < 0)
		return; /* it is full: the scheduler is awake anyway */
}

static int open_tls(struct relay *r, struct err *err)
{
	const char *ca = config_z(r->o.config, OPT_RELAY_AUTHORITIES);
	struct tls_client_options o = {
		.authorities = true,
		.ca_file = *ca ? ca : NULL,
	};

	return tls_client_new(&r->tls, &o, err);
}

int relay_start(struct relay **out, const struct relay_options *o,
                struct err *err)
{
	struct relay *r = mem_zalloc(sizeof(*r));

	*out = r;
	r->o = *o;
	r->sealer = (struct relay_sealer){
		.signer = o->signer,
		.directory = o->directory,
		.hostname = config_hostname(o->config),
	};
	r->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	(void)pthread_mutex_init(&r->lock, NULL);
	(void)pthread_cond_init(&r->work, NULL);
	(void)pthread_cond_init(&r->slot, NULL);
	thread_cond_init(&r->closing);
	map_init(&r->active, random_u64());
	r->sending_max = (size_t)config_u64(o->config, OPT_RELAY_CONNECTIONS);
	r->threads_max = r->sending_max +
	                 (size_t)config_u64(o->config, OPT_RELAY_SEARCHES);
	r->ways = relay_ways_new(r->sending_max, WAITING_MAX);
	r->closer_at_us = INT64_MAX;
	r->threads = mem_array(r->threads_max, sizeof(*r->threads));
	if (r->wake < 0 || r->stop_fd < 0)
		return err_sys(err, errno, "eventfd");
	if (open_tls(r, err) < 0 || relay_book_open(&r->book, o->dir, err) < 0)
		return -1;
	r->tally = relay_tally_new(r->book);
	r->pace = relay_pace_new();
	if (queue_unclaim(o->queue, QUEUE_RELAY, clock_wall_us(), err) < 0 ||
	    thread_start(&r->scheduler, "relay-plan", relay_plan, r, err) < 0)
		return -1;
	r->scheduler_runs = true;
	if (thread_start(&r->reporter, "relay-report", run_reports, r, err) < 0)
		return -1;
	r->reporter_runs = true;
	if (thread_start(&r->closer, "relay-close", relay_close_idle, r, err) <
	    0)
		return -1;
	r->closer_runs = true;
	return 0;
}

void relay_stop(struct relay **rp)
{
	struct relay *r = *rp;
	uint64_t one = 1;

	if (!r)
		return;
	atomic_store(&r->stop, true);
	if (write(r->stop_fd, &one, sizeof(one)) < 0)
		err_die("eventfd");
	relay_poke(r);
	if (r->scheduler_runs)
		(void)pthread_join(r->scheduler, NULL);
	if (r->reporter_runs)
		(void)pthread_join(r->reporter, NULL);
	relay_pool_end(r);
	if (r->closer_runs)
		(void)pthread_join(r->closer, NULL);
	if (r->ways)
		relay_share_close(r);
	map_deinit(&r->active);
	mem_free(r->threads);
	relay_tally_free(&r->tally);
	relay_pace_free(&r->pace);
	relay_book_close(&r->book);
	tls_client_free(&r->tls);
	(void)close(r->wake);
	(void)close(r->stop_fd);
	(void)pthread_cond_destroy(&r->work);
	(void)pthread_cond_destroy(&r->slot);
	(void)pthread_cond_destroy(&r->closing);
	(void)pthread_mutex_destroy(&r->lock);
	mem_free(r);
	*rp = NULL;
}
