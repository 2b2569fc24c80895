#include "gate/diary.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "db/db.h"
#include "os/clock.h"
#include "os/file.h"

#define SCHEMA_VERSION 4
#define WAL_MAX        ((uint64_t)1024 * 1024)

/* A network seen again is written again only after this: 30 days are then
 * right to these minutes. */
#define NETWORK_AGAIN_US (10 * US_PER_MIN)

/* After so long without an attempt the next one begins a new row's count. */
#define LOGIN_PAUSE_US US_PER_HOUR

struct diary {
	pthread_mutex_t lock;
	struct db *db;
	int64_t wall0, steady0; /* the clock's beginning */
};

static const char schema[] =
	"CREATE TABLE throttle ("
	" key TEXT PRIMARY KEY, failures BLOB NOT NULL,"
	" locked_until_us BIGINT NOT NULL, last_us BIGINT NOT NULL);"
	"CREATE TABLE network ("
	" account BIGINT NOT NULL, network BLOB NOT NULL,"
	" last_us BIGINT NOT NULL, PRIMARY KEY (account, network));"
	"CREATE INDEX network_last ON network (last_us);";

/* Events of the windows are kept in counts.db since. */
static const char schema_2[] = "DROP TABLE IF EXISTS event;";

static const char schema_3[] =
	"CREATE TABLE login ("
	" user TEXT NOT NULL, protocol BIGINT NOT NULL, ip TEXT NOT NULL,"
	" verdict BIGINT NOT NULL, why TEXT NOT NULL,"
	" first_us BIGINT NOT NULL, last_us BIGINT NOT NULL,"
	" n BIGINT NOT NULL, PRIMARY KEY (user, protocol, ip, verdict));"
	"CREATE INDEX login_last ON login (last_us);";

/* 0: before this was noted. */
static const char schema_4[] = "ALTER TABLE network ADD COLUMN"
			       " first_us BIGINT NOT NULL DEFAULT 0;";

static int begin_new(struct db *db, uint32_t version, struct err *err)
{
	if (db_begin(db, err) < 0)
		return -1;
	if ((version < 1 && db_exec(db, schema, err) < 0) ||
	    (version < 2 && db_exec(db, schema_2, err) < 0) ||
	    (version < 3 && db_exec(db, schema_3, err) < 0) ||
	    db_exec(db, schema_4, err) < 0 ||
	    db_set_version(db, SCHEMA_VERSION, err) < 0 ||
	    db_commit(db, err) < 0) {
		db_rollback(db);
		return -1;
	}
	return 0;
}

static int start_clock(struct diary *d, int64_t not_before_us, struct err *err)
{
	int64_t last = 0;

	if (db_number(d->db, &last,
	              "SELECT max(t) FROM (SELECT max(last_us) AS t"
	              " FROM throttle UNION ALL SELECT max(last_us)"
	              " FROM network)"
	              " AS a",
	              DB_NO_ARGS, err) < 0)
		return -1;
	d->steady0 = clock_steady_us();
	d->wall0 = clock_wall_us();
	if (d->wall0 < last)
		d->wall0 = last;
	if (d->wall0 < not_before_us)
		d->wall0 = not_before_us;
	return 0;
}

static int prepare(struct diary *d, const char *path, int64_t not_before_us,
                   struct err *err)
{
	struct db_options o = { .path = path,
		                .create = true,
		                .lazy_sync = true,
		                .cache_kib = 256 };
	uint32_t version;
	int fd = file_open(path, O_RDWR | O_CREAT, 0600, err);

	if (fd < 0)
		return -1;
	file_close(&fd);
	if (db_open(&d->db, &o, err) < 0 ||
	    db_version(d->db, &version, err) < 0)
		return -1;
	if (version > SCHEMA_VERSION)
		return err_set(err, ERR_CORRUPT,
		               "gate.db is of a later version");
	if (version < SCHEMA_VERSION && begin_new(d->db, version, err) < 0)
		return -1;
	return start_clock(d, not_before_us, err);
}

