/*
 * store/object.h - what an account keeps beside its mail: identities,
 * submissions, cards.
 *
 * An object is of a type (enum change_type, from CHANGE_IDENTITY on), has a
 * number within account and type that is never used again, a content that its
 * owner (jmap/) writes and reads, and some columns to find it by.  It takes
 * part in states and /changes as mail does (store/change.h).
 *
 *	struct object_write w = { .type = CHANGE_IDENTITY,
 *	                          .what = OBJECT_CREATE,
 *	                          .object = { .content = json } };
 *
 *	if (object_write(s, a, &w, 1, err) < 0) ...
 *	w.object.no                      the number that it got
 *
 * All of one object_write() is one transaction.  Errors: ERR_NOT_FOUND,
 * ERR_EXISTS (it was changed meanwhile), ERR_TOO_BIG.
 */
#ifndef STORE_OBJECT_H
#define STORE_OBJECT_H

#include "base/arena.h"
#include "store/change.h"
#include "store/store.h"

#define OBJECT_CONTENT_MAX ((size_t)1024 * 1024)
#define OBJECTS_MAX        50000 /* of one type and account */

struct object {
	uint64_t no;
	uint64_t created, changed; /* modseqs */
	/* The type's own: what they mean stands where it is written. */
	int64_t first, second, at_us;
	unsigned open; /* > 0: something will still happen to it */
	struct str name;
	struct str content;
};

/* ERR_NOT_FOUND.  Strings live in the arena. */
int object_get(struct store *s, struct store_account a, enum change_type type,
               uint64_t no, struct arena *arena, struct object *out,
               struct err *err) ATTR_MUST_USE;

/* In the order of their numbers. */
int object_list(struct store *s, struct store_account a, enum change_type type,
                struct arena *arena, struct object **out, size_t *n_out,
                struct err *err) ATTR_MUST_USE;

/* Those that are open, the latest first, at most `max`. */
int object_list_open(struct store *s, struct store_account a,
                     enum change_type type, size_t max, struct arena *arena,
                     struct object **out, size_t *n_out, struct err *err)
	ATTR_MUST_USE;

enum object_what { OBJECT_CREATE, OBJECT_UPDATE, OBJECT_DESTROY };

struct object_write {
	enum change_type type;
	enum object_what what;
	/* UPDATE: all of it is written, and `changed` must be as it was read
	 * (0: whatever it is).  CREATE sets no, created and changed. */
	struct object object;
	/* CREATE: so many of the type at most (0: OBJECTS_MAX); with `trim`
	 * the oldest that is not open goes, else ERR_TOO_BIG. */
	uint64_t max;
	bool trim;
	bool unique; /* CREATE: ERR_EXISTS when one of the type has its name */
};

int object_write(struct store *s, struct store_account a,
                 struct object_write *items, size_t n, struct err *err)
	ATTR_MUST_USE;

#endif
