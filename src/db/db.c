#include "db/db.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "db/vfs.h"
#include "os/file.h"

#define PARAMS_MAX 32
#define PAGE_SIZE  8192

struct db_stmt {
	struct db *db;
	const char *sql; /* key of the cache; NULL: not kept */
	sqlite3_stmt *s;
	bool busy;
	unsigned char param[PARAMS_MAX]; /* of $1.. to SQLite's number */
};

struct db {
	sqlite3 *h;
	struct db_stmt **kept; /* open addressing, by address of the SQL */
	size_t kept_n, kept_cap;
	uint64_t wal_bytes;
};

/* Of malloc: a third less CPU under load than with the defaults, which give
 * memory back to the kernel after every batch. */
static void tune(void)
{
	(void)mallopt(M_TRIM_THRESHOLD, 256 * 1024 * 1024);
	(void)mallopt(M_MMAP_THRESHOLD, 256 * 1024 * 1024);
	(void)mallopt(M_TOP_PAD, 1024 * 1024);
	/* No twenty pages ahead for each connection: a role at rest has a
	 * dozen connections that read a page or two. */
	(void)sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
}

static enum err_kind kind_of(int code)
{
	switch (code & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED: return ERR_TIMEOUT;
	case SQLITE_FULL: return ERR_NO_SPACE;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB: return ERR_CORRUPT;
	case SQLITE_CONSTRAINT: return ERR_EXISTS;
	case SQLITE_TOOBIG: return ERR_TOO_BIG;
	case SQLITE_READONLY:
	case SQLITE_PERM: return ERR_DENIED;
	case SQLITE_CANTOPEN: return ERR_NOT_FOUND;
	default: return ERR_TEMP;
	}
}

static int fail(struct db *db, int code, const char *what, struct err *err)
{
	return err_set(err, kind_of(code), "database: %s: %s (%d)", what,
	               db->h ? sqlite3_errmsg(db->h) : sqlite3_errstr(code),
	               db->h ? sqlite3_extended_errcode(db->h) : code);
}

static int remember_wal(void *arg, sqlite3 *h, const char *name, int pages)
{
	struct db *db = arg;

	(void)h;
	(void)name;
	db->wal_bytes = (uint64_t)pages * (PAGE_SIZE + 24);
	return SQLITE_OK;
}

/* The file with its right mode, known to its folder before SQLite sees it. */
static int make_file(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0660);
	const char *slash = strrchr(path, '/');
	char dir[4096];

	if (fd < 0 && errno == EEXIST)
		return 0;
	if (fd < 0)
		return err_sys(err, errno, "create %s", path);
	file_close(&fd);
	(void)snprintf(dir, sizeof(dir), "%.*s",
	               slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
	return file_sync_dir(dir, err);
}

static int settings(struct db *db, const struct db_options *o, struct err *err)
{
	char sql[512];

	(void)snprintf(sql, sizeof(sql),
	               "PRAGMA page_size = %d;"
	               "PRAGMA journal_mode = WAL;"
	               "PRAGMA synchronous = %s;"
	               "PRAGMA wal_autocheckpoint = 0;"
	               "PRAGMA cache_size = -%u;"
	               "PRAGMA temp_store = MEMORY;"
	               "PRAGMA secure_delete = OFF;"
	               "PRAGMA mmap_size = 0;"
	               "PRAGMA query_only = %d;",
	               PAGE_SIZE, o->lazy_sync ? "NORMAL" : "FULL",
	               o->cache_kib ? o->cache_kib : 1024, o->readonly);
	return db_exec(db, sql, err);
}

int db_open(struct db **out, const struct db_options *o, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct db *db;
	int rc;

	(void)pthread_once(&once, tune);
	if (o->create && make_file(o->path, err) < 0)
		return -1;
	if (access(o->path, F_OK) < 0)
		return err_sys(err, errno, "database %s", o->path);
	db = mem_zalloc(sizeof(*db));
	rc = sqlite3_open_v2(o->path, &db->h,
	                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
	                             SQLITE_OPEN_PRIVATECACHE,
	                     db_vfs());
	if (rc != SQLITE_OK) {
		fail(db, rc, "open", err);
		goto bad;
	}
	(void)sqlite3_extended_result_codes(db->h, 1);
	(void)sqlite3_busy_timeout(db->h,
	                           (int)(o->busy_ms ? o->busy_ms : 10000));
	(void)sqlite3_db_config(db->h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1,
	                        NULL);
	if (settings(db, o, err) < 0)
		goto bad;
	(void)sqlite3_wal_hook(db->h, remember_wal, db);
	*out = db;
	return 0;
bad:
	err_prefix(err, "%s", o->path);
	db_close(&db);
	return -1;
}

static void free_stmt(struct db_stmt *q)
{
	(void)sqlite3_finalize(q->s);
	mem_free(q);
}

