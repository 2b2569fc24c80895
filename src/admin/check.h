/*
 * admin/check.h - look at a domain from outside, as each client would.
 *
 * Mail programs and other servers read a domain's records and get documents
 * over HTTPS; this does what they do and says, row by row, what was found,
 * what was wanted and why it matters.  "Could not check" is a state of its
 * own: a resolver that does not answer makes nothing wrong.
 *
 *	struct admin_check_options o = { .dns = dns };
 *	struct admin_checks *r = arena_zalloc(&arena, sizeof(*r));
 *
 *	if (admin_domain_check(adm, &o, STR("example.com"), &arena, r, err) < 0)
 *		...
 *
 * It takes up to half a minute and is therefore done in the background where
 * somebody waits (api/checker.h); the last result of each domain is kept in
 * the directory.  Documents are fetched from addresses of this host alone: a
 * name that leads elsewhere is told, not followed.
 */
#ifndef ADMIN_CHECK_H
#define ADMIN_CHECK_H

#include <stdatomic.h>

#include "admin/admin.h"
#include "wire/json/write.h"

enum admin_check {
	CHECK_OK,
	CHECK_WARNING,
	CHECK_WRONG,
	CHECK_MISSING,
	CHECK_UNKNOWN, /* could not check */
	CHECK_NOT_NEEDED,
};

/* What it means when a row is missing or wrong. */
enum admin_grade {
	GRADE_MUST,   /* mail does not come */
	GRADE_SHOULD, /* mail is trusted less, or a program does not find us */
	GRADE_MAY,    /* nice to have */
};

struct admin_check_row {
	const char *id; /* "mx", "spf", "dkim", ... */
	enum admin_grade grade;
	enum admin_check state;
	struct str name; /* in DNS */
	const char *type;
	struct str found, wanted; /* "" when there is none */
	struct str why;           /* a sentence */
};

#define ADMIN_CHECKS_MAX 80

struct admin_checks {
	struct str domain;
	int64_t domain_id, at_us;
	struct admin_check_row v[ADMIN_CHECKS_MAX];
	size_t n;
};

struct admin_check_options {
	struct dns_client *dns;
	const atomic_bool *stop; /* may be NULL: end early, as "unknown" */
};

/* Also lets new DKIM keys sign whose records are there. */
int admin_domain_check(struct admin *adm, const struct admin_check_options *o,
                       struct str domain, struct arena *a,
                       struct admin_checks *out, struct err *err) ATTR_MUST_USE;

/* "ok", "warning", "wrong", "missing", "could not check", "not needed" */
const char *admin_check_name(enum admin_check state);
/* Of the whole: OK, WARNING or WRONG. */
enum admin_check admin_checks_state(const struct admin_checks *r);

void admin_checks_write(const struct admin_checks *r, struct json_writer *w);
/* Keep it as the last one of its domain. */
int admin_checks_keep(struct admin *adm, const struct admin_checks *r,
                      struct err *err) ATTR_MUST_USE;

#endif
