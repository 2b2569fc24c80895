/* "date" and "currentdate" (RFC 5260). */
#include "wire/message/date.h"
#include "os/clock.h"
#include "sieve/run.h"

enum { TAG_ZONE, TAG_ORIGINAL_ZONE };

struct parts {
	int64_t days; /* since 1970-01-01 */
	int year, month, day, hour, minute, second;
	int weekday; /* 0: Sunday */
};

/* Days to a date of the Gregorian calendar, by eras of 400 years. */
static void split(int64_t us, int zone_min, struct parts *p)
{
	int64_t s = us / US_PER_SEC + (int64_t)zone_min * 60;
	int64_t z, era, doe, yoe, doy, mp;

	if (us % US_PER_SEC < 0)
		s--;
	p->days = s >= 0 ? s / 86400 : -((-s + 86399) / 86400);
	s -= p->days * 86400;
	p->hour = (int)(s / 3600);
	p->minute = (int)(s / 60 % 60);
	p->second = (int)(s % 60);
	p->weekday = (int)(((p->days + 4) % 7 + 7) % 7);
	z = p->days + 719468;
	era = (z >= 0 ? z : z - 146096) / 146097;
	doe = z - era * 146097;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	p->day = (int)(doy - (153 * mp + 2) / 5 + 1);
	p->month = (int)(mp < 10 ? mp + 3 : mp - 9);
	p->year = (int)(yoe + era * 400 + (p->month <= 2));
}

static struct str zone_text(struct arena *a, int min, bool colon)
{
	int abs = min < 0 ? -min : min;

	return arena_fmt(a, "%c%02d%s%02d", min < 0 ? '-' : '+', abs / 60,
	                 colon ? ":" : "", abs % 60);
}

/* One date-part; p == NULL for an unknown one, which never matches. */
static struct str part_of(struct arena *a, struct str name, int64_t us,
                          int zone)
{
	struct parts p;

	split(us, zone, &p);
	if (str_eq_case(name, STR("year")))
		return arena_fmt(a, "%04d", p.year);
	if (str_eq_case(name, STR("month")))
		return arena_fmt(a, "%02d", p.month);
	if (str_eq_case(name, STR("day")))
		return arena_fmt(a, "%02d", p.day);
	if (str_eq_case(name, STR("date")))
		return arena_fmt(a, "%04d-%02d-%02d", p.year, p.month, p.day);
	if (str_eq_case(name, STR("julian"))) /* modified Julian day */
		return arena_fmt(a, "%lld", (long long)p.days + 40587);
	if (str_eq_case(name, STR("hour")))
		return arena_fmt(a, "%02d", p.hour);
	if (str_eq_case(name, STR("minute")))
		return arena_fmt(a, "%02d", p.minute);
	if (str_eq_case(name, STR("second")))
		return arena_fmt(a, "%02d", p.second);
	if (str_eq_case(name, STR("time")))
		return arena_fmt(a, "%02d:%02d:%02d", p.hour, p.minute,
		                 p.second);
	if (str_eq_case(name, STR("iso8601"))) {
		struct str z = zone_text(a, zone, true);

		return arena_fmt(a, "%04d-%02d-%02dT%02d:%02d:%02d%.*s", p.year,
		                 p.month, p.day, p.hour, p.minute, p.second,
		                 STR_ARG(z));
	}
	if (str_eq_case(name, STR("std11"))) {
		struct buf b;
		struct str out;

		buf_init(&b, 64);
		date_write(&b, us, (int16_t)zone);
		out = arena_dup(a, buf_str(&b));
		buf_deinit(&b);
		return out;
	}
	if (str_eq_case(name, STR("zone")))
		return zone_text(a, zone, false);
	if (str_eq_case(name, STR("weekday")))
		return arena_fmt(a, "%d", p.weekday);
	return (struct str){ NULL, 0 };
}

/* "+hhmm" or "-hhmm". */
static bool parse_zone(struct str s, int *out)
{
	uint64_t v;

	if (s.n != 5 || (s.p[0] != '+' && s.p[0] != '-') ||
	    !str_to_u64(str_from(s, 1), 9999, &v) || v % 100 > 59)
		return false;
	*out = (int)(v / 100 * 60 + v % 100);
	if (s.p[0] == '-')
		*out = -*out;
	return true;
}

struct str sieve_iso8601(struct arena *a, int64_t us, int zone)
{
	return part_of(a, STR("iso8601"), us, zone);
}

int sieve_zone(struct sieve_run_state *s, const struct sieve_op *op,
               const struct sieve_tag_value *tag, int *zone)
{
	struct str z;

	if (!tag->set)
		return 0;
	z = sieve_value(s, &tag->strings);
	if (!parse_zone(z, zone))
		return sieve_fail(s, op, ERR_INVALID, "\"%.*s\" is no zone",
		                  STR_ARG(z));
	return 0;
}

static void compare_part(struct sieve_comparison *c, struct str name,
                         int64_t us, int zone)
{
	struct str v = part_of(c->s->a, name, us, zone);

	if (v.p)
		(void)sieve_compare(c, v);
}

int sieve_currentdate(struct sieve_run_state *s, const struct sieve_op *op)
{
	int zone = s->f->zone_min;
	struct sieve_comparison c;

	if (sieve_zone(s, op, &op->tag[TAG_ZONE], &zone) < 0)
		return -1;
	sieve_compare_begin(&c, s, op, &op->pos[1]);
	compare_part(&c, sieve_value(s, &op->pos[0]), s->f->now_us, zone);
	return sieve_compare_end(&c);
}

/* The date in a field: all of it, or what stands behind its last ";" (as in
 * Received). */
static bool date_in(struct str raw, struct date *out)
{
	size_t semi = str_rchr(raw, ';');

	return (semi != STR_NPOS && date_parse(str_from(raw, semi + 1), out)) ||
	       date_parse(raw, out);
}

int sieve_date(struct sieve_run_state *s, const struct sieve_op *op)
{
	struct str name = sieve_value(s, &op->pos[0]);
	int zone = s->f->zone_min;
	struct sieve_comparison c;
	struct sieve_field *f;
	struct date d;

	if (sieve_zone(s, op, &op->tag[TAG_ZONE], &zone) < 0)
		return -1;
	sieve_compare_begin(&c, s, op, &op->pos[2]);
	f = sieve_field_at(s, name, op->index ? op->index : 1, op->index_last);
	if (f && date_in(f->raw, &d)) {
		if (op->tag[TAG_ORIGINAL_ZONE].set)
			zone = d.zone;
		compare_part(&c, sieve_value(s, &op->pos[1]), d.us, zone);
	}
	return sieve_compare_end(&c);
}
