#include "verify/tally.h"

#include <limits.h>
#include <stdio.h>
#include <time.h>

#include "base/mem.h"
#include "os/clock.h"
#include "os/random.h"
#include "os/thread.h"
#include "verify/tally_private.h"

#define SCHEMA_VERSION 1
#define FLUSH_US       US_PER_SEC
#define WAITING_MAX    4096 /* rows in memory */

struct counted {
	uint64_t n;
};

static const char schema[] =
	"CREATE TABLE domain ("
	" day BIGINT NOT NULL, name TEXT NOT NULL, record TEXT NOT NULL,"
	" rows BIGINT NOT NULL, messages BIGINT NOT NULL,"
	" tries BIGINT NOT NULL, next_us BIGINT NOT NULL,"
	" PRIMARY KEY (day, name));"
	"CREATE TABLE seen ("
	" day BIGINT NOT NULL, name TEXT NOT NULL, line TEXT NOT NULL,"
	" count BIGINT NOT NULL, PRIMARY KEY (day, name, line));"
	"CREATE TABLE report ("
	" id INTEGER PRIMARY KEY, domain TEXT NOT NULL, who TEXT NOT NULL,"
	" email TEXT NOT NULL, number TEXT NOT NULL, begin_s BIGINT NOT NULL,"
	" end_s BIGINT NOT NULL, vouched TEXT NOT NULL,"
	" received_us BIGINT NOT NULL, UNIQUE (domain, who, number));"
	"CREATE INDEX report_begin ON report (begin_s);"
	"CREATE TABLE line ("
	" report BIGINT NOT NULL, line TEXT NOT NULL, count BIGINT NOT NULL,"
	" PRIMARY KEY (report, line));";

static int migrate(struct db *db, uint32_t version, struct err *err)
{
	return version >= 1 ? 0 : db_exec(db, schema, err);
}

/* ---- adding ---- */

void tally_add(struct tally *t, const struct tally_seen *s)
{
	struct counted *c;
	struct buf key;

	if (!t)
		return;
	buf_init(&key, 2 * TALLY_LINE_MAX);
	buf_fmt(&key, "%lld %.*s\n%.*s\n", (long long)(s->at_us / US_PER_DAY),
	        STR_ARG(s->domain), STR_ARG(s->record));
	tally_line_write(&key, &s->row);
	(void)pthread_mutex_lock(&t->lock);
	t->added++;
	c = buf_overflow(&key) ? NULL : map_get(&t->waiting, buf_str(&key));
	if (c) {
		c->n++;
	} else if (buf_overflow(&key) || t->waiting.n >= WAITING_MAX) {
		t->dropped++;
	} else {
		c = mem_zalloc(sizeof(*c));
		c->n = 1;
		(void)map_put(&t->waiting, buf_str(&key), c);
	}
	if (t->waiting.n == WAITING_MAX / 2)
		(void)pthread_cond_signal(&t->wake);
	(void)pthread_mutex_unlock(&t->lock);
	buf_deinit(&key);
}

/* ---- writing ---- */

struct one {
	int64_t day;
	struct str domain, record, line;
	uint64_t n;
};

static bool split(struct str key, uint64_t n, struct one *out)
{
	struct str day;
	uint64_t d;

	*out = (struct one){ .n = n };
	if (!str_cut(&key, ' ', &day) || !str_to_u64(day, INT32_MAX, &d) ||
	    !str_cut(&key, '\n', &out->domain) ||
	    !str_cut(&key, '\n', &out->record))
		return false;
	out->day = (int64_t)d;
	out->line = key;
	return true;
}

/* The domain's room is looked at before a new row takes some. */
static int write_one(struct db *db, const struct one *o, struct err *err)
{
	int64_t rows = 0;

	if (db_run(db,
	           "INSERT INTO domain (day, name, record, rows, messages,"
	           " tries, next_us) VALUES ($1, $2, $3, 0, $4, 0, 0)"
	           " ON CONFLICT (day, name) DO UPDATE SET"
	           " record = excluded.record,"
	           " messages = domain.messages + excluded.messages",
	           DB_ARGS(DB_I(o->day), DB_S(o->domain), DB_S(o->record),
	                   DB_I(o->n)),
	           err) < 0 ||
	    db_run(db,
	           "UPDATE seen SET count = count + $4"
	           " WHERE day = $1 AND name = $2 AND line = $3",
	           DB_ARGS(DB_I(o->day), DB_S(o->domain), DB_S(o->line),
	                   DB_I(o->n)),
	           err) < 0)
		return -1;
	if (db_changes(db) > 0)
		return 0;
	if (db_number(db, &rows,
	              "SELECT rows FROM domain WHERE day = $1 AND name = $2",
	              DB_ARGS(DB_I(o->day), DB_S(o->domain)), err) < 0)
		return -1;
	if (rows >= TALLY_ROWS_MAX)
		return 0;
	if (db_run(db,
	           "INSERT INTO seen (day, name, line, count)"
	           " VALUES ($1, $2, $3, $4)",
	           DB_ARGS(DB_I(o->day), DB_S(o->domain), DB_S(o->line),
	                   DB_I(o->n)),
	           err) < 0)
		return -1;
	return db_run(db,
	              "UPDATE domain SET rows = rows + 1"
	              " WHERE day = $1 AND name = $2",
	              DB_ARGS(DB_I(o->day), DB_S(o->domain)), err);
}