int diary_open(struct diary **out, const char *dir, int64_t not_before_us,
               struct err *err)
{
	struct diary *d = mem_zalloc(sizeof(*d));
	char path[PATH_MAX];

	(void)pthread_mutex_init(&d->lock, NULL);
	(void)snprintf(path, sizeof(path), "%s/gate.db", dir);
	if (prepare(d, path, not_before_us, err) < 0) {
		diary_close(&d);
		return err_prefix(err, "gate");
	}
	*out = d;
	return 0;
}

void diary_close(struct diary **dp)
{
	struct diary *d = *dp;

	if (!d)
		return;
	db_close(&d->db);
	(void)pthread_mutex_destroy(&d->lock);
	mem_free(d);
	*dp = NULL;
}

int64_t diary_now(struct diary *d)
{
	return d->wall0 + (clock_steady_us() - d->steady0);
}

/* ---- throttles ---- */

int diary_throttle_keep(struct diary *d, struct str key,
                        const struct throttle *t, struct err *err)
{
	struct str failures = { (const char *)t->failed_us,
		                t->n * sizeof(t->failed_us[0]) };
	int64_t now = diary_now(d);
	int rc;

	(void)pthread_mutex_lock(&d->lock);
	if (throttle_is_idle(t, now))
		rc = db_run(d->db, "DELETE FROM throttle WHERE key = $1",
		            DB_ARGS(DB_S(key)), err);
	else
		rc = db_run(d->db,
		            "INSERT INTO throttle (key, failures,"
		            " locked_until_us, last_us)"
		            " VALUES ($1, $2, $3, $4)"
		            " ON CONFLICT (key) DO UPDATE SET"
		            " failures = excluded.failures,"
		            " locked_until_us = excluded.locked_until_us,"
		            " last_us = excluded.last_us",
		            DB_ARGS(DB_S(key), DB_B(failures),
		                    DB_I(t->locked_until_us), DB_I(now)),
		            err);
	(void)pthread_mutex_unlock(&d->lock);
	return rc;
}

static bool read_throttle(struct db_stmt *q, struct throttle *t)
{
	struct str failures = db_blob(q, 1);

	memset(t, 0, sizeof(*t));
	if (failures.n > sizeof(t->failed_us) ||
	    failures.n % sizeof(t->failed_us[0]))
		return false;
	if (failures.n)
		memcpy(t->failed_us, failures.p, failures.n);
	t->n = (uint32_t)(failures.n / sizeof(t->failed_us[0]));
	t->locked_until_us = db_i64(q, 2);
	return true;
}

int diary_throttles(struct diary *d,
                    void (*fn)(void *arg, struct str key,
                               const struct throttle *t),
                    void *arg, struct err *err)
{
	int64_t now = diary_now(d);
	struct db_stmt *q = NULL;
	struct throttle t;
	int rc;

	(void)pthread_mutex_lock(&d->lock);
	rc = db_query(d->db, &q,
	              "SELECT key, failures, locked_until_us FROM throttle",
	              DB_NO_ARGS, err);
	while (rc >= 0 && (rc = db_next(q, err)) > 0)
		if (read_throttle(q, &t) && !throttle_is_idle(&t, now))
			fn(arg, db_text(q, 0), &t);
	db_done(&q);
	(void)pthread_mutex_unlock(&d->lock);
	return rc < 0 ? -1 : 0;
}

/* ---- networks ---- */

static struct str network_bytes(const struct net_addr *network, char out[17])
{
	out[0] = (char)network->family;
	memcpy(out + 1, network->ip, 16);
	return (struct str){ out, 17 };
}

