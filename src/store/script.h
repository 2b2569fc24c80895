/*
 * store/script.h - the Sieve scripts of an account, and its vacation.
 *
 * A script has a name, at most one is active.  A name may change; the number
 * of a script never does and is never used again.  The text is kept as it was
 * put; whether it compiles is for the caller to see to (sieve/ is beside).
 *
 * The vacation is a setting beside the scripts: what is answered to senders
 * while the owner is away (RFC 8621, 8; R5).
 *
 *	struct script_limits max = { .scripts = 50, .bytes = 256 * 1024 };
 *
 *	if (script_put(s, a, STR("main"), text, &max, err) < 0) ...
 *	if (script_activate(s, a, STR("main"), err) < 0) ...
 *
 * Whoever changes something tells the directory afterwards
 * (directory_account_set_script()): deliveries look there whether there is
 * something to run.
 */
#ifndef STORE_SCRIPT_H
#define STORE_SCRIPT_H

#include "base/arena.h"
#include "store/store.h"

/* RFC 5804, 1.6: at least 128 characters of four bytes. */
#define SCRIPT_NAME_MAX 512

struct script {
	uint64_t no;
	struct str name;
	bool active;
	uint64_t size;
	uint64_t changed; /* the account's modseq then */
	struct str text;  /* of script_get() and script_active() alone */
};

struct script_limits {
	uint64_t scripts; /* of an account */
	uint64_t bytes;   /* of one script */
};

/* ERR_INVALID with words: empty, too long, not UTF-8, control characters
 * (RFC 5804, 1.6). */
int script_name_check(struct str name, struct err *err) ATTR_MUST_USE;

/* In the order of names.  Strings live in the arena. */
int script_list(struct store *s, struct store_account a, struct arena *arena,
                struct script **out, size_t *n_out, struct err *err)
	ATTR_MUST_USE;

/* ERR_NOT_FOUND. */
int script_get(struct store *s, struct store_account a, struct str name,
               struct arena *arena, struct script *out, struct err *err)
	ATTR_MUST_USE;
int script_active(struct store *s, struct store_account a, struct arena *arena,
                  struct script *out, struct err *err) ATTR_MUST_USE;

/* Whether one of this name and size could be put: ERR_TOO_BIG with
 * *count_out true when it is the number that is full. */
int script_room(struct store *s, struct store_account a, struct str name,
                uint64_t bytes, const struct script_limits *max,
                bool *count_out, struct err *err) ATTR_MUST_USE;

/* A new one, or another text of one that is there (which stays active).
 * Errors as script_room(). */
int script_put(struct store *s, struct store_account a, struct str name,
               struct str text, const struct script_limits *max,
               struct err *err) ATTR_MUST_USE;

/* By its number (0: a new one) and all at once: a name, a text, or both; with
 * p == NULL each stays as it is.  A new one needs both.  ERR_EXISTS, and the
 * number of that one in `other`, when the name is another's. */
struct script_write {
	uint64_t no; /* set to that of a new one */
	struct str name, text;
	uint64_t other; /* after ERR_EXISTS */
	bool count;     /* after ERR_TOO_BIG: it is the number that is full */
};

int script_write(struct store *s, struct store_account a,
                 struct script_write *w, const struct script_limits *max,
                 struct err *err) ATTR_MUST_USE;

/* As script_get(), script_activate() and script_remove(). */
int script_get_no(struct store *s, struct store_account a, uint64_t no,
                  struct arena *arena, struct script *out, struct err *err)
	ATTR_MUST_USE;
int script_activate_no(struct store *s, struct store_account a, uint64_t no,
                       struct err *err) ATTR_MUST_USE;
int script_remove_no(struct store *s, struct store_account a, uint64_t no,
                     struct err *err) ATTR_MUST_USE;

/* It alone is active; with the empty name none is.  ERR_NOT_FOUND. */
int script_activate(struct store *s, struct store_account a, struct str name,
                    struct err *err) ATTR_MUST_USE;
/* ERR_NOT_FOUND; ERR_DENIED for the active one. */
int script_remove(struct store *s, struct store_account a, struct str name,
                  struct err *err) ATTR_MUST_USE;
/* ERR_NOT_FOUND; ERR_EXISTS. */
int script_rename(struct store *s, struct store_account a, struct str from,
                  struct str to, struct err *err) ATTR_MUST_USE;

/* ---- vacation ---- */

#define VACATION_TEXT_MAX    ((size_t)64 * 1024)
#define VACATION_SUBJECT_MAX ((size_t)500)

struct vacation {
	bool on;
	int64_t from_us, until_us; /* 0: open; from is in, until is not */
	uint32_t days;             /* between two answers to one sender */
	struct str subject;        /* may be empty: "Auto: " and the subject */
	struct str text;
	struct str html; /* the same for programs that show it; "": none */
	uint64_t changed;
};

/* ERR_NOT_FOUND when none was ever set. */
int vacation_get(struct store *s, struct store_account a, struct arena *arena,
                 struct vacation *out, struct err *err) ATTR_MUST_USE;
/* ERR_INVALID, ERR_TOO_BIG with words. */
int vacation_set(struct store *s, struct store_account a,
                 const struct vacation *v, struct err *err) ATTR_MUST_USE;

/* Whether the account has an active script, or a vacation that is on. */
int script_any(struct store *s, struct store_account a, bool *out,
               struct err *err) ATTR_MUST_USE;

#endif
