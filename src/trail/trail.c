#include "trail/trail.h"

#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/thread.h"
#include "trail/private.h"
#include "trail/ring.h"
#include "trail/write.h"

#define RING_BYTES ((size_t)2 * 1024 * 1024)
#define FLUSH_US   (200 * US_PER_MS)
/* Of records, written in one transaction. */
#define BATCH_BYTES ((size_t)128 * 1024)

struct trail {
	struct trail_options o; /* o.dir is `dir` */
	char *dir;
	pthread_t thread;
	bool runs;

	pthread_mutex_t lock; /* for all below */
	pthread_cond_t wake;  /* of the writer */
	pthread_cond_t idle;  /* all that was there is written */
	struct ring ring;
	struct trail_figures figures;
	uint64_t taken; /* events out of the ring: written, or dropped */
	bool sleeps, hurry, stop;

	/* The writer's alone. */
	struct trail_writer *writer;
	bool failing;
};

/* ---- adding ---- */

void trail_add(struct trail *t, const struct trail_event *e)
{
	struct trail_event own;
	struct buf facts;
	struct trail_record r;
	size_t lost = 0;

	if (!t)
		return;
	own = *e;
	if (!own.at_us)
		own.at_us = clock_wall_us();
	buf_init(&facts, TRAIL_FACTS_MAX);
	trail_pack(&facts, &own);
	r = (struct trail_record){ .at_us = own.at_us,
		                   .trace = trail_number(own.trace),
		                   .kind = own.kind };
	r.keys_n = (uint32_t)trail_keys(&own, r.keys);
	(void)pthread_mutex_lock(&t->lock);
	t->figures.added++;
	if (!ring_put(&t->ring, &r, buf_str(&facts), &lost))
		lost++;
	t->figures.dropped += lost;
	t->taken += lost;
	if (t->sleeps || (!t->hurry && ring_used(&t->ring) > BATCH_BYTES)) {
		t->hurry = !t->sleeps;
		(void)pthread_cond_signal(&t->wake);
	}
	(void)pthread_mutex_unlock(&t->lock);
	buf_deinit(&facts);
}

/* ---- writing ---- */

static void wait_until(struct trail *t, pthread_cond_t *cond, int64_t us)
{
	int64_t until = clock_real_us() + us;
	struct timespec ts = { .tv_sec = until / US_PER_SEC,
		               .tv_nsec = until % US_PER_SEC * 1000 };

	(void)pthread_cond_timedwait(cond, &t->lock, &ts);
}

/* Until there is something, and then a while for more to come; false when
 * nothing is left and it is to stop.  With the lock. */
static bool wait_for_events(struct trail *t)
{
	int64_t until;

	while (!ring_used(&t->ring) && !t->stop) {
		t->sleeps = true;
		(void)pthread_cond_wait(&t->wake, &t->lock);
		t->sleeps = false;
	}
	until = clock_real_us() + t->o.flush_us;
	while (!t->hurry && !t->stop && ring_used(&t->ring) <= BATCH_BYTES) {
		int64_t left = until - clock_real_us();

		if (left <= 0)
			break;
		wait_until(t, &t->wake, left);
	}
	return ring_used(&t->ring) || !t->stop;
}

static bool disk_is_low(const struct trail *t, struct err *err)
{
	uint64_t left;

	if (!t->o.reserve_bytes)
		return false;
	left = file_free_bytes(t->o.dir);
	if (left == 0 || left >= t->o.reserve_bytes)
		return false;
	err_drop(err_set(err, ERR_NO_SPACE,
	                 "the disk is too full for the trail"));
	return true;
}

/* Without the lock. */
static void write_batch(struct trail *t, char *p, size_t bytes, size_t n,
                        size_t *dropped)
{
	struct err err = ERR_INIT;
	bool ok;

	if (disk_is_low(t, &err)) {
		*dropped = n;
		ok = false;
	} else {
		ok = trail_write(t->writer, p, bytes, n, dropped, &err) == 0;
	}
	if (!ok && !t->failing && t->o.trouble)
		t->o.trouble(t->o.trouble_arg, &err);
	t->failing = !ok;
}

static void *run(void *arg)
{
	struct trail *t = arg;
	char *batch = mem_alloc(BATCH_BYTES);

	(void)pthread_mutex_lock(&t->lock);
	while (wait_for_events(t)) {
		size_t n, dropped = 0;
		size_t bytes = ring_take(&t->ring, batch, BATCH_BYTES, &n);

		(void)pthread_mutex_unlock(&t->lock);
		if (n)
			write_batch(t, batch, bytes, n, &dropped);
		(void)pthread_mutex_lock(&t->lock);
		t->taken += n;
		t->figures.written += n - dropped;
		t->figures.dropped += dropped;
		t->figures.batches += n != 0;
		if (!ring_used(&t->ring))
			t->hurry = false;
		(void)pthread_cond_broadcast(&t->idle);
	}
	(void)pthread_mutex_unlock(&t->lock);
	mem_free(batch);
	return NULL;
}

void trail_flush(struct trail *t)
{
	uint64_t until;

	if (!t)
		return;
	(void)pthread_mutex_lock(&t->lock);
	until = t->figures.added;
	while (t->taken < until) {
		t->hurry = true;
		(void)pthread_cond_signal(&t->wake);
		(void)pthread_cond_wait(&t->idle, &t->lock);
	}
	(void)pthread_mutex_unlock(&t->lock);
}

/* ---- open, close ---- */

int trail_open(struct trail **out, const struct trail_options *o,
               struct err *err)
{
	struct trail *t = mem_zalloc(sizeof(*t));
	struct arena a;
	int rc;

	t->o = *o;
	t->dir = mem_strdup(o->dir);
	t->o.dir = t->dir;
	if (!t->o.flush_us)
		t->o.flush_us = FLUSH_US;
	ring_init(&t->ring, o->ring_bytes ? o->ring_bytes : RING_BYTES);
	t->writer = trail_writer_new(o->dir);
	(void)pthread_mutex_init(&t->lock, NULL);
	thread_cond_init(&t->wake);
	thread_cond_init(&t->idle);
	arena_init(&a);
	rc = file_mkdir(arena_fmt(&a, "%s/trail", o->dir).p, 0770, err);
	arena_deinit(&a);
	if (rc == 0)
		rc = thread_start(&t->thread, "trail", run, t, err);
	t->runs = rc == 0;
	if (rc == 0)
		*out = t;
	else
		trail_close(&t);
	return rc;
}

void trail_close(struct trail **tp)
{
	struct trail *t = *tp;

	if (!t)
		return;
	if (t->runs) {
		(void)pthread_mutex_lock(&t->lock);
		t->stop = true;
		(void)pthread_cond_signal(&t->wake);
		(void)pthread_mutex_unlock(&t->lock);
		(void)pthread_join(t->thread, NULL);
	}
	trail_writer_free(&t->writer);
	ring_deinit(&t->ring);
	(void)pthread_cond_destroy(&t->wake);
	(void)pthread_cond_destroy(&t->idle);
	(void)pthread_mutex_destroy(&t->lock);
	mem_free(t->dir);
	mem_free(t);
	*tp = NULL;
}

void trail_figures(struct trail *t, struct trail_figures *out)
{
	*out = (struct trail_figures){ .added = 0 };
	if (!t)
		return;
	(void)pthread_mutex_lock(&t->lock);
	*out = t->figures;
	(void)pthread_mutex_unlock(&t->lock);
}
