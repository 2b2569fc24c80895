#include "wire/message/date.h"

#include "base/civil.h"
#include "wire/message/lex.h"

/* What was found so far; -1 is not yet. */
struct found {
	int year, month, day, hour, minute, second;
	int zone;
	bool has_zone, pm, am, strict;
	int step; /* of the order that strict asks for */
};

/* A longer field is no date; this also bounds the work. */
#define RAW_MAX 512

static int number(struct lex *x, int *digits_out)
{
	int v = 0, n = 0;

	for (; ascii_is_digit(lex_peek(x)); x->p++, n++)
		if (v < 100000)
			v = v * 10 + (*x->p - '0');
	*digits_out = n;
	return v;
}

/* RFC 5322, 4.3: two digits are 1950..2049, three count from 1900. */
static int full_year(int v, int digits)
{
	if (digits == 2)
		return v < 50 ? 2000 + v : 1900 + v;
	if (digits == 3)
		return 1900 + v;
	return v;
}

/* Behind the hour: ":mm" and perhaps ":ss", dots for colons too. */
static void take_time(struct lex *x, struct found *f, int hour)
{
	char colon = *x->p;
	int digits;

	f->hour = hour;
	x->p++;
	f->minute = number(x, &digits);
	f->strict &= colon == ':' && digits == 2;
	f->second = 0;
	if (lex_peek(x) == colon && x->p + 1 < x->end &&
	    ascii_is_digit(x->p[1])) {
		x->p++;
		f->second = number(x, &digits);
		f->strict &= digits == 2;
	}
	if (lex_peek(x) == '.' || lex_peek(x) == ',') { /* ISO: fractions */
		x->p++;
		(void)number(x, &digits);
		f->strict = false;
	}
}

/* "+0200", "+02:00", "+2": minutes east. */
static void take_offset(struct lex *x, struct found *f)
{
	int sign = *x->p++ == '-' ? -1 : 1;
	int digits, v = number(x, &digits), minutes;

	if (digits == 0)
		return;
	if (lex_peek(x) == ':') {
		int n;

		x->p++;
		v = v * 100 + number(x, &n);
		f->strict = false;
	} else if (digits < 3) {
		v *= 100;
	}
	f->strict &= digits == 4;
	minutes = v / 100 * 60 + v % 100;
	if (minutes > 24 * 60) { /* "+9999": not to be believed */
		minutes = 0;
		f->strict = false;
	}
	f->zone = sign * minutes;
	f->has_zone = true;
}

/* The zones of RFC 5322, 4.3 and those that programs in Europe sent.  Single
 * letters were once defined wrongly and mean nothing, but Z. */
static bool zone_of(struct str word, int *out)
{
	static const struct {
		struct str name;
		int minutes;
	} zones[] = {
		{ STR_INIT("UT"), 0 },     { STR_INIT("GMT"), 0 },
		{ STR_INIT("UTC"), 0 },    { STR_INIT("Z"), 0 },
		{ STR_INIT("EST"), -300 }, { STR_INIT("EDT"), -240 },
		{ STR_INIT("CST"), -360 }, { STR_INIT("CDT"), -300 },
		{ STR_INIT("MST"), -420 }, { STR_INIT("MDT"), -360 },
		{ STR_INIT("PST"), -480 }, { STR_INIT("PDT"), -420 },
		{ STR_INIT("WET"), 0 },    { STR_INIT("WEST"), 60 },
		{ STR_INIT("CET"), 60 },   { STR_INIT("CEST"), 120 },
		{ STR_INIT("MET"), 60 },   { STR_INIT("MEST"), 120 },
		{ STR_INIT("MEZ"), 60 },   { STR_INIT("MESZ"), 120 },
		{ STR_INIT("EET"), 120 },  { STR_INIT("EEST"), 180 },
		{ STR_INIT("BST"), 60 },   { STR_INIT("MSK"), 180 },
		{ STR_INIT("JST"), 540 },  { STR_INIT("KST"), 540 },
		{ STR_INIT("AEST"), 600 }, { STR_INIT("AEDT"), 660 },
		{ STR_INIT("NZST"), 720 }, { STR_INIT("NZDT"), 780 },
		{ STR_INIT("HST"), -600 },
	};

	for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++)
		if (str_eq_case(word, zones[i].name)) {
			*out = zones[i].minutes;
			return true;
		}
	return false;
}

static bool is_weekday(struct str word)
{
	for (int i = 0; i < 7; i++)
		if (str_starts_case(word, str_z(civil_weekday_name(i))))
			return true;
	return false;
}

