#include "db/group.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "os/blocking.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/lock.h"

/* So that one commit stays well under a quarter of a second. */
#define BATCH_MAX       64
#define READ_WAIT_S     30
#define WAL_RESET_BYTES (UINT64_C(512) * 1024 * 1024)
#define WAL_CHECK_BYTES (UINT64_C(16) * 1024 * 1024)

/* A thread with a write, on its own stack. */
struct waiter {
	struct waiter *next;
	pthread_cond_t wake;
	db_write_fn fn;
	void *arg;
	const int64_t *accounts;
	size_t accounts_n;
	bool done, lead;
	int rc;
	struct err err;
};

struct db_group {
	struct db_group_options o;
	char *path;

	pthread_mutex_t mutex; /* for all below but `writer` and `lock` */
	struct waiter *first, **last;
	bool leading;
	struct db_group_figures figures;

	pthread_cond_t reader_free;
	struct db **readers; /* those not lent */
	uint32_t readers_free, readers_made, readers_max;

	/* The leader's alone. */
	struct db *writer;
	struct lock *lock;
	uint64_t check_at;
};

/* ---- open ---- */

static int bring_up(struct db_group *g, struct err *err)
{
	uint32_t version;

	if (db_version(g->writer, &version, err) < 0)
		return -1;
	if (version > g->o.schema_version)
		return err_set(
			err, ERR_INVALID,
			"%s was written by a later version (%u, this one "
			"knows %u)",
			g->path, version, g->o.schema_version);
	if (version == g->o.schema_version)
		return 0;
	if (db_begin(g->writer, err) < 0)
		return -1;
	if (g->o.migrate(g->writer, version, err) < 0 ||
	    db_set_version(g->writer, g->o.schema_version, err) < 0 ||
	    db_commit(g->writer, err) < 0) {
		db_rollback(g->writer);
		return -1;
	}
	return 0;
}

/* What an earlier life left in the log goes into the file now, if nobody is
 * reading: after a failed sync the log in the kernel's memory may be more
 * than there is on the disk, and must not be built upon. */
static void settle_log(struct db_group *g)
{
	struct err err;

	err_drop(db_exec(g->writer, "PRAGMA busy_timeout = 0", &err));
	err_drop(db_checkpoint(g->writer, true, &err)); /* others read */
	err_drop(db_exec(g->writer, "PRAGMA busy_timeout = 10000", &err));
}

static int open_writer(struct db_group *g, struct err *err)
{
	char path[4096];
	int rc, n = snprintf(path, sizeof(path), "%s.lock", g->path);

	if (n < 0 || (size_t)n >= sizeof(path))
		return err_set(err, ERR_TOO_BIG, "path is too long");
	if (lock_open(&g->lock, path, err) < 0 ||
	    lock_acquire(g->lock, err) < 0)
		return -1;
	rc = db_open(&g->writer, &g->o.db, err);
	if (rc == 0)
		rc = bring_up(g, err);
	if (rc == 0)
		settle_log(g);
	lock_release(g->lock);
	return rc;
}

int db_group_open(struct db_group **out, const struct db_group_options *o,
                  struct err *err)
{
	struct db_group *g = mem_zalloc(sizeof(*g));
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	g->o = *o;
	g->path = mem_strdup(o->db.path);
	g->o.db.path = g->path;
	if (!g->o.wal_reset_bytes)
		g->o.wal_reset_bytes = WAL_RESET_BYTES;
	if (!g->o.wal_check_bytes)
		g->o.wal_check_bytes = WAL_CHECK_BYTES;
	g->check_at = g->o.wal_check_bytes;
	g->last = &g->first;
	g->readers_max =
		o->readers ? o->readers : (uint32_t)(cores > 0 ? cores : 1) + 2;
	g->readers = mem_array(g->readers_max, sizeof(struct db *));
	(void)pthread_mutex_init(&g->mutex, NULL);
	(void)pthread_cond_init(&g->reader_free, NULL);
	if (open_writer(g, err) < 0) {
		db_group_close(&g);
		return -1;
	}
	*out = g;
	return 0;
}

void db_group_close(struct db_group **gp)
{
	struct db_group *g = *gp;

	if (!g)
		return;
	for (uint32_t i = 0; i < g->readers_free; i++)
		db_close(&g->readers[i]);
	db_close(&g->writer);
	lock_close(&g->lock);
	(void)pthread_mutex_destroy(&g->mutex);
	(void)pthread_cond_destroy(&g->reader_free);
	mem_free(g->readers);
	mem_free(g->path);
	mem_free(g);
	*gp = NULL;
}

/* ---- writing ---- */

