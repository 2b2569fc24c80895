/*
 * jmap/object.h - what all types have in common: /get, /changes, /set, and
 * the window of /query (RFC 8620, 5).
 *
 * A property is a row: its name, who may set it, and the function that writes
 * its value.
 *
 *	static const struct jmap_property rows[] = {
 *		{ "id", JMAP_SERVER_SET, write_id },
 *		{ "name", 0, write_name },
 *	};
 */
#ifndef JMAP_OBJECT_H
#define JMAP_OBJECT_H

#include "jmap/call.h"

enum jmap_property_flags {
	JMAP_SERVER_SET = 1,
	JMAP_IMMUTABLE = 2,
	JMAP_NOT_DEFAULT = 4, /* given when it is asked for alone */
};

struct jmap_property {
	const char *name;
	unsigned flags;
	void (*write)(struct jmap_call *c, const void *object);
};

/* The row is NULL when there is none. */
const struct jmap_property *jmap_property_find(const struct jmap_property *rows,
                                               size_t n, struct str name);

/* ---- /get ---- */

struct jmap_get {
	bool all; /* "ids" is null */
	struct str *ids;
	size_t ids_n;
	uint64_t wanted; /* a bit for each row */
};

/* Reads accountId, ids, properties; "id" is always wanted.  With `other`,
 * names without a row are given to it: it says whether they are known. */
int jmap_get_read(struct jmap_call *c, const struct jmap_property *rows,
                  size_t rows_n,
                  bool (*other)(struct jmap_call *c, struct str name,
                                void *arg),
                  void *arg, struct jmap_get *out) ATTR_MUST_USE;
/* The members that are wanted, into an object that is open. */
void jmap_get_write(struct jmap_call *c, const struct jmap_property *rows,
                    size_t rows_n, uint64_t wanted, const void *object);
bool jmap_get_wants(const struct jmap_get *g, const struct jmap_property *rows,
                    size_t rows_n, const char *name);
/* accountId, state; then "list" is open for objects. */
void jmap_get_begin(struct jmap_call *c, struct str state);
/* Ends the list and writes notFound. */
void jmap_get_end(struct jmap_call *c, const struct str *missing, size_t n);

/* A list of strings as an argument; *out is NULL when it is null. */
int jmap_read_ids(struct jmap_call *c, const char *name, size_t max,
                  struct str **out, size_t *n_out) ATTR_MUST_USE;

void jmap_write_account(struct jmap_call *c);

/* ---- /changes ---- */

/* `after`, which may be NULL, may change the lists (what is hidden) and
 * `member` write more. */
struct jmap_changes {
	enum change_type type;
	char letter;
	int (*after)(struct jmap_call *c, struct change_list *list);
	void (*member)(struct jmap_call *c, const struct change_list *list);
};

int jmap_changes_run(struct jmap_call *c, const struct jmap_changes *t)
	ATTR_MUST_USE;

/* ---- /set ---- */

#define JMAP_SET_PROPERTIES_MAX 16
#define JMAP_SET_BATCH          100

struct jmap_set;

struct jmap_set_type {
	enum change_type state;
	const char *fixed_state; /* NULL: that of `state` */
	/* Not of an account: there is no accountId and no state. */
	bool no_account;
	char letter;
	const char *const *args; /* beside the usual; NULL-ended, or NULL */
	/* Not NULL: objects are made alone, and this argument has them. */
	const char *create_arg;
	/* Not NULL: the id of the one object there is, number 1. */
	const char *singleton;
	/* 0, or -1 after jmap_set_refuse(); create writes the members that
	 * the server set to s->w (an object is open) and calls
	 * jmap_set_created().  One that needs an object that is not made yet
	 * calls jmap_set_later(). */
	int (*create)(struct jmap_set *s, struct json v);
	int (*update)(struct jmap_set *s, uint64_t no, struct json patch);
	int (*destroy)(struct jmap_set *s, uint64_t no);
	/* Not NULL: update and destroy may return 1 after noting what is
	 * asked.  commit does all that is noted, at most JMAP_SET_BATCH, in
	 * one transaction; result then tells of each in the order they were
	 * noted, as update does. */
	void (*commit)(struct jmap_set *s);
	int (*result)(struct jmap_set *s, size_t i);
	/* Sort what is to be destroyed; may be NULL. */
	void (*destroy_order)(struct jmap_set *s, uint64_t *list, size_t n);
	/* When all is done, `good` when nothing was refused; may be NULL.  0,
	 * or -1 after jmap_fail(). */
	int (*finish)(struct jmap_set *s, bool good);
};

struct jmap_set_result;

struct jmap_set {
	struct jmap_call *c;
	const struct jmap_set_type *type;
	void *arg;
	struct json_writer *w;
	struct str creation_id; /* while creating */
	/* private: why not */
	const char *error;
	struct str description;
	struct str properties[JMAP_SET_PROPERTIES_MAX];
	size_t properties_n;
	struct str existing;
	struct str blob_missing; /* of blobNotFound */
	struct str recipient;    /* of invalidRecipients */
	const char *limit_name;  /* "maxSize"; NULL: none is told */
	uint64_t limit;
	bool later, refused;
	struct json create;
	struct jmap_set_result *results; /* what was created and updated */
	size_t results_n, results_cap;
	struct str made; /* the id of what is being created */
};

int jmap_set_run(struct jmap_call *c, const struct jmap_set_type *t, void *arg)
	ATTR_MUST_USE;
/* Always -1.  `property` may be NULL. */
int jmap_set_refuse(struct jmap_set *s, const char *type, const char *property,
                    const char *fmt, ...) ATTR_PRINTF(4, 5);
int jmap_set_fail(struct jmap_set *s, const struct err *err);
/* What was refused, as an object; and nothing is any more. */
void jmap_set_error_write(struct jmap_set *s, struct json_writer *w);
/* The object being created has this id. */
void jmap_set_created(struct jmap_set *s, struct str id);
/* In `finish`: a member of an object's entry in "created" or "updated", where
 * it gets one if it has none. */
void jmap_set_tell(struct jmap_set *s, struct str id, const char *member,
                   bool value);
/* An id within a create or update: with "#" one of this request; when it is
 * of this /set and not made yet, s->later is set.  0: no such thing. */
uint64_t jmap_set_no(struct jmap_set *s, struct str written, char letter);

/* ---- /query ---- */

struct jmap_window {
	int64_t position;
	bool has_anchor;
	uint64_t anchor;
	int64_t anchor_offset;
	uint64_t limit;
	bool has_limit;
	bool calculate_total;
};

int jmap_window_read(struct jmap_call *c, char letter, struct jmap_window *out)
	ATTR_MUST_USE;
/* The members of a /query answer from all results. */
int jmap_window_write(struct jmap_call *c, const struct jmap_window *w,
                      char letter, struct str state, bool can_changes,
                      const uint64_t *all, size_t n) ATTR_MUST_USE;
/* The same, but "ids" stands open: the caller writes `count` of them, from
 * the one at `start`, and ends it. */
int jmap_window_begin(struct jmap_call *c, const struct jmap_window *w,
                      struct str state, bool can_changes, const uint64_t *all,
                      size_t n, size_t *start, size_t *count) ATTR_MUST_USE;

/* All of a /queryChanges answer where changes are not calculated: nothing
 * changed when `since`, which may be missing, is still the state `now`. */
int jmap_query_same(struct jmap_call *c, struct str since, struct str now)
	ATTR_MUST_USE;

#endif
