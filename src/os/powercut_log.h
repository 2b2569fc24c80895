/* os/powercut_log.h - private to os/: the records of powercut.h's log. */
#ifndef OS_POWERCUT_LOG_H
#define OS_POWERCUT_LOG_H

#include <stdint.h>

#include "base/buf.h"

#define POWERCUT_MAGIC 0x50435554u

enum powercut_kind {
	POWERCUT_WRITE,    /* at, old bytes, new bytes */
	POWERCUT_TRUNCATE, /* at: the new size; old bytes behind it */
	POWERCUT_CREATE,   /* path */
	POWERCUT_RENAME,   /* path to path2; new bytes: where the old
	                       * path2 is kept */
	POWERCUT_REMOVE,   /* path; new bytes: where it is kept */
	POWERCUT_SYNC,     /* of path; at: where the log ended when it began */
	POWERCUT_SYNC_FOLDER, /* likewise */
	POWERCUT_FAILED,      /* the record before did not happen */
};

/* Followed by path, path2, old bytes, new bytes. */
struct powercut_record {
	uint32_t magic, kind;
	uint32_t path_n, path2_n;
	uint64_t inode, at, size; /* size: of the file before */
	uint64_t old_n, new_n;
};

#endif
