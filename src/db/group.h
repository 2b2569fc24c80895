/*
 * db/group.h - many writers, one sync: a database shared by threads and
 * processes.
 *
 * A write is a function.  Threads hand theirs in; one of them becomes the
 * leader, takes the lock that the processes share, runs everything that waits
 * in one transaction, commits once, and all return when the commit is on
 * disk.  Therefore a write function
 *
 *   - has no effect but on the database it is given, and on memory of its own
 *     that it sets anew each time, for it may be run again: when a batch is
 *     lost (disk full, I/O error) its members are run again one by one;
 *   - says its accounts, so that a database server can lock their rows first;
 *   - is quick: parsing, compression and files come before it;
 *   - undoes nothing on failure: it returns -1 and its part is rolled back,
 *     the others' parts stand.
 *
 * It runs on the thread of the leader, not the caller's.
 *
 *	static int rename_row(struct db *db, void *arg, struct err *err)
 *	{
 *		struct rename *r = arg;
 *
 *		return db_run(db, "UPDATE t SET name = $1 WHERE id = $2",
 *		              DB_ARGS(DB_S(r->name), DB_I(r->id)), err);
 *	}
 *
 *	if (db_group_write(g, rename_row, &r, NULL, 0, err) < 0) ...
 *
 * Readers borrow one of a few connections and give it back soon: no socket
 * is waited for in between, and no read lasts over a quarter of a second.
 *
 * Only the holder of the lock checkpoints.  Past 512 MiB of log it waits for
 * the readers and resets it.
 */
#ifndef DB_GROUP_H
#define DB_GROUP_H

#include "db/db.h"

struct db_group;

struct db_group_options {
	struct db_options db;

	/* Brings a file of `version` (0: new) to `schema_version`, in one
	 * transaction; the number is set by the group.  A file with a higher
	 * number than schema_version is refused. */
	uint32_t schema_version;
	int (*migrate)(struct db *db, uint32_t version, struct err *err);

	/* After each commit, on the leader's thread, with the accounts that
	 * its writes declared; may be NULL. */
	void (*committed)(void *arg, const int64_t *accounts, size_t n);
	void *committed_arg;

	uint32_t readers;         /* connections for reading; 0: cores + 2 */
	uint64_t wal_reset_bytes; /* 0: 512 MiB */
	uint64_t wal_check_bytes; /* checkpoint past this; 0: 16 MiB */
};

int db_group_open(struct db_group **out, const struct db_group_options *o,
                  struct err *err) ATTR_MUST_USE;
void db_group_close(struct db_group **g); /* nobody uses it any more */

typedef int (*db_write_fn)(struct db *db, void *arg, struct err *err);

/* 0 when it is on disk. */
int db_group_write(struct db_group *g, db_write_fn fn, void *arg,
                   const int64_t *accounts, size_t n, struct err *err)
	ATTR_MUST_USE;

/* Waits for a free one, at most 30 s (ERR_TIMEOUT). */
int db_group_read(struct db_group *g, struct db **out, struct err *err)
	ATTR_MUST_USE;
void db_group_done(struct db_group *g, struct db **db);

/* Checkpoint now (end of a bulk import, shutdown of the last role). */
int db_group_checkpoint(struct db_group *g, bool reset, struct err *err)
	ATTR_MUST_USE;

struct db_group_figures {
	uint64_t writes, commits, retried, checkpoints, resets;
	uint64_t batch_max;
};

void db_group_figures(struct db_group *g, struct db_group_figures *out);

#endif
