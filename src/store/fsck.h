/*
 * store/fsck.h - verify a shard and mend it.
 *
 * Reads everything: the database's own check, counters against rows, UID runs
 * against rows, bodies nobody refers to, files nobody knows, files and bodies
 * that are missing or do not read back, threads.  Mending makes the derived
 * things new from the rows; a message whose body is lost keeps its row, and
 * reads as ERR_CORRUPT, until it is removed.  The host should be stopped to
 * mend; verifying can run beside it.
 */
#ifndef STORE_FSCK_H
#define STORE_FSCK_H

#include "store/store.h"

struct fsck_options {
	bool mend;
	bool bodies; /* read back every body too */
	/* Called for each finding; `account` 0: of the shard. */
	void (*finding)(void *arg, int64_t account, const char *text,
	                bool mended);
	void *arg;
	/* Called now and then; may be NULL. */
	void (*progress)(void *arg, uint64_t done, uint64_t total);
};

struct fsck_result {
	uint64_t accounts, mailboxes, messages, bodies, files;
	uint64_t findings, mended;
};

/* Works on the folder of a store (the shard's database may be too damaged for
 * store_open()).  shard 0: all. */
int fsck_run(const char *dir, uint32_t shard, const struct fsck_options *o,
             struct fsck_result *out, struct err *err) ATTR_MUST_USE;

#endif
