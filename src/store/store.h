/*
 * store/store.h - where mail is kept: open it, and who an account is.
 *
 * An account is a number given by the directory and lies in one shard, a
 * database file with the mailboxes and messages of many accounts; large
 * bodies are files beside it.  Every role opens the store for itself; they
 * share the same files.  All functions of store/ may be called from any
 * thread, block at most for a group commit, and return 0 or -1 with *err;
 * a write that returned 0 is on disk.
 *
 * The modules, one header each:
 *   mailbox.h  the folders of an account      view.h    one folder, as selected
 *   append.h   put messages in                fetch.h   read rows and bodies
 *   flags.h    set flags and keywords         copy.h    copy and move
 *   expunge.h  remove                         query.h   search
 *   change.h   what changed since             quota.h   how much is used
 *   purged.h   bring back what was removed    fsck.h    verify and mend
 *   script.h   what is run at delivery        remember.h  what was seen lately
 *   learn.h    what the owner calls spam   object.h  what is no mail
 *   metadata.h  annotations
 *
 * Words.  An Email is a message with its number; a membership is an Email in
 * a mailbox under a UID, and has the flags.  COPY adds a membership.  Numbers
 * of mailboxes, Emails, threads are unique within the account and never used
 * again; outside they are written with a letter before them (store_id()), as
 * EMAILID, MAILBOXID, THREADID (RFC 8474) and JMAP ids.  The modseq (RFC
 * 7162) is one counter per account: every commit that changes something of
 * the account takes the next value.
 *
 * An account is made on first use: mailbox_list(), append_commit() and the
 * others make INBOX and the special folders when they are not there yet.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/err.h"
#include "base/str.h"

struct store;

/* The account as the directory knows it; passed by value. */
struct store_account {
	int64_t id;           /* > 0, never used again */
	uint32_t shard;       /* from 1; 0 is taken as 1 */
	uint64_t quota_bytes; /* UINT64_MAX: none */
};

#define STORE_QUOTA_NONE UINT64_MAX

struct store_options {
	const char *dir;        /* made when missing */
	uint64_t reserve_bytes; /* below this much free space nothing is taken
	                         * (ERR_NO_SPACE); reading and deleting go on */
	uint32_t readers;       /* connections a shard; 0: cores + 2 */
	uint32_t cache_kib;     /* pages kept a connection; 0: 2048 */

	/* After a commit: these accounts changed.  On a writer's thread: be
	 * quick.  May be NULL. */
	void (*news)(void *arg, const int64_t *accounts, size_t n);
	void *news_arg;
};

/* A damaged database is ERR_CORRUPT, with the words what to do. */
int store_open(struct store **out, const struct store_options *o,
               struct err *err) ATTR_MUST_USE;
void store_close(struct store **s);

/* ERR_NO_SPACE when the reserve is reached or `bytes` more would reach it. */
int store_check_space(struct store *s, uint64_t bytes, struct err *err)
	ATTR_MUST_USE;

/* Put off until now: indexing, erasing what is past its time, collecting
 * bodies nobody refers to.  At most about `budget_us`; *more_out says that
 * it is not done.  For a thread of the housekeeping role. */
int store_upkeep(struct store *s, int64_t budget_us, bool *more_out,
                 struct err *err) ATTR_MUST_USE;

/* Everything of the account is removed (its mail is not recoverable). */
int store_account_remove(struct store *s, struct store_account a,
                         struct err *err) ATTR_MUST_USE;

/* ---- numbers as they are written outside ---- */

#define STORE_ID_MAILBOX 'M'
#define STORE_ID_EMAIL   'E'
#define STORE_ID_THREAD  'T'
#define STORE_ID_BLOB    'G' /* of an Email: its whole message */

#define STORE_ID_MAX     24

struct store_id {
	char z[STORE_ID_MAX]; /* "E1234" */
};

struct store_id store_id(char letter, uint64_t no);

/* False unless it is the letter and a number without leading zeros. */
bool store_id_parse(struct str s, char letter, uint64_t *out) ATTR_MUST_USE;

/* ---- flags ---- */

/* Flags of a membership are bits.  The lowest are the same everywhere; the
 * others are keywords of the account, named through flags.h. */
#define FLAG_SEEN          (UINT64_C(1) << 0)
#define FLAG_ANSWERED      (UINT64_C(1) << 1)
#define FLAG_FLAGGED       (UINT64_C(1) << 2)
#define FLAG_DELETED       (UINT64_C(1) << 3)
#define FLAG_DRAFT         (UINT64_C(1) << 4)
#define FLAG_FORWARDED     (UINT64_C(1) << 5)  /* $Forwarded */
#define FLAG_MDNSENT       (UINT64_C(1) << 6)  /* $MDNSent */
#define FLAG_JUNK          (UINT64_C(1) << 7)  /* $Junk */
#define FLAG_NOTJUNK       (UINT64_C(1) << 8)  /* $NotJunk */
#define FLAG_PHISHING      (UINT64_C(1) << 9)  /* $Phishing */
#define FLAG_IMPORTANT     (UINT64_C(1) << 10) /* $Important */

#define FLAG_KEYWORD_FIRST 5  /* the bits below are system flags */
#define FLAG_KEYWORD_FREE  12 /* from here on the account names them */
#define FLAG_BITS          63

#endif
