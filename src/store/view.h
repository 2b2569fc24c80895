/*
 * store/view.h - one mailbox as a session sees it.
 *
 * IMAP numbers messages 1..n, and the numbers may only move when the session
 * is told.  A view holds which UIDs there are, as of the last view_poll();
 * memory is by ranges of UIDs, not by messages.  It holds no connection and
 * no lock, and belongs to one thread at a time.
 *
 *	struct view *v;
 *	struct view_news news;
 *
 *	if (view_open(&v, s, account, mailbox_no, err) < 0) ...
 *	...
 *	if (view_poll(v, VIEW_EXPUNGE, &arena, &news, err) < 0) ...
 *	view_close(&v);
 */
#ifndef STORE_VIEW_H
#define STORE_VIEW_H

#include "base/arena.h"
#include "store/store.h"
#include "store/uidset.h"

struct view;

int view_open(struct view **out, struct store *s, struct store_account a,
              uint64_t mailbox, struct err *err) ATTR_MUST_USE;
void view_close(struct view **v);

uint64_t view_mailbox(const struct view *v);
struct store_account view_account(const struct view *v);

/* As of the last poll. */
uint32_t view_count(const struct view *v); /* EXISTS */
uint32_t view_uidvalidity(const struct view *v);
uint32_t view_uidnext(const struct view *v);
uint64_t view_modseq(const struct view *v); /* HIGHESTMODSEQ */
const struct uidset *view_uids(const struct view *v);

/* The first without \Seen, or 0. */
int view_first_unseen(struct view *v, uint32_t *seq_out, struct err *err)
	ATTR_MUST_USE;

/* Sequence numbers from 1; 0 when there is none.  O(log ranges). */
uint32_t view_seq(const struct view *v, uint32_t uid);
uint32_t view_uid(const struct view *v, uint32_t seq);

/* Turn sequence ranges into UIDs that are in the view, and UID ranges into
 * those in the view.  "*" is UINT32_MAX in both and means the last.  False
 * when a sequence number is larger than the count (a client's error); what is
 * there is in `out` all the same. */
bool view_take_seqs(const struct view *v, const struct uid_range *in, size_t n,
                    struct uidset *out);
void view_take_uids(const struct view *v, const struct uid_range *in, size_t n,
                    struct uidset *out);

enum view_poll_flags {
	VIEW_EXPUNGE = 1, /* messages may vanish now (RFC 9051, 7.5.1) */
};

struct view_flags {
	uint32_t uid, seq; /* seq: after the removals and additions */
	uint64_t flags, modseq;
};

struct view_news {
	bool gone; /* the mailbox was deleted or renewed: close it */
	/* In this order to be told. */
	struct uidset expunged;  /* freed by view_news_deinit() */
	uint32_t *expunged_seqs; /* as EXPUNGE lines want them, one after the
	                           * other; in the arena */
	size_t expunged_n;
	bool count_changed; /* EXISTS is to be told */
	uint32_t count;
	uint32_t first_new_uid;   /* 0: none came */
	struct view_flags *flags; /* changed since, in order of UID */
	size_t flags_n;
	uint64_t modseq;
};

void view_news_deinit(struct view_news *n);

/* What changed since the last poll, and step to it.  Without VIEW_EXPUNGE
 * removed messages keep their numbers and are reported by a later poll.
 * Cheap when nothing changed (one row is read). */
int view_poll(struct view *v, unsigned flags, struct arena *arena,
              struct view_news *out, struct err *err) ATTR_MUST_USE;

/* A change that this session made itself and has told (flags_result): these
 * UIDs are not reported by the next poll, unless they changed again. */
void view_own_change(struct view *v, const struct uidset *uids,
                     uint64_t modseq);

/* QRESYNC (RFC 7162): which of `known` (NULL: of 1:uidnext-1) have vanished
 * since `modseq`.  When it lies further back than is remembered, all that are
 * not there now. */
int view_vanished(struct view *v, uint64_t modseq, const struct uidset *known,
                  struct uidset *out, struct err *err) ATTR_MUST_USE;

#endif
