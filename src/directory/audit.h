/*
 * directory/audit.h - who changed what, written with the change itself.
 *
 * An entry that is announced before a change goes into the transaction of the
 * next write of the same thread: there is no change without its entry, nor an
 * entry without its change.
 *
 *	directory_note_begin(&note, dir, &entry);
 *	... directory_account_set_quota(dir, ...)
 *	if (!directory_note_end(&note))
 *		... nothing was written here
 *
 * Changes elsewhere (a password, the queue) are added before they are made,
 * with the result "begun", and completed with directory_audit_result().
 *
 * Nothing here changes or removes an entry otherwise, but that the oldest go
 * when they are past their time.  Texts `before` and `after` are JSON objects
 * without secrets, which is the caller's to see to.
 */
#ifndef DIRECTORY_AUDIT_H
#define DIRECTORY_AUDIT_H

#include "directory/directory.h"

struct directory_audit {
	int64_t id, at_us; /* set here */
	struct str who;    /* an address, or the Unix user of a command */
	struct str role;   /* "operator", "domain", "user" */
	struct str origin; /* "192.0.2.1", "command line" */
	struct str operation;
	struct str subject; /* an address, a domain, a queue id, or "" */
	int64_t domain;     /* of the subject, or 0 */
	struct str before, after;
	struct str result; /* "done", "begun", "failed: ..." */
};

/* Longer texts are kept cut, as "" that says so. */
#define DIRECTORY_AUDIT_TEXT_MAX ((size_t)16 * 1024)

struct directory_note {
	struct directory *dir;
	const struct directory_audit *entry;
	struct directory_note *outer; /* private */
	int64_t id;                   /* of the entry, once written */
};

/* Until the end, the next write of this thread to `dir` carries it. */
void directory_note_begin(struct directory_note *n, struct directory *dir,
                          const struct directory_audit *entry);
/* True when a write carried it. */
bool directory_note_end(struct directory_note *n);

int directory_audit_add(struct directory *dir, const struct directory_audit *e,
                        int64_t *id_out, struct err *err) ATTR_MUST_USE;
int directory_audit_result(struct directory *dir, int64_t id, struct str result,
                           struct err *err) ATTR_MUST_USE;

/* Several conditions must all be met; "" and 0 are none. */
struct directory_audit_find {
	const int64_t *domains; /* entries about one of these alone */
	size_t domains_n;       /* SIZE_MAX: of all, and of none */
	struct str subject, who;
	struct str operation; /* or the beginning of it: "account." */
	int64_t since_us, until_us;
	int64_t before_id; /* the page behind this one */
	size_t limit;      /* 0: 100 */
};

#define DIRECTORY_AUDIT_PAGE 1000

/* The latest first. */
int directory_audit_each(struct directory *dir,
                         const struct directory_audit_find *f,
                         bool (*each)(void *arg,
                                      const struct directory_audit *e),
                         void *arg, struct err *err) ATTR_MUST_USE;

#endif
