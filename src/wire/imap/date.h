/*
 * wire/imap/date.h - "date" and "date-time" (RFC 3501, 9).
 *
 * Days are counted from 1970-01-01, times in microseconds since then, UTC.
 */
#ifndef WIRE_IMAP_DATE_H
#define WIRE_IMAP_DATE_H

#include "base/buf.h"
#include "wire/imap/parse.h"

/* date: 1-Feb-1994, with or without quotes; as the day it names. */
bool imap_parse_date(struct imap_parser *p, int32_t *day_out);
/* date-time: "17-Jul-1996 02:44:25 -0700", quotes included. */
bool imap_parse_date_time(struct imap_parser *p, int64_t *us_out);

/* Both with quotes; a date-time is written in UTC (+0000). */
void imap_write_date(struct buf *b, int32_t day);
void imap_write_date_time(struct buf *b, int64_t us);

int32_t imap_day_from_civil(int32_t year, unsigned month, unsigned day);

#endif
