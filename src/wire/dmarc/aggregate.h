/*
 * wire/dmarc/aggregate.h - aggregate reports, written and read (RFC 9990).
 *
 * A report tells the owner of a domain what one receiver saw in its name in
 * one day: a row for each way in which messages looked alike.  Ours are
 * written as RFC 9990 has them; read are these and those of RFC 7489, with or
 * without a namespace, in any order, tags unknown passed over.
 *
 *	dmarc_report_begin(&out, &report);
 *	dmarc_report_row(&out, &row);		each
 *	dmarc_report_end(&out);
 *
 *	dmarc_report_read(xml, &arena, each, arg, &report, err)
 */
#ifndef WIRE_DMARC_AGGREGATE_H
#define WIRE_DMARC_AGGREGATE_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "wire/dmarc/record.h"

/* Of a document that is read. */
#define DMARC_REPORT_MAX      ((size_t)16 * 1024 * 1024)
#define DMARC_REPORT_ROWS_MAX 20000
#define DMARC_REPORT_DKIM_MAX 8

/* What was done with a message: nothing because it passed, nothing though it
 * failed, or what the policy asks for. */
enum dmarc_disposition {
	DMARC_DID_NOTHING, /* "none" */
	DMARC_DID_PASS,
	DMARC_DID_QUARANTINE,
	DMARC_DID_REJECT,
};

struct dmarc_report {
	struct str org_name, email, report_id, generator;
	int64_t begin_s, end_s;
	struct str domain; /* whose policy */
	enum dmarc_policy p, sp, np;
	bool strict_dkim, strict_spf, testing;
};

struct dmarc_report_row {
	struct str source_ip;
	uint64_t count;
	enum dmarc_disposition disposition;
	bool dkim, spf;             /* passed in alignment */
	struct str reason, comment; /* of an override: "local_policy"; or "" */
	struct str header_from, envelope_from;
	struct str spf_domain, spf_result; /* domain "": SPF was not asked */

	struct {
		struct str domain, selector, result;
	} signature[DMARC_REPORT_DKIM_MAX];

	size_t n;
};

const char *dmarc_disposition_name(enum dmarc_disposition d);

void dmarc_report_begin(struct buf *out, const struct dmarc_report *r);
void dmarc_report_row(struct buf *out, const struct dmarc_report_row *row);
void dmarc_report_end(struct buf *out);

/* `each` gets every row that has a source and a count; false stops.  Its
 * views live until it returns, those of *out in the arena.  ERR_INVALID when
 * it is no report, ERR_TOO_BIG over the limits above. */
int dmarc_report_read(struct str xml, struct arena *a,
                      bool (*each)(void *arg,
                                   const struct dmarc_report_row *row),
                      void *arg, struct dmarc_report *out, struct err *err)
	ATTR_MUST_USE;

#endif
