/*
 * store/append.h - put messages in.
 *
 * In two steps.  Preparing parses, compresses and writes a large body to a
 * file of the store; it may take its time and holds no lock.  Committing is
 * one transaction for all targets of one shard: all have the message or none.
 *
 *	struct append *m;
 *	struct append_target t = {
 *		.account = a, .message = m, .prefix = delivered_to,
 *	};
 *
 *	if (append_prepare(&m, s, spool, err) < 0) ...
 *	if (append_commit(s, &t, 1, key, err) < 0) ...
 *	append_free(&m);
 *
 * A message's bytes are never changed.  The headers that differ by recipient
 * (Return-Path, Delivered-To, Received) go before it as the target's prefix.
 */
#ifndef STORE_APPEND_H
#define STORE_APPEND_H

#include "os/spool.h"
#include "store/mailbox.h"
#include "store/store.h"

#define APPEND_PREFIX_MAX   ((size_t)16 * 1024)
#define APPEND_TARGETS_MAX  1000
#define APPEND_KEY_MAX      64
#define APPEND_KEYWORDS_MAX 100
/* How long a key is remembered at least. */
#define APPEND_KEY_US INT64_C(3600000000)

struct append;

/* The spool is sealed; it must live until append_free().  Its file, if it has
 * one, may become the store's (spool_take_file()). */
int append_prepare(struct append **out, struct store *s, struct spool *sp,
                   struct err *err) ATTR_MUST_USE;
/* The same from memory, which must live until append_free(). */
int append_prepare_str(struct append **out, struct store *s, struct str bytes,
                       struct err *err) ATTR_MUST_USE;
void append_free(struct append **m); /* what was not committed is gone */

struct append_target {
	struct append *message; /* several targets may have the same one */
	struct store_account account;
	uint64_t mailbox;     /* its number; 0: the mailbox with `use` */
	enum mailbox_use use; /* NONE is taken as INBOX */
	uint64_t flags;
	const struct str *keywords; /* by name, made when new */
	size_t keywords_n;
	int64_t internaldate_us; /* 0: now */
	struct str prefix;       /* whole header fields with CRLF, or empty */
	const uint64_t *also;    /* further mailboxes of the same Email */
	size_t also_n;
	/* It came by mail for the account: a report is noted as what it is
	 * (store/report.h). */
	bool delivered;

	/* Set by append_commit(). */
	uint32_t uidvalidity, uid;
	uint64_t mailbox_out, email, thread, modseq;
};

/* `key`, unless empty: when a commit with this key was done within
 * APPEND_KEY_US nothing is stored and 0 returned with *known_out true (may be
 * NULL); the targets' results are 0 then.  ERR_OVER_QUOTA, ERR_NO_SPACE,
 * ERR_NOT_FOUND (mailbox), ERR_INVALID (accounts in more than one shard). */
int append_commit(struct store *s, struct append_target *targets, size_t n,
                  struct str key, bool *known_out, struct err *err)
	ATTR_MUST_USE;

/* Bytes of the message without a prefix. */
uint64_t append_size(const struct append *m);

#endif
