/*
 * transfer/folders.h - find the mail folders below a path.
 *
 * See transfer.h for what is taken for what.
 */
#ifndef TRANSFER_FOLDERS_H
#define TRANSFER_FOLDERS_H

#include "base/arena.h"
#include "base/err.h"

#define FOLDERS_MAX   10000
#define FOLDERS_DEPTH 20

struct folder {
	struct str mailbox; /* as found: not yet fit to be a name */
	const char *path;
	struct str relative; /* to the path that was looked through */
	bool is_mbox;
};

struct folders {
	struct folder *list;
	size_t n;
	size_t cap; /* private */
};

/* INBOX first, then by path.  Strings and list live in the arena.
 * ERR_NOT_FOUND, also when there is no mail; ERR_TOO_BIG. */
int folders_find(const char *path, struct arena *a, struct folders *out,
                 struct err *err) ATTR_MUST_USE;

#endif
