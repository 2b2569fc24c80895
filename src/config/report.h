/*
 * config/report.h - the mistakes found in a configuration, all at once.
 *
 *	/etc/posthus/posthus.conf:31:3: unknown setting "limits.mesage_bytes"
 *	   31 |   mesage_bytes = "70M"
 *	      |   ^^^^^^^^^^^^ did you mean "message_bytes"?
 */
#ifndef CONFIG_REPORT_H
#define CONFIG_REPORT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"

/* More are counted, not kept. */
#define CONFIG_REPORT_MAX 100

struct config_problem {
	struct str file;   /* "--set" for the command line */
	unsigned line;     /* from 1; 0: concerns the whole file */
	unsigned column;   /* from 1, in characters */
	unsigned width;    /* characters marked, at least 1 */
	struct str source; /* the line */
	struct str text;   /* what is wrong */
	struct str hint;   /* what to do, or empty */
	bool remark;       /* no mistake: the settings are valid */
};

struct config_report {
	struct config_problem items[CONFIG_REPORT_MAX];
	size_t n;
	size_t mistakes, remarks; /* all, also those not kept */
	struct arena arena;       /* private: what the items point to */
};

void config_report_init(struct config_report *r);
void config_report_deinit(struct config_report *r);

/* All strings are copied. */
void config_report_add(struct config_report *r, const struct config_problem *p);

/* As in the picture above, each ended by a newline. */
void config_report_write(const struct config_report *r, struct buf *out);

#endif