void db_close(struct db **dbp)
{
	struct db *db = *dbp;

	if (!db)
		return;
	for (size_t i = 0; i < db->kept_cap; i++)
		if (db->kept[i])
			free_stmt(db->kept[i]);
	mem_free(db->kept);
	(void)sqlite3_close_v2(db->h);
	mem_free(db);
	*dbp = NULL;
}

enum db_dialect db_dialect(const struct db *db)
{
	(void)db;
	return DB_SQLITE;
}

/* ---- statements ---- */

static struct db_stmt *prepare(struct db *db, const char *sql, struct err *err)
{
	struct db_stmt *q = mem_zalloc(sizeof(*q));
	int rc = sqlite3_prepare_v3(db->h, sql, -1, SQLITE_PREPARE_PERSISTENT,
	                            &q->s, NULL);

	if (rc != SQLITE_OK) {
		fail(db, rc, sql, err);
		mem_free(q);
		return NULL;
	}
	q->db = db;
	for (int i = 1; i < PARAMS_MAX; i++) {
		char name[8];

		(void)snprintf(name, sizeof(name), "$%d", i);
		q->param[i] =
			(unsigned char)sqlite3_bind_parameter_index(q->s, name);
	}
	return q;
}

static size_t slot_of(const struct db *db, const char *sql)
{
	size_t i = ((uintptr_t)sql >> 3) * 0x9e3779b1u & (db->kept_cap - 1);

	while (db->kept[i] && db->kept[i]->sql != sql)
		i = (i + 1) & (db->kept_cap - 1);
	return i;
}

static void keep(struct db *db, struct db_stmt *q)
{
	if (db->kept_n * 2 >= db->kept_cap) {
		struct db_stmt **old = db->kept;
		size_t old_cap = db->kept_cap;

		db->kept_cap = old_cap ? old_cap * 2 : 64;
		db->kept = mem_array(db->kept_cap, sizeof(struct db_stmt *));
		for (size_t i = 0; i < old_cap; i++)
			if (old[i])
				db->kept[slot_of(db, old[i]->sql)] = old[i];
		mem_free(old);
	}
	db->kept[slot_of(db, q->sql)] = q;
	db->kept_n++;
}

/* From the cache, or new; one that is in use already gets a twin that is not
 * kept. */
static struct db_stmt *find(struct db *db, const char *sql, struct err *err)
{
	struct db_stmt *q = db->kept_cap ? db->kept[slot_of(db, sql)] : NULL;

	if (q && !q->busy)
		return q;
	if (q)
		return prepare(db, sql, err);
	q = prepare(db, sql, err);
	if (!q)
		return NULL;
	q->sql = sql;
	keep(db, q);
	return q;
}

static int bind_one(struct db_stmt *q, int at, const struct db_arg *a)
{
	switch (a->type) {
	case DB_TYPE_NULL: return sqlite3_bind_null(q->s, at);
	case DB_TYPE_INT: return sqlite3_bind_int64(q->s, at, a->i);
	case DB_TYPE_TEXT:
		return sqlite3_bind_text64(q->s, at, a->s.p ? a->s.p : "",
		                           a->s.n, SQLITE_STATIC, SQLITE_UTF8);
	case DB_TYPE_BLOB:
		return sqlite3_bind_blob64(q->s, at, a->s.p ? a->s.p : "",
		                           a->s.n, SQLITE_STATIC);
	}
	return SQLITE_MISUSE;
}

int db_query(struct db *db, struct db_stmt **out, const char *sql,
             struct db_args args, struct err *err)
{
	struct db_stmt *q = find(db, sql, err);

	*out = NULL;
	if (!q)
		return -1;
	q->busy = true;
	if (args.n >= PARAMS_MAX)
		err_die("database: over %d parameters", PARAMS_MAX - 1);
	for (size_t i = 0; i < args.n; i++) {
		int at = q->param[i + 1];
		int rc = at ? bind_one(q, at, &args.p[i]) : SQLITE_RANGE;

		if (rc != SQLITE_OK) {
			fail(db, rc, sql, err);
			db_done(&q);
			return -1;
		}
	}
	*out = q;
	return 0;
}

int db_next(struct db_stmt *q, struct err *err)
{
	int rc = sqlite3_step(q->s);

	if (rc == SQLITE_ROW)
		return 1;
	if (rc == SQLITE_DONE) {
		(void)sqlite3_reset(q->s); /* ends the read transaction */
		return 0;
	}
	return fail(q->db, rc, "step", err);
}

void db_done(struct db_stmt **qp)
{
	struct db_stmt *q = *qp;

	if (!q)
		return;
	*qp = NULL;
	if (!q->sql) {
		free_stmt(q);
		return;
	}
	(void)sqlite3_reset(q->s);
	(void)sqlite3_clear_bindings(q->s);
	q->busy = false;
}

