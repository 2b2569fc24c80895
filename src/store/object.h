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
/* What is smaller is bounded by how many there may be. */
#define OBJECT_SMALL 2048

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

/* Each in the order of their numbers, in one view of the database; strings
 * live for the call of `fn` alone, which ends the walk with anything but 0:
 * that is the result. */
typedef int (*object_fn)(void *arg, const struct object *o, struct err *err);
int object_each(struct store *s, struct store_account a, enum change_type type,
                object_fn fn, void *arg, struct err *err) ATTR_MUST_USE;

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
	/* CREATE and UPDATE: ERR_EXISTS when another of the type has its name;
	 * `other` is its number (0: it is something else that exists). */
	bool unique;
	uint64_t other;
	/* CREATE and UPDATE: so many bytes of contents over OBJECT_SMALL may
	 * the type have with it (0: any number), else ERR_TOO_BIG. */
	uint64_t bytes_max;
};

int object_write(struct store *s, struct store_account a,
                 struct object_write *items, size_t n, struct err *err)
	ATTR_MUST_USE;

/* What the caller has read and relies on: the state of a type. */
struct object_guard {
	enum change_type type;
	uint64_t modseq;
};

/* The same; ERR_EXISTS, and nothing is written, when one of the states is
 * another by now: what was decided from it is to be decided again. */
int object_write_guarded(struct store *s, struct store_account a,
                         struct object_write *items, size_t n,
                         const struct object_guard *guards, size_t guards_n,
                         struct err *err) ATTR_MUST_USE;

#endif
