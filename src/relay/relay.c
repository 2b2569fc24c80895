/* Threads, and who gets one. */
#include "relay/relay.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
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

/* Another process may have added something: look this often anyway. */
#define POLL_US (5 * US_PER_SEC)
/* While all is busy, at most this often. */
#define PASS_US   (20 * US_PER_MS)
#define BATCH_MAX 256
/* After a look, before the next that somebody asks for. */
#define PAUSE_MIN_US US_PER_MS
#define PAUSE_MAX_US (100 * US_PER_MS)
#define TALLY_US     (5 * US_PER_SEC)

/* ---- threads ---- */

/* With the lock held: this thread goes to, or from, its destination. */
static void arrive(struct relay *r, struct relay_task *t)
{
	struct str name = str_z(t->name);
	struct relay_active *a = map_get(&r->active, name);

	if (!a) {
		a = mem_zalloc(sizeof(*a));
		(void)map_put(&r->active, name, a);
	}
	a->n++;
	a->opening++;
	t->opening = true;
	r->at_work++;
}

static void leave(struct relay *r, struct relay_task *t)
{
	struct str name = str_z(t->name);
	struct relay_active *a = map_get(&r->active, name);

	if (a && t->opening)
		a->opening--;
	if (a && --a->n == 0)
		mem_free(map_remove(&r->active, name));
	t->opening = false;
	r->at_work--;
}

static void done_with(struct relay *r, struct relay_task *t)
{
	leave(r, t);
	if (t->searching) {
		r->searching--;
		r->suspects -= t->suspect;
	}
	mem_free(t);
	relay_poke(r);
}

static void *work(void *arg)
{
	struct relay *r = arg;
	struct relay_task *t;

	(void)pthread_mutex_lock(&r->lock);
	while (!atomic_load(&r->stop)) {
		t = r->tasks;
		if (!t) {
			r->idle++;
			(void)pthread_cond_wait(&r->work, &r->lock);
			r->idle--;
			continue;
		}
		r->tasks = t->next;
		(void)pthread_mutex_unlock(&r->lock);
		relay_task_run(r, t);
		(void)pthread_mutex_lock(&r->lock);
		done_with(r, t);
	}
	(void)pthread_mutex_unlock(&r->lock);
	return NULL;
}

bool relay_slot_take(struct relay *r, struct relay_task *t)
{
	bool ok;

	(void)pthread_mutex_lock(&r->lock);
	while (r->sending >= r->sending_max && !atomic_load(&r->stop))
		(void)pthread_cond_wait(&r->slot, &r->lock);
	ok = !atomic_load(&r->stop);
	if (ok) {
		r->sending++;
		if (t->searching) {
			r->searching--;
			r->suspects -= t->suspect;
		}
		t->searching = false;
	}
	(void)pthread_mutex_unlock(&r->lock);
	relay_poke(r); /* there is room for another search */
	return ok;
}

void relay_slot_give(struct relay *r)
{
	(void)pthread_mutex_lock(&r->lock);
	r->sending--;
	(void)pthread_cond_signal(&r->slot);
	(void)pthread_mutex_unlock(&r->lock);
}

void relay_has_claimed(struct relay *r, struct relay_task *t)
{
	struct relay_active *a;

	if (!t->opening)
		return;
	(void)pthread_mutex_lock(&r->lock);
	t->opening = false;
	a = map_get(&r->active, str_z(t->name));
	if (a)
		a->opening--;
	(void)pthread_mutex_unlock(&r->lock);
	relay_poke(r);
}

/* With the lock held: those that nobody is at. */
static bool take_one(struct relay *r, struct relay_task *t,
                     const struct queue_destination *d, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (d[i].name.n >= sizeof(t->name) ||
		    map_get(&r->active, d[i].name))
			continue;
		leave(r, t);
		(void)snprintf(t->name, sizeof(t->name), "%.*s",
		               STR_ARG(d[i].name));
		t->failures = d[i].failures;
		arrive(r, t);
		return true;
	}
	return false;
}

