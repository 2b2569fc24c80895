/*
 * transfer/state.h - how far an import came, in a file.
 *
 * A run of batches, each with a number and the names of its items.  A batch
 * is noted, and on disk, before it is committed; that the next one is noted
 * says that it was.  So after an interruption all but the last batch are done
 * for sure, and the last may be: it is made again of the same items and
 * committed with the same key, by which the store knows it.
 *
 *	posthus-import 1 <id>
 *	batch 1
 *	INBOX/1732438800.x
 *	...
 *	again             (the batch was refused; its items stand below once more)
 *
 * Names of items have a '/' or a '@' in them, so no such line is one.
 */
#ifndef TRANSFER_STATE_H
#define TRANSFER_STATE_H

#include "base/err.h"
#include "base/str.h"

struct transfer_state;

/* NULL as path: nothing is kept, everything is new. */
int transfer_state_open(struct transfer_state **out, const char *path,
                        struct err *err) ATTR_MUST_USE;
void transfer_state_close(struct transfer_state **st);

enum transfer_item {
	TRANSFER_NEW,
	TRANSFER_DONE,    /* in a batch that was committed */
	TRANSFER_PENDING, /* in the last batch, of which it is not known */
};

enum transfer_item transfer_state_item(const struct transfer_state *st,
                                       struct str name);

/* How many items the pending batch has; 0: there is none. */
size_t transfer_state_pending(const struct transfer_state *st);
/* The pending batch is committed: its items are done. */
void transfer_state_settled(struct transfer_state *st);

/* Note the next batch; on disk when it returns. */
int transfer_state_batch(struct transfer_state *st, const struct str *names,
                         size_t n, struct err *err) ATTR_MUST_USE;

/* The batch noted last was refused as a whole and its items will be noted
 * again, in other batches. */
int transfer_state_again(struct transfer_state *st, struct err *err)
	ATTR_MUST_USE;

/* The key of the batch noted last, for append_commit(); valid until the next
 * call.  Empty without a file. */
struct str transfer_state_key(struct transfer_state *st);

/* All is done: the file goes. */
int transfer_state_finish(struct transfer_state *st, struct err *err)
	ATTR_MUST_USE;

#endif
