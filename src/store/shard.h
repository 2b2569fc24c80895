/*
 * store/shard.h - private to store/: a shard, and the rows that every write
 * goes through.
 *
 * A write function loads the account (account_take, which steps its modseq
 * and makes it on first use) and the mailboxes it changes (folder_load),
 * changes rows through the functions here, which keep counters and UID runs
 * right, and saves both.  fsck.c checks what they promise; README.md has the
 * tables.
 */
#ifndef STORE_SHARD_H
#define STORE_SHARD_H

#include "db/group.h"
#include "store/mailbox.h"
#include "store/store.h"
#include "store/uidset.h"

#define STORE_SHARDS_MAX 1024
/* Larger messages are files. */
#define INLINE_MAX ((size_t)64 * 1024)
/* Smaller ones are not looked up by their hash: the index page written for
 * each would cost more than the few that are equal would save. */
#define DEDUPE_MIN ((size_t)8 * 1024)
/* Rows changed in one transaction at most. */
#define CHUNK_MAX 2000

struct shard {
	struct store *store;
	uint32_t no;
	struct db_group *group;
	char *blobs;    /* the folder of its files */
	char *index;    /* the folder of the search indexes */
	uint32_t sweep; /* upkeep.c: which of its folders comes next */
};

/* ---- store.c ---- */

int store_shard(struct store *s, struct store_account a, struct shard **out,
                struct err *err) ATTR_MUST_USE;
const char *store_dir(const struct store *s);
struct emails_cache *store_emails(struct store *s);
/* NULL when there is no such shard, or it does not open. */
struct shard *store_open_shard(struct store *s, uint32_t no);
/* One shard of a folder, for fsck.c: no store around it. */
int shard_open(const char *dir, uint32_t no, struct shard **out,
               struct err *err) ATTR_MUST_USE;
void shard_close(struct shard **sh);

/* A connection to read the account's shard with; the account exists. */
int shard_read(struct store *s, struct store_account a, struct shard **sh,
               struct db **db, struct err *err) ATTR_MUST_USE;
int shard_write(struct store *s, struct store_account a, db_write_fn fn,
                void *arg, struct err *err) ATTR_MUST_USE;

/* ---- schema.c ---- */

#define SCHEMA_VERSION 8
int schema_migrate(struct db *db, uint32_t version, struct err *err)
	ATTR_MUST_USE;

/* ---- account.c ---- */

struct account_row {
	int64_t id, modseq, epoch;
	int64_t bytes, messages, purged_bytes;
	int64_t next_mailbox, next_email, uidvalidity;
	int64_t state_email, state_mailbox, state_thread;
	int64_t change_floor;
	bool made; /* just now */
};

/* For writing: the modseq is stepped already. */
int account_take(struct db *db, struct store_account a, struct account_row *out,
                 struct err *err) ATTR_MUST_USE;
int account_save(struct db *db, const struct account_row *r, struct err *err)
	ATTR_MUST_USE;
/* 1, 0 when there is none, -1. */
int account_load(struct db *db, int64_t id, struct account_row *out,
                 struct err *err) ATTR_MUST_USE;
/* ERR_OVER_QUOTA unless `bytes` more fit. */
int account_room(const struct account_row *r, struct store_account a,
                 int64_t bytes, struct err *err) ATTR_MUST_USE;

/* What /changes cannot see from the rows themselves. */
enum change_what { CHANGE_UPDATED = 1, CHANGE_DESTROYED = 2 };

int account_note(struct db *db, const struct account_row *r, int type,
                 int64_t no, enum change_what what, struct err *err)
	ATTR_MUST_USE;

/* ---- object.c ---- */

/* The state of this type (store/change.h) is the account's modseq now. */
int object_touch(struct db *db, const struct account_row *row, int type,
                 struct err *err) ATTR_MUST_USE;

/* report.c: this Email, a report, came (store/report.h). */
int report_note(struct db *db, const struct account_row *row, uint64_t email,
                struct err *err) ATTR_MUST_USE;

/* change.c: the numbers of Emails that came, went or changed since, ascending,
 * on the heap: 1, 0: more than `max`, -1. */
int change_numbers(struct db *db, int64_t account, int64_t since, size_t max,
                   uint64_t **out, size_t *n_out, struct err *err)
	ATTR_MUST_USE;

/* ---- folder.c: a mailbox's row, its messages, its runs ---- */

struct folder {
	int64_t id, account, no;
	int64_t uidvalidity, uidnext;
	int64_t total, unseen, deleted, bytes, deleted_bytes;
	int64_t modseq;
	int64_t tail_first, tail_count; /* the last run; the others are rows */
	int64_t gone_floor, gone_n;     /* of vanished: older is forgotten */
	int64_t log_floor, log_n;       /* of flaglog */
	int64_t unseen_from;            /* below this UID all are seen */
};

/* 1, 0 when there is none, -1. */
int folder_load(struct db *db, int64_t account, int64_t no, struct folder *out,
                struct err *err) ATTR_MUST_USE;
int folder_load_id(struct db *db, int64_t id, struct folder *out,
                   struct err *err) ATTR_MUST_USE;
/* The same as a must: ERR_NOT_FOUND. */
int folder_need(struct db *db, int64_t account, int64_t no, struct folder *out,
                struct err *err) ATTR_MUST_USE;
int folder_save(struct db *db, const struct folder *f, struct err *err)
	ATTR_MUST_USE;

