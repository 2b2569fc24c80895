/*
 * store/fetch.h - read messages: rows of a mailbox, and bodies by pieces.
 *
 * Rows come in order of UID, in batches: no transaction is open between two
 * calls, so a slow peer may take as long as it likes.  A message that vanished
 * meanwhile is passed over.
 *
 *	struct fetch *f;
 *	struct fetch_row r;
 *	int rc;
 *
 *	if (fetch_open(&f, s, account, mailbox_no, &uids, FETCH_META, 0,
 *	               err) < 0) ...
 *	while ((rc = fetch_next(f, &r, err)) > 0)
 *		...
 *	fetch_close(&f);
 *
 * Bodies: open a reader and ask for ranges.  The bytes are the prefix of the
 * recipient and then the message as it came.
 */
#ifndef STORE_FETCH_H
#define STORE_FETCH_H

#include "base/arena.h"
#include "store/store.h"
#include "store/uidset.h"

/* What is wanted beside uid, flags, modseq, size and the dates, which are
 * always there and cost nothing. */
enum fetch_want {
	FETCH_IDS = 1,  /* email and thread numbers */
	FETCH_META = 2, /* ENVELOPE, BODYSTRUCTURE, fields, preview; the ids */
};

struct fetch_row {
	uint32_t uid;
	uint64_t flags, modseq;
	int64_t internaldate_s; /* seconds since 1970 */
	int64_t saved_s;        /* when it came into this mailbox (RFC 8514) */
	uint64_t size;          /* RFC822.SIZE: prefix and message */
	uint64_t email, thread; /* FETCH_IDS */
	/* FETCH_META: what wire/mime computed at delivery, in its serialised
	 * form; the sections of store/meta.h.  Valid until the next call. */
	struct str meta;
	struct str prefix; /* the recipient's header fields, not in meta */
};

struct fetch;

/* The set is copied.  `changed_since`: only rows with a higher modseq (0:
 * all). */
int fetch_open(struct fetch **out, struct store *s, struct store_account a,
               uint64_t mailbox, const struct uidset *uids, unsigned want,
               uint64_t changed_since, struct err *err) ATTR_MUST_USE;
int fetch_next(struct fetch *f, struct fetch_row *out, struct err *err)
	ATTR_MUST_USE; /* 1, 0 at the end, -1 */
void fetch_close(struct fetch **f);

/* One row, by UID or (any membership of it) by Email.  ERR_NOT_FOUND. */
int fetch_one(struct store *s, struct store_account a, uint64_t mailbox,
              uint32_t uid, unsigned want, struct arena *arena,
              struct fetch_row *out, struct err *err) ATTR_MUST_USE;

struct fetch_place {
	uint64_t mailbox;
	uint32_t uid;
	uint64_t flags;
};

struct fetch_email {
	uint64_t email, thread;
	uint64_t created_modseq;
	struct fetch_row row; /* of the first place */
	struct fetch_place *places;
	size_t places_n;
};

/* An Email with all its places, for JMAP.  ERR_NOT_FOUND. */
int fetch_email(struct store *s, struct store_account a, uint64_t email,
                unsigned want, struct arena *arena, struct fetch_email *out,
                struct err *err) ATTR_MUST_USE;
/* The Emails of a thread, oldest first. */
int fetch_thread(struct store *s, struct store_account a, uint64_t thread,
                 struct arena *arena, uint64_t **out, size_t *n_out,
                 struct err *err) ATTR_MUST_USE;

/* ---- bodies ---- */

struct body;

/* By UID (IMAP, POP3) or by Email (JMAP).  ERR_NOT_FOUND when it is gone.
 * Once open, the bytes stay readable though the message be removed. */
int body_open(struct body **out, struct store *s, struct store_account a,
              uint64_t mailbox, uint32_t uid, struct err *err) ATTR_MUST_USE;
int body_open_email(struct body **out, struct store *s, struct store_account a,
                    uint64_t email, struct err *err) ATTR_MUST_USE;
void body_close(struct body **b);

uint64_t body_size(const struct body *b);

/* Up to `n` bytes from `at` into `p`; *got is less only at the end. */
int body_read(struct body *b, uint64_t at, void *p, size_t n, size_t *got,
              struct err *err) ATTR_MUST_USE;

/* All of it as one view until body_close(): small ones lie in memory, large
 * ones are a mapped file behind the prefix, which is apart. */
int body_view(struct body *b, struct str *prefix, struct str *message,
              struct err *err) ATTR_MUST_USE;

#endif
