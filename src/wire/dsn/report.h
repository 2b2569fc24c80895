/*
 * wire/dsn/report.h - a whole report: multipart/report (RFC 6522).
 *
 * Three parts (RFC 3462, 1): words for people, the delivery status for
 * programs, and the message it is about, whole or its header.  Written are
 * the MIME fields and all parts; the caller puts From, To, Subject and the
 * like before them.
 *
 *	struct dsn_parts p = { .boundary = STR("b1"), .text = words,
 *	                       .status = status, .original = header };
 *
 *	bool eight = dsn_parts_write(&out, &p);
 *
 * Without `utf8` no header of any part has bytes above 127: an original whose
 * header has them travels as message/global in base64 (RFC 6533, 4), which
 * any host can pass on.
 */
#ifndef WIRE_DSN_REPORT_H
#define WIRE_DSN_REPORT_H

#include "base/buf.h"

struct dsn_parts {
	struct str boundary; /* must not occur in what follows */
	struct str text;     /* lines end in CRLF */
	struct str status;   /* dsn.h */
	struct str original; /* all of it, or its header */
	bool whole;
	bool utf8; /* the report itself is SMTPUTF8 */
};

/* Whether bytes above 127 were written: the report needs 8BITMIME. */
bool dsn_parts_write(struct buf *out, const struct dsn_parts *p);

#endif
