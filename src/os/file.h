/*
 * os/file.h - files that are there after a power cut.
 *
 * The only code that writes and syncs files (SQLite's goes through a VFS of
 * db/, which calls the same hooks).  Everything that is promised to a peer
 * follows one order: write, file_sync(), file_rename(), file_sync_dir().
 *
 * Faults for tests: with POSTHUS_FAULT="write:N", "fsync:N" or
 * "nospace:N" the Nth such call of the process, and each one after it,
 * fails with EIO (ENOSPC for nospace).  file_fault() is that switch.  What a
 * power cut would leave is os/powercut.h's.
 */
#ifndef OS_FILE_H
#define OS_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"

/* open(2), O_CLOEXEC added; -1 and *err on failure. */
int file_open(const char *path, int flags, mode_t mode, struct err *err)
	ATTR_MUST_USE;
void file_close(int *fd); /* -1 afterwards; -1 is fine */

/* All of it or an error: short writes and EINTR are gone on with. */
int file_write(int fd, struct str s, struct err *err) ATTR_MUST_USE;
int file_pwrite(int fd, struct str s, uint64_t at, struct err *err)
	ATTR_MUST_USE;

/* Up to `n` bytes at `at`; *got is less only at the end of the file. */
int file_pread(int fd, void *p, size_t n, uint64_t at, size_t *got,
               struct err *err) ATTR_MUST_USE;

/* The bytes are on the disk (fdatasync).  After a failure the file's state
 * is unknown: the caller gives it up, never syncs again and says yes. */
int file_sync(int fd, struct err *err) ATTR_MUST_USE;

/* The names in the folder are on the disk. */
int file_sync_dir(const char *dir, struct err *err) ATTR_MUST_USE;

int file_rename(const char *from, const char *to, struct err *err)
	ATTR_MUST_USE;
int file_remove(const char *path, struct err *err) ATTR_MUST_USE;
int file_mkdir(const char *path, mode_t mode, struct err *err)
	ATTR_MUST_USE; /* one that is there is fine */
bool file_is_folder(const char *path);

/* A whole small file (at most `max` bytes, else ERR_TOO_BIG), NUL-ended; the
 * caller frees with mem_free(). */
int file_read_all(const char *path, size_t max, char **out, size_t *n_out,
                  struct err *err) ATTR_MUST_USE;

/* Replace a file as a whole, durably: temporary file, sync, rename, sync. */
int file_replace(const char *path, struct str content, mode_t mode,
                 struct err *err) ATTR_MUST_USE;

/* Free bytes of the file system that holds `path`; 0 when unknown. */
uint64_t file_free_bytes(const char *path);

/* A sync that failed is never tried again: the kernel may have dropped what
 * it could not write, and say yes the next time.  Whoever sees one (file_sync,
 * file_sync_dir, the VFS of db/) tells it here: the hook is called, which in a
 * role ends the process, and from then on every sync of this process fails.
 * Without a hook only the latter happens. */
void file_on_sync_failure(void (*hook)(const char *path));
void file_sync_failed(const char *path);
bool file_sync_is_broken(void);

enum file_op { FILE_OP_WRITE, FILE_OP_SYNC };

/* Set the switch from within a test, counting from now; NULL: off. */
void file_set_fault(const char *spec);

/* 0, or the errno that this operation must fail with (see above). */
int file_fault(enum file_op op);

#endif