static int write_all(struct db *db, void *arg, struct err *err)
{
	const struct map *m = arg;
	struct map_entry e;
	struct one o;
	size_t at = 0;

	while (map_next(m, &at, &e)) {
		const struct counted *c = e.value;

		if (split(e.key, c->n, &o) && write_one(db, &o, err) < 0)
			return -1;
	}
	return 0;
}

static bool drop(void *arg, void *value)
{
	uint64_t *n = arg;

	*n += ((struct counted *)value)->n;
	mem_free(value);
	return false;
}

/* With the lock, which is let go meanwhile. */
static void write_waiting(struct tally *t)
{
	struct err err = ERR_INIT;
	struct map batch = t->waiting;
	uint64_t added = t->added, n = 0;
	int rc = 0;

	if (t->waiting.n == 0 && !t->inbox) {
		t->written = added;
		(void)pthread_cond_broadcast(&t->idle);
		return;
	}
	map_init(&t->waiting, random_u64());
	(void)pthread_mutex_unlock(&t->lock);
	if (batch.n > 0)
		rc = db_group_write(t->group, write_all, &batch, NULL, 0, &err);
	map_sweep(&batch, drop, &n);
	map_deinit(&batch);
	(void)pthread_mutex_lock(&t->lock);
	if (rc < 0)
		t->dropped += n; /* a full disk: counts, not mail */
	tally_read_inbox(t);
	t->written = added;
	(void)pthread_cond_broadcast(&t->idle);
}

void tally_use_directory(struct tally *t, struct directory *dir)
{
	(void)pthread_mutex_lock(&t->lock);
	t->directory = dir;
	(void)pthread_mutex_unlock(&t->lock);
}

static void *run(void *arg)
{
	struct tally *t = arg;

	(void)pthread_mutex_lock(&t->lock);
	while (!t->stop) {
		int64_t until = clock_real_us() + FLUSH_US;
		struct timespec ts = { .tv_sec = until / US_PER_SEC,
			               .tv_nsec = until % US_PER_SEC * 1000 };

		if (!t->hurry)
			(void)pthread_cond_timedwait(&t->wake, &t->lock, &ts);
		t->hurry = false;
		write_waiting(t);
	}
	(void)pthread_mutex_unlock(&t->lock);
	return NULL;
}

void tally_flush(struct tally *t)
{
	uint64_t until;

	(void)pthread_mutex_lock(&t->lock);
	until = t->added;
	while (t->runs && t->written < until) {
		t->hurry = true;
		(void)pthread_cond_signal(&t->wake);
		(void)pthread_cond_wait(&t->idle, &t->lock);
	}
	(void)pthread_mutex_unlock(&t->lock);
}

uint64_t tally_dropped(struct tally *t)
{
	uint64_t n;

	(void)pthread_mutex_lock(&t->lock);
	n = t->dropped;
	(void)pthread_mutex_unlock(&t->lock);
	return n;
}

/* ---- opening ---- */

int tally_open(struct tally **out, const char *dir, bool collect,
               struct err *err)
{
	struct tally *t = mem_zalloc(sizeof(*t));
	char path[PATH_MAX];
	struct db_group_options o = {
		.db = { .path = path, .create = true, .lazy_sync = true },
		.schema_version = SCHEMA_VERSION,
		.migrate = migrate
	};

	(void)snprintf(path, sizeof(path), "%s/dmarc.db", dir);
	(void)pthread_mutex_init(&t->lock, NULL);
	thread_cond_init(&t->wake);
	(void)pthread_cond_init(&t->idle, NULL);
	map_init(&t->waiting, random_u64());
	if (db_group_open(&t->group, &o, err) < 0 ||
	    (collect && thread_start(&t->thread, "tally", run, t, err) < 0)) {
		tally_close(&t);
		return err_prefix(err, "dmarc");
	}
	t->runs = collect;
	*out = t;
	return 0;
}

void tally_close(struct tally **tp)
{
	struct tally *t = *tp;
	uint64_t n = 0;

	if (!t)
		return;
	if (t->runs) {
		tally_flush(t);
		(void)pthread_mutex_lock(&t->lock);
		t->stop = true;
		(void)pthread_cond_signal(&t->wake);
		(void)pthread_mutex_unlock(&t->lock);
		(void)pthread_join(t->thread, NULL);
	}
	map_sweep(&t->waiting, drop, &n);
	map_deinit(&t->waiting);
	if (t->group)
		db_group_close(&t->group);
	(void)pthread_cond_destroy(&t->idle);
	(void)pthread_cond_destroy(&t->wake);
	(void)pthread_mutex_destroy(&t->lock);
	mem_free(t);
	*tp = NULL;
}