/* One write as a transaction of its own. */
static void run_alone(struct db_group *g, struct waiter *w)
{
	w->rc = -1;
	if (file_sync_is_broken()) {
		err_drop(err_set(&w->err, ERR_TEMP,
		                 "%s: a sync to the disk has failed", g->path));
		return;
	}
	if (db_begin(g->writer, &w->err) < 0)
		return;
	w->rc = w->fn(g->writer, w->arg, &w->err);
	if (w->rc == 0)
		w->rc = db_commit(g->writer, &w->err);
	if (w->rc < 0)
		db_rollback(g->writer);
}

/* -1: the transaction as a whole is lost. */
static int run_part(struct db_group *g, struct waiter *w, struct err *err)
{
	if (db_savepoint(g->writer, err) < 0)
		return -1;
	w->rc = w->fn(g->writer, w->arg, &w->err);
	if (w->rc < 0)
		return db_savepoint_undo(g->writer, err);
	return db_savepoint_keep(g->writer, err);
}

static int run_together(struct db_group *g, struct waiter *batch)
{
	struct err err = ERR_INIT;
	int rc = db_begin(g->writer, &err);

	for (struct waiter *w = batch; rc == 0 && w; w = w->next)
		rc = run_part(g, w, &err);
	if (rc == 0)
		rc = db_commit(g->writer, &err);
	if (rc < 0)
		db_rollback(g->writer);
	return rc;
}

static void run_batch(struct db_group *g, struct waiter *batch)
{
	bool lost;

	if (!batch->next) {
		run_alone(g, batch);
		return;
	}
	lost = run_together(g, batch) < 0;
	if (!lost)
		return;
	for (struct waiter *w = batch; w; w = w->next)
		run_alone(g, w);
	(void)pthread_mutex_lock(&g->mutex);
	g->figures.retried++;
	(void)pthread_mutex_unlock(&g->mutex);
}

static bool has_account(const int64_t *list, size_t n, int64_t account)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == account)
			return true;
	return false;
}

/* Tell of the accounts that were changed, each once. */
static void tell(struct db_group *g, const struct waiter *batch)
{
	size_t n = 0, max = 0;
	int64_t *list;

	if (!g->o.committed)
		return;
	for (const struct waiter *w = batch; w; w = w->next)
		max += w->rc == 0 ? w->accounts_n : 0;
	if (!max)
		return;
	list = mem_array(max, sizeof(*list));
	for (const struct waiter *w = batch; w; w = w->next)
		for (size_t i = 0; w->rc == 0 && i < w->accounts_n; i++)
			if (!has_account(list, n, w->accounts[i]))
				list[n++] = w->accounts[i];
	g->o.committed(g->o.committed_arg, list, n);
	mem_free(list);
}

static struct waiter *take_batch(struct db_group *g, size_t *n_out)
{
	struct waiter *batch, **end;
	size_t n = 0;

	(void)pthread_mutex_lock(&g->mutex);
	batch = g->first;
	end = &batch;
	while (*end && n < BATCH_MAX) {
		end = &(*end)->next;
		n++;
	}
	g->first = *end;
	if (!g->first)
		g->last = &g->first;
	*end = NULL;
	(void)pthread_mutex_unlock(&g->mutex);
	*n_out = n;
	return batch;
}

/* Mark them done; their stacks are theirs again from then on. */
static void finish(struct db_group *g, struct waiter *batch, size_t n)
{
	(void)pthread_mutex_lock(&g->mutex);
	g->figures.writes += n;
	g->figures.commits++;
	if (n > g->figures.batch_max)
		g->figures.batch_max = n;
	while (batch) {
		struct waiter *next = batch->next;

		batch->done = true;
		(void)pthread_cond_signal(&batch->wake);
		batch = next;
	}
	(void)pthread_mutex_unlock(&g->mutex);
}

/* After a commit, with the lock.  That a checkpoint fails is no reason to
 * take anything back: the log has it all. */
static void check_log(struct db_group *g)
{
	uint64_t wal = db_wal_bytes(g->writer);
	struct err err;
	bool reset;

	if (wal < g->o.wal_check_bytes)
		g->check_at = g->o.wal_check_bytes;
	if (wal < g->check_at)
		return;
	reset = wal >= g->o.wal_reset_bytes;
	err_drop(db_checkpoint(g->writer, reset, &err));
	g->check_at = wal + g->o.wal_check_bytes;
	(void)pthread_mutex_lock(&g->mutex);
	g->figures.checkpoints++;
	g->figures.resets += reset;
	(void)pthread_mutex_unlock(&g->mutex);
}