bool relay_take_next(struct relay *r, struct relay_task *t)
{
	struct queue_destination *d;
	struct err err = ERR_INIT;
	bool found = false;
	int64_t next_us;
	struct arena a;
	size_t max, n;

	(void)pthread_mutex_lock(&r->lock);
	max = r->active.n + 1;
	(void)pthread_mutex_unlock(&r->lock);
	arena_init(&a);
	d = arena_array(&a, max, sizeof(*d));
	for (int failing = 0; failing < 2 && !found; failing++) {
		if (queue_destinations(r->o.queue, failing, clock_wall_us(),
		                       max, &a, d, &n, &next_us, &err) < 0) {
			log_fail(LOG_ERROR, "relay.trouble", &err);
			break;
		}
		(void)pthread_mutex_lock(&r->lock);
		found = take_one(r, t, d, n);
		(void)pthread_mutex_unlock(&r->lock);
	}
	arena_deinit(&a);
	return found;
}

bool relay_is_crowded(struct relay *r)
{
	bool crowded;

	(void)pthread_mutex_lock(&r->lock);
	crowded = r->searching * 2 > r->threads_max - r->sending_max;
	(void)pthread_mutex_unlock(&r->lock);
	return crowded;
}

/* ---- the scheduler ---- */

/* With the lock held: may this one have (another) thread? */
static bool has_room(struct relay *r, const struct queue_destination *d)
{
	const struct relay_active *a = map_get(&r->active, d->name);
	size_t most = (size_t)config_u64(r->o.config,
	                                 OPT_RELAY_DESTINATION_CONNECTIONS);
	size_t searches = r->threads_max - r->sending_max;

	if (d->name.n >= sizeof(((struct relay_task *)0)->name))
		return false;
	if (r->searching >= searches)
		return false;
	/* One host takes it all. */
	if (config_str(r->o.config, OPT_RELAY_SMARTHOST).n &&
	    r->at_work >= most)
		return false;
	if (d->failures == 0)
		return !a || (a->n < most && a->opening == 0);
	/* One feeler to what was dead, and not too many at a time. */
	return !a && r->suspects * 2 < searches + 1;
}

static bool hand_out(struct relay *r, const struct queue_destination *d)
{
	struct relay_task *t, **at;
	struct err err = ERR_INIT;

	if (!has_room(r, d))
		return false;
	t = mem_zalloc(sizeof(*t));
	(void)snprintf(t->name, sizeof(t->name), "%.*s", STR_ARG(d->name));
	t->failures = d->failures;
	t->suspect = d->failures > 0;
	t->searching = true;
	arrive(r, t);
	r->searching++;
	r->suspects += t->suspect;
	for (at = &r->tasks; *at; at = &(*at)->next)
		;
	*at = t;
	if (r->idle == 0 && r->threads_n < r->threads_max &&
	    thread_start(&r->threads[r->threads_n], "relay", work, r, &err) ==
	            0)
		r->threads_n++;
	else
		(void)pthread_cond_signal(&r->work);
	return true;
}

/* Those that failed, or the others; how many are due and may go. */
static int hand_out_all(struct relay *r, bool failing, int64_t now_us,
                        size_t *due, size_t *given, int64_t *next_us,
                        struct err *err)
{
	struct queue_destination *d;
	size_t max, i, n = 0;
	struct arena a;
	int rc;

	(void)pthread_mutex_lock(&r->lock);
	/* Those at work are due too until they have claimed. */
	max = r->active.n + BATCH_MAX;
	(void)pthread_mutex_unlock(&r->lock);
	arena_init(&a);
	d = arena_array(&a, max, sizeof(*d));
	rc = queue_destinations(r->o.queue, failing, now_us, max, &a, d, &n,
	                        next_us, err);
	(void)pthread_mutex_lock(&r->lock);
	for (i = 0; rc == 0 && i < n && !atomic_load(&r->stop); i++)
		*given += hand_out(r, &d[i]);
	(void)pthread_mutex_unlock(&r->lock);
	*due += n;
	arena_deinit(&a);
	return rc;
}

