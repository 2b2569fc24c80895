/*
 * transfer/source.h - the messages below a path, one after the other.
 *
 * Finds the folders at once and then walks them: Maildirs in the order of
 * arrival, mbox files from top to bottom.  The bytes of an mbox message come
 * with its item; those of a Maildir are read later, by whoever wants them.
 *
 *	while ((rc = source_next(src, &arena, &item, err)) > 0)
 *		...
 */
#ifndef TRANSFER_SOURCE_H
#define TRANSFER_SOURCE_H

#include "base/arena.h"
#include "os/spool.h"

struct source;

struct source_options {
	const char *path;
	const char *below; /* the folder to put all below; may be NULL */
	struct spool_pool *pool;
	uint64_t message_max;

	/* Whether the item is wanted; others are passed over unread. */
	bool (*want)(void *arg, struct str name);
	void *want_arg;
};

struct source_item {
	struct str name;     /* stays the same from run to run; no LF in it */
	struct str mailbox;  /* UTF-8, levels by '/' */
	const char *file;    /* Maildir: to be read with source_read() */
	bool as_is;          /* its line ends are right already */
	struct spool *bytes; /* mbox: sealed, the caller's to free */
	uint64_t flags;      /* FLAG_* */
	struct str *keywords;
	size_t keywords_n;
	int64_t arrived_us; /* 0: not known */
	bool failed;        /* it cannot be had: */
	struct err why;
};

int source_open(struct source **out, const struct source_options *o,
                struct err *err) ATTR_MUST_USE;
void source_close(struct source **src);

/* Messages of all Maildirs, and whether that is all (no mbox files). */
uint64_t source_count(const struct source *src, bool *all);
/* Folders begun. */
size_t source_folders_begun(const struct source *src);

/* 1: *out is the next item, its strings in the arena; 0: the end; -1: the
 * path cannot be read any further. */
int source_next(struct source *src, struct arena *a, struct source_item *out,
                struct err *err) ATTR_MUST_USE;

/* The file of a Maildir item, into a sealed spool; from any thread. */
int source_read(const char *file, bool as_is, struct spool_pool *pool,
                uint64_t message_max, struct spool **out,
                int64_t *arrived_us_out, struct err *err) ATTR_MUST_USE;

/* A mailbox name made of whatever a folder was called: INBOX/ in front is
 * taken off, what cannot stand in a name becomes '_'. */
struct str source_mailbox_name(struct arena *a, struct str under,
                               struct str name);

#endif
