/*
 * jmap/call.h - one request, and one method call of it (RFC 8620, 3).
 *
 * A method is a function that reads its arguments, does its work and writes
 * the members of its answer with the writer `w`; the object around them is
 * begun and ended for it.  It returns 0, or -1 after jmap_error() or
 * jmap_fail() said why; what was written before is then dropped.
 *
 *	static const char *const known[] = { "accountId", "ids", NULL };
 *
 *	int jmap_thread_get(struct jmap_call *c)
 *	{
 *		if (jmap_args_known(c, known) < 0 || jmap_args_account(c) < 0)
 *			return -1;
 *		...
 *	}
 *
 * Methods are rows of jmap/table.c.
 */
#ifndef JMAP_CALL_H
#define JMAP_CALL_H

#include "base/map.h"
#include "jmap/private.h"
#include "store/change.h"
#include "wire/json/read.h"
#include "wire/json/write.h"

enum jmap_capability {
	JMAP_CORE = 1,
	JMAP_MAIL = 2,
	JMAP_QUOTA = 4,
	JMAP_SUBMISSION = 8,
	JMAP_SIEVE = 16,
	JMAP_VACATION = 32,
	JMAP_OWN = 64,
	JMAP_BLOB = 128,
	JMAP_MDN = 256,
	JMAP_CONTACTS = 512,
};

struct jmap_answer {
	struct str name, id;
	size_t at, n; /* its arguments in `out` */
};

struct jmap_request {
	struct jmap_server *server;
	struct store *store;
	const struct jmap_user *user;
	unsigned using; /* enum jmap_capability */
	struct arena arena;
	struct map created; /* creation id -> struct str *, the real one */
	bool tell_created;
	struct buf out; /* what stands in methodResponses */
	struct jmap_answer *answers;
	size_t answers_n, answers_cap;
};

struct jmap_call {
	struct jmap_request *req;
	struct store *store;
	struct store_account account;
	struct arena *arena; /* until the call is answered */
	struct json args;
	struct json_writer w;
	/* Arguments of an Email/set that is to run behind this call, and is
	 * answered with its id; empty: none. */
	struct buf follow;
	/* private */
	struct buf out;
	const char *error; /* its type */
	struct str description;
};

struct jmap_method {
	const char *name;
	unsigned needs; /* enum jmap_capability */
	int (*run)(struct jmap_call *c);
};

/* ---- table.c ---- */

const struct jmap_method *jmap_method_find(struct str name, unsigned using);

/* ---- request.c ---- */

/* Run a whole request; the answer object goes to `out`.  False: it is none;
 * *problem is a type of RFC 8620, 3.6.1, and *detail says more (of a limit,
 * which one). */
bool jmap_request_run(struct jmap_server *j, const struct jmap_user *u,
                      struct str body, struct buf *out, const char **problem,
                      const char **detail) ATTR_MUST_USE;

/* ---- call.c: what every method needs ---- */

/* Always -1. */
int jmap_error(struct jmap_call *c, const char *type, const char *fmt, ...)
	ATTR_PRINTF(3, 4);
/* What the store said; the operator's part is logged. */
int jmap_fail(struct jmap_call *c, const struct err *err);

/* `known` ends in NULL.  invalidArguments for any other. */
int jmap_args_known(struct jmap_call *c, const char *const *known)
	ATTR_MUST_USE;
/* accountNotFound unless it is the login's own. */
int jmap_args_account(struct jmap_call *c) ATTR_MUST_USE;

/* Is it there, and not null? */
bool jmap_arg(const struct jmap_call *c, const char *name, struct json *out);
/* invalidArguments when it is of another kind; untouched when missing. */
int jmap_arg_bool(struct jmap_call *c, const char *name, bool *out)
	ATTR_MUST_USE;
int jmap_arg_u64(struct jmap_call *c, const char *name, uint64_t *out)
	ATTR_MUST_USE;
int jmap_arg_i64(struct jmap_call *c, const char *name, int64_t *out)
	ATTR_MUST_USE;
int jmap_arg_str(struct jmap_call *c, const char *name, struct str *out)
	ATTR_MUST_USE;

/* An id as the client wrote it: with "#" it is one made in this request.
 * The empty view when there is none. */
struct str jmap_id(const struct jmap_call *c, struct str written);
/* The same as a number of the store; 0 when it is none. */
uint64_t jmap_no(const struct jmap_call *c, struct str written, char letter);
void jmap_created(struct jmap_request *r, struct str creation_id,
                  struct str id);

/* ---- states ---- */

struct str jmap_state_text(struct arena *a, struct change_state s);
bool jmap_state_parse(struct str s, struct change_state *out);
/* As it is now, as a member. */
int jmap_state(struct jmap_call *c, enum change_type type,
               struct change_state *out) ATTR_MUST_USE;
void jmap_write_state(struct jmap_call *c, const char *member,
                      struct change_state s);

void jmap_write_id(struct json_writer *w, char letter, uint64_t no);

#endif
