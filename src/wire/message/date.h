/*
 * wire/message/date.h - the Date field and its like.
 *
 * Reads RFC 5322, 3.3, with the obsolete zones and two-digit years of 4.3,
 * comments anywhere, and what programs really sent: no seconds, no zone,
 * dots for colons, month before day, full month names, "GMT+0200", ISO 8601.
 * A time without a readable zone is taken as UTC.
 */
#ifndef WIRE_MESSAGE_DATE_H
#define WIRE_MESSAGE_DATE_H

#include "base/buf.h"

struct date {
	int64_t us;   /* microseconds since 1970, UTC */
	int16_t zone; /* minutes east of UTC, as written */
	bool strict;  /* RFC 5322 as it may be sent, nothing obsolete */
};

/* False, *out untouched, when there is no date in it.  Years are 1900 to
 * 9999. */
bool date_parse(struct str raw, struct date *out) ATTR_MUST_USE;

/* "Tue, 24 Nov 2026 05:12:45 +0100"; `zone` in minutes east of UTC. */
void date_write(struct buf *out, int64_t us, int zone);

#endif
