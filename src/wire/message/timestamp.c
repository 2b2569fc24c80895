#include "wire/message/timestamp.h"

#include "base/attr.h"
#include "base/civil.h"

#define US_PER_SEC INT64_C(1000000)

/* `n` digits at the start of *s, and then `end` (0: nothing). */
static bool take_number(struct str *s, size_t n, char end, int64_t most,
                        int64_t *out)
{
	uint64_t v;

	if (s->n < n + (end != 0) || (end && s->p[n] != end) ||
	    !str_to_u64(str_to(*s, n), (uint64_t)most, &v))
		return false;
	*out = (int64_t)v;
	*s = str_from(*s, n + (end != 0));
	return true;
}

static bool take_letter(struct str *s, char small)
{
	if (s->n == 0 || ascii_lower(s->p[0]) != small)
		return false;
	*s = str_from(*s, 1);
	return true;
}

/* ".5": at least one digit, as many as they like. */
static bool take_fraction(struct str *s, int64_t *us)
{
	int64_t unit = US_PER_SEC / 10;
	size_t i;

	*us = 0;
	if (s->n == 0 || s->p[0] != '.')
		return true;
	for (i = 1; i < s->n && ascii_is_digit(s->p[i]); i++) {
		*us += unit * (s->p[i] - '0');
		unit /= 10;
	}
	*s = str_from(*s, i);
	return i > 1;
}

/* Seconds east of UTC. */
static bool take_zone(struct str *s, int64_t *out)
{
	int64_t hours, minutes;
	bool west;

	*out = 0;
	if (take_letter(s, 'z'))
		return true;
	if (s->n == 0 || (s->p[0] != '+' && s->p[0] != '-'))
		return false;
	west = s->p[0] == '-';
	*s = str_from(*s, 1);
	if (!take_number(s, 2, ':', 23, &hours) ||
	    !take_number(s, 2, 0, 59, &minutes))
		return false;
	*out = (hours * 60 + minutes) * (west ? -60 : 60);
	return true;
}

bool timestamp_parse(struct str s, int64_t *us_out)
{
	int64_t year, month, day, hour, minute, second, us, zone;
	struct civil c;

	if (!take_number(&s, 4, '-', 9999, &year) ||
	    !take_number(&s, 2, '-', 12, &month) ||
	    !take_number(&s, 2, 0, 31, &day) || !take_letter(&s, 't') ||
	    !take_number(&s, 2, ':', 23, &hour) ||
	    !take_number(&s, 2, ':', 59, &minute) ||
	    !take_number(&s, 2, 0, 60, &second) || !take_fraction(&s, &us) ||
	    !take_zone(&s, &zone) || s.n || month == 0 || day == 0 ||
	    day > civil_month_days((int32_t)year, (int)month))
		return false;
	c = (struct civil){
		.year = (int32_t)year,
		.month = (int8_t)month,
		.day = (int8_t)day,
		.hour = (int8_t)hour,
		.minute = (int8_t)minute,
		.second = (int8_t)second,
	};
	*us_out = (civil_seconds(&c) - zone) * US_PER_SEC + us;
	return true;
}

void timestamp_write(struct buf *out, int64_t us)
{
	int64_t s = us / US_PER_SEC - (us % US_PER_SEC < 0);
	struct civil c = civil_of(s);

	buf_fmt(out, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)c.year, c.month,
	        c.day, c.hour, c.minute, c.second);
}