static void lead(struct db_group *g)
{
	struct waiter *batch;
	struct err err = ERR_INIT;
	bool locked;
	size_t n;

	locked = lock_acquire(g->lock, &err) == 0;
	batch = take_batch(g, &n); /* with what came while we waited */
	if (locked) {
		run_batch(g, batch);
		tell(g, batch);
	} else {
		for (struct waiter *w = batch; w; w = w->next) {
			w->rc = -1;
			w->err = err;
		}
	}
	finish(g, batch, n);
	if (locked) {
		check_log(g);
		lock_release(g->lock);
	}
}

/* The next in the queue takes over. */
static void pass_on(struct db_group *g)
{
	g->leading = false;
	if (g->first) {
		g->leading = true;
		g->first->lead = true;
		(void)pthread_cond_signal(&g->first->wake);
	}
}

int db_group_write(struct db_group *g, db_write_fn fn, void *arg,
                   const int64_t *accounts, size_t n, struct err *err)
{
	struct waiter w = { .fn = fn,
		            .arg = arg,
		            .accounts = accounts,
		            .accounts_n = n,
		            .err = ERR_INIT };

	(void)pthread_cond_init(&w.wake, NULL);
	(void)pthread_mutex_lock(&g->mutex);
	*g->last = &w;
	g->last = &w.next;
	if (!g->leading) {
		g->leading = true;
		w.lead = true;
	}
	if (!w.lead) {
		blocking_begin();
		while (!w.done && !w.lead)
			(void)pthread_cond_wait(&w.wake, &g->mutex);
		blocking_end();
	}
	/* A leader's own write is in the batch it takes: it is the first. */
	if (!w.done) {
		(void)pthread_mutex_unlock(&g->mutex);
		lead(g);
		(void)pthread_mutex_lock(&g->mutex);
		pass_on(g);
	}
	(void)pthread_mutex_unlock(&g->mutex);
	(void)pthread_cond_destroy(&w.wake);
	if (w.rc < 0)
		*err = w.err;
	return w.rc;
}

/* ---- reading ---- */

/* Under the mutex: 1 with *out, 0 make one, -1 none came free in time. */
static int wait_reader(struct db_group *g, struct db **out)
{
	struct timespec until;
	int late = 0;

	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += READ_WAIT_S;
	while (!g->readers_free && g->readers_made == g->readers_max && !late)
		late = pthread_cond_timedwait(&g->reader_free, &g->mutex,
		                              &until);
	if (g->readers_free) {
		*out = g->readers[--g->readers_free];
		return 1;
	}
	if (g->readers_made == g->readers_max)
		return -1;
	g->readers_made++;
	return 0;
}

int db_group_read(struct db_group *g, struct db **out, struct err *err)
{
	int rc;

	(void)pthread_mutex_lock(&g->mutex);
	if (!g->readers_free && g->readers_made == g->readers_max) {
		blocking_begin();
		rc = wait_reader(g, out);
		blocking_end();
	} else {
		rc = wait_reader(g, out);
	}
	(void)pthread_mutex_unlock(&g->mutex);
	if (rc > 0)
		return 0;
	if (rc < 0)
		return err_set(err, ERR_TIMEOUT,
		               "%s: no connection came free in %d s", g->path,
		               READ_WAIT_S);
	rc = db_open(out, &g->o.db, err);
	if (rc < 0) {
		(void)pthread_mutex_lock(&g->mutex);
		g->readers_made--;
		(void)pthread_cond_signal(&g->reader_free);
		(void)pthread_mutex_unlock(&g->mutex);
	}
	return rc;
}

void db_group_done(struct db_group *g, struct db **db)
{
	if (!*db)
		return;
	db_rollback(*db);
	(void)pthread_mutex_lock(&g->mutex);
	g->readers[g->readers_free++] = *db;
	(void)pthread_cond_signal(&g->reader_free);
	(void)pthread_mutex_unlock(&g->mutex);
	*db = NULL;
}

/* ---- upkeep ---- */

int db_group_checkpoint(struct db_group *g, bool reset, struct err *err)
{
	int rc;

	(void)pthread_mutex_lock(&g->mutex);
	while (g->leading) {
		/* Rare, and a leader is done soon. */
		(void)pthread_mutex_unlock(&g->mutex);
		clock_sleep_us(1000);
		(void)pthread_mutex_lock(&g->mutex);
	}
	g->leading = true;
	(void)pthread_mutex_unlock(&g->mutex);
	rc = lock_acquire(g->lock, err);
	if (rc == 0) {
		rc = db_checkpoint(g->writer, reset, err);
		lock_release(g->lock);
	}
	(void)pthread_mutex_lock(&g->mutex);
	pass_on(g);
	(void)pthread_mutex_unlock(&g->mutex);
	return rc;
}

void db_group_figures(struct db_group *g, struct db_group_figures *out)
{
	(void)pthread_mutex_lock(&g->mutex);
	*out = g->figures;
	(void)pthread_mutex_unlock(&g->mutex);
}
