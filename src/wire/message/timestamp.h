/*
 * wire/message/timestamp.h - dates as protocols write them (RFC 3339).
 *
 * "2026-11-24T05:12:45Z", with a fraction and with a zone in hours and
 * minutes; "t" and "z" may be small letters.  A leap second counts as the
 * first of the next minute.
 */
#ifndef WIRE_MESSAGE_TIMESTAMP_H
#define WIRE_MESSAGE_TIMESTAMP_H

#include "base/buf.h"

/* Microseconds since 1970; what is finer is cut off.  False, *us_out
 * untouched, when `s` is not all of a date-time (RFC 3339, 5.6). */
bool timestamp_parse(struct str s, int64_t *us_out) ATTR_MUST_USE;

/* In UTC, to the second: "2026-11-24T05:12:45Z". */
void timestamp_write(struct buf *out, int64_t us);

#endif
