/*
 * transfer/transfer.h - bring mail in and take it out: Maildir and mbox.
 *
 * What is read is found by looking at the path:
 *
 *   a file                       an mbox, put into one folder (INBOX)
 *   a folder with cur/ or new/   a Maildir; its .Sub.Folder/ (Maildir++) and
 *                                Sub/Folder/ with cur/ become folders
 *   any other folder             each Maildir and each mbox file below it is
 *                                a folder named by its path ("Work/2026",
 *                                "Work/2026.mbox" both are Work/2026)
 *
 * Names ending in the usual ones (INBOX, Sent, Drafts, Trash, Spam, Archive)
 * meet the folders that are there; others are made.  Kept are: the bytes, the
 * date of arrival, flags and keywords, folder names, the order.
 *
 * Lines: a message whose first line ends in a bare LF gets CRLF at all its
 * lines, as Unix keeps mail; any other is taken byte for byte.  What was
 * exported here comes back byte for byte: it is written with the line ends
 * that it has.
 *
 * Import commits some hundred messages at a time and notes them in a state
 * file; after an interruption the same call goes on where it was, and a
 * batch whose answer was lost is not stored twice.  A message that the store
 * does not take (too large, unreadable file) is counted as failed, named in
 * the report, and the rest goes on.  Full disk and quota end the import.
 *
 * Export may also be called again: it adds what is missing.
 *
 * Scripts and the vacation go along (transfer/filters.h), unless mail is put
 * below a folder.  After an import the caller tells the directory of them
 * (deliver/script.h).
 *
 *	struct transfer t = {
 *		.store = s, .account = a, .spool = pool,
 *		.state = "/var/lib/posthus/import-17-ab12.state",
 *		.progress = show, .progress_arg = bar,
 *	};
 *	struct transfer_counts n;
 *
 *	if (transfer_import(&t, "Maildir", &n, err) < 0) ...
 *
 * Memory stays within some tens of megabytes, whatever the sizes.  One thread
 * calls; workers are started inside.
 */
#ifndef TRANSFER_TRANSFER_H
#define TRANSFER_TRANSFER_H

#include "os/spool.h"
#include "store/script.h"
#include "store/store.h"

struct transfer_counts {
	uint64_t found;   /* so far; with `counted` all of them */
	bool counted;     /* the whole path was looked through */
	uint64_t done;    /* messages imported or exported now */
	uint64_t known;   /* that an earlier run, or the target, had already */
	uint64_t failed;  /* named through `report` */
	uint64_t folders; /* finished */
	uint64_t bytes;   /* of the messages done */
	uint64_t scripts; /* of Sieve, taken or written */
};

enum transfer_format {
	TRANSFER_MAILDIR, /* Maildir++ below PATH */
	TRANSFER_MBOX,    /* PATH/Folder.mbox, one file a folder */
};

struct transfer {
	struct store *store;
	struct store_account account;
	struct spool_pool *spool; /* import */
	uint64_t message_max;     /* import: larger ones fail; 0: 1 GiB */

	/* import: the state file, made when missing and removed at the end;
	 * NULL: not resumable. */
	const char *state;
	/* import: put everything below this folder; NULL: as named. */
	const char *folder;
	unsigned threads;             /* import: that parse; 0: the cores */
	struct script_limits scripts; /* import; 0: 50 of 256 KiB */

	/* After each batch, on the caller's thread; false: stop cleanly (then
	 * the call returns -1 with ERR_CLOSED).  `where` is the folder. */
	bool (*progress)(void *arg, const struct transfer_counts *n,
	                 struct str where);
	void *progress_arg;
	/* A message that failed: its file, and why.  May be NULL. */
	void (*report)(void *arg, struct str item, const struct err *why);
	void *report_arg;
};

int transfer_import(const struct transfer *t, const char *path,
                    struct transfer_counts *out, struct err *err) ATTR_MUST_USE;

/* PATH is made when missing.  On disk when it returns. */
int transfer_export(const struct transfer *t, const char *path,
                    enum transfer_format format, struct transfer_counts *out,
                    struct err *err) ATTR_MUST_USE;

#endif
