/*
 * wire/dkim/results.h - Authentication-Results (RFC 8601): the words of it.
 *
 * Fields that carry our own name and did not come from us must go before the
 * message is stored (RFC 8601, 5), so their ids are read; and what a trusted
 * host found is read from the ARC set that it sealed.
 */
#ifndef WIRE_DKIM_RESULTS_H
#define WIRE_DKIM_RESULTS_H

#include "base/arena.h"
#include "base/buf.h"

/* The authserv-id at the start of a raw field value: a token or a quoted
 * string, behind comments.  False when there is none.  *out is a view of
 * `raw`, or lies in the arena when it was quoted. */
bool auth_results_id(struct str raw, struct arena *a, struct str *out)
	ATTR_MUST_USE;

/* One result: "dkim=pass reason=... header.d=example.com". */
#define AUTH_RESULT_PROPERTIES 16

struct auth_result {
	struct str method; /* "dkim", without its version */
	struct str result; /* "pass" */

	struct {
		struct str name; /* "header.d" */
		struct str value;
	} property[AUTH_RESULT_PROPERTIES]; /* more are passed over */

	size_t n;
};

struct auth_results_reader {
	struct str rest; /* private */
};

/* Begin behind the authserv-id of a raw value; false when there is none. */
bool auth_results_begin(struct str raw, struct arena *a,
                        struct auth_results_reader *out) ATTR_MUST_USE;
/* The next result that can be read; false when there is none left. */
bool auth_results_next(struct auth_results_reader *r, struct arena *a,
                       struct auth_result *out);
/* Empty when it has no such property. */
struct str auth_result_get(const struct auth_result *r, const char *name);

/* A value as it may stand in the field: a token as it is, else quoted with
 * what could break the line left out. */
void auth_results_value(struct buf *out, struct str value);

#endif
