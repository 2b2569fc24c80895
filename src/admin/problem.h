/*
 * admin/problem.h - the one list of what an operation can answer instead of
 * its result.
 *
 * The command line shows the reference ("E-NOT-FOUND", which `posthus help
 * errors` explains) and exits with a code; the HTTP API answers a status with
 * a problem document (RFC 9457).  The words beside it come from where the
 * error arose.
 */
#ifndef ADMIN_PROBLEM_H
#define ADMIN_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* What is more than the kind of an error says. */
enum admin_fault {
	ADMIN_FAULT_KIND,     /* see the kind */
	ADMIN_FAULT_CHANGED,  /* it is not any more what was shown */
	ADMIN_FAULT_PASSWORD, /* the password is to be given once more */
	ADMIN_FAULT_SCOPE,    /* the token is not for this */
	ADMIN_FAULT_LOGIN,    /* nobody is logged in */
	ADMIN_FAULT_RATE,     /* too many requests */
	ADMIN_FAULT_PATH,     /* there is no such page */
	ADMIN_FAULT_METHOD,   /* the page is not for this method */
	ADMIN_FAULT_COUNT
};

struct admin_problem {
	const char *reference; /* "E-NOT-FOUND" */
	const char *title;     /* the same for all of its reference */
	int status;            /* of HTTP */
	bool own_words;      /* the error's text is for the person who asked */
	const char *explain; /* what it means, what to do */
};

/* All of them; NULL at the end. */
const struct admin_problem *admin_problem_at(size_t i);
const struct admin_problem *admin_problem(enum admin_fault fault,
                                          enum err_kind kind);

#endif
