/*
 * relay/report.h - tell domains how TLS with their hosts went (RFC 8460).
 *
 * What the book has of a day that is over is told to those who ask for it in
 * the DNS, by mail or by HTTPS, once: some hours into the next day, each
 * domain at another time, so that not all hosts write at midnight.
 *
 *	relay_report_run(&reporter, err)     now and then
 */
#ifndef RELAY_REPORT_H
#define RELAY_REPORT_H

#include <stdatomic.h>

#include "relay/book.h"
#include "relay/relay.h"

struct relay_reporter {
	const struct relay_options *o;
	struct relay_book *book;
	const char *ca_file; /* NULL: the system's authorities */
	int64_t now_us;
	const atomic_bool *stop; /* NULL: go on to the end */
};

/* The number of domains that were told, or -1.  What fails for now is tried
 * at the next call, and dropped when it is three days old. */
int relay_report_run(const struct relay_reporter *r, struct err *err)
	ATTR_MUST_USE;

/* When the report of a day is due, for a domain. */
int64_t relay_report_due(int64_t day, struct str domain);

/* The report as JSON; for tests. */
struct buf;
void relay_report_write(const struct relay_note *notes, size_t n,
                        struct str host, struct arena *a, struct buf *out);

#endif
