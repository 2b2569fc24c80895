/*
 * store/metadata.h - annotations of mailboxes and of the account (RFC 5464).
 *
 * An entry has a name in levels ("/private/comment") and some octets as its
 * value.  It belongs to a mailbox, by its number, or to the account as a
 * whole (0), which IMAP calls the server.  Names have no case: they are kept
 * in lower case.  Entries go with their mailbox: they stay when it is
 * renamed and end when it is deleted; of an INBOX that is renamed they are
 * copied (RFC 5464, 4.1).
 *
 * METADATA_SPECIAL_USE of a mailbox is no entry but the mailbox's use
 * (RFC 6154, 4): metadata_write() sets that, and whoever reads asks
 * mailbox_use_name().  METADATA_ADMIN of the account is not kept either: it
 * is the same for all (config_contact()).
 *
 *	struct metadata_entry e = { .name = STR("/private/comment"),
 *	                            .value = STR("mine") };
 *	struct metadata_write w = { .mailbox = 3, .entries = &e, .n = 1,
 *	                            .max = { 65536, 100, 1048576 } };
 *
 *	if (metadata_write(s, a, &w, err) < 0)
 *		... w.refused says which limit it was, if one
 */
#ifndef STORE_METADATA_H
#define STORE_METADATA_H

#include "base/arena.h"
#include "store/store.h"

#define METADATA_NAME_MAX 250 /* bytes */
/* Of an account, whatever the limits say. */
#define METADATA_ACCOUNT_MAX ((uint64_t)16 * 1024 * 1024)

#define METADATA_SPECIAL_USE STR("/private/specialuse")
#define METADATA_ADMIN       STR("/shared/admin")

enum metadata_name {
	METADATA_NAME_BAD,
	METADATA_NAME_ABOVE, /* no entry, but there may be some below it */
	METADATA_NAME_ENTRY,
};

/* What RFC 5464, 3.2 and 6 ask of a name. */
enum metadata_name metadata_name_check(struct str name);

struct metadata_entry {
	struct str name;
	struct str value; /* p NULL: none; when written: remove it */
	uint64_t mailbox; /* of those that are read */
};

/* In the order of names.  ERR_NOT_FOUND when there is no such mailbox is for
 * the caller to find out: it has no entries.  All live in the arena. */
int metadata_list(struct store *s, struct store_account a, uint64_t mailbox,
                  struct arena *arena, struct metadata_entry **out,
                  size_t *n_out, struct err *err) ATTR_MUST_USE;
/* Of all mailboxes and the account, in the order of their numbers first. */
int metadata_list_all(struct store *s, struct store_account a,
                      struct arena *arena, struct metadata_entry **out,
                      size_t *n_out, struct err *err) ATTR_MUST_USE;
/* One in such a list, the name in any case; NULL when it is not there. */
const struct metadata_entry *metadata_find(const struct metadata_entry *list,
                                           size_t n, uint64_t mailbox,
                                           struct str name);

/* One value; ERR_NOT_FOUND. */
int metadata_get(struct store *s, struct store_account a, uint64_t mailbox,
                 struct str name, struct arena *arena, struct str *out,
                 struct err *err) ATTR_MUST_USE;

struct metadata_limits {
	uint64_t value_bytes;   /* of one value */
	uint64_t entries;       /* of one mailbox, or of the account alone */
	uint64_t account_bytes; /* names and values, all together */
};

enum metadata_refused {
	METADATA_TOO_LARGE = 1, /* value_bytes */
	METADATA_TOO_MANY,      /* entries */
	METADATA_FULL,          /* account_bytes */
	METADATA_USE,           /* no such use, or another mailbox has it */
	METADATA_READ_ONLY,     /* METADATA_ADMIN of the account */
};

struct metadata_write {
	uint64_t mailbox; /* 0: of the account */
	const struct metadata_entry *entries;
	size_t n;
	struct metadata_limits max;
	enum metadata_refused refused; /* after a failure; 0: none of these */
};

/* All of them or none, a later one of the same name counts.  ERR_NOT_FOUND: no
 * such mailbox; ERR_INVALID: a name is none; else w->refused says why. */
int metadata_write(struct store *s, struct store_account a,
                   struct metadata_write *w, struct err *err) ATTR_MUST_USE;

/* The entries of one mailbox to another that has none, unless the account
 * would hold over METADATA_ACCOUNT_MAX: then nothing is copied. */
int metadata_copy(struct store *s, struct store_account a, uint64_t from,
                  uint64_t to, struct err *err) ATTR_MUST_USE;

#endif
