#include "wire/imap/date.h"

#define US_PER_S INT64_C(1000000)

static const char month_names[12][4] = {
	"Jan", "Feb", "Mar", "Apr", "May", "Jun",
	"Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
};

/* Years begin in March here, so that the leap day is a year's last. */
int32_t imap_day_from_civil(int32_t year, unsigned month, unsigned day)
{
	int32_t y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400;
	int32_t of_era = y - era * 400;
	int32_t m = (int32_t)(month + 9) % 12;
	int32_t of_year = (153 * m + 2) / 5 + (int32_t)day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	       of_year - 719468;
}

static void civil_from_day(int64_t days, int64_t *year, unsigned *month,
                           unsigned *day)
{
	int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t m = (5 * doy + 2) / 153;

	*day = (unsigned)(doy - (153 * m + 2) / 5 + 1);
	*month = (unsigned)(m < 10 ? m + 3 : m - 9);
	*year = yoe + era * 400 + (*month <= 2);
}

static unsigned days_in_month(int32_t year, unsigned month)
{
	static const unsigned char days[12] = { 31, 28, 31, 30, 31, 30,
		                                31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

/* `n` digits exactly. */
static bool take_digits(struct str *s, size_t n, unsigned *out)
{
	uint64_t v;

	if (s->n < n || !str_to_u64(str_to(*s, n), UINT32_MAX, &v))
		return false;
	*s = str_from(*s, n);
	*out = (unsigned)v;
	return true;
}

static bool take_char(struct str *s, char c)
{
	if (s->n == 0 || s->p[0] != c)
		return false;
	*s = str_from(*s, 1);
	return true;
}

static bool take_month(struct str *s, unsigned *out)
{
	for (unsigned m = 0; m < 12; m++) {
		if (!str_starts_case(*s, str_z(month_names[m])))
			continue;
		*s = str_from(*s, 3);
		*out = m + 1;
		return true;
	}
	return false;
}

/* date-text: day "-" month "-" year; a day of one digit may have a blank
 * before it (date-day-fixed). */
static bool take_date(struct str *s, int32_t *day_out)
{
	unsigned day, month, year;

	(void)take_char(s, ' ');
	if (!take_digits(s, 2, &day) && !take_digits(s, 1, &day))
		return false;
	if (!take_char(s, '-') || !take_month(s, &month) ||
	    !take_char(s, '-') || !take_digits(s, 4, &year))
		return false;
	if (day < 1 || day > days_in_month((int32_t)year, month))
		return false;
	*day_out = imap_day_from_civil((int32_t)year, month, day);
	return true;
}

static bool take_time(struct str *s, int64_t *seconds_out)
{
	unsigned h, m, sec;

	if (!take_digits(s, 2, &h) || !take_char(s, ':') ||
	    !take_digits(s, 2, &m) || !take_char(s, ':') ||
	    !take_digits(s, 2, &sec) || h > 23 || m > 59 || sec > 60)
		return false;
	*seconds_out = (int64_t)h * 3600 + m * 60 + sec;
	return true;
}

static bool take_zone(struct str *s, int64_t *seconds_out)
{
	bool minus = s->n > 0 && s->p[0] == '-';
	unsigned h, m;

	if (!take_char(s, '-') && !take_char(s, '+'))
		return false;
	if (!take_digits(s, 2, &h) || !take_digits(s, 2, &m) || m > 59)
		return false;
	*seconds_out = ((int64_t)h * 3600 + m * 60) * (minus ? -1 : 1);
	return true;
}

bool imap_parse_date(struct imap_parser *p, int32_t *day_out)
{
	struct str s;
	int32_t day;

	if (!imap_parse_astring(p, &s))
		return false;
	if (!take_date(&s, &day) || s.n > 0)
		return imap_parse_fail(p, "Bad date");
	*day_out = day;
	return true;
}

bool imap_parse_date_time(struct imap_parser *p, int64_t *us_out)
{
	int64_t seconds, zone;
	struct str s;
	int32_t day;

	if (!imap_parse_string(p, &s))
		return false;
	if (!take_date(&s, &day) || !take_char(&s, ' ') ||
	    !take_time(&s, &seconds) || !take_char(&s, ' ') ||
	    !take_zone(&s, &zone) || s.n > 0)
		return imap_parse_fail(p, "Bad date-time");
	*us_out = ((int64_t)day * 86400 + seconds - zone) * US_PER_S;
	return true;
}

static void write_day(struct buf *b, int64_t days)
{
	unsigned month, day;
	int64_t year;

	civil_from_day(days, &year, &month, &day);
	/* The grammar has four digits. */
	if (year < 0 || year > 9999)
		year = year < 0 ? 0 : 9999;
	buf_fmt(b, "%2u-%s-%04u", day, month_names[month - 1], (unsigned)year);
}

void imap_write_date(struct buf *b, int32_t day)
{
	buf_add_c(b, '"');
	write_day(b, day);
	buf_add_c(b, '"');
}

void imap_write_date_time(struct buf *b, int64_t us)
{
	int64_t s = us / US_PER_S - (us % US_PER_S < 0);
	int64_t days = s / 86400 - (s % 86400 < 0);
	unsigned of_day = (unsigned)(s - days * 86400);

	buf_add_c(b, '"');
	write_day(b, days);
	buf_fmt(b, " %02u:%02u:%02u +0000\"", of_day / 3600, of_day / 60 % 60,
	        of_day % 60);
}