struct member {
	uint32_t uid;
	int64_t email; /* row id */
	uint64_t flags;
	int64_t modseq, added, size, received_s, saved_s;
};

/* Takes the next UID and puts it in m->uid; modseq and added are set. */
int folder_add(struct db *db, struct folder *f, struct account_row *a,
               struct member *m, struct err *err) ATTR_MUST_USE;
/* The row, its counters and its runs; not the Email.  `f` must be told of
 * the whole set afterwards with folder_vanished(). */
int folder_remove(struct db *db, struct folder *f, struct account_row *a,
                  const struct member *m, struct err *err) ATTR_MUST_USE;
int folder_vanished(struct db *db, struct folder *f, int64_t modseq,
                    const struct uidset *uids, struct err *err) ATTR_MUST_USE;
int folder_set_flags(struct db *db, struct folder *f, const struct member *m,
                     uint64_t flags, int64_t modseq, struct err *err)
	ATTR_MUST_USE;
int folder_flagged(struct db *db, struct folder *f, int64_t modseq,
                   const struct uidset *uids, struct err *err) ATTR_MUST_USE;

/* Rows of the set, from `from` on, at most `max`: *out is heap, n rows. */
int folder_members(struct db *db, int64_t folder, const struct uidset *uids,
                   uint32_t from, size_t max, struct member **out, size_t *n,
                   struct err *err) ATTR_MUST_USE;

/* All UIDs, from `from` on, from the runs alone. */
int folder_uids(struct db *db, const struct folder *f, uint32_t from,
                struct uidset *out, struct err *err) ATTR_MUST_USE;

int folder_make(struct db *db, struct account_row *a, struct str name,
                enum mailbox_use use, int64_t *no_out, struct err *err)
	ATTR_MUST_USE;
/* The number of the mailbox with this use; INBOX when there is none. */
int folder_of_use(struct db *db, int64_t account, enum mailbox_use use,
                  int64_t *no_out, struct err *err) ATTR_MUST_USE;

/* ---- mailbox_write.c ---- */

/* ERR_NOT_FOUND; ERR_EXISTS: another has it; ERR_DENIED: of INBOX.  `row` is
 * to be saved. */
int mailbox_use_in(struct db *db, struct account_row *row, uint64_t no,
                   enum mailbox_use use, struct err *err) ATTR_MUST_USE;

/* ---- body.c ---- */

/* As body_open(), by the row of an email; for the indexer. */
struct body;
int body_open_row(struct body **out, struct shard *sh, int64_t email,
                  struct err *err) ATTR_MUST_USE;

/* ---- email.c ---- */

/* One membership less: the Email is purged with its last one (kept for
 * recovery, unless `forever`). */
int email_leave(struct db *db, struct account_row *a, const struct member *m,
                const struct folder *f, bool forever, struct err *err)
	ATTR_MUST_USE;
/* One more. */
int email_enter(struct db *db, struct account_row *a, int64_t email,
                struct err *err) ATTR_MUST_USE;
/* The row is dropped for good, its body loses a reference. */
int email_drop(struct db *db, int64_t email, struct err *err) ATTR_MUST_USE;

/* What is recoverable stays within the quota, the oldest gone first; at most
 * some hundred at a time. */
int email_trim(struct db *db, struct account_row *a, uint64_t quota_bytes,
               struct err *err) ATTR_MUST_USE;

/* ---- an Email in all its places, within a write that took the account ---- */

/* copy.c: one more place, with the flags and dates of another. */
int email_add_place(struct db *db, struct account_row *row, uint64_t mailbox,
                    struct member m, struct err *err) ATTR_MUST_USE;
/* copy.c: exactly these mailboxes, and \Deleted in none. */
int email_move_in(struct db *db, struct store_account a,
                  struct account_row *row, uint64_t email,
                  const uint64_t *mailboxes, size_t n, struct err *err)
	ATTR_MUST_USE;
/* flags.c: *changed_out is set when one place had other flags. */
struct flags_change;
int email_flags_in(struct db *db, struct account_row *row, uint64_t email,
                   const struct flags_change *c, bool *changed_out,
                   struct err *err) ATTR_MUST_USE;
/* expunge.c: the places are to be saved and trimmed by the caller. */
int email_gone_in(struct db *db, struct account_row *row, uint64_t email,
                  bool forever, struct err *err) ATTR_MUST_USE;

/* ---- learn.c: enum learn_want as a number ---- */

/* `from` and `to` are row ids of mailboxes. */
int learn_of_move(struct db *db, int64_t from, int64_t to, int *want_out,
                  struct err *err) ATTR_MUST_USE;
int learn_of_flags(uint64_t before, uint64_t after);
int learn_note(struct db *db, const struct account_row *row, int64_t email,
               int want, struct err *err) ATTR_MUST_USE;

/* ---- keyword.c ---- */

int keyword_bits(struct db *db, int64_t account, const struct str *names,
                 size_t n, bool create, uint64_t *out, struct err *err)
	ATTR_MUST_USE;

/* ---- blob.c: files of large bodies ---- */

#define BLOB_NAME_MAX 40

/* A new unique name; the path of a name. */
void blob_name(const struct shard *sh, char out[BLOB_NAME_MAX]);
void blob_path(const struct shard *sh, const char *name, char *out, size_t n);
int blob_folders(const struct shard *sh, struct err *err) ATTR_MUST_USE;
bool blob_name_ok(struct str name);

#endif