static void take_word(struct lex *x, struct found *f)
{
	struct str word = { x->p, 0 };
	int zone;

	while (x->p < x->end && ascii_is_alpha(*x->p))
		x->p++;
	word.n = (size_t)(x->p - word.p);
	if (word.n >= 3 && f->month < 0 && civil_month_of(word.p)) {
		f->month = civil_month_of(word.p);
		f->strict &= word.n == 3 && f->step == 1;
		f->step = 2;
		return;
	}
	if (word.n >= 3 && f->day < 0 && is_weekday(word)) {
		f->strict &= word.n == 3 && f->step == 0 && lex_peek(x) == ',';
		return;
	}
	f->strict = false;
	if (str_eq_case(word, STR("PM")))
		f->pm = true;
	else if (str_eq_case(word, STR("AM")))
		f->am = true;
	else if (!f->has_zone && f->hour >= 0 && zone_of(word, &zone)) {
		f->zone = zone;
		f->has_zone = true;
	}
}

/* "2026-11-24" (ISO 8601); the year is read. */
static void take_iso(struct lex *x, struct found *f, int year)
{
	int digits;

	f->strict = false;
	f->year = year;
	x->p++;
	f->month = number(x, &digits);
	if (lex_peek(x) == '-' || lex_peek(x) == '/') {
		x->p++;
		f->day = number(x, &digits);
	}
}

static void take_number(struct lex *x, struct found *f)
{
	int digits, v = number(x, &digits);
	char next = lex_peek(x);
	bool digit = x->p + 1 < x->end && ascii_is_digit(x->p[1]);

	if (f->hour < 0 && digits <= 2 && digit &&
	    (next == ':' || (next == '.' && f->day >= 0 && f->month >= 0))) {
		take_time(x, f, v);
		f->strict &= f->step == 3 && digits == 2;
		f->step = 4;
	} else if (digits == 4 && f->year < 0 && f->month < 0 && digit &&
	           (next == '-' || next == '/')) {
		take_iso(x, f, v);
	} else if (digits <= 2 && f->day < 0) {
		f->day = v;
		f->strict &= f->step == 0;
		f->step = 1;
	} else if (f->year < 0) {
		f->year = full_year(v, digits);
		f->strict &= digits == 4 && f->step == 2;
		f->step = 3;
	} else {
		f->strict = false;
	}
}

static void take_token(struct lex *x, struct found *f)
{
	char c = *x->p;

	if (ascii_is_digit(c)) {
		take_number(x, f);
	} else if (ascii_is_alpha(c)) {
		take_word(x, f);
	} else if ((c == '+' || c == '-') && f->hour >= 0 &&
	           (!f->has_zone || f->zone == 0)) { /* "GMT+0200" too */
		take_offset(x, f);
	} else {
		f->strict &= c == ',' && f->step == 0;
		x->p++;
	}
}

static void twelve_hours(struct found *f)
{
	if (f->pm && f->hour < 12)
		f->hour += 12;
	else if (f->am && f->hour == 12)
		f->hour = 0;
}

/* Out of range is no date, but for the leap second and midnight as 24:00. */
static bool is_possible(const struct found *f)
{
	if (f->year < 1900 || f->year > 9999 || f->month < 1 || f->month > 12 ||
	    f->day < 1)
		return false;
	return f->day <= civil_month_days(f->year, f->month) &&
	       f->minute < 60 && f->second <= 60 &&
	       (f->hour < 24 || (f->hour == 24 && f->minute == 0));
}

bool date_parse(struct str raw, struct date *out)
{
	struct found f = { -1, -1, -1, -1, 0, 0, .strict = true };
	struct civil c;
	struct lex x;

	if (raw.n > RAW_MAX)
		raw = str_to(raw, RAW_MAX);
	x = lex_begin(raw);
	for (lex_cfws(&x); !lex_at_end(&x); lex_cfws(&x))
		take_token(&x, &f);
	f.strict &= f.has_zone && f.hour >= 0 && !x.damaged;
	if (f.hour < 0)
		f.hour = 0;
	twelve_hours(&f);
	if (!is_possible(&f))
		return false;
	c = (struct civil){
		.year = f.year,
		.month = (int8_t)f.month,
		.day = (int8_t)f.day,
		.hour = (int8_t)f.hour,
		.minute = (int8_t)f.minute,
		.second = (int8_t)f.second,
	};
	*out = (struct date){
		.us = (civil_seconds(&c) - f.zone * 60) * 1000000,
		.zone = (int16_t)f.zone,
		.strict = f.strict,
	};
	return true;
}

void date_write(struct buf *out, int64_t us, int zone)
{
	int64_t s = (us >= 0 ? us : us - 999999) / 1000000;
	struct civil c = civil_of(s + zone * 60);
	int minutes = zone < 0 ? -zone : zone;

	buf_fmt(out, "%s, %d %s %04d %02d:%02d:%02d %c%02d%02d",
	        civil_weekday_name(c.weekday), c.day, civil_month_name(c.month),
	        c.year, c.hour, c.minute, c.second, zone < 0 ? '-' : '+',
	        minutes / 60, minutes % 60);
}
