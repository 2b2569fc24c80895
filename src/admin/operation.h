/*
 * admin/operation.h - the table of everything that can be administered.
 *
 * An operation is a row: its name, how HTTP calls it, who may, whether it
 * changes something, its parameters with types and limits, what it answers,
 * and the function.  `posthus`, the HTTP API and its OpenAPI document come
 * from the same rows, so none can do what another cannot.
 *
 *	struct admin_call c;
 *
 *	admin_call_init(&c, adm, &caller, admin_operation("account.add"),
 *	                &arena, &writer);
 *	if (admin_give(&c, "address", STR("anna@a.example"), err) < 0 ||
 *	    admin_run(&c, err) < 0)
 *		... admin_problem(c.fault, err->kind), c.field
 *
 * admin_run() checks the arguments, then whether the caller may, before
 * anything else is looked up; what somebody may not see does not exist for
 * them, in the same words.  A change is noted in the audit with the state
 * before it (directory/audit.h), in the transaction of the change when that is
 * the directory's.  Changes to the same thing wait for each other.
 *
 * The answer is written as JSON: nothing, an object, or a page
 * {"items": [...], "next": "..."}, where `next` is the argument `after` of the
 * page behind it.  A call that fails may have written a part: throw it away.
 */
#ifndef ADMIN_OPERATION_H
#define ADMIN_OPERATION_H

#include "admin/caller.h"
#include "admin/problem.h"
#include "wire/json/read.h"
#include "wire/json/write.h"

#define ADMIN_PARAMS_MAX 16
#define ADMIN_ITEMS_MAX  1000 /* of a list */
#define ADMIN_PAGE       100  /* rows, when nothing else is asked */
#define ADMIN_PAGE_MAX   1000

/* ---- parameters ---- */

enum admin_type {
	ADMIN_TEXT,
	ADMIN_ADDRESS,
	ADMIN_NAME,    /* of a domain */
	ADMIN_NUMBER,  /* up to `max` */
	ADMIN_BYTES,   /* a number, or "5G" */
	ADMIN_FLAG,    /* true or false */
	ADMIN_TIME,    /* "2026-03-01T12:00:00Z", a date, or "3d": ago, or
	                * with ADMIN_AHEAD from now on */
	ADMIN_CHOICE,  /* one of `words` */
	ADMIN_CHOICES, /* several of them */
	ADMIN_LIST,    /* texts */
	ADMIN_SECRET,  /* text that is never shown or noted */
};

enum admin_param_flags {
	ADMIN_NEEDED = 1,
	ADMIN_DEFAULT = 2, /* null, or "default": as if never set */
	ADMIN_AHEAD = 4,
	ADMIN_PRIVATE = 8, /* not noted: its owner's affair */
};

struct admin_param {
	const char *name;
	enum admin_type type;
	unsigned flags;
	uint64_t max;      /* bytes of a text or an item, the largest number; 0:
	               * what the type allows */
	const char *words; /* "a|b|c" */
	const char *sentence; /* for the document; without a full stop */
};

/* An argument. */
struct admin_value {
	bool given, is_default;
	struct str s;
	uint64_t u;
	int64_t us;
	bool b;
	const struct str *items;
	size_t items_n;
};

/* ---- answers ---- */

enum admin_field_type {
	ADMIN_IS_TEXT,
	ADMIN_IS_NUMBER,
	ADMIN_IS_FLAG,
	ADMIN_IS_TIME,
	ADMIN_IS_TEXTS,
	ADMIN_IS_OBJECT,  /* see `of` */
	ADMIN_IS_OBJECTS, /* an array of them */
	ADMIN_IS_ANY,
};

struct admin_field {
	const char *name;
	enum admin_field_type type;
	bool nullable;
	const struct admin_field *of; /* ended by name NULL */
	const char *sentence;         /* may be NULL */
};

enum admin_shape { ADMIN_NOTHING, ADMIN_ONE, ADMIN_MANY };

/* ---- operations ---- */

struct admin_call;

/* Which argument says what it is about: the first one. */
enum admin_subject {
	ADMIN_OF_NONE, /* the function looks at who asks */
	ADMIN_OF_DOMAIN,
	ADMIN_OF_ADDRESS, /* of a hosted domain, there or not */
};

struct admin_operation {
	const char *name;   /* "account.add" */
	const char *method; /* of HTTP; NULL: the command line alone */
	const char *path;   /* "/accounts/{address}", below /api/v1 */
	unsigned who;       /* bits of enum admin_who */
	enum admin_area area;
	bool changes;
	bool elsewhere; /* the change is not the directory's */
	bool asks;      /* the password is needed once more, of a user */
	enum admin_subject subject;
	bool host_too; /* the host's own name is as good as a domain */
	const struct admin_param *params; /* ended by name NULL; or NULL */
	enum admin_shape shape;
	const struct admin_field *result; /* of the object, or of an item */
	int (*run)(struct admin_call *c, struct err *err);
	/* Write the state that two people may edit: for the audit, for ETag.
	 * A change without an answer of its own answers with it. */
	int (*state)(struct admin_call *c, struct json_writer *w,
	             struct err *err);
	const char *sentence; /* "Make an account" */
};

/* All rows, in the order of the document; NULL at the end. */
const struct admin_operation *admin_operation_at(size_t i);
const struct admin_operation *admin_operation(const char *name);

/* ---- a call ---- */

struct admin_call {
	struct admin *adm;
	const struct admin_caller *by;
	const struct admin_operation *op;
	struct arena *a;
	struct json_writer *w;
	struct admin_value v[ADMIN_PARAMS_MAX];
	struct str if_match; /* fail unless the state has this tag; "" */

	/* After admin_run(): */
	struct str etag;        /* of the state, in quotes; "" without */
	enum admin_fault fault; /* of a failure */
	const char *field;      /* the argument at fault, or NULL */
	uint64_t count; /* how many a change touched, where it says so */

	/* For the functions: what the subject is. */
	struct directory_domain domain; /* as named, maybe a domain alias */
	int64_t domain_id;              /* behind the alias */
	struct str address;             /* canonical */
};

void admin_call_init(struct admin_call *c, struct admin *adm,
                     const struct admin_caller *by,
                     const struct admin_operation *op, struct arena *a,
                     struct json_writer *w);

/* ERR_INVALID, ERR_TOO_BIG, with c->field.  A text given twice to a list
 * makes it longer. */
int admin_give(struct admin_call *c, const char *name, struct str text,
               struct err *err) ATTR_MUST_USE;
int admin_give_list(struct admin_call *c, const char *name,
                    const struct str *items, size_t n, struct err *err)
	ATTR_MUST_USE;
/* All members of an object. */
int admin_give_json(struct admin_call *c, struct json object, struct err *err)
	ATTR_MUST_USE;

int admin_run(struct admin_call *c, struct err *err) ATTR_MUST_USE;

/* A time as ADMIN_TIME has it; `ahead`: "3d" is from now on. */
bool admin_time_parse(struct str s, int64_t now_us, bool ahead, int64_t *out)
	ATTR_MUST_USE;

#endif
