/*
 * reports/aggregate.h - tell the owners of domains what came in their name.
 *
 * What intake counted in a day (verify/tally.h) goes out in the hours after
 * it, one report a policy domain and address, as RFC 9990 has it: gzipped XML
 * in a message with the null sender, which the relay signs.  An address of
 * another organization gets one only when that says so (verify/report_to.h).
 *
 *	reports_aggregate_run(r, clock_wall_us(), stop, arg, err)
 *
 * A report is in the queue before it is forgotten here; after a crash between
 * the two the queue knows it by its key.
 */
#ifndef REPORTS_AGGREGATE_H
#define REPORTS_AGGREGATE_H

#include "base/err.h"
#include "base/str.h"

struct config;
struct directory;
struct queue;
struct store;
struct tally;
struct verify;

/* Addresses of one domain that get a report. */
#define REPORTS_ADDRESSES_MAX 4
/* Of a whole message; a domain's rows are bounded, so none comes near. */
#define REPORTS_MESSAGE_MAX ((size_t)10 * 1024 * 1024)

struct reports {
	const struct config *config;
	struct directory *directory;
	struct store *store;
	struct queue *queue;
	struct verify *verify;
	struct tally *tally;
};

/* All that is due; the number of messages queued, or -1.  `stop` (may be
 * NULL) is asked between two domains. */
int reports_aggregate_run(const struct reports *r, int64_t now_us,
                          bool (*stop)(void *arg), void *arg, struct err *err)
	ATTR_MUST_USE;

#endif
