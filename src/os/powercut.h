/*
 * os/powercut.h - for tests: what a power cut would leave on the disk.
 *
 * kill -9 never shows a missing fsync, for the kernel keeps what was written.
 * With POSTHUS_POWERCUT=DIR in the environment every write, truncation, new
 * name, rename, removal and sync that goes through os/file.h or the VFS of
 * db/ is told to a log, DIR/log, which all processes of the test share.  After
 * they were killed, powercut_cut() reads it and puts the files into a state
 * that a power cut at that moment could have left:
 *
 *   - of the writes to a file that were not followed by a sync of it, a random
 *     subset is on the disk, by sectors of 512 bytes; the others never were;
 *   - names (created, renamed, removed) that were not followed by a sync of
 *     their folder, from a random one on, never came to be.
 *
 * A sync counts for what was written before it began, once it has come back.
 * A removed or replaced file is kept under another name until then, so DIR
 * must be on the file system of the data.  What is written through a map
 * (SQLite's -shm) is not seen, and is made anew by whoever opens it.
 *
 *	POSTHUS_POWERCUT=/tmp/cut posthus serve ...      kill -9
 *	powercut_cut("/tmp/cut", seed, &err)             then start again
 *
 * Everything written is also written to the log, under one lock: slow, and
 * for tests alone.  In production nothing but one test of a flag is left.
 */
#ifndef OS_POWERCUT_H
#define OS_POWERCUT_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

bool powercut_is_on(void);
/* From within a test; NULL: off.  DIR must exist. */
void powercut_set(const char *dir);

/* Around the call itself.  All do nothing when it is off. */
void powercut_write_begin(const char *path, uint64_t at, struct str bytes);
void powercut_truncate_begin(const char *path, uint64_t size);
/* `created`: the path was not there before. */
void powercut_create_begin(const char *path);
void powercut_rename_begin(const char *from, const char *to);
void powercut_remove_begin(const char *path);
void powercut_end(bool done); /* of each of these; false: the call failed */

/* Before a sync of a file or folder: give the result to powercut_synced()
 * when it came back well. */
uint64_t powercut_sync_begin(void);
void powercut_synced(const char *path, bool folder, uint64_t begun);

/* The path behind an open file. */
struct powercut_path {
	char z[4096];
};
struct powercut_path powercut_path(int fd);

/* Cut the power of everything in the log, which is empty afterwards. */
int powercut_cut(const char *dir, uint64_t seed, struct err *err) ATTR_MUST_USE;

#endif
