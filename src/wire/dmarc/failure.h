/*
 * wire/dmarc/failure.h - a report about one message that failed (RFC 9991).
 *
 * It is a part of type message/feedback-report: lines like those of a header
 * (RFC 5965), of which those about authentication (RFC 6591) are read.
 *
 * None are sent.  They hold what strangers wrote to our users, and would go
 * to whoever's name was forged; few who ask for them are prepared for them,
 * and the counts of aggregate reports say the same about a domain's setup.
 */
#ifndef WIRE_DMARC_FAILURE_H
#define WIRE_DMARC_FAILURE_H

#include "base/arena.h"

struct dmarc_failure {
	struct str domain;    /* Reported-Domain */
	struct str source_ip; /* Source-IP */
	struct str failure;   /* Auth-Failure: "dkim", "spf", "dmarc" ... */
	struct str mail_from; /* Original-Mail-From, without brackets */
	struct str alignment; /* Identity-Alignment: "none", "dkim, spf" */
	struct str dkim_domain, spf_dns;
};

/* `text` is the part's content.  False when it is not of type auth-failure
 * or names no domain.  Views are of `text` and the arena. */
bool dmarc_failure_parse(struct str text, struct arena *a,
                         struct dmarc_failure *out) ATTR_MUST_USE;

#endif
