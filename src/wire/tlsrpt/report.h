/*
 * wire/tlsrpt/report.h - how TLS with a domain went, as JSON (RFC 8460, 4).
 *
 *	tlsrpt_report_write(&out, &report);
 */
#ifndef WIRE_TLSRPT_REPORT_H
#define WIRE_TLSRPT_REPORT_H

#include "base/buf.h"

/* RFC 8460, 4.3; "" for what is not known. */
struct tlsrpt_failure {
	struct str result;         /* "certificate-expired" */
	struct str source_ip;      /* of the host that sent */
	struct str mx_name, mx_ip; /* of the one that was to receive */
	struct str reason;         /* in words */
	uint64_t n;                /* sessions */
};

struct tlsrpt_policy {
	struct str type;    /* "tlsa", "sts", "no-policy-found" */
	struct str strings; /* lines, LF between them; "" for none */
	struct str domain;
	struct str mx; /* patterns, LF between them; "" for none */
	uint64_t good, bad;
	const struct tlsrpt_failure *failures;
	size_t n;
};

struct tlsrpt_report {
	struct str organization, contact, id;
	int64_t start_us, end_us; /* both belong to it, to the second */
	const struct tlsrpt_policy *policies;
	size_t n;
};

void tlsrpt_report_write(struct buf *out, const struct tlsrpt_report *r);

#endif
