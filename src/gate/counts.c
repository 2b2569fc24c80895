#include "gate/counts.h"

#include <limits.h>
#include <stdio.h>

#include "base/mem.h"
#include "db/group.h"

#define SCHEMA_VERSION 1

struct counts {
	struct db_group *group;
};

/* `no` of a reset only grows, so that the gate sees which are new. */
static const char schema[] =
	"CREATE TABLE event ("
	" token BIGINT NOT NULL, kind BIGINT NOT NULL,"
	" subject BIGINT NOT NULL, account BIGINT NOT NULL,"
	" n BIGINT NOT NULL, at_us BIGINT NOT NULL,"
	" PRIMARY KEY (token, kind));"
	"CREATE INDEX event_at ON event (at_us);"
	"CREATE INDEX event_subject ON event (subject, at_us);"
	"CREATE INDEX event_account ON event (account, at_us);"
	"CREATE TABLE reset ("
	" subject BIGINT PRIMARY KEY, at_us BIGINT NOT NULL,"
	" no BIGINT NOT NULL);";

static int migrate(struct db *db, uint32_t version, struct err *err)
{
	return version < 1 ? db_exec(db, schema, err) : 0;
}

int counts_open(struct counts **out, const char *dir, struct err *err)
{
	struct counts *c = mem_zalloc(sizeof(*c));
	char path[PATH_MAX];
	struct db_group_options o = {
		.db = { .path = path, .create = true, .cache_kib = 512 },
		.schema_version = SCHEMA_VERSION,
		.migrate = migrate,
		.readers = 2,
		.wal_check_bytes = 1024 * 1024
	};

	(void)snprintf(path, sizeof(path), "%s/counts.db", dir);
	if (db_group_open(&c->group, &o, err) < 0) {
		mem_free(c);
		return err_prefix(err, "counts");
	}
	*out = c;
	return 0;
}

void counts_close(struct counts **cp)
{
	if (!*cp)
		return;
	db_group_close(&(*cp)->group);
	mem_free(*cp);
	*cp = NULL;
}

/* ---- writing ---- */

struct add {
	struct counts_event *e;
	size_t n;
};

static int add_events(struct db *db, void *arg, struct err *err)
{
	struct add *a = arg;

	for (size_t i = 0; i < a->n; i++) {
		struct counts_event *e = &a->e[i];

		if (db_run(db,
		           "INSERT INTO event"
		           " (token, kind, subject, account, n, at_us)"
		           " VALUES ($1, $2, $3, $4, $5, $6)"
		           " ON CONFLICT (token, kind) DO NOTHING",
		           DB_ARGS(DB_I(e->token), DB_I(e->want.what),
		                   DB_I(e->want.subject), DB_I(e->want.account),
		                   DB_I(e->want.n), DB_I(e->at_us)),
		           err) < 0)
			return -1;
		e->added = db_changes(db) > 0;
	}
	return 0;
}

int counts_add(struct counts *c, struct counts_event *e, size_t n,
               struct err *err)
{
	struct add a = { e, n };

	return n ? db_group_write(c->group, add_events, &a, NULL, 0, err) : 0;
}

struct reset {
	int64_t subject, at_us;
};

static int set_reset(struct db *db, void *arg, struct err *err)
{
	struct reset *r = arg;

	return db_run(db,
	              "INSERT INTO reset (subject, at_us, no) VALUES"
	              " ($1, $2, (SELECT coalesce(max(no), 0) + 1 FROM reset))"
	              " ON CONFLICT (subject) DO UPDATE SET"
	              " at_us = excluded.at_us, no = excluded.no",
	              DB_ARGS(DB_I(r->subject), DB_I(r->at_us)), err);
}

int counts_reset(struct counts *c, int64_t subject, int64_t at_us,
                 struct err *err)
{
	struct reset r = { subject, at_us };

	return db_group_write(c->group, set_reset, &r, NULL, 0, err);
}

/* Resets stay: their numbers must go up. */
static int drop_old(struct db *db, void *arg, struct err *err)
{
	int64_t *before = arg;

	return db_run(db, "DELETE FROM event WHERE at_us <= $1",
	              DB_ARGS(DB_I(*before)), err);
}

void counts_upkeep(struct counts *c, int64_t before_us)
{
	struct err err = ERR_INIT;

	err_drop(db_group_write(c->group, drop_old, &before_us, NULL, 0,
	                        &err)); /* next time */
}

/* ---- reading ---- */

static int read_events(struct counts *c, const char *sql, struct db_args args,
                       void (*each)(void *arg, const struct counts_event *e),
                       void *arg, struct err *err)
{
	struct db_stmt *q = NULL;
	struct db *db;
	int rc;

	if (db_group_read(c->group, &db, err) < 0)
		return -1;
	rc = db_query(db, &q, sql, args, err);
	while (rc >= 0 && (rc = db_next(q, err)) > 0) {
		struct counts_event e = {
			.token = (uint64_t)db_i64(q, 0),
			.want = { .what = (enum gate_count)db_i64(q, 1),
			          .subject = db_i64(q, 2),
			          .account = db_i64(q, 3),
			          .n = (uint32_t)db_i64(q, 4) },
			.at_us = db_i64(q, 5),
		};

		if ((unsigned)e.want.what < GATE_COUNT_KINDS)
			each(arg, &e);
	}
	db_done(&q);
	db_group_done(c->group, &db);
	return rc < 0 ? -1 : 0;
}

int counts_each(struct counts *c, int64_t since_us,
                void (*each)(void *arg, const struct counts_event *e),
                void *arg, struct err *err)
{
	return read_events(c,
	                   "SELECT token, kind, subject, account, n, at_us"
	                   " FROM event WHERE at_us > $1 ORDER BY at_us",
	                   DB_ARGS(DB_I(since_us)), each, arg, err);
}

int counts_of(struct counts *c, int64_t subject, int64_t since_us,
              void (*each)(void *arg, const struct counts_event *e), void *arg,
              struct err *err)
{
	return read_events(
		c,
		"SELECT token, kind, subject, account, n, at_us FROM event"
		" WHERE (subject = $1 OR account = $1) AND at_us > $2"
		" AND at_us > coalesce((SELECT at_us FROM reset"
		"  WHERE reset.subject = $1), 0)"
		" ORDER BY at_us",
		DB_ARGS(DB_I(subject), DB_I(since_us)), each, arg, err);
}

int counts_last(struct counts *c, int64_t *out, struct err *err)
{
	struct db *db;
	int rc;

	if (db_group_read(c->group, &db, err) < 0)
		return -1;
	*out = 0;
	rc = db_number(db, out, "SELECT coalesce(max(at_us), 0) FROM event",
	               DB_NO_ARGS, err);
	db_group_done(c->group, &db);
	return rc < 0 ? -1 : 0;
}

int counts_resets(struct counts *c, int64_t *last,
                  void (*each)(void *arg, int64_t subject, int64_t at_us),
                  void *arg, struct err *err)
{
	struct db_stmt *q = NULL;
	struct db *db;
	int rc;

	if (db_group_read(c->group, &db, err) < 0)
		return -1;
	rc = db_query(db, &q,
	              "SELECT subject, at_us, no FROM reset WHERE no > $1"
	              " ORDER BY no",
	              DB_ARGS(DB_I(*last)), err);
	while (rc >= 0 && (rc = db_next(q, err)) > 0) {
		each(arg, db_i64(q, 0), db_i64(q, 1));
		*last = db_i64(q, 2);
	}
	db_done(&q);
	db_group_done(c->group, &db);
	return rc < 0 ? -1 : 0;
}