int diary_network_known(struct diary *d, int64_t account,
                        const struct net_addr *network, struct err *err)
{
	char space[17];
	int64_t one;
	int rc;

	(void)pthread_mutex_lock(&d->lock);
	rc = db_number(d->db, &one,
	               "SELECT 1 FROM network WHERE account = $1"
	               " AND network = $2 AND last_us > $3",
	               DB_ARGS(DB_I(account),
	                       DB_B(network_bytes(network, space)),
	                       DB_I(diary_now(d) - DIARY_NETWORK_US)),
	               err);
	(void)pthread_mutex_unlock(&d->lock);
	return rc;
}

int diary_network_seen(struct diary *d, int64_t account,
                       const struct net_addr *network, struct err *err)
{
	char space[17];
	struct str bytes = network_bytes(network, space);
	int64_t now = diary_now(d), last = 0;
	int rc;

	(void)pthread_mutex_lock(&d->lock);
	rc = db_number(d->db, &last,
	               "SELECT last_us FROM network WHERE account = $1"
	               " AND network = $2",
	               DB_ARGS(DB_I(account), DB_B(bytes)), err);
	if (rc >= 0 && (rc == 0 || now - last >= NETWORK_AGAIN_US))
		rc = db_run(d->db,
		            "INSERT INTO network"
		            " (account, network, last_us, first_us)"
		            " VALUES ($1, $2, $3, $3)"
		            " ON CONFLICT (account, network)"
		            " DO UPDATE SET last_us = excluded.last_us",
		            DB_ARGS(DB_I(account), DB_B(bytes), DB_I(now)),
		            err);
	(void)pthread_mutex_unlock(&d->lock);
	return rc < 0 ? -1 : 0;
}

int diary_networks_new(struct diary *d, int64_t account, uint32_t *out,
                       struct err *err)
{
	int64_t day_ago = diary_now(d) - US_PER_DAY, n = 0;
	int rc;

	(void)pthread_mutex_lock(&d->lock);
	rc = db_number(d->db, &n,
	               "SELECT count(*) FROM network"
	               " WHERE account = $1 AND first_us > $2"
	               " AND EXISTS (SELECT 1 FROM network"
	               "  WHERE account = $1 AND first_us <= $2)",
	               DB_ARGS(DB_I(account), DB_I(day_ago)), err);
	(void)pthread_mutex_unlock(&d->lock);
	*out = (uint32_t)n;
	return rc < 0 ? -1 : 0;
}

int diary_networks_forget(struct diary *d, int64_t account, struct err *err)
{
	int rc;

	(void)pthread_mutex_lock(&d->lock);
	rc = db_run(d->db, "DELETE FROM network WHERE account = $1",
	            DB_ARGS(DB_I(account)), err);
	(void)pthread_mutex_unlock(&d->lock);
	return rc;
}

/* ---- logins ---- */

/* Names are looked up as people write them. */
static struct str lower(struct str s, char *out, size_t max)
{
	size_t n = s.n < max ? s.n : max;

	for (size_t i = 0; i < n; i++)
		out[i] = s.p[i] >= 'A' && s.p[i] <= 'Z'
		                 ? (char)(s.p[i] + ('a' - 'A'))
		                 : s.p[i];
	return (struct str){ out, n };
}

void diary_login_note(struct diary *d, const struct gate_login_request *q,
                      const struct gate_login_result *result)
{
	char ip[NET_ADDR_TEXT_MAX], space[GATE_ADDRESS_MAX];
	struct str user = lower(q->user, space, sizeof(space));
	int64_t now = diary_now(d);
	struct err err = ERR_INIT;

	(void)pthread_mutex_lock(&d->lock);
	err_drop(db_run(
		d->db,
		"INSERT INTO login (user, protocol, ip, verdict, why,"
		" first_us, last_us, n) VALUES ($1, $2, $3, $4, $5, $6, $6, 1)"
		" ON CONFLICT (user, protocol, ip, verdict) DO UPDATE SET"
		" why = excluded.why, last_us = excluded.last_us,"
		" first_us = CASE WHEN login.last_us < $7"
		"  THEN excluded.first_us ELSE login.first_us END,"
		" n = CASE WHEN login.last_us < $7 THEN 1 ELSE login.n + 1 END",
		DB_ARGS(DB_S(user), DB_I(q->protocol),
	                DB_S(str_z(net_addr_text(&q->peer, ip))),
	                DB_I(result->verdict), DB_S(str_z(result->why)),
	                DB_I(now), DB_I(now - LOGIN_PAUSE_US)),
		&err));
	(void)pthread_mutex_unlock(&d->lock);
}

