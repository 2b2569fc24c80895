/*
 * transfer/stream.h - mail as one file, made piece by piece while it is sent.
 *
 *   TRANSFER_MBOX   one mailbox, or chosen messages: an mbox file with flags,
 *                   keywords and dates (transfer/mbox.h).  The whole account:
 *                   a ZIP archive of such files, Work/2026.mbox
 *   TRANSFER_EML    a ZIP archive with a file a message, in folders like the
 *                   mailboxes, each of the date of its arrival.  What a mail
 *                   program marked \Deleted is left out: there is no flag that
 *                   could say so
 *
 * No transaction is open between two pieces, and the memory stays within a
 * megabyte, however much it is.  What goes away meanwhile is left out.
 *
 *	struct transfer_stream *ts;
 *	struct buf out;
 *
 *	if (transfer_stream_open(&ts, &wanted, err) < 0) ...
 *	while ((rc = transfer_stream_next(ts, &out, err)) > 0)
 *		... send and reset `out`
 *	transfer_stream_close(&ts);
 */
#ifndef TRANSFER_STREAM_H
#define TRANSFER_STREAM_H

#include "base/arena.h"
#include "base/buf.h"
#include "os/spool.h"
#include "store/store.h"

/* What `out` must have room for at each call. */
#define TRANSFER_STREAM_PIECE ((size_t)512 * 1024)

enum transfer_stream_format { TRANSFER_STREAM_MBOX, TRANSFER_STREAM_EML };

struct transfer_wanted {
	struct store *store;
	struct store_account account;
	struct spool_pool *spools;
	enum transfer_stream_format format;
	uint64_t mailbox; /* 0: all of them */
	/* Chosen messages: the number of the next Email, or false at the end.
	 * NULL: the mailbox, or all. */
	bool (*next_email)(void *arg, uint64_t *out);
	void *arg;
};

struct transfer_stream;

/* `w` is copied.  ERR_NOT_FOUND: no such mailbox. */
int transfer_stream_open(struct transfer_stream **out,
                         const struct transfer_wanted *w, struct err *err)
	ATTR_MUST_USE;
void transfer_stream_close(struct transfer_stream **ts); /* NULL is fine */

bool transfer_stream_is_zip(const struct transfer_stream *ts);

/* Append something: 1; the last: 0; -1, and then the file is of no use. */
int transfer_stream_next(struct transfer_stream *ts, struct buf *out,
                         struct err *err) ATTR_MUST_USE;

uint64_t transfer_stream_messages(const struct transfer_stream *ts);
/* Messages that could not be read and are not in it. */
uint64_t transfer_stream_failed(const struct transfer_stream *ts);

/* ---- stream_name.c: names that any system takes ---- */

/* The levels of a mailbox, apart by '/', with `ending` behind. */
struct str transfer_path_of(struct arena *a, struct str mailbox,
                            const char *ending);
/* "20261124-091500-12-Lunch.eml" */
struct str transfer_file_of(struct arena *a, int64_t arrived_s, uint64_t no,
                            struct str subject);

#endif
