/*
 * deliver/file.h - put one message into mailboxes here, all or none.
 *
 * All accounts lie in one shard and are written in one transaction; when it
 * returns 0 the message is on the disk in each.  The key makes a repetition
 * harmless: what was done with it within an hour is not done again.
 *
 *	struct deliver_to to[] = { { .end = end, .prefix = prefix } };
 *
 *	if (deliver_file(store, message, to, 1, at_us, key, &known, err) < 0)
 *		...
 */
#ifndef DELIVER_FILE_H
#define DELIVER_FILE_H

#include "base/err.h"
#include "base/str.h"
#include "deliver/folder.h"
#include "deliver/route.h"

struct append;

struct deliver_to {
	const struct route_end *end; /* here */
	struct str prefix;           /* whole header fields */
	struct deliver_folder folder;
	struct append *message; /* of its own; NULL: the common one */
};

/* Whether they may go in one transaction. */
bool deliver_is_direct(const struct deliver_to *to, size_t n);

/* Errors as append_commit(): ERR_OVER_QUOTA, ERR_NO_SPACE, ERR_TEMP...  One
 * account may stand in several, with other folders.  `message` may be NULL
 * when each has its own. */
int deliver_file(struct store *store, struct append *message,
                 const struct deliver_to *to, size_t n, int64_t at_us,
                 struct str key, bool *known_out, struct err *err)
	ATTR_MUST_USE;

#endif
