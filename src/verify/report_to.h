/*
 * verify/report_to.h - may a report about a domain go to this address?
 *
 * A policy names where reports are to go; when that is in another
 * organization, it must have said that it wants them, or anybody could have
 * us send mail to anybody (RFC 9990, 4: `DOMAIN._report._dmarc.OTHER`).
 */
#ifndef VERIFY_REPORT_TO_H
#define VERIFY_REPORT_TO_H

#include "verify/verify.h"

enum verify_report_to {
	REPORT_TO_YES,
	REPORT_TO_NO,
	REPORT_TO_LATER, /* DNS gave no answer */
};

struct report_address {
	struct str address;
	const char *why; /* not, in words */
};

/* `uri` is one of rua=.  The address, in `a`, is that of the URI, or
 * another in its domain that the other side names instead. */
enum verify_report_to verify_report_to(struct verify *v, struct str domain,
                                       struct str uri, struct verify_budget *b,
                                       struct arena *a,
                                       struct report_address *out);

#endif
