/*
 * log/metric.h - the counters and gauges of /metrics.
 *
 * Every figure is a row of log/metrics.def.  A process counts in a page of
 * its own in memory that the supervisor shares between all, so counting is
 * one atomic add, and the http role reads and sums them all.  A restarted
 * role goes on from where it was, as counters should.  Without shared memory
 * (tests, the command line) they count in the process.
 *
 *	metric_add(METRIC_SMTP_REFUSED_RCPT, 1);
 *	metric_add(METRIC_IMAP_CONNECTIONS, -1);     (a gauge)
 */
#ifndef LOG_METRIC_H
#define LOG_METRIC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum metric {

#define METRIC(id, type, name, labels, help) METRIC_##id,
#include "log/metrics.def"
#undef METRIC
	METRIC_COUNT
};

enum metric_type { METRIC_COUNTER, METRIC_GAUGE };

struct metric_row {
	enum metric_type type;
	const char *name;   /* "posthus_messages_received_total" */
	const char *labels; /* "result=\"accepted\"", or "" */
	const char *help;   /* one sentence; of the first row of a name */
};

extern const struct metric_row metric_rows[METRIC_COUNT];

/* One process's page. */
struct metric_page {
	_Atomic int64_t v[METRIC_COUNT];
};

/* Count in `page` from now on (NULL: in the process), its gauges from zero:
 * what an earlier life had open is gone.  Before the threads. */
void metric_use(struct metric_page *page);

void metric_add(enum metric m, int64_t n);
void metric_set(enum metric m, int64_t v); /* gauges of one process */

struct buf;

/* All of them as Prometheus text; `value` says each (a sum over pages). */
void metric_write(struct buf *out, int64_t (*value)(void *arg, enum metric m),
                  void *arg);

#endif