int db_run(struct db *db, const char *sql, struct db_args args, struct err *err)
{
	struct db_stmt *q;
	int rc;

	if (db_query(db, &q, sql, args, err) < 0)
		return -1;
	do
		rc = db_next(q, err);
	while (rc > 0);
	db_done(&q);
	return rc;
}

int db_exec(struct db *db, const char *sql, struct err *err)
{
	int rc = sqlite3_exec(db->h, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? 0 : fail(db, rc, "exec", err);
}

int db_row(struct db *db, struct db_stmt **out, const char *sql,
           struct db_args args, struct err *err)
{
	struct db_stmt *q;
	int rc;

	if (db_query(db, &q, sql, args, err) < 0)
		return -1;
	rc = db_next(q, err);
	if (rc > 0)
		*out = q;
	else
		db_done(&q);
	return rc;
}

int db_number(struct db *db, int64_t *out, const char *sql, struct db_args args,
              struct err *err)
{
	struct db_stmt *q;
	int rc = db_row(db, &q, sql, args, err);

	if (rc > 0) {
		*out = db_i64(q, 0);
		db_done(&q);
	}
	return rc;
}

int64_t db_i64(struct db_stmt *q, int column)
{
	return sqlite3_column_int64(q->s, column);
}

struct str db_text(struct db_stmt *q, int column)
{
	const unsigned char *p = sqlite3_column_text(q->s, column);

	return (struct str){ (const char *)p,
		             (size_t)sqlite3_column_bytes(q->s, column) };
}

struct str db_blob(struct db_stmt *q, int column)
{
	const void *p = sqlite3_column_blob(q->s, column);

	return (struct str){ p, (size_t)sqlite3_column_bytes(q->s, column) };
}

bool db_is_null(struct db_stmt *q, int column)
{
	return sqlite3_column_type(q->s, column) == SQLITE_NULL;
}

int64_t db_changes(struct db *db)
{
	return sqlite3_changes64(db->h);
}

/* ---- transactions ---- */

int db_begin(struct db *db, struct err *err)
{
	return db_run(db, "BEGIN IMMEDIATE", DB_NO_ARGS, err);
}

int db_begin_read(struct db *db, struct err *err)
{
	return db_run(db, "BEGIN", DB_NO_ARGS, err);
}

int db_commit(struct db *db, struct err *err)
{
	return db_run(db, "COMMIT", DB_NO_ARGS, err);
}

void db_rollback(struct db *db)
{
	struct err err;

	if (!sqlite3_get_autocommit(db->h))
		err_drop(db_run(db, "ROLLBACK", DB_NO_ARGS, &err)); /* gone */
}

int db_savepoint(struct db *db, struct err *err)
{
	return db_run(db, "SAVEPOINT part", DB_NO_ARGS, err);
}

int db_savepoint_keep(struct db *db, struct err *err)
{
	return db_run(db, "RELEASE part", DB_NO_ARGS, err);
}

int db_savepoint_undo(struct db *db, struct err *err)
{
	if (db_run(db, "ROLLBACK TO part", DB_NO_ARGS, err) < 0)
		return -1;
	return db_run(db, "RELEASE part", DB_NO_ARGS, err);
}

/* ---- upkeep ---- */

uint64_t db_wal_bytes(struct db *db)
{
	return db->wal_bytes;
}

int db_checkpoint(struct db *db, bool reset, struct err *err)
{
	int log = 0, done = 0;
	int rc = sqlite3_wal_checkpoint_v2(db->h, NULL,
	                                   reset ? SQLITE_CHECKPOINT_TRUNCATE
	                                         : SQLITE_CHECKPOINT_PASSIVE,
	                                   &log, &done);

	if (rc != SQLITE_OK)
		return fail(db, rc, "checkpoint", err);
	if (reset)
		db->wal_bytes = 0;
	return 0;
}

int db_version(struct db *db, uint32_t *out, struct err *err)
{
	int64_t v = 0;

	if (db_number(db, &v, "PRAGMA user_version", DB_NO_ARGS, err) < 0)
		return -1;
	*out = (uint32_t)v;
	return 0;
}

int db_set_version(struct db *db, uint32_t v, struct err *err)
{
	char sql[64];

	(void)snprintf(sql, sizeof(sql), "PRAGMA user_version = %u", v);
	return db_exec(db, sql, err);
}

int db_verify(struct db *db, struct arena *a, size_t max, struct str **out,
              size_t *n_out, struct err *err)
{
	struct str *lines = arena_array(a, max ? max : 1, sizeof(*lines));
	struct db_stmt *q;
	size_t n = 0;
	int rc;

	if (db_query(db, &q, "PRAGMA integrity_check", DB_NO_ARGS, err) < 0)
		return -1;
	while ((rc = db_next(q, err)) > 0 && n < max) {
		struct str line = db_text(q, 0);

		if (!str_eq(line, STR("ok")))
			lines[n++] = arena_dup(a, line);
	}
	db_done(&q);
	if (rc < 0)
		return -1;
	*out = lines;
	*n_out = n;
	return 0;
}
