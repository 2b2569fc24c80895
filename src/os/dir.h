/*
 * os/dir.h - what is in a folder, and what a file is.
 *
 *	struct dir_entry *e;
 *	size_t n;
 *
 *	if (dir_list(path, &arena, &e, &n, err) < 0) ...
 *	for (size_t i = 0; i < n; i++)
 *		use(e[i].name, e[i].kind);
 */
#ifndef OS_DIR_H
#define OS_DIR_H

#include "base/arena.h"
#include "base/err.h"

enum dir_kind { DIR_FILE, DIR_FOLDER, DIR_OTHER };

struct dir_entry {
	struct str name; /* with a NUL behind it */
	enum dir_kind kind;
};

/* All but "." and "..", in the order of bytes; what symbolic links lead to
 * decides their kind. */
int dir_list(const char *path, struct arena *a, struct dir_entry **out,
             size_t *n_out, struct err *err) ATTR_MUST_USE;

struct dir_info {
	enum dir_kind kind;
	uint64_t size;
	int64_t changed_us; /* of the content */
};

/* Through symbolic links.  ERR_NOT_FOUND. */
int dir_info(const char *path, struct dir_info *out, struct err *err)
	ATTR_MUST_USE;

/* Set the time that dir_info() tells. */
int dir_set_changed(const char *path, int64_t us, struct err *err)
	ATTR_MUST_USE;

/* Everything written to the file system that holds `path` is on the disk. */
int dir_sync_all(const char *path, struct err *err) ATTR_MUST_USE;

#endif
