/* greylist/private.h - what the files of this folder share. */
#ifndef GREYLIST_PRIVATE_H
#define GREYLIST_PRIVATE_H

#include "db/group.h"
#include "greylist/greylist.h"

struct greylist {
	struct db_group *group;
	uint64_t seed; /* of the file's hashes */
};

/* The row's number of a key. */
int64_t greylist_number(const struct greylist *g, struct str key);

/* waiting.c: how one stands that is not known; *first_out (may be NULL) is
 * when it came. */
int greylist_look(struct greylist *g, struct db *db,
                  const struct greylist_ask *q, struct str key,
                  struct greylist_answer *out, int64_t *first_out,
                  struct err *err) ATTR_MUST_USE;
/* The same within a write, which notes that it came. */
int greylist_come(struct greylist *g, struct db *db,
                  const struct greylist_ask *q, struct str key,
                  struct greylist_answer *out, struct err *err) ATTR_MUST_USE;
int greylist_learn(struct db *db, int64_t key, int64_t now_us, struct err *err)
	ATTR_MUST_USE;

/* let.c: what someone said about the sender, on this connection. */
int greylist_said(struct db *db, const struct greylist_ask *q,
                  enum greylist_let *out, struct err *err) ATTR_MUST_USE;

#endif