/* How long until there is something to do. */
static int64_t pass(struct relay *r)
{
	int64_t now_us = clock_wall_us(), next_us = 0, next_dead_us = 0;
	struct err err = ERR_INIT;
	size_t due = 0, given = 0;

	if (hand_out_all(r, false, now_us, &due, &given, &next_us, &err) < 0 ||
	    hand_out_all(r, true, now_us, &due, &given, &next_dead_us, &err) <
	            0) {
		log_fail(LOG_ERROR, "relay.trouble", &err);
		return POLL_US;
	}
	/* Those at work poke when they are done. */
	if (due > 0)
		return given ? PASS_US : US_PER_SEC;
	if (next_dead_us < next_us)
		next_us = next_dead_us;
	if (next_us - now_us < POLL_US)
		return next_us > now_us ? next_us - now_us : 0;
	return POLL_US;
}

/* The more destinations there are, the longer a look at them takes: it is not
 * made over and over while mail pours in. */
static int64_t timed_pass(struct relay *r, int64_t *pause_us)
{
	int64_t began_us = clock_steady_us(), wait_us = pass(r);

	*pause_us = 4 * (clock_steady_us() - began_us);
	if (*pause_us < PAUSE_MIN_US)
		*pause_us = PAUSE_MIN_US;
	if (*pause_us > PAUSE_MAX_US)
		*pause_us = PAUSE_MAX_US;
	return wait_us;
}

/* What is counted in memory goes to the disk now and then. */
static void write_tally(struct relay *r, int64_t *last_us)
{
	struct err err = ERR_INIT;
	int64_t now_us = clock_real_us();

	if (now_us - *last_us < TALLY_US)
		return;
	*last_us = now_us;
	if (relay_tally_write(r->tally, &err) < 0)
		log_fail(LOG_WARN, "relay.tally", &err);
}

static void *schedule(void *arg)
{
	struct relay *r = arg;
	int64_t wait_us = 0, pause_us = 0, tally_us = clock_real_us();

	while (!atomic_load(&r->stop)) {
		struct pollfd p = { .fd = r->wake, .events = POLLIN };
		uint64_t n;

		if (clock_is_simulated() && wait_us > US_PER_SEC / 5)
			wait_us = US_PER_SEC / 5;
		(void)poll(&p, 1, (int)((wait_us + US_PER_MS - 1) / US_PER_MS));
		if (p.revents)
			clock_sleep_us(pause_us); /* some come together */
		if (read(r->wake, &n, sizeof(n)) < 0)
			n = 0; /* nobody poked */
		if (!atomic_load(&r->stop))
			wait_us = timed_pass(r, &pause_us);
		write_tally(r, &tally_us);
	}
	return NULL;
}

/* ---- reports of other days ---- */

#define REPORT_US  (10 * US_PER_MIN)
#define POLICY_MAX (400 * US_PER_DAY) /* over the longest max_age */

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
	map_init(&r->active, random_u64());
	r->sending_max = (size_t)config_u64(o->config, OPT_RELAY_CONNECTIONS);
	r->threads_max = r->sending_max +
	                 (size_t)config_u64(o->config, OPT_RELAY_SEARCHES);
	r->threads = mem_array(r->threads_max, sizeof(*r->threads));
	if (r->wake < 0 || r->stop_fd < 0)
		return err_sys(err, errno, "eventfd");
	if (open_tls(r, err) < 0 || relay_book_open(&r->book, o->dir, err) < 0)
		return -1;
	r->tally = relay_tally_new(r->book);
	r->pace = relay_pace_new();
	if (queue_unclaim(o->queue, QUEUE_RELAY, clock_wall_us(), err) < 0 ||
	    thread_start(&r->scheduler, "relay-plan", schedule, r, err) < 0)
		return -1;
	r->scheduler_runs = true;
	if (thread_start(&r->reporter, "relay-report", run_reports, r, err) < 0)
		return -1;
	r->reporter_runs = true;
	return 0;
}

void relay_stop(struct relay **rp)
{
	struct relay *r = *rp;
	uint64_t one = 1;
	size_t i;

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
	(void)pthread_mutex_lock(&r->lock);
	(void)pthread_cond_broadcast(&r->work);
	(void)pthread_cond_broadcast(&r->slot);
	(void)pthread_mutex_unlock(&r->lock);
	for (i = 0; i < r->threads_n; i++)
		(void)pthread_join(r->threads[i], NULL);
	while (r->tasks) {
		struct relay_task *t = r->tasks;

		r->tasks = t->next;
		done_with(r, t);
	}
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
	(void)pthread_mutex_destroy(&r->lock);
	mem_free(r);
	*rp = NULL;
}
