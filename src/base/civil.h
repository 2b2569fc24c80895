/*
 * base/civil.h - seconds since 1970 <-> year, month, day, hour.
 *
 * The Gregorian calendar in UTC, before 1582 too; no time zones, no leap
 * seconds, no state of the C library.
 */
#ifndef BASE_CIVIL_H
#define BASE_CIVIL_H

#include <stdint.h>

struct civil {
	int32_t year;
	int8_t month;   /* 1..12 */
	int8_t day;     /* 1..31 */
	int8_t hour;    /* 0..23 */
	int8_t minute;  /* 0..59 */
	int8_t second;  /* 0..59 */
	int8_t weekday; /* 0 is Sunday; not read by civil_seconds() */
};

/* The month must be 1..12; other members may be out of range and are counted
 * on (day 0 is the last of the month before). */
int64_t civil_seconds(const struct civil *c);

/* Years up to about a million. */
struct civil civil_of(int64_t seconds);

/* "Jan".."Dec" for 1..12, "Sun".."Sat" for 0..6. */
const char *civil_month_name(int month);
const char *civil_weekday_name(int weekday);

/* 1..12 for the three letters in any case, or 0. */
int civil_month_of(const char name[3]);

int civil_month_days(int32_t year, int month);

#endif
