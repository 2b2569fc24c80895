/*
 * db/db.h - one connection to a database, and its statements.
 *
 * The database is a SQLite file; a server is meant to stand behind the same
 * functions.  SQL is therefore written in the dialect both share: $1, $2 for
 * what is bound (no other kind of parameter), UPSERT, RETURNING, UPDATE FROM,
 * window functions, partial indexes; no rowid, no type affinity tricks,
 * CAST where a type is not plain.  What must differ is asked with
 * db_dialect() and stands in one file of the caller.
 *
 * A connection is used by one thread at a time.  Statements are prepared once
 * and kept: `sql` must be a string that lives as long as the connection, in
 * practice a literal.  What is bound is borrowed until the statement is done.
 *
 *	struct db_stmt *q;
 *	int rc;
 *
 *	if (db_query(db, &q, "SELECT id, name FROM t WHERE kind = $1",
 *	             DB_ARGS(DB_I(kind)), err) < 0)
 *		return -1;
 *	while ((rc = db_next(q, err)) > 0)
 *		use(db_i64(q, 0), db_text(q, 1));
 *	db_done(&q);
 *	return rc;
 *
 * Writes of several threads or processes go through db/group.h; db_begin()
 * here is what that is made of, and what tools with a file of their own use.
 *
 * Errors: a constraint that fails is ERR_EXISTS, a full disk ERR_NO_SPACE, a
 * damaged file ERR_CORRUPT, a lock not had in time ERR_TIMEOUT, too large a
 * value ERR_TOO_BIG, all else ERR_TEMP.  A failed sync is said to
 * os/file.h's file_sync_failed() first, which ends the role.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct db;
struct db_stmt;

enum db_dialect { DB_SQLITE, DB_POSTGRES };

struct db_options {
	const char *path; /* the file; its folder must exist */
	bool create;      /* make it when it is missing, else ERR_NOT_FOUND */
	bool readonly;
	bool lazy_sync;     /* synchronous=NORMAL: a power cut may lose the
	                     * last moments, never the order */
	uint32_t cache_kib; /* pages kept in memory; 0: 1024 */
	uint32_t busy_ms;   /* 0: 10 s */
};

int db_open(struct db **out, const struct db_options *o, struct err *err)
	ATTR_MUST_USE;
void db_close(struct db **db); /* never checkpoints; NULL is fine */
enum db_dialect db_dialect(const struct db *db);

/* ---- what is bound ---- */

enum db_type { DB_TYPE_NULL, DB_TYPE_INT, DB_TYPE_TEXT, DB_TYPE_BLOB };

struct db_arg {
	enum db_type type;
	int64_t i;
	struct str s;
};

struct db_args {
	const struct db_arg *p; /* p[0] is $1 */
	size_t n;
};

#define DB_I(v) ((struct db_arg){ DB_TYPE_INT, (int64_t)(v), { NULL, 0 } })
#define DB_S(v) ((struct db_arg){ DB_TYPE_TEXT, 0, (v) })
#define DB_B(v) ((struct db_arg){ DB_TYPE_BLOB, 0, (v) })
#define DB_NULL ((struct db_arg){ DB_TYPE_NULL, 0, { NULL, 0 } })
#define DB_ARGS(...)                                                        \
	((struct db_args){ (const struct db_arg[]){ __VA_ARGS__ },          \
	                   sizeof((const struct db_arg[]){ __VA_ARGS__ }) / \
	                           sizeof(struct db_arg) })
#define DB_NO_ARGS ((struct db_args){ NULL, 0 })

/* ---- statements ---- */

/* Run to the end; rows are passed over. */
int db_run(struct db *db, const char *sql, struct db_args args, struct err *err)
	ATTR_MUST_USE;

/* One or more statements without parameters, not kept: schema, pragmas. */
int db_exec(struct db *db, const char *sql, struct err *err) ATTR_MUST_USE;

/* Begin; *out is to be given back with db_done(), also after errors of
 * db_next().  On failure of db_query() itself *out is NULL. */
int db_query(struct db *db, struct db_stmt **out, const char *sql,
             struct db_args args, struct err *err) ATTR_MUST_USE;

/* 1: a row, 0: no more, -1: error. */
int db_next(struct db_stmt *q, struct err *err) ATTR_MUST_USE;
void db_done(struct db_stmt **q); /* NULL is fine */

/* db_query() and the first db_next() in one: 1 row, 0 none, -1 error; only
 * after 1 is *out set and to be given back. */
int db_row(struct db *db, struct db_stmt **out, const char *sql,
           struct db_args args, struct err *err) ATTR_MUST_USE;

/* The one number of the first row: 1, 0 (no row; *out untouched), -1. */
int db_number(struct db *db, int64_t *out, const char *sql, struct db_args args,
              struct err *err) ATTR_MUST_USE;

/* Columns of the current row, from 0.  Views live until the next db_next()
 * or db_done().  NULL reads as 0 and the empty view. */
int64_t db_i64(struct db_stmt *q, int column);
struct str db_text(struct db_stmt *q, int column);
struct str db_blob(struct db_stmt *q, int column);
bool db_is_null(struct db_stmt *q, int column);

/* Rows changed by the last db_run() of an INSERT, UPDATE or DELETE. */
int64_t db_changes(struct db *db);

/* ---- transactions ---- */

int db_begin(struct db *db, struct err *err) ATTR_MUST_USE; /* to write */
int db_begin_read(struct db *db, struct err *err)
	ATTR_MUST_USE; /* one state for several reads */
int db_commit(struct db *db, struct err *err) ATTR_MUST_USE;
void db_rollback(struct db *db); /* fine without a transaction */

/* A part of a transaction that can be undone alone. */
int db_savepoint(struct db *db, struct err *err) ATTR_MUST_USE;
int db_savepoint_keep(struct db *db, struct err *err) ATTR_MUST_USE;
int db_savepoint_undo(struct db *db, struct err *err) ATTR_MUST_USE;

/* ---- upkeep; group.h does this for those who write through it ---- */

/* Bytes of the write-ahead log as of the last commit. */
uint64_t db_wal_bytes(struct db *db);

/* Move the log into the file.  `reset` also waits for readers and starts the
 * log anew.  The caller holds the lock of the file's writers. */
int db_checkpoint(struct db *db, bool reset, struct err *err) ATTR_MUST_USE;

/* The schema's number: 0 in a new file. */
int db_version(struct db *db, uint32_t *out, struct err *err) ATTR_MUST_USE;
int db_set_version(struct db *db, uint32_t v, struct err *err) ATTR_MUST_USE;

/* Read all of it and say what is wrong, a line each (at most `max`): for
 * fsck.  0 and *n_out lines in the arena, or -1. */
int db_verify(struct db *db, struct arena *a, size_t max, struct str **out,
              size_t *n_out, struct err *err) ATTR_MUST_USE;

#endif
