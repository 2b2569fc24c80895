/*
 * verify/feedback.h - a report about a domain here, as it came by mail.
 *
 * Aggregate reports of DMARC are XML, mostly gzipped or zipped, in some part
 * of a message; failure reports are a part of their own.  Who sends them is a
 * stranger, so every size is bounded before it is taken: the part, what it
 * unpacks to, the document, its rows.
 *
 *	struct feedback f;
 *
 *	if (feedback_read(message, &arena, &f, err) < 0) ...
 *	f.rows[i], f.report.domain
 */
#ifndef VERIFY_FEEDBACK_H
#define VERIFY_FEEDBACK_H

#include "wire/dmarc/aggregate.h"
#include "wire/dmarc/failure.h"

/* Of a message that is looked at; encoded a third more than its part. */
#define FEEDBACK_MESSAGE_MAX ((size_t)6 * 1024 * 1024)

struct feedback {
	bool is_failure;
	struct dmarc_failure failure; /* then */
	struct dmarc_report report;   /* else */
	struct dmarc_report_row *rows;
	size_t n;
};

/* Does the subject look like that of a report? (RFC 9990, 3.5) */
bool feedback_is_likely(struct str subject);

/* Views lie in the arena.  ERR_INVALID when there is no report in it,
 * ERR_TOO_BIG, ERR_CORRUPT. */
int feedback_read(struct str message, struct arena *a, struct feedback *out,
                  struct err *err) ATTR_MUST_USE;

#endif