static int read_logins(struct db *db, struct str user, size_t max,
                       bool (*each)(void *arg, const struct diary_login *l),
                       void *arg, struct err *err)
{
	struct db_stmt *q;
	int rc = db_query(db, &q,
	                  "SELECT user, protocol, ip, verdict, why, first_us,"
	                  " last_us, n FROM login WHERE user = $1"
	                  " ORDER BY last_us DESC LIMIT $2",
	                  DB_ARGS(DB_S(user), DB_I(max)), err);

	while (rc >= 0 && (rc = db_next(q, err)) > 0) {
		struct diary_login l = {
			.user = db_text(q, 0),
			.protocol = (enum gate_protocol)db_i64(q, 1),
			.ip = db_text(q, 2),
			.verdict = (enum gate_verdict)db_i64(q, 3),
			.why = db_text(q, 4),
			.first_us = db_i64(q, 5),
			.last_us = db_i64(q, 6),
			.n = (uint64_t)db_i64(q, 7),
		};

		if (!each(arg, &l))
			break;
	}
	db_done(&q);
	return rc < 0 ? -1 : 0;
}

int diary_logins_of(const char *dir, struct str user, size_t max,
                    bool (*each)(void *arg, const struct diary_login *l),
                    void *arg, struct err *err)
{
	char path[PATH_MAX], space[GATE_ADDRESS_MAX];
	struct db_options o = { .path = path, .readonly = true };
	uint32_t version;
	struct db *db;
	int rc;

	(void)snprintf(path, sizeof(path), "%s/gate.db", dir);
	rc = db_open(&db, &o, err);
	if (rc < 0 && err->kind == ERR_NOT_FOUND) {
		*err = (struct err)ERR_INIT;
		return 0; /* no gate has run here yet */
	}
	if (rc < 0)
		return -1;
	rc = db_version(db, &version, err);
	if (rc == 0 && version == SCHEMA_VERSION)
		rc = read_logins(db, lower(user, space, sizeof(space)), max,
		                 each, arg, err);
	db_close(&db);
	return rc;
}

void diary_upkeep(struct diary *d)
{
	int64_t now = diary_now(d);
	struct err err = ERR_INIT;

	(void)pthread_mutex_lock(&d->lock);
	/* What fails here is tried again the next time. */
	err_drop(db_run(d->db, "DELETE FROM login WHERE last_us <= $1",
	                DB_ARGS(DB_I(now - DIARY_LOGIN_US)), &err));
	err_drop(db_run(d->db,
	                "DELETE FROM login WHERE last_us <= (SELECT last_us"
	                " FROM login ORDER BY last_us DESC LIMIT 1 OFFSET $1)",
	                DB_ARGS(DB_I(DIARY_LOGINS_MAX)), &err));
	err_drop(db_run(d->db, "DELETE FROM network WHERE last_us <= $1",
	                DB_ARGS(DB_I(now - DIARY_NETWORK_US)), &err));
	err_drop(db_run(d->db,
	                "DELETE FROM throttle WHERE last_us <= $1"
	                " AND locked_until_us <= $2",
	                DB_ARGS(DB_I(now - THROTTLE_PERIOD_US), DB_I(now)),
	                &err));
	if (db_wal_bytes(d->db) > WAL_MAX)
		err_drop(db_checkpoint(d->db, true, &err));
	(void)pthread_mutex_unlock(&d->lock);
}
