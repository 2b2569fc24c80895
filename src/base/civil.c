#include "base/civil.h"

#include "base/str.h"

static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
	                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
static const char weekdays[7][4] = { "Sun", "Mon", "Tue", "Wed",
	                             "Thu", "Fri", "Sat" };

/* Days from 1970-01-01.  The year is counted from March, so that the leap day
 * is its last; 400 years have 146,097 days. */
static int64_t days_of(int64_t year, int month, int64_t day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t in_era = y - era * 400;
	int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5;

	return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 +
	       in_year + day - 1 - 719468;
}

int64_t civil_seconds(const struct civil *c)
{
	return days_of(c->year, c->month, c->day) * 86400 + c->hour * 3600 +
	       c->minute * 60 + c->second;
}

struct civil civil_of(int64_t seconds)
{
	int64_t days = (seconds >= 0 ? seconds : seconds - 86399) / 86400;
	int64_t rest = seconds - days * 86400;
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t in_era = z - era * 146097;
	int64_t y =
		(in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) /
		365;
	int64_t in_year = in_era - (365 * y + y / 4 - y / 100);
	int64_t m = (5 * in_year + 2) / 153;
	int64_t weekday = (days + 4) % 7;

	return (struct civil){
		.year = (int32_t)(y + era * 400 + (m >= 10)),
		.month = (int8_t)(m < 10 ? m + 3 : m - 9),
		.day = (int8_t)(in_year - (153 * m + 2) / 5 + 1),
		.hour = (int8_t)(rest / 3600),
		.minute = (int8_t)(rest / 60 % 60),
		.second = (int8_t)(rest % 60),
		.weekday = (int8_t)(weekday < 0 ? weekday + 7 : weekday),
	};
}

const char *civil_month_name(int month)
{
	return months[month - 1];
}

const char *civil_weekday_name(int weekday)
{
	return weekdays[weekday];
}

int civil_month_of(const char name[3])
{
	struct str s = { name, 3 };

	for (int i = 0; i < 12; i++)
		if (str_eq_case(s, (struct str){ months[i], 3 }))
			return i + 1;
	return 0;
}

int civil_month_days(int32_t year, int month)
{
	static const int8_t days[12] = { 31, 28, 31, 30, 31, 30,
		                         31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return month == 2 && leap ? 29 : days[month - 1];
}
