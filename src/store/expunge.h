/*
 * store/expunge.h - remove messages from a mailbox.
 *
 * Done in pieces, so that the shard is not held for long; each piece is on
 * disk.  A message that was in no other mailbox stays recoverable for 14 days
 * (purged.h).
 */
#ifndef STORE_EXPUNGE_H
#define STORE_EXPUNGE_H

#include "store/store.h"
#include "store/uidset.h"

/* Those with \Deleted among `uids` (NULL: of all).  `out`, which may be NULL,
 * gets what was removed, *modseq_out (may be NULL) the last modseq, also when
 * it fails half way. */
int expunge_deleted(struct store *s, struct store_account a, uint64_t mailbox,
                    const struct uidset *uids, struct uidset *out,
                    uint64_t *modseq_out, struct err *err) ATTR_MUST_USE;

/* Those in `uids`, whatever their flags: POP3, JMAP, expiry. */
int expunge_uids(struct store *s, struct store_account a, uint64_t mailbox,
                 const struct uidset *uids, struct uidset *out,
                 uint64_t *modseq_out, struct err *err) ATTR_MUST_USE;

/* From all mailboxes: JMAP Email/set destroy.  `forever`: not recoverable
 * (replaced drafts). */
int expunge_email(struct store *s, struct store_account a, uint64_t email,
                  bool forever, uint64_t *modseq_out, struct err *err)
	ATTR_MUST_USE;

/* What came into the mailbox before `saved_s` (seconds): Trash and Spam. */
int expunge_older(struct store *s, struct store_account a, uint64_t mailbox,
                  int64_t saved_s, uint64_t *count_out, struct err *err)
	ATTR_MUST_USE;

#endif
