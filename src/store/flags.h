/*
 * store/flags.h - set flags and keywords.
 *
 * Keywords are named per account and stand for bits; an account has at most
 * FLAG_BITS - FLAG_KEYWORD_FREE of its own at a time, bits that no message
 * has any more are given to new names.
 */
#ifndef STORE_FLAGS_H
#define STORE_FLAGS_H

#include "base/arena.h"
#include "store/store.h"
#include "store/uidset.h"

#define FLAG_NAME_MAX 100

/* The names of all bits of an account: names[bit], empty when unused.  System
 * flags have their IMAP form ("\\Seen"), keywords as first written. */
struct flag_names {
	struct str names[FLAG_BITS];
	uint64_t used; /* a bit each */
};

int flags_names(struct store *s, struct store_account a, struct arena *arena,
                struct flag_names *out, struct err *err) ATTR_MUST_USE;

/* The bits of these names, without case.  New names are made with `create`
 * (ERR_TOO_BIG when no bit is left, ERR_INVALID for what is no IMAP atom);
 * without it they are left out. */
int flags_bits(struct store *s, struct store_account a, const struct str *names,
               size_t n, bool create, uint64_t *out, struct err *err)
	ATTR_MUST_USE;

enum flags_op { FLAGS_SET, FLAGS_ADD, FLAGS_REMOVE };

struct flags_change {
	enum flags_op op;
	uint64_t flags;
	/* RFC 7162: rows with a higher modseq are left alone and reported;
	 * UINT64_MAX: no condition. */
	uint64_t unchanged_since;
};

struct flags_result {
	uint64_t modseq;        /* of the rows changed; 0: none was */
	struct uidset changed;  /* had other flags before */
	struct uidset modified; /* refused by unchanged_since */
};

void flags_result_deinit(struct flags_result *r);

/* UIDs that are not there are passed over.  Done in pieces when there are
 * very many; each piece is on disk when it returns, and so is all at the
 * end. */
int flags_store(struct store *s, struct store_account a, uint64_t mailbox,
                const struct uidset *uids, const struct flags_change *c,
                struct flags_result *out, struct err *err) ATTR_MUST_USE;

/* On all memberships of an Email: JMAP. */
int flags_store_email(struct store *s, struct store_account a, uint64_t email,
                      const struct flags_change *c, uint64_t *modseq_out,
                      struct err *err) ATTR_MUST_USE;

#endif
