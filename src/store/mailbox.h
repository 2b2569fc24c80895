/*
 * store/mailbox.h - the folders of an account.
 *
 * A mailbox has a name, which may change, and a number, which never does and
 * is never used again.  Names are UTF-8, with '/' between levels; INBOX is
 * the only one whose case does not matter and has no children (a server that
 * shows "INBOX/Sent" takes the prefix off before it asks here).  A name's
 * parents always exist: making "a/b/c" makes "a" and "a/b".
 *
 * With the account come INBOX, Sent, Drafts, Trash, Spam (\Junk) and Archive,
 * subscribed and with their special use (RFC 6154).
 *
 *	struct mailbox *list;
 *	size_t n;
 *
 *	if (mailbox_list(s, account, &arena, &list, &n, err) < 0) ...
 */
#ifndef STORE_MAILBOX_H
#define STORE_MAILBOX_H

#include "base/arena.h"
#include "store/store.h"

#define MAILBOX_NAME_MAX  1000 /* bytes of the whole name */
#define MAILBOX_LEVEL_MAX 250  /* bytes of one level */
#define MAILBOX_DEPTH_MAX 20
#define MAILBOX_COUNT_MAX 10000 /* of one account */

enum mailbox_use {
	MAILBOX_USE_NONE,
	MAILBOX_USE_INBOX,
	MAILBOX_USE_SENT,
	MAILBOX_USE_DRAFTS,
	MAILBOX_USE_TRASH,
	MAILBOX_USE_JUNK,
	MAILBOX_USE_ARCHIVE,
	MAILBOX_USE_COUNT
};

/* "\\Sent"; "" for none and INBOX. */
const char *mailbox_use_name(enum mailbox_use use);
/* Without case; MAILBOX_USE_NONE when it is none of them. */
enum mailbox_use mailbox_use_parse(struct str name);

struct mailbox {
	uint64_t no;
	struct str name;
	enum mailbox_use use;
	bool subscribed;
	bool has_children;
	uint32_t uidvalidity, uidnext;
	uint32_t total;         /* memberships */
	uint32_t unseen;        /* without \Seen */
	uint32_t deleted;       /* with \Deleted */
	uint64_t bytes;         /* sizes together */
	uint64_t deleted_bytes; /* STATUS DELETED-STORAGE */
	uint64_t highestmodseq;
	uint64_t created_modseq,
		changed_modseq; /* of name, use, subscription */
};

/* In the order of names (INBOX first).  Strings live in the arena. */
int mailbox_list(struct store *s, struct store_account a, struct arena *arena,
                 struct mailbox **out, size_t *n_out, struct err *err)
	ATTR_MUST_USE;

/* Names that are subscribed, also those that do not exist any more. */
int mailbox_subscriptions(struct store *s, struct store_account a,
                          struct arena *arena, struct str **out, size_t *n_out,
                          struct err *err) ATTR_MUST_USE;

/* ERR_NOT_FOUND. */
int mailbox_get(struct store *s, struct store_account a, struct str name,
                struct arena *arena, struct mailbox *out, struct err *err)
	ATTR_MUST_USE;
int mailbox_get_no(struct store *s, struct store_account a, uint64_t no,
                   struct arena *arena, struct mailbox *out, struct err *err)
	ATTR_MUST_USE;
int mailbox_get_use(struct store *s, struct store_account a,
                    enum mailbox_use use, struct arena *arena,
                    struct mailbox *out, struct err *err) ATTR_MUST_USE;

/* ERR_INVALID with words when a name cannot be: empty, a level empty, too
 * long or too deep, control characters, '*' or '%', not UTF-8, below INBOX. */
int mailbox_name_check(struct str name, struct err *err) ATTR_MUST_USE;

/* ERR_EXISTS; ERR_TOO_BIG past MAILBOX_COUNT_MAX.  A use that another
 * mailbox has is ERR_EXISTS too. */
int mailbox_create(struct store *s, struct store_account a, struct str name,
                   enum mailbox_use use, uint64_t *no_out, struct err *err)
	ATTR_MUST_USE;

/* Its messages become recoverable (purged.h).  INBOX is ERR_DENIED, one with
 * children ERR_EXISTS (RFC 9051, 6.3.5: HASCHILDREN). */
int mailbox_delete(struct store *s, struct store_account a, uint64_t no,
                   struct err *err) ATTR_MUST_USE;

/* With all below it.  INBOX: its messages move to a new mailbox and it stays,
 * empty (RFC 9051, 6.3.6).  ERR_EXISTS when there is one, ERR_INVALID below
 * itself. */
int mailbox_rename(struct store *s, struct store_account a, uint64_t no,
                   struct str name, struct err *err) ATTR_MUST_USE;

/* Also for names that do not exist (RFC 9051, 6.3.7). */
int mailbox_subscribe(struct store *s, struct store_account a, struct str name,
                      bool on, struct err *err) ATTR_MUST_USE;

int mailbox_set_use(struct store *s, struct store_account a, uint64_t no,
                    enum mailbox_use use, struct err *err) ATTR_MUST_USE;

/* Several of these in one transaction: JMAP.  Errors are theirs. */
struct mailbox_wish {
	struct str name; /* empty: as it is */
	bool has_use, has_subscribed;
	enum mailbox_use use;
	bool subscribed;
};

/* INBOX keeps its name and its use. */
int mailbox_alter(struct store *s, struct store_account a, uint64_t no,
                  const struct mailbox_wish *w, struct err *err) ATTR_MUST_USE;
/* A new one; `name` is needed. */
int mailbox_make(struct store *s, struct store_account a,
                 const struct mailbox_wish *w, uint64_t *no_out,
                 struct err *err) ATTR_MUST_USE;

#endif
