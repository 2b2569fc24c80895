/*
 * verify/auth_results.h - write Authentication-Results (RFC 8601).
 *
 *	struct verify_summary s = { .hostname = name, .spf = &spf, ... };
 *
 *	verify_results_write(&buf, &s);
 *
 * The reader, which finds forged fields of our name, is wire/dkim/results.h.
 */
#ifndef VERIFY_AUTH_RESULTS_H
#define VERIFY_AUTH_RESULTS_H

#include "verify/arc.h"
#include "verify/dmarc.h"

/* What was found out; members that are NULL were not asked. */
struct verify_summary {
	struct str hostname; /* the authserv-id */
	struct str helo;
	const struct verify_spf_result *spf;
	const struct verify_dkim_result *dkim;
	const struct verify_dmarc_result *dmarc;
	const struct verify_arc_result *arc;
	struct str arc_by; /* a trusted sealer vouches for the author, or "" */
};

/* A whole field with its CRLF.  It is at most about 8 KiB. */
void verify_results_write(struct buf *out, const struct verify_summary *s);

#endif
