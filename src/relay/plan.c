/* Which destinations are due, and who of them gets a thread. */
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"
#include "log/log.h"
#include "os/clock.h"
#include "relay/private.h"
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
	struct relay_task *t;

	if (!has_room(r, d))
		return false;
	t = mem_zalloc(sizeof(*t));
	(void)snprintf(t->name, sizeof(t->name), "%.*s", STR_ARG(d->name));
	t->failures = d->failures;
	relay_pool_put(r, t);
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

void *relay_plan(void *relay)
{
	struct relay *r = relay;
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
