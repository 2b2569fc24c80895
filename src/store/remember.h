/*
 * store/remember.h - what an account has seen lately: to whom it answered by
 * itself, which messages its script knows, which trouble was told.
 *
 * A thing is a kind and a name, of which a hash is kept until its time is
 * over; upkeep removes it then.
 *
 *	if (remember_has(s, a, REMEMBER_ANSWERED, sender, now, &yes, err) < 0)
 *		...
 *	... after what it is about is on disk:
 *	struct remember_item one = { REMEMBER_ANSWERED, sender, until };
 *	if (remember_add(s, a, &one, 1, err) < 0) ...
 */
#ifndef STORE_REMEMBER_H
#define STORE_REMEMBER_H

#include "store/store.h"

/* As stored: values are never used again. */
enum remember_kind {
	REMEMBER_ANSWERED = 1,  /* vacation, by handle and sender */
	REMEMBER_DUPLICATE = 2, /* "duplicate" of Sieve, by handle and id */
	REMEMBER_TOLD = 3,      /* the owner, of a failing script */
};

struct remember_item {
	enum remember_kind kind;
	struct str name; /* any bytes */
	int64_t until_us;
};

/* At one time, of an account: the first to end go first. */
#define REMEMBER_MAX 20000

int remember_has(struct store *s, struct store_account a,
                 enum remember_kind kind, struct str name, int64_t now_us,
                 bool *out, struct err *err) ATTR_MUST_USE;
/* One that is there gets the later end. */
int remember_add(struct store *s, struct store_account a,
                 const struct remember_item *items, size_t n, struct err *err)
	ATTR_MUST_USE;
/* All of a kind is forgotten: a vacation that begins answers everybody. */
int remember_forget(struct store *s, struct store_account a,
                    enum remember_kind kind, struct err *err) ATTR_MUST_USE;

#endif
