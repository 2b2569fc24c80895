/*
 * store/copy.h - copy and move messages within an account.
 *
 * A copy is a further membership of the same Email (RFC 8474), with the flags
 * and the date of the first.  A copy is whole or not there; a move of very
 * many goes in pieces, each whole, and when a later one fails, what was moved
 * before stays moved (RFC 6851, 3.3: each message is in one place or the
 * other).
 */
#ifndef STORE_COPY_H
#define STORE_COPY_H

#include "store/store.h"
#include "store/uidset.h"

struct copy_pair {
	uint32_t from, to; /* UIDs */
};

struct copy_result {
	uint32_t uidvalidity;    /* of the target */
	struct copy_pair *pairs; /* in order of both UIDs (COPYUID) */
	size_t n;
	uint64_t modseq;
};

void copy_result_deinit(struct copy_result *r);

/* UIDs that are not there are passed over.  ERR_OVER_QUOTA, ERR_NOT_FOUND
 * (a mailbox). */
int copy_messages(struct store *s, struct store_account a, uint64_t from,
                  const struct uidset *uids, uint64_t to,
                  struct copy_result *out, struct err *err) ATTR_MUST_USE;

/* The same Emails leave `from` in the same transaction (RFC 6851).  Within
 * one mailbox they get new UIDs. */
int move_messages(struct store *s, struct store_account a, uint64_t from,
                  const struct uidset *uids, uint64_t to,
                  struct copy_result *out, struct err *err) ATTR_MUST_USE;

/* JMAP mailboxIds: the Email is to be in exactly these mailboxes, and without
 * \Deleted. */
int move_email(struct store *s, struct store_account a, uint64_t email,
               const uint64_t *mailboxes, size_t n, uint64_t *modseq_out,
               struct err *err) ATTR_MUST_USE;

#endif
